"""Working time: how much of it lies between two instants, and when a limit is used up.

All of it is integer arithmetic on microseconds. A day is a day at +08:00 (`Calendar.zone`).
"""

import re
import unicodedata
from datetime import date
from typing import Final, Literal, assert_never

from whistle.domain.calendar import Calendar
from whistle.domain.limit import Limit, UnreadableError
from whistle.domain.moment import DAY, HOUR, MINUTE, SECOND, Instant
from whistle.domain.refusal import _

Slots = tuple[tuple[int, int], ...]
"""The working slots of a day: (start, end) in seconds since midnight, in order, not overlapping."""

Reading = Literal["next-day", "hours"]
"""How a rule means N 工作日: whole days from the next day on, or N times 8 working hours."""

STANDARD_SLOTS: Final = "08:00-12:00,14:00-18:00"
HOURS_OF_A_WORKDAY: Final = 8  # 运城 takes 1 工作日 for 8 工作时, whatever the slots add up to

_OFFSET: Final = 8 * HOUR  # China has one zone and no summer time
_FIRST_DAY: Final = date(1970, 1, 1).toordinal()
_SLOT: Final = r"(?a)(\d{2}):([0-5]\d)-(\d{2}):([0-5]\d)"
_MIDNIGHT: Final = 24 * 3600
_LENGTH: Final = {"em": MINUTE, "eh": HOUR, "ed": DAY, "wm": MINUTE, "wh": HOUR}


def parse_slots(text: str) -> Slots:
    """The slots that `08:00-12:00,14:00-18:00` names; `24:00` may end a day.

    A slot over midnight is written as two. Raises UnreadableError.
    """
    slots: list[tuple[int, int]] = []
    end_before = 0
    for part in unicodedata.normalize("NFKC", text).split(","):
        match = re.fullmatch(_SLOT, part.strip())
        if match is None:
            raise UnreadableError(
                _("“{given}” are not working slots. Write them as 08:00-12:00,14:00-18:00."),
                given=text,
            )
        from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
        start, end = from_hour * 3600 + from_minute * 60, to_hour * 3600 + to_minute * 60
        if not end_before <= start < end <= _MIDNIGHT:
            raise UnreadableError(
                _(
                    "The slot {slot} ends before it starts, overlaps another or passes midnight. "
                    "Write slots in order; split one that passes midnight."
                ),
                slot=part.strip(),
            )
        slots.append((start, end))
        end_before = end
    return tuple(slots)


def worked(calendar: Calendar, slots: Slots, a: Instant, b: Instant) -> int:
    """Working microseconds of [a, b).

    Raises ValueError if a is after b, NoCalendar if a day it touches has no calendar.
    """
    if a > b:
        raise ValueError(_("The end lies before the start."))
    if a == b:
        return 0
    first, into_first = _day_and_time(a)
    last, into_last = _day_and_time(b)
    total = calendar.workdays(first, last) * _in_slots(slots, DAY)
    if calendar.is_workday(first):
        total -= _in_slots(slots, into_first)
    if into_last and calendar.is_workday(last):  # at midnight nothing of the last day is touched
        total += _in_slots(slots, into_last)
    return total


def between(calendar: Calendar, slots: Slots, a: Instant, b: Instant) -> int:
    """Working seconds of [a, b), a part of a second cut off. Raises as `worked`."""
    return worked(calendar, slots, a, b) // SECOND


def due(
    calendar: Calendar,
    slots: Slots,
    start: Instant,
    limit: Limit,
    reading: Reading = "next-day",
) -> Instant:
    """The instant at which a limit that starts to run at `start` is used up.

    - Working minutes and hours: the earliest instant with exactly that much working time since
      `start`; one that lands on the end of a slot stays there.
    - Working days by `next-day`: the day of the start is not counted (民法典 art. 201); the nth
      working day after it ends at close of business, the end of its last slot (art. 203).
      By `hours`: 8 working hours each (运城).
    - Continuous minutes, hours and days run through nights and holidays.
    - Natural days: the day of the start is not counted; a last day that is a rest day (a weekend
      too) moves to the next working day; it ends at close of business (art. 203).

    Raises NoCalendar if a day that must be known has no calendar.
    """
    match limit.unit:
        case "em" | "eh" | "ed":
            return start + limit.amount * _LENGTH[limit.unit]
        case "wm" | "wh":
            return _after_work(calendar, slots, start, limit.amount * _LENGTH[limit.unit])
        case "wd" if reading == "hours":
            budget = limit.amount * HOURS_OF_A_WORKDAY * HOUR
            return _after_work(calendar, slots, start, budget)
        case "wd":
            return _close_of(slots, calendar.workday_after(_day_and_time(start)[0], limit.amount))
        case "nd":
            return _close_of(slots, _rolled(calendar, start, limit.amount))
        case _:
            assert_never(limit.unit)


def _rolled(calendar: Calendar, start: Instant, days: int) -> date:
    """The last of so many natural days, or the working day after it if it is a rest day."""
    last = date.fromordinal(_day_and_time(start)[0].toordinal() + days)
    return last if calendar.is_workday(last) else calendar.workday_after(last, 1)


def _after_work(calendar: Calendar, slots: Slots, start: Instant, budget: int) -> Instant:
    """The earliest instant with `budget` working microseconds since `start`."""
    day, into = _day_and_time(start)
    a_day = _in_slots(slots, DAY)
    if calendar.is_workday(day):
        budget += _in_slots(slots, into)  # counted from midnight, the day is like any other
        if budget <= a_day:
            return _instant(day, _time_at(slots, budget))
        budget -= a_day
    days = (budget - 1) // a_day  # a budget that ends a day is used up there, not the next morning
    return _instant(calendar.workday_after(day, days + 1), _time_at(slots, budget - days * a_day))


def _close_of(slots: Slots, day: date) -> Instant:
    return _instant(day, slots[-1][1] * SECOND)


def _in_slots(slots: Slots, into: int) -> int:
    """Working microseconds of a working day until `into` microseconds after midnight."""
    return sum(
        min(into, end * SECOND) - start * SECOND for start, end in slots if start * SECOND < into
    )


def _time_at(slots: Slots, budget: int) -> int:
    """Microseconds after midnight at which a working day has given `budget` of them."""
    for start, end in slots:
        if budget <= (end - start) * SECOND:
            return start * SECOND + budget
        budget -= (end - start) * SECOND
    raise AssertionError(budget)  # callers never ask for more than a day has


def _day_and_time(at: Instant) -> tuple[date, int]:
    days, into = divmod(at + _OFFSET, DAY)
    return date.fromordinal(_FIRST_DAY + days), into


def _instant(day: date, into: int) -> Instant:
    return (day.toordinal() - _FIRST_DAY) * DAY + into - _OFFSET

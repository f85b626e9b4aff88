"""Questions to the calendar: is a day worked, how much working time lies between, when is it due.

Each answers the `data` object that the command line contract fixes. What cannot be read is a
click.UsageError (exit 2); a year without calendar passes through as NoCalendar (exit 5).
"""

import re
from datetime import date
from typing import Final, get_args

import click

from projections.desk.words import folded, say
from whistle.domain import moment, working_time
from whistle.domain.calendar import Calendar
from whistle.domain.limit import UnreadableError, parse_limit
from whistle.domain.moment import Instant
from whistle.domain.refusal import _
from whistle.domain.working_time import STANDARD_SLOTS, Reading, Slots, parse_slots

_TWO_OFFSETS: Final = re.compile(r"([+-]\d{2}:\d{2})[+-]\d{2}:\d{2}$", re.ASCII)
"""Some tools stamp the town's zone behind a time that has its offset already: the first counts."""
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def day(calendar: Calendar, text: str) -> dict[str, bool | str | None]:
    """Whether a day, written 2026-02-14, is worked, and the holiday it rests or is worked for."""
    meant = folded(text)
    if _DAY.fullmatch(meant) is None:
        raise _not_a_day(text)
    try:
        asked = date.fromisoformat(meant)
    except ValueError as error:
        raise _not_a_day(text) from error
    return {"workday": calendar.is_workday(asked), "name": calendar.name_of(asked)}


def between_(calendar: Calendar, a: str, b: str, slots: str = STANDARD_SLOTS) -> dict[str, int]:
    """Working seconds of [a, b), both RFC 3339 with an offset; a after b is wrong usage."""
    start, end, working = _instant(a), _instant(b), _slots(slots)
    if start > end:
        raise _usage(_("{b} lies before {a}; write the earlier one first."), a=a, b=b)
    try:
        return {"seconds": working_time.between(calendar, working, start, end)}
    except (ValueError, OverflowError) as error:
        raise _beyond() from error


def due_(
    calendar: Calendar,
    start: str,
    limit: str,
    slots: str = STANDARD_SLOTS,
    reading: Reading = "next-day",
) -> dict[str, str]:
    """When a limit that starts at an RFC 3339 instant is used up, RFC 3339 in UTC."""
    if reading not in get_args(Reading):
        raise _usage(_("“{given}” is no reading; write next-day or hours."), given=reading)
    begins, working = _instant(start), _slots(slots)
    try:
        wanted = parse_limit(limit)
    except UnreadableError as error:
        raise _usage(error.text, **error.words) from error
    try:
        return {"due": moment.rfc3339(working_time.due(calendar, working, begins, wanted, reading))}
    except (ValueError, OverflowError) as error:
        raise _beyond() from error


def _instant(text: str) -> Instant:
    try:
        return moment.parse(_TWO_OFFSETS.sub(r"\1", folded(text)))
    except ValueError as error:
        raise _usage(
            _("“{given}” is not a time with its offset. Write it as 2026-02-13T16:30:00+08:00."),
            given=text,
        ) from error


def _slots(text: str) -> Slots:
    try:
        return parse_slots(text)
    except UnreadableError as error:
        raise _usage(error.text, **error.words) from error


def _not_a_day(text: str) -> click.UsageError:
    return _usage(_("“{given}” is not a day. Write it as 2026-02-14."), given=text)


def _beyond() -> click.UsageError:
    return _usage(_("That lies outside the years 1 to 9999."))


def _usage(text: str, **words: object) -> click.UsageError:
    return click.UsageError(say(text, **words))

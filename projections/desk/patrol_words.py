"""What a person types about a patrol: its stops, its slot, who walks it."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo

import click

from projections.desk.desk import Desk
from projections.desk.words import folded, say
from whistle.domain import moment
from whistle.domain.moment import DAY, MINUTE, Instant
from whistle.domain.patrol.events import Stop, Walker
from whistle.domain.refusal import _

_CLOCK = r"(\d{1,2}):(\d{2})"
_STOP = re.compile(rf"(?P<name>[^@=]+)(?:@(?P<grid>[^@=]+))?(?:=(?P<at>{_CLOCK}))?")
_SLOT = re.compile(rf"{_CLOCK}\s*[-~—至到]\s*{_CLOCK}")


def route(stops: Iterable[str], begins: Instant, where: tzinfo) -> tuple[Stop, ...]:
    """Stops as they are typed, `NAME[@GRID][=HH:MM]`; a time is the first one from `begins` on."""
    return tuple(_stop(text, begins, where) for text in stops)


def _stop(text: str, begins: Instant, where: tzinfo) -> Stop:
    match = _STOP.fullmatch(folded(text))
    if match is None:
        raise click.UsageError(
            say(_("{text} is not a stop: write NAME, NAME@GRID or NAME@GRID=08:40."), text=text)
        )
    expected = None
    if match["at"]:
        hour, minute = match["at"].split(":")
        expected = _on(moment.local(begins, where).date(), _minutes(hour, minute, text), where)
        expected = expected if expected >= begins else expected + DAY
    return Stop(name=match["name"].strip(), grid=(match["grid"] or "").strip(), expected=expected)


def slot(desk: Desk, text: str | None, day: str | None) -> tuple[Instant, Instant]:
    """The slot of a plan: on its day, else the next one that is not over.

    Without a text it is the whole working day of the playbook; 22:00-02:00 ends the day after.
    """
    first, last = _working_day(desk) if text is None else _of_day(text)
    length = last - first if last > first else last - first + 24 * 60
    now = desk.received_at
    if day is not None:
        begins = _on(_day(day), first, desk.zone)
    else:
        yesterday = moment.local(now, desk.zone).date() - timedelta(days=1)
        begins = _on(yesterday, first, desk.zone)  # over midnight it may still be running
        while begins + length * MINUTE <= now:
            begins += DAY
    return begins, begins + length * MINUTE


def _of_day(text: str) -> tuple[int, int]:
    match = _SLOT.fullmatch(folded(text))
    if match is None:
        raise click.UsageError(say(_("{text} is not a slot such as 08:00-10:00."), text=text))
    return _minutes(match[1], match[2], text), _minutes(match[3], match[4], text)


def _working_day(desk: Desk) -> tuple[int, int]:
    slots = desk.playbook.slots if desk.playbook else ()
    if not slots:
        raise click.UsageError(say(_("Say when: --slot 08:00-10:00.")))
    return slots[0][0] // 60, slots[-1][1] // 60


def _minutes(hour: str, minute: str, text: str) -> int:
    if int(hour) > 24 or int(minute) > 59 or (int(hour) == 24 and int(minute)):
        raise click.UsageError(say(_("{text} is not a time of day."), text=text))
    return int(hour) * 60 + int(minute)


def _on(day: date, minutes: int, where: tzinfo) -> Instant:
    midnight = datetime(day.year, day.month, day.day, tzinfo=where)
    return moment.of(midnight) + minutes * MINUTE


def _day(text: str) -> date:
    try:
        return date.fromisoformat(folded(text))
    except ValueError:
        raise click.UsageError(
            say(_("{text} is not a day: write 2026-10-14."), text=text)
        ) from None


def first_of(text: str, where: tzinfo) -> Instant:
    """The first instant of a day, by the wall clock."""
    return _on(_day(text), 0, where)


def end_of(text: str, where: tzinfo) -> Instant:
    """The first instant after a day."""
    return _on(_day(text) + timedelta(days=1), 0, where)


def walkers(desk: Desk, texts: Iterable[str]) -> tuple[Walker, ...]:
    """Who walks, as typed: a unit by any of its names, or one person of it."""
    found = []
    for text in texts:
        unit, _slash, person = folded(text).partition("/")
        found.append(Walker(desk.unit(unit).code, person.strip()))
    return tuple(found)

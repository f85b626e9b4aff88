"""Instants: whole microseconds since 1970-01-01 UTC, the only time the engine computes with.

Integers compare, sort and hash alike on every machine; a zone enters only where people read or
where working time is counted.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

Instant = int
"""Microseconds since the epoch, UTC."""

SECOND: Instant = 1_000_000
MINUTE: Instant = 60 * SECOND
HOUR: Instant = 60 * MINUTE
DAY: Instant = 24 * HOUR

CHINA = timezone(timedelta(hours=8), "+08:00")  # fixed: the zone by name had summer time until 1991

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_RFC3339 = (
    r"(?a)(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d{2}:\d{2})"
)
_MINUTES = {f":{n:02}": n * MINUTE for n in range(60)}  # as they stand in a time
_SECONDS = {f":{n:02}": n * SECOND for n in range(60)}


def parse(text: str) -> Instant:
    """The instant that an RFC 3339 text names; finer than a microsecond is cut off.

    Raises ValueError for anything else: no offset, a leap second, hour 24, week dates. Nothing
    is guessed.
    """
    try:
        if len(text) in (20, 25):  # no fraction: the hour is cached, minutes and seconds are added
            minutes, seconds = _MINUTES.get(text[13:16]), _SECONDS.get(text[16:19])
            if minutes is not None and seconds is not None:
                return _hour(text[:13], text[19:]) + minutes + seconds
        return _parse(text)
    except (ValueError, OverflowError) as error:
        raise ValueError(text) from error


def _parse(text: str) -> Instant:
    match = re.fullmatch(_RFC3339, text)
    if match is None:
        raise ValueError(text)
    day, clock, fraction, offset = match.groups()
    offset = "+00:00" if offset in "Zz" else offset
    whole = datetime.fromisoformat(f"{day}T{clock}{offset}")
    return (whole - _EPOCH) // _MICROSECOND + int((fraction or "0").ljust(6, "0")[:6])


@lru_cache(maxsize=8192)  # the hours of a year, for imports in any order
def _hour(head: str, offset: str) -> Instant:
    return _parse(f"{head}:00:00{offset}")


def of(moment: datetime) -> Instant:
    """The instant of an aware datetime."""
    if moment.tzinfo is None:
        raise ValueError(moment)
    return (moment - _EPOCH) // _MICROSECOND


def local(at: Instant, zone: tzinfo = CHINA) -> datetime:
    """The wall clock of a zone at an instant."""
    return (_EPOCH + at * _MICROSECOND).astimezone(zone)


def rfc3339(at: Instant) -> str:
    """RFC 3339 in UTC with six digits and Z, as files and JSON carry it."""
    return (_EPOCH + at * _MICROSECOND).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def earliest(known: Instant | None, told: Iterable[Instant]) -> Instant:
    """The first of what is known, if anything is, and of what is told; of these there is one."""
    first = min(told)
    return first if known is None else min(known, first)

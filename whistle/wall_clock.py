"""Times as other systems write them: wall clock without offset, in forms that a map lists.

Each form is tried in turn, and none is guessed: two forms that could read one text differently
(day and month swapped) are refused before a row is read. A zone turns the wall clock into an
instant; where its clocks are set back or forward, the rule of RFC 5545, section 3.3.5 holds: a
time that comes twice is the first of the two, and a time that was skipped is read with the offset
before the gap. Both are counted, so that whoever imports can look at these rows.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final, NamedTuple

from whistle.domain.moment import HOUR, MINUTE, SECOND, Instant, of, parse

RFC3339: Final = "rfc3339"
"""The form of a text that carries its own offset."""

_MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_DIRECTIVES: Final[Mapping[str, str]] = {
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d{2})",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "b": rf"(?P<b>{'|'.join(_MONTHS)})",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<I>\d{1,2})",
    "M": r"(?P<M>\d{1,2})",
    "S": r"(?P<S>\d{1,2})",
    "f": r"(?P<f>\d{1,6})",
    "p": r"(?P<p>[AaPp][Mm])",
    "%": "%",
}
_OFFSET: Final = re.compile(r"([+-])(\d{2}):(\d{2})", re.ASCII)
_PROBES: Final = (
    {"Y": "2003", "y": "03", "m": "04", "d": "05", "b": "apr", "H": "06", "I": "06", "p": "am"},
    {"Y": "2013", "y": "13", "m": "11", "d": "12", "b": "nov", "H": "13", "I": "01", "p": "pm"},
)
"""Two days whose parts are all different; the clock's other parts are the same in both."""
_QUARTER: Final = 15 * MINUTE  # no zone has set its clocks at any other minute since 1970


class Moment(NamedTuple):
    """What a text of a wall clock means."""

    at: Instant
    doubt: str = ""  # "twice" or "skipped", where the clocks were set back or forward


class WallClock:
    """Reads the wall clock of one zone in the forms of one table."""

    def __init__(self, forms: Sequence[str], zone: tzinfo) -> None:
        self._forms = [None if form == RFC3339 else compiled(form) for form in forms]
        self._zone = zone
        self._offset = lru_cache(maxsize=1 << 14)(self._offset_of_quarter)

    def read(self, text: str) -> Moment:
        """The instant of a text; ValueError when no form reads it or there is no such day."""
        for form in self._forms:
            if form is None:
                try:
                    return Moment(parse(text))
                except ValueError:
                    continue
            if match := form.fullmatch(text):
                return self._instant(match)
        raise ValueError(text)

    def _instant(self, match: re.Match[str]) -> Moment:
        part = match.groupdict()
        wall = _day(part.get("Y") or part["y"], part.get("m") or part["b"], part["d"])
        wall += _clock(part)
        quarter, rest = divmod(wall, _QUARTER)
        offset, doubt = self._offset(quarter)
        return Moment(quarter * _QUARTER + rest - offset, doubt)

    def _offset_of_quarter(self, quarter: int) -> tuple[Instant, str]:
        """What to take from a wall clock, the same for a quarter of an hour."""
        wall = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * quarter)
        first = wall.replace(tzinfo=self._zone, fold=0)
        before, after = _offset(first), _offset(first.replace(fold=1))
        if before == after:
            return before, ""
        return before, "twice" if before > after else "skipped"


def compiled(form: str) -> re.Pattern[str]:
    """A form of strptime's directives as a pattern; ValueError says what is wrong with it.

    It must name a year, a month and a day; without a clock a text means midnight. `%m`, `%d`, `%H`
    take one digit or two.
    """
    pattern, used = [], []
    for literal, directive in re.findall(r"([^%]+)|%(.?)", form, re.DOTALL):
        if literal:
            pattern.append(re.escape(literal))
            continue
        if directive not in _DIRECTIVES:
            raise ValueError(f"%{directive}")
        pattern.append(_DIRECTIVES[directive])
        used.append(directive)
    names = set(used) - {"%"}
    if len(names) != len([each for each in used if each != "%"]):
        raise ValueError(form)
    if len(names & {"Y", "y"}) != 1 or len(names & {"m", "b"}) != 1 or "d" not in names:
        raise ValueError(form)
    if len(names & {"H", "I"}) > 1 or ("I" in names) is not ("p" in names):
        raise ValueError(form)
    return re.compile("".join(pattern), re.ASCII | re.IGNORECASE)


def contradiction(forms: Sequence[str]) -> tuple[str, str] | None:
    """Two forms that read one text as two different times, or None."""
    clocks = {form: WallClock([form], UTC) for form in forms if form != RFC3339}
    for form in clocks:
        for probe in _PROBES:
            text = _written(form, probe)
            own = _read(clocks[form], text)
            for other, clock in clocks.items():
                if (read := _read(clock, text)) is not None and read != own:
                    return form, other
    return None


def zone_of(text: str) -> tzinfo:
    """The zone of an IANA name or a fixed offset like +08:00; ValueError for anything else."""
    if match := _OFFSET.fullmatch(text):
        minutes = 60 * int(match[2]) + int(match[3])
        return timezone(timedelta(minutes=minutes if match[1] == "+" else -minutes), text)
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # here: only a named zone needs it

    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, OSError) as error:  # a folder's name is an OSError
        raise ValueError(text) from error


def _written(form: str, parts: Mapping[str, str]) -> str:
    """A text of a form, for trying others on it."""
    known = {**parts, "M": "07", "S": "08", "f": "000009", "%": "%"}
    return re.sub("%(.)", lambda found: known[found[1]], form)


def _read(clock: WallClock, text: str) -> Instant | None:
    try:
        return clock.read(text).at
    except ValueError:
        return None


@lru_cache(maxsize=1 << 12)
def _day(year: str, month: str, day: str) -> Instant:
    """Midnight of a day; two digits are 1969 to 2068, as POSIX has it."""
    number = int(year)
    if len(year) == 2:
        number += 1900 if number >= 69 else 2000
    named = month.lower()
    month_number = _MONTHS.index(named) + 1 if named in _MONTHS else int(month)
    return of(datetime(number, month_number, int(day), tzinfo=UTC))


def _clock(part: Mapping[str, str]) -> Instant:
    """The time since midnight; ValueError for hour 24, minute 60 and a leap second."""
    hour = int(part.get("H", "0"))
    if "I" in part:
        twelve = int(part["I"])
        if not 1 <= twelve <= 12:
            raise ValueError(part["I"])
        hour = twelve % 12 + (12 if part["p"][0] in "pP" else 0)
    minute, second = int(part.get("M", "0")), int(part.get("S", "0"))
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(f"{hour}:{minute}:{second}")
    return hour * HOUR + minute * MINUTE + second * SECOND + int(part.get("f", "0").ljust(6, "0"))


def _offset(wall: datetime) -> Instant:
    return (wall.utcoffset() or timedelta()) // timedelta(microseconds=1)

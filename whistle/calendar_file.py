"""Calendars as people write them: TOML, a block a year, a line a holiday (see calendar_cn.toml)."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import msgspec

from whistle.domain.calendar import FRIDAY, Calendar, Holiday, Notice
from whistle.domain.refusal import _
from whistle.toml_faults import Fault, FaultyFile, fault, parse

_KEYS: Final = {"name", "from", "to", "work"}
_QUOTED_OR_COMMENT: Final = re.compile(r""""(?:\\.|[^"\\])*"|'[^']*'|#.*""")


class FaultyCalendar(FaultyFile):
    """A calendar that cannot be used, with all its faults at once (rule `calendar.file`)."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(_("This calendar cannot be used:\n{faults}"), "calendar.file", faults)


def read_calendar(text: str) -> Calendar:
    """The calendar that a TOML text describes. Raises FaultyCalendar with every fault it has."""
    document = parse(text, FaultyCalendar)
    reader = _Reader(text)
    calendar = reader.calendar(document)
    if reader.faults:
        raise FaultyCalendar(tuple(sorted(reader.faults, key=lambda each: each.line)))
    return calendar


class _Place(msgspec.Struct, frozen=True):
    """A year of the file, and the holiday in it, counted from 1."""

    year: str
    at: int = 0

    def __str__(self) -> str:
        return f"year.{self.year}[{self.at}]" if self.at else f"year.{self.year}"


class _Reader:
    """Goes through a document once and keeps every fault it meets."""

    def __init__(self, text: str) -> None:
        self.faults: list[Fault] = []
        self._lines = dict(_places(text))
        self._named: dict[date, tuple[_Place, str]] = {}  # who named a day first

    def calendar(self, document: dict[str, Any]) -> Calendar:
        for key in sorted(document.keys() - {"year"}):
            self.faults.append(fault(0, key, _("unknown; only [year] is read")))
        years = document.get("year")
        if not isinstance(years, dict) or not years:
            text = _("missing; write [year] and a list of holidays for each year")
            self.faults.append(fault(0, "year", text))
            return Calendar()
        return Calendar(notices=tuple(self._notice(year, years[year]) for year in sorted(years)))

    def _notice(self, year: str, entries: object) -> Notice:
        if not re.fullmatch(r"[12]\d{3}", year, re.ASCII):
            self._say(_Place(year), "", _("not a year"))
            return Notice(0, ())
        if not isinstance(entries, list) or not entries:
            text = _("no holidays; a year is loaded from its notice, never guessed")
            self._say(_Place(year), "", text)
            return Notice(int(year), ())
        read = [self._holiday(_Place(year, at), entry) for at, entry in enumerate(entries, 1)]
        holidays = sorted((one for one in read if one), key=lambda one: one.first)
        return Notice(int(year), tuple(holidays))

    def _holiday(self, place: _Place, entry: object) -> Holiday | None:
        if not isinstance(entry, dict):
            self._say(place, "", _("not a holiday; write {{ name, from, to, work }}"))
            return None
        for key in sorted(entry.keys() - _KEYS):
            self._say(place, key, _("unknown; a holiday has name, from, to and work"))
        name = entry.get("name")
        if not isinstance(name, str) or not name.strip():
            self._say(place, "name", _("missing; write the holiday's name in quotes"))
            name = ""
        first = self._day(place, "from", entry.get("from"))
        last = self._day(place, "to", entry.get("to"))
        work = self._worked(place, entry.get("work", []))
        if not first or not last:
            return None
        if first > last:
            self._say(place, "to", _("{last} lies before {first}"), last=last, first=first)
        holiday = Holiday(name.strip(), first, last, tuple(sorted(work)))
        self._name_once(place, holiday)
        return holiday

    def _day(self, place: _Place, key: str, value: object) -> date | None:
        if type(value) is not date:  # a TOML date with a clock is a datetime, which is a date too
            self._say(place, key, _("not a day; write it as 2026-02-15, without quotes"))
            return None
        if value.year != (year := int(place.year)) and (value.year, value.month) != (year - 1, 12):
            text = _("{day} is neither in {year} nor in the December before")
            self._say(place, key, text, day=value, year=year)
            return None
        return value

    def _worked(self, place: _Place, value: object) -> list[date]:
        if not isinstance(value, list):
            self._say(place, "work", _("not a list; write [2026-02-14, 2026-02-28]"))
            return []
        days = [day for one in value if (day := self._day(place, "work", one))]
        for day in days:
            if day.weekday() <= FRIDAY:
                text = _("{day} is a weekday; only Saturdays and Sundays that are worked go here")
                self._say(place, "work", text, day=day)
        return days

    def _name_once(self, place: _Place, holiday: Holiday) -> None:
        for day, works in holiday.days():
            by, name = self._named.setdefault(day, (place, holiday.name))
            if by != place:
                text = _("{day} is named already, by {by} {name}")
                self._say(place, "", text, day=day, by=by, name=name)
            elif works and holiday.first <= day <= holiday.last:
                self._say(place, "work", _("{day} cannot be rest and worked at once"), day=day)

    def _say(self, place: _Place, key: str, text: str, **words: object) -> None:
        where = f"{place}.{key}" if key else str(place)
        self.faults.append(fault(self._lines.get(place, 0), where, text, **words))


def _places(text: str) -> Iterator[tuple[_Place, int]]:
    """The line on which each year and each holiday begins: the TOML reader does not tell.

    It knows the layout of the shipped file; under another one a fault is named by its key alone.
    """
    place = _Place("")
    for number, line in enumerate(text.splitlines(), start=1):
        bare = _QUOTED_OR_COMMENT.sub("", line)
        if year := re.match(r"\s*([\w-]+)\s*=", bare):
            place = _Place(year[1])
            yield place, number
        for _brace in range(bare.count("{")):
            place = _Place(place.year, place.at + 1)
            yield place, number

"""Which days are worked: the week, and what the State Council's yearly notice changes of it (调休).

A year whose notice is not loaded has no answer. Every package that guesses one is wrong sooner or
later, and a deadline built on a guess blames somebody.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from hashlib import sha256
from itertools import accumulate
from typing import Final, Literal

import msgspec

from whistle.domain.refusal import Refused, _

FRIDAY: Final = 4


class NoCalendar(Refused):
    """A day was asked for whose year has no notice loaded (rule `calendar.year`, exit 5)."""

    def __init__(self, year: int) -> None:
        super().__init__(
            _("No calendar is loaded for {year}, so nobody can say which of its days are worked."),
            rule="calendar.year",
            hint=_("whistle calendar import FILE loads the State Council's notice of a year."),
            year=year,
        )
        self.year = year


class Holiday(msgspec.Struct, frozen=True, array_like=True):
    """A holiday of a notice: rest from `first` to `last`, both included, and what is worked for it.

    `work` are the Saturdays and Sundays that become working days.
    """

    name: str
    first: date
    last: date
    work: tuple[date, ...] = ()

    def days(self) -> Iterator[tuple[date, bool]]:
        """Every day it names, with whether that day is worked."""
        for ordinal in range(self.first.toordinal(), self.last.toordinal() + 1):
            yield date.fromordinal(ordinal), False
        for day in self.work:
            yield day, True


class Notice(msgspec.Struct, frozen=True, array_like=True):
    """What was announced for a year; 元旦 may reach back into the December before."""

    year: int
    holidays: tuple[Holiday, ...]


class Calendar(msgspec.Struct, frozen=True, dict=True):
    """The notices of the years that are loaded; its days are days at +08:00.

    `elsewhere` says what holds for other years: `refuse` raises NoCalendar, `weekend` takes Monday
    to Friday for worked and is for provisional clocks only.
    """

    notices: tuple[Notice, ...] = ()
    zone: Literal["+08:00"] = "+08:00"
    elsewhere: Literal["refuse", "weekend"] = "refuse"

    @cached_property
    def digest(self) -> str:
        """SHA-256 in hex of the canonical text: a line for every year and every named day."""
        lines = [f"whistle-calendar/v1 {self.zone} {self.elsewhere}"]
        lines += sorted(f"year {year:04}" for year in self._loaded)
        lines += (
            f"{date.fromordinal(day)} {'work' if worked else 'rest'} {name}"
            for day, (worked, name) in sorted(self._named.items())
        )
        return sha256("\n".join(lines).encode()).hexdigest()

    def with_years(self, other: "Calendar") -> "Calendar":
        """This calendar with the other's years added; a year that both have is the other's."""
        newer = {notice.year for notice in other.notices}
        kept = [notice for notice in self.notices if notice.year not in newer]
        notices = sorted([*kept, *other.notices], key=lambda notice: notice.year)
        return Calendar(tuple(notices), self.zone)

    def is_workday(self, day: date) -> bool:
        """Whether a day is worked. Raises NoCalendar for a year that is not loaded."""
        self._answer_for(day.year)
        named = self._named.get(day.toordinal())
        return day.weekday() <= FRIDAY if named is None else named[0]

    def name_of(self, day: date) -> str | None:
        """The holiday a day rests or is worked for; None for a day that follows the week.

        Raises NoCalendar for a year that is not loaded.
        """
        self._answer_for(day.year)
        named = self._named.get(day.toordinal())
        return None if named is None else named[1]

    def workdays(self, first: date, end: date) -> int:
        """How many days of [first, end) are worked. Raises NoCalendar if one has no calendar."""
        if end <= first:
            return 0
        last = date.fromordinal(end.toordinal() - 1)
        whole = sum(self._worked_before(year)[-1] for year in range(first.year, last.year))
        before_end = self._worked_before(last.year)[_day_of_year(last) + 1]
        return whole + before_end - self._worked_before(first.year)[_day_of_year(first)]

    def workday_after(self, day: date, nth: int) -> date:
        """The nth worked day after a day, which itself is not counted (民法典 art. 201); nth >= 1.

        Raises NoCalendar as soon as a year without calendar would have to be counted.
        """
        year = day.year
        wanted = nth + self._worked_before(year)[_day_of_year(day) + 1]
        while (worked := self._worked_before(year))[-1] < wanted:
            wanted -= worked[-1]
            year += 1
        return date.fromordinal(date(year, 1, 1).toordinal() + bisect_left(worked, wanted) - 1)

    @cached_property
    def _loaded(self) -> frozenset[int]:
        return frozenset(notice.year for notice in self.notices)

    @cached_property
    def _named(self) -> dict[int, tuple[bool, str]]:
        return _named_by(self.notices)

    @cached_property
    def _counted(self) -> dict[int, tuple[int, ...]]:
        return {}

    def _answer_for(self, year: int) -> None:
        if self.elsewhere == "refuse" and year not in self._loaded:
            raise NoCalendar(year)

    def _worked_before(self, year: int) -> tuple[int, ...]:
        """For each day of a year how many worked days precede it, and at the end all of them.

        It makes a span of years cost as much as a span of days.
        """
        counted = self._counted.get(year)
        if counted is None:
            self._answer_for(year)
            start = date(year, 1, 1)
            # 23 years of notices are loaded, and a clock asks for one or two
            named_near = _named_by(each for each in self.notices if abs(each.year - year) <= 1)
            counted = tuple(
                accumulate(
                    (
                        named[0]
                        if (named := named_near.get(start.toordinal() + index))
                        else (start.weekday() + index) % 7 <= FRIDAY
                        for index in range(_day_of_year(date(year, 12, 31)) + 1)
                    ),
                    initial=0,
                )
            )
            self._counted[year] = counted
        return counted


def weekend_rule(known: Calendar | None = None) -> Calendar:
    """A calendar that answers any year: by its notice where `known` has one, else by weekends.

    Only for provisional clocks, which are settled when the year's notice is imported.
    """
    return Calendar(notices=known.notices if known else (), elsewhere="weekend")


def _day_of_year(day: date) -> int:
    return day.toordinal() - date(day.year, 1, 1).toordinal()


def _named_by(notices: Iterable[Notice]) -> dict[int, tuple[bool, str]]:
    """Each day that notices name, by its ordinal: whether it is worked, and for which holiday."""
    return {
        day.toordinal(): (worked, holiday.name)
        for notice in notices
        for holiday in notice.holidays
        for day, worked in holiday.days()
    }

"""The month's bulletin as lines for people, as CSV for spreadsheets, as a sheet of paper."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from projections.desk import proved, recorders, times
from projections.desk.desk import Desk
from projections.desk.sheet import grid, heading, page, sheet
from projections.desk.tables import length, table
from projections.desk.tables import sheet as csv_of
from projections.desk.words import CLOCKS, KINDS, VERBS, WAYS, language, say, word
from whistle.domain.bulletin import Due, Mean, UnitMonth
from whistle.domain.recording import by_recorder
from whistle.domain.refusal import _
from whistle.engine.bulletins import Bulletin

APART: Mapping[str, str] = {
    "withdrawn": _("withdrawn"),
    "unreachable": _("unreachable"),
    "on_the_way": _("not delivered yet"),
    "clock": _("the server's clock is in doubt"),
    "contested": _("a time is contested"),
}
OUTCOMES: Mapping[str, str] = {
    "fixed": _("fixed"),
    "partly": _("partly fixed"),
    "not-fixable": _("not fixable"),
    "referred": _("referred"),
    "refused": _("refused"),
    "merged": _("merged"),
}
CALLBACKS: Mapping[str, str] = {
    "satisfied": _("satisfied"),
    "fairly": _("fairly satisfied"),
    "dissatisfied": _("dissatisfied"),
    "unreached": _("not reached"),
}
DUES = ("signed", "reported_in", "finished")
COUNTS = ("declined", "left_early", "reworks", "overdue", "yellow", "red")
MEANS = ("marks", "ratings")


class Part(NamedTuple):
    """A table with its heading, on whatever it is shown."""

    title: str
    head: Sequence[str]
    rows: list[tuple[object, ...]]


class Faces:
    """A bulletin, to be shown."""

    def __init__(self, desk: Desk, told: Bulletin) -> None:
        self._desk = desk
        self._told = told

    def lines(self) -> list[str]:
        """For people at a terminal."""
        shown = [self._title(), *self._standing(), *self._calls()]
        for part in self._parts():
            shown += ["", part.title, *table(part.head, part.rows)]
        return [*shown, "", *self.asides()]

    def page(self) -> bytes:
        """The same as one HTML file that prints on A4."""
        town = self._desk.town
        parts = [
            heading(part.title) + grid(part.head, [[_shown(cell) for cell in row]
                                                   for row in part.rows])
            for part in self._parts()
        ]  # fmt: skip
        first = grid([self._title()], [[line] for line in [*self._standing(), *self._calls()]])
        banner = say(_("DEMO STORE: a made-up town; nothing here is real.")) if town.demo else ""
        foot = "\n".join([*self.asides(), self._printed()])
        title = say(_("Bulletin"))
        one = sheet(title, self._told.month.name, first, *parts, foot=foot, banner=banner)
        return page(f"{title} {self._told.month.name} {town.name}", language(), [one])

    def csv(self) -> bytes:
        """One line a unit, and a last one of all, without a code."""
        head = ["month", "unit", "unit_name", "calls"]
        head += [f"{name}_{part}" for name in DUES for part in ("on_time", "due", "running")]
        head += ["arrived", "median_arrival_s", *COUNTS]
        head += [name for mean in MEANS for name in (f"{mean}_n", f"{mean}_mean")]
        units = [(unit, self._desk.unit_name(unit), one) for unit, one in self._units()]
        rows = [self._row(*each) for each in (*units, ("", say(_("all")), self._told.units[0]))]
        return csv_of([*head, *APART], rows)

    def _row(self, unit: str, name: str, one: UnitMonth) -> list[object]:
        row: list[object] = [self._told.month.name, unit, name, one.calls]
        for due in _dues(one):
            row += [due.on_time, due.due, due.running]
        row += [one.arrived, one.median_arrival_s, *(getattr(one, each) for each in COUNTS)]
        for mean in (one.marks, one.ratings):
            row += [mean.n, mean.mean]
        return [*row, *(one.apart.get(why, 0) for why in APART)]

    def asides(self) -> list[str]:
        """What whoever reads it must know, wherever it is shown."""
        told = self._told
        lines = [say(_("Facts, not scored: scores of a period come with assessments."))]
        lines += [self._provisional(), self._imported()]
        lines.append(
            say(_("Left out: the rates of response and resolution (no formula is published), the "
                  "accuracy of whistles (rulings on objections are not on record)."))
        )  # fmt: skip
        return [*filter(None, lines), recorders.identities(), proved.line(told.verified)]

    def _title(self) -> str:
        text = _("Bulletin of {month}, {town}")
        return say(text, month=self._told.month.name, town=self._desk.town.name)

    def _printed(self) -> str:
        at = times.shown(self._desk.received_at, self._desk.zone)
        return say(_("{town}, printed {at}."), town=self._desk.town.name, at=at)

    def _standing(self) -> list[str]:
        stands_at = self._told.stands_at
        if self._told.month.end <= self._desk.received_at or stands_at is None:
            return []
        at = times.shown(stands_at, self._desk.zone)
        return [say(_("The month is not over: so it stands on record at {at}."), at=at)]

    def _calls(self) -> list[str]:
        one = self._told.units.overall
        text = _("{calls} calls delivered to {units} units, {arrived} of them reported in")
        units = sum(each.calls > 0 for _unit, each in self._units())
        return [say(text, calls=one.calls, units=units, arrived=one.arrived)]

    def _provisional(self) -> str:
        clocks = [
            f"{each.call}/{each.unit} {word({**CLOCKS, 'confirm': VERBS['confirm']}, each.clock)}"
            for each in self._told.provisional
        ]
        text = _(
            "Provisional clocks, counted without the year's calendar: {clocks}. A score of this "
            "month would be refused."
        )
        return say(text, clocks=", ".join(clocks)) if clocks else ""

    def _imported(self) -> str:
        count = self._told.imported
        text = _("{count} calls of other systems are in no figure here: whistle assess ledger")
        return say(text, count=count) if count else ""

    def _units(self) -> Iterator[tuple[str, UnitMonth]]:
        yield from self._told.units.per_unit.items()

    def _named(self) -> list[tuple[str, UnitMonth]]:
        units = [(self._desk.unit_name(unit), one) for unit, one in self._units()]
        return [*units, (say(_("all")), self._told.units.overall)]

    def _parts(self) -> Iterator[Part]:
        head: Sequence[str] = (
            _("unit"),
            _("calls"),
            _("signed"),
            _("reported in"),
            _("finished"),
            _("median arrival"),
        )
        title = say(_("On time, of what was due in the month"))
        rows: list[tuple[object, ...]] = [
            (name, one.calls, *map(_share, _dues(one)), length(one.median_arrival_s))
            for name, one in self._named()
        ]
        yield Part(title, [say(text) for text in head], rows)
        head = (_("unit"), _("declined"), _("left early"), _("rework"), _("overdue"), _("yellow"),
                _("red"), _("mark"), _("rates whistles"))  # fmt: skip
        rows = [
            (name, *(getattr(one, each) for each in COUNTS), _mean(one.marks), _mean(one.ratings))
            for name, one in self._named()
        ]
        yield Part(say(_("What was noted")), [say(text) for text in head], rows)
        apart = [
            (name, say(APART[why]), count)
            for name, one in self._named()[:-1]
            for why, count in one.apart.items()
        ]
        if apart:
            head = (_("unit"), _("why"), _("calls"))
            title = say(_("Apart, and in no figure above"))
            yield Part(title, [say(text) for text in head], [*apart])
        yield self._town()

    def _town(self) -> Part:
        town, whole = self._told.town, self._told.units.overall
        rows: list[tuple[object, ...]] = [
            (say(_("whistles blown")), _counted(town.whistles, KINDS)),
            (say(_("whistles withdrawn")), town.whistles_withdrawn),
            (say(_("not approved")), town.not_approved),
            (say(_("rated by the units")), _mean(whole.ratings)),
            (say(_("incidents reported")), town.incidents_in),
            (say(_("ways out")), _counted(town.ways, WAYS)),
            (say(_("closed")), _counted(town.closed, OUTCOMES)),
            (say(_("reopened")), town.reopened),
            (say(_("not confirmed in time by the town")), town.confirmations_missed),
            (say(_("approvals the leader contests")), town.approvals_contested),
            (say(_("call-backs")), _counted(town.callbacks, CALLBACKS)),
            (say(_("satisfied, of those reached")), _percent(town.satisfaction)),
        ]
        for unit, late in by_recorder(self._told.delays).items():
            text = _("{count} claimed times, {total} in all, at most {most}")
            rows.append(
                (
                    say(_("typed late by {unit}"), unit=self._desk.unit_name(unit)),
                    say(text, count=late["n"], total=length(late["sum_s"]),
                        most=length(late["max_s"])),
                )
            )  # fmt: skip
        return Part(say(_("The town's own part")), [say(_("what")), say(_("n"))], rows)


def _dues(one: UnitMonth) -> tuple[Due, Due, Due]:
    return one.signed, one.reported_in, one.finished


def _share(due: Due) -> str:
    """On time of what was due; how many still have time stands beside it."""
    still = say(_(" (+{count} running)"), count=due.running) if due.running else ""
    return f"{due.on_time}/{due.due} {_percent(due.rate)}{still}" if due.due else f"—{still}"


def _mean(marks: Mean) -> str:
    return "—" if marks.mean is None else f"{marks.mean:.1f} ({marks.n})"


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share * 100:.1f}%"


def _counted(counts: Mapping[str, int], words: Mapping[str, str]) -> str:
    parts = " ".join(f"{word(words, name)} {count}" for name, count in counts.items())
    return f"{sum(counts.values())} ({parts})" if parts else "0"


def _shown(cell: object) -> str:
    return "—" if cell is None else str(cell)

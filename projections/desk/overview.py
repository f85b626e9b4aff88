"""`whistle status` 总览: one screen of the town."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import msgspec

from projections.desk import times
from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.reading import facts, views
from projections.desk.tables import table
from projections.desk.tones import Toned
from projections.desk.words import CLOCKS, KINDS, STAGES, say, word
from whistle.domain.clock_anomaly import STREAM as CLOCK
from whistle.domain.moment import Instant, rfc3339
from whistle.domain.refusal import _
from whistle.log.address import masked

if TYPE_CHECKING:
    from projections.catch_up import Views
    from projections.deadlines import ClockRow, DutyRow
    from projections.whistle_rows import WhistleRow

SHOWN = 10  # rows of each listing: the screen stays one

UNSETTLED = {
    "approve": _("whistles that wait for the leader"),
    "deliver": _("calls that nobody was told of yet"),
    "confirm": _("told acts that wait for the other side's word"),
    "rule": _("contested times that the leader rules on"),
    "undo": _("acts that somebody asks to take back"),
    "clock": _("jumps of the server's clock that are not settled"),
    "parked": _("cases parked in a view"),
}


@click.command()
@pass_desk
def status(desk: Desk) -> Answer:
    """Show one screen: what is open, due soon, overdue, whom it waits on, and what is unsettled.

    Example: whistle status
    """
    from projections import command, deadlines, inspect

    with views(desk) as open_views:
        counts = inspect.counts(open_views)
        whistles = command.whistles(open_views, open_only=True)
        clocks = deadlines.clocks(open_views)
        duties = deadlines.inbox(open_views)
        unsettled = _unsettled(desk, open_views, duties)
    late = [clock for clock in clocks if clock.due < desk.received_at]
    soon = [clock for clock in clocks if times.soon(clock.due, desk.received_at)]
    waiting = _waiting_on(desk, duties)
    head = [
        say(_("{town} ({store})"), town=desk.town.name, store=masked(desk.address)),
        _opened(counts.by_stage, len(whistles)),
        say(_("Clocks: {soon} due within the hour, {late} overdue."), soon=len(soon),
            late=len(late)),
    ]  # fmt: skip
    return Answer(
        data={
            "incidents": msgspec.to_builtins(counts),
            "open_whistles": len(whistles),
            "overdue_clocks": len(late),
            "due_soon": [facts(desk, clock) for clock in soon],
            "overdue": [facts(desk, clock) for clock in late],
            "waiting_on": [each.fact(desk) for each in waiting],
            "unsettled": unsettled,
        },
        lines=[*head, *_parts(desk, late, soon, waiting, whistles, unsettled)],
        ids=[row.name for row in whistles],
    )


def _opened(by_stage: Mapping[str, int], sounding: int) -> str:
    stages = {stage: n for stage, n in by_stage.items() if stage not in ("closed", "")}
    opened = ", ".join(f"{word(STAGES, stage)} {n}" for stage, n in stages.items())
    text = _("Open incidents: {open} ({opened}). Sounding whistles: {sounding}.")
    return say(text, open=sum(stages.values()), opened=opened or "-", sounding=sounding)


class Waiting(NamedTuple):
    """How much waits on one unit."""

    unit: str
    steps: int
    late: int
    soon: int
    next_due: Instant | None

    def fact(self, desk: Desk) -> dict[str, Any]:
        """The same for programs."""
        return {
            "unit": self.unit,
            "unit_name": desk.unit_name(self.unit),
            "steps": self.steps,
            "overdue": self.late,
            "due_soon": self.soon,
            "next_due": rfc3339(self.next_due) if self.next_due is not None else None,
        }


def _waiting_on(desk: Desk, duties: "Sequence[DutyRow]") -> list[Waiting]:
    """Whom it waits on: the unit with most overdue first, then with most to do."""
    now = desk.received_at
    dues: dict[str, list[Instant | None]] = defaultdict(list)
    for row in duties:
        dues[desk.unit_code(row.unit)].append(row.due)
    found = []
    for unit, each in dues.items():
        known = [due for due in each if due is not None]
        coming = [due for due in known if due >= now]
        soon = sum(times.soon(due, now) for due in coming)
        late = len(known) - len(coming)
        found.append(Waiting(unit, len(each), late, soon, min(coming, default=None)))
    return sorted(found, key=lambda each: (-each.late, -each.soon, -each.steps, each.unit))


def _unsettled(desk: Desk, open_views: "Views", duties: "Sequence[DutyRow]") -> dict[str, int]:
    """What somebody has still to say a word on, by kind."""
    steps = Counter(row.verb for row in duties)
    with desk.reading() as reader:
        server_clock = reader.of_stream(CLOCK)
    counts = {verb: steps[verb] for verb in UNSETTLED}
    counts["clock"] = int(server_clock is not None and server_clock.stage == "doubted")
    parked = open_views.parked().values()
    counts["parked"] = len({each.case_id for events in parked for each in events})
    return counts


def _parts(
    desk: Desk,
    late: "Sequence[ClockRow]",
    soon: "Sequence[ClockRow]",
    waiting: Sequence[Waiting],
    whistles: "Sequence[WhistleRow]",
    unsettled: Mapping[str, int],
) -> list[str]:
    lines = [f"{say(UNSETTLED[kind])}: {count}" for kind, count in unsettled.items() if count]
    for text, clocks, hue in ((_("Overdue"), late, "late"), (_("Due within the hour"), soon, "")):
        rows = _clock_rows(desk, clocks)
        lines.extend(_section(say(text), rows, *_CLOCK_COLUMNS, hue=hue))
    owing = [
        (
            desk.unit_name(each.unit),
            each.steps,
            each.late or "",
            each.soon or "",
            times.shown(each.next_due, desk.zone, desk.received_at) if each.next_due else "",
        )
        for each in waiting
    ]
    columns = (_("unit"), _("steps"), _("overdue"), _("due soon"), _("next due"))
    lines.extend(_section(say(_("Waits on")), owing, *columns))
    sounding = [
        (
            row.name or row.incident_name,
            word(KINDS, row.kind),
            row.share(row.on_scene),
            row.share(row.finished),
            row.overdue or "",
        )
        for row in whistles
    ]
    columns = (_("whistle"), _("kind"), _("reported in"), _("finished"), _("overdue"))
    return [*lines, *_section(say(_("Whistles")), sounding, *columns)]


_CLOCK_COLUMNS = (_("call"), _("unit"), _("clock"), _("due"), _("left"))


def _clock_rows(desk: Desk, clocks: "Sequence[ClockRow]") -> list[tuple[object, ...]]:
    return [
        (
            clock.call,
            desk.unit_name(clock.unit),
            word(CLOCKS, clock.clock),
            times.shown(clock.due, desk.zone, desk.received_at),
            times.left(clock.due, desk.received_at),
        )
        for clock in clocks
    ]


def _section(
    head: str, rows: Sequence[Sequence[object]], *columns: str, hue: str = ""
) -> list[str]:
    """A headed table of its first rows; nothing at all when there is none."""
    if not rows:
        return []
    shown = table([say(text) for text in columns], rows[:SHOWN], [hue] * min(len(rows), SHOWN))
    more = len(rows) - SHOWN
    rest = [say(_("  … and {count} more"), count=more)] if more > 0 else []
    return [
        "",
        f"{head} ({len(rows)})",
        *(Toned(f"  {line}", getattr(line, "tone", "")) for line in shown),
        *rest,
    ]

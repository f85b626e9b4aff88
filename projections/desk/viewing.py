"""The four views (四位一体) and the ledger on the screen, and the upkeep of all views."""

from typing import Any

import click
import msgspec

from projections.desk import times
from projections.desk.answer import Answer
from projections.desk.desk import Desk
from projections.desk.incident_acts import pass_desk
from projections.desk.tables import table, width
from projections.desk.words import CHANNELS, COUNTED, DUTIES, KINDS, STAGES, WAYS, say, word
from whistle.domain.moment import rfc3339
from whistle.domain.refusal import _

WIDEST = 80  # columns of a line that is filled


def views(desk: Desk) -> Any:
    """The views of this store, caught up by whoever reads them; the clocks speak first."""
    from projections import open_views, views_path

    desk.town  # noqa: B018 - a store without a town, or a demo, says so first
    if not desk.options["dry_run"]:
        desk.engine.tick()
    return open_views(desk.log, views_path(desk.log.path))


def timed(facts: dict[str, Any]) -> dict[str, Any]:
    """A view's row for JSON: its instants as RFC 3339, its units with their names beside them."""
    return {
        key: rfc3339(value) if isinstance(value, int) and value > 10**14 else value
        for key, value in facts.items()
    }


def facts(desk: Desk, rows: list[Any]) -> list[dict[str, Any]]:
    """Rows of a view as JSON objects."""
    made = []
    for row in rows:
        fact = timed(msgspec.structs.asdict(row))
        if isinstance(fact.get("unit"), str):
            fact["unit_name"] = desk.unit_name(fact["unit"])
        made.append(fact)
    return made


@click.group()
def view() -> None:
    """The four views: inspect 巡查发现, command 指令督办, coordinate 协商联动, assess 考核评价."""


@view.command("inspect")
@pass_desk
def view_inspect(desk: Desk) -> Answer:
    """巡查发现: what was found, and by which way each incident left."""
    from projections import inspect

    with views(desk) as open_views:
        rows, counts = inspect.incidents(open_views), inspect.counts(open_views)
    live = [row for row in rows if row.name]
    shown = [
        (
            row.name,
            word(STAGES, row.stage),
            word(WAYS, row.way),
            word(CHANNELS, row.channel),
            desk.item_name(row.item),
            row.place,
        )
        for row in live
    ]
    columns = (_("name"), _("stage"), _("way"), _("channel"), _("item"), _("place"))
    return _view(desk, say(_("Inspect 巡查发现")), columns, shown, live, counts)


@view.command("command")
@pass_desk
def view_command(desk: Desk) -> Answer:
    """指令督办: the whistles under command, with warnings and supervision."""
    from projections import command

    with views(desk) as open_views:
        rows, counts = command.whistles(open_views), command.counts(open_views)
    shown = [
        (
            row.name,
            word(KINDS, row.kind),
            f"{len(row.answered)}/{len(row.called)}",
            f"{len(row.on_scene)}/{len(row.called)}",
            f"{len(row.finished)}/{len(row.called)}",
            row.overdue,
            row.yellow,
            row.red,
        )
        for row in rows
        if row.name
    ]
    columns = (
        _("whistle"), _("kind"), _("answered"), _("reported in"), _("finished"), _("overdue"),
        _("yellow"), _("red"),
    )  # fmt: skip
    return _view(desk, say(_("Command 指令督办")), columns, shown, rows, counts)


@view.command("coordinate")
@click.option("--whistle", help="Only this whistle's calls.")
@click.option("--unit", help="Only this unit's calls.")
@pass_desk
def view_coordinate(desk: Desk, whistle: str | None, unit: str | None) -> Answer:
    """协商联动: every unit's call, side by side."""
    from projections import coordinate

    code = desk.unit(unit).code if unit else None
    with views(desk) as open_views:
        rows = coordinate.calls(open_views, whistle=whistle, unit=code)
        counts = coordinate.counts(open_views)

    def at(instant: int | None) -> str:
        return times.shown(instant, desk.zone, desk.received_at) if instant is not None else "—"

    shown = [
        (
            row.whistle_name or row.whistle,
            desk.unit_name(row.unit),
            word(DUTIES, row.duty),
            word(STAGES, row.stage),
            at(row.delivered_at),
            at(row.acknowledged_at),
            at(row.arrived_at),
            at(row.finished_at),
        )
        for row in rows
    ]
    columns = (
        _("whistle"), _("unit"), _("duty"), _("stage"), _("delivered"), _("answered"),
        _("reported in"), _("finished"),
    )  # fmt: skip
    return _view(desk, say(_("Coordinate 协商联动")), columns, shown, rows, counts)


@view.command("assess")
@pass_desk
def view_assess(desk: Desk) -> Answer:
    """考核评价: each unit's calls, marks, breaches and rework."""
    from projections import assess

    with views(desk) as open_views:
        rows, counts = assess.units(open_views), assess.counts(open_views)
    shown = [
        (
            desk.unit_name(row.unit),
            row.calls,
            f"{row.marks_sum / row.marks:.1f} ({row.marks})" if row.marks else "—",
            sum(row.overdue.values()),
            row.declined,
            row.left_early,
            row.reworks,
        )
        for row in rows
    ]
    columns = (
        _("unit"), _("calls"), _("mark"), _("overdue"), _("declined"), _("left early"),
        _("rework"),
    )  # fmt: skip
    return _view(desk, say(_("Assess 考核评价")), columns, shown, rows, counts)


@view.command("ledger")
@pass_desk
def view_ledger(desk: Desk) -> Answer:
    """台账: each unit's response times, call by call."""
    from projections import ledger

    with views(desk) as open_views:
        rows, counts = ledger.assignments(open_views), ledger.counts(open_views)

    def took(start: int | None, end: int | None) -> str | None:
        return times.left(end, start) if start is not None and end is not None else None

    shown = [
        (
            desk.unit_name(row.unit),
            row.label,
            took(row.whistled, row.acknowledged),
            took(row.whistled, row.arrived),
            took(row.arrived, row.finished),
        )
        for row in sorted(rows, key=lambda row: (row.key[0], row.label))
    ]
    columns = (_("unit"), _("call"), _("answered in"), _("reported in after"), _("worked"))
    return _view(desk, say(_("Ledger 台账")), columns, shown, rows, counts)


def counts_lines(counted: dict[str, Any]) -> list[str]:
    """A view's counts for people: imported history beside live work, and nothing that is none."""
    told = [
        f"{word(COUNTED, name)} {value}"
        for name, value in counted.items()
        if isinstance(value, int) and (value or name in ("whistles", "calls"))
    ]
    for name, parts in counted.items():
        if isinstance(parts, dict) and parts:
            shares = " ".join(f"{_part(name, part)} {count}" for part, count in parts.items())
            told.append(f"{word(COUNTED, name)}: {shares}")
    return _filled(told)


def _filled(parts: list[str]) -> list[str]:
    """Parts side by side, on as many lines as they need."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]} · {part}" if lines else part
        if lines and width(longer) <= WIDEST:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def _part(name: str, part: str) -> str:
    if not part:
        return say(_("none yet"))
    return word({"by_stage": STAGES, "by_way": WAYS, "by_channel": CHANNELS}.get(name, {}), part)


def _view(
    desk: Desk, head: str, columns: tuple[str, ...], shown: list[Any], rows: list[Any], counts: Any
) -> Answer:
    counted = msgspec.to_builtins(counts)
    lines = [head, *table([say(text) for text in columns], shown), *counts_lines(counted)]
    return Answer(data={"rows": facts(desk, rows), "counts": counted}, lines=lines)


@click.group()
def projection() -> None:
    """The views' own upkeep: they follow the log and can always be made anew."""


@projection.command("rebuild")
@click.argument("name", required=False)
@pass_desk
def rebuild(desk: Desk, name: str | None) -> Answer:
    """Make view NAME, or every view, anew beside the old one, compare, and swap.

    Example: whistle projection rebuild ledger
    """
    from projections import VIEWS

    if name is not None and name not in VIEWS:
        raise click.UsageError(
            say(_("There is no view {name}; these are: {known}."), name=name,
                known=", ".join(VIEWS))
        )  # fmt: skip
    desk.not_rehearsed()
    with views(desk) as open_views:
        made = open_views.rebuild(name)
    rebuilt = [msgspec.structs.asdict(each) for each in made]
    lines = [
        say(
            _("{name}: {events} events, {rows} rows in {seconds} s, digest {digest}"),
            **{**each, "seconds": f"{each['seconds']:.2f}", "digest": each["digest"][:16]},
        )
        for each in rebuilt
    ]
    return Answer(data=rebuilt[0] if name else rebuilt, lines=lines)


@projection.command("status")
@pass_desk
def projection_status(desk: Desk) -> Answer:
    """Say how far each view is, and what is parked.

    Example: whistle projection status
    """
    with views(desk) as open_views:
        found = [msgspec.to_builtins(each) for each in open_views.status()]
    columns = (_("view"), _("position"), _("behind"), _("parked"))
    shown = [
        (each["name"], each["position"], each["behind"], len(each["parked"])) for each in found
    ]
    parked = any(each["parked"] for each in found)
    return Answer(
        data=found,
        lines=table([say(text) for text in columns], shown),
        status="found" if parked else "done",
    )

"""`whistle view`: the four views (四位一体) and the ledger on the screen."""

from typing import TYPE_CHECKING, Any

import click
import msgspec

from projections.desk import names, patrol_views, team_tables, times
from projections.desk.answer import Answer
from projections.desk.counted import COUNTED
from projections.desk.desk import Desk, pass_desk
from projections.desk.nouns import Noun
from projections.desk.reading import facts, views
from projections.desk.repeating import repeat_facts, repeat_lines
from projections.desk.tables import cut, table, whole_option
from projections.desk.team_tables import Beside
from projections.desk.terminal import wide
from projections.desk.words import CHANNELS, DUTIES, KINDS, STAGES, WAYS, say, word
from whistle.domain.refusal import _

if TYPE_CHECKING:
    from projections.whistle_rows import WhistleRow

REPEATS_SHOWN = 5  # places; `incident repeat-sites` lists all
WIDEST = 80  # columns of a line that is filled


@click.group(
    cls=Noun,
    chinese={
        "巡查": "inspect", "指挥": "command", "督办": "command", "协调": "coordinate",
        "协商": "coordinate", "考核": "assess", "台账": "ledger",
    },
)  # fmt: skip
def view() -> None:
    """The four views: inspect 巡查发现, command 指令督办, coordinate 协商联动, assess 考核评价."""


@view.command("inspect")
@whole_option
@pass_desk
def view_inspect(desk: Desk, *, whole: bool) -> Answer:
    """巡查发现: what was found, and by which way each incident left."""
    from projections import inspect, repeats

    with views(desk) as open_views:
        rows, counts = inspect.incidents(open_views), inspect.counts(open_views)
        also = team_tables.worked(desk, open_views), patrol_views.inspected(desk, open_views)
        again = repeats.repeat_sites(open_views)
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
    head = say(_("Inspect 巡查发现"))
    answer = _view(desk, head, columns, shown, live, counts, also, whole=whole)
    answer.data["repeat_sites"] = [repeat_facts(each) for each in again]
    answer.lines = [*answer.lines, *repeat_lines(desk, again[:REPEATS_SHOWN])]
    return answer


@view.command("command")
@whole_option
@pass_desk
def view_command(desk: Desk, *, whole: bool) -> Answer:
    """指令督办: the whistles under command, with warnings and supervision."""
    from projections import command

    with views(desk) as open_views:
        rows, counts = command.whistles(open_views), command.counts(open_views)
        also = team_tables.sent(desk, open_views), patrol_views.commanded(desk, open_views)
    shown = [
        (
            row.name,
            word(KINDS, row.kind),
            row.share(row.answered),
            row.share(row.on_scene),
            row.share(row.finished),
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
    head = say(_("Command 指令督办"))
    answer = _view(desk, head, columns, shown, rows, counts, also, whole=whole)
    answer.lines = [*answer.lines, *(line for row in rows for line in _town_mark(row))]
    return answer


def _town_mark(row: "WhistleRow") -> list[str]:
    """What a whistle says against the town itself, never against a unit it called."""
    name = row.name or row.incident_name
    late = [say(_("{name}: not confirmed in time"), name=name)] if row.confirm_overdue else []
    contested = row.confirm == "contested"
    return [*late, say(_("{name}: approval contested"), name=name)] if contested else late


@view.command("coordinate")
@click.option("--whistle", "--哨件", help="Only this whistle's calls.")
@click.option("--unit", "--单位", help="Only this unit's calls.")
@whole_option
@pass_desk
def view_coordinate(desk: Desk, whistle: str | None, unit: str | None, *, whole: bool) -> Answer:
    """协商联动: every unit's call, side by side."""
    from projections import coordinate

    code = desk.unit(unit).code if unit else None
    stream = None
    if whistle is not None:
        with desk.reading() as reader:
            stream = names.find(reader, "whistle", whistle).stream
    with views(desk) as open_views:
        rows = coordinate.calls(open_views, whistle=stream, unit=code)
        counts = coordinate.counts(open_views)
        also = (
            team_tables.members(desk, open_views, stream, code),
            patrol_views.coordinated(desk, open_views),
        )

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
    return _view(
        desk, say(_("Coordinate 协商联动")), columns, shown, rows, counts, also, whole=whole
    )


@view.command("assess")
@pass_desk
def view_assess(desk: Desk) -> Answer:
    """考核评价: each unit's calls, marks, breaches and rework."""
    from projections import assess, command

    with views(desk) as open_views:
        rows, counts = assess.units(open_views), assess.counts(open_views)
        town = command.counts(open_views)
    shown = [
        (
            desk.unit_name(row.unit),
            row.calls,
            f"{row.marks_sum / row.marks:.1f} ({row.marks})" if row.marks else "—",
            sum(row.overdue.values()),
            row.declined,
            row.left_early,
            row.reworks,
            row.withdrawn_calls,
        )
        for row in rows
    ]
    columns = (
        _("unit"), _("calls"), _("mark"), _("overdue"), _("declined"), _("left early"),
        _("rework"), _("withdrawn"),
    )  # fmt: skip
    answer = _view(desk, say(_("Assess 考核评价")), columns, shown, rows, counts)
    marks = {"unconfirmed": town.town_unconfirmed, "contested": town.town_contested}
    answer.data["town"] = marks
    text = _("The town itself: {unconfirmed} not confirmed in time, {contested} contested.")
    answer.lines = [*answer.lines, say(text, **marks)]
    return answer


@view.command("ledger")
@whole_option
@pass_desk
def view_ledger(desk: Desk, *, whole: bool) -> Answer:
    """台账: each unit's response times, call by call."""
    from projections import ledger

    with views(desk) as open_views:
        rows, counts = ledger.assignments(open_views), ledger.counts(open_views)
        also = team_tables.turnouts(desk, open_views), patrol_views.entered(desk, open_views)

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
    return _view(desk, say(_("Ledger 台账")), columns, shown, rows, counts, also, whole=whole)


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
        if lines and wide(longer) <= WIDEST:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def _part(name: str, part: str) -> str:
    if not part:
        return say(_("none yet"))
    return word({"by_stage": STAGES, "by_way": WAYS, "by_channel": CHANNELS}.get(name, {}), part)


def _view(
    desk: Desk,
    head: str,
    columns: tuple[str, ...],
    shown: list[Any],
    rows: list[Any],
    counts: Any,
    also: tuple[Beside, patrol_views.Part] | None = None,
    *,
    whole: bool = True,
) -> Answer:
    """A view's own rows and counts, with the joint teams and the patrols below them."""
    counted = msgspec.to_builtins(counts)
    first, rest = cut(shown, "--all, --json", whole=whole)
    lines = [head, *table([say(text) for text in columns], first), *rest, *counts_lines(counted)]
    data = {"rows": [facts(desk, row) for row in rows], "counts": counted}
    if also is not None:
        teams, (walked, patrols) = also
        lines += [*teams.lines(whole=whole), *walked]
        data |= {"teams": teams.rows, "patrols": patrols}
    return Answer(data=data, lines=lines)

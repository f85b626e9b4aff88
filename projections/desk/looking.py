"""Looking at what waits, what stands and what happened."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from projections.desk import names, times
from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.reading import facts, views
from projections.desk.tables import cut, table
from projections.desk.tones import tone
from projections.desk.waiting import fact, leaders, step
from projections.desk.words import TOPICS, folded, say, word
from whistle.domain.moment import SECOND, Instant
from whistle.domain.refusal import NotFound, _
from whistle.log.address import masked
from whistle.log.port import Named, Reader

if TYPE_CHECKING:
    from projections.catch_up import Views
    from projections.deadlines import DutyRow
    from projections.timeline import Entry


@click.command()
@click.option("--all", "--全部", "everybody", is_flag=True, help="What waits on anybody.")
@click.option("--whole", "--完整", is_flag=True, help="List every row, however many.")
@pass_desk
def inbox(desk: Desk, everybody: bool, *, whole: bool) -> Answer:
    """List what waits on you, the most urgent first.

    Example: whistle inbox --as jj
    """
    from projections import deadlines

    unit = desk.actor.speaks_for
    mine = ["", unit] if desk.units[unit].commander else [unit]
    with views(desk) as open_views:
        rows = deadlines.inbox(open_views) if everybody else deadlines.inbox(open_views, *mine)
        told = _told(desk, open_views, rows)
    head = say(
        _("{town}, {unit}: {count} waiting{hurry} ({store})"),
        town=desk.town.name,
        unit=say(_("everybody")) if everybody else desk.unit_name(unit),
        count=len(rows),
        hurry=_hurry(desk, [row.due for row in rows if row.due is not None]),
        store=masked(desk.address),
    )
    names = [row.name for row in rows]
    if desk.options.get("json") or desk.options.get("jsonl"):  # nobody reads the lines then
        what = _subjects(desk, rows)
        return Answer(data=[_duty(desk, row, what) for row in rows], ids=names)
    first, rest = cut(rows, "--whole, --json", whole=whole)
    lines = [head, *_waiting(desk, first, _subjects(desk, first)), *rest, *told]
    if not rows:
        lines.append(say(_("Nothing waits. Log a finding: whistle report ITEM PLACE")))
    return Answer(lines=lines, ids=names)


def _waiting(
    desk: Desk, rows: "Sequence[DutyRow]", what: Mapping[str, tuple[str, str]]
) -> list[str]:
    """The table of an inbox: what to do, by when, and what it is about."""
    shown = [
        (
            say(_("{name} not reached"), name=row.name) if row.verb == "deliver" else row.name,
            step(desk, row),
            desk.unit_name(row.unit),
            times.left(row.due, desk.received_at) if row.due is not None else "",
            times.shown(row.due, desk.zone, desk.received_at) if row.due is not None else "",
            *what.get(row.stream, ("", "")),
        )
        for row in rows
    ]
    columns = (_("name"), _("do"), _("unit"), _("left"), _("due"), _("item"), _("place"))
    colours = [tone(row.due, desk.received_at) for row in rows]
    return table([say(text) for text in columns], shown, colours) if shown else []


def _told(desk: Desk, open_views: "Views", rows: "list[DutyRow]") -> list[str]:
    """What was told in a unit's name, in full, before anybody confirms it."""
    asked = {(row.stream, row.name.rpartition("/")[2]) for row in rows if row.verb in _HEARD}
    if not asked:
        return []
    from projections import deadlines
    from projections.desk.standing import telling_line

    found = deadlines.tellings(open_views, *sorted({stream for stream, _unit in asked}))
    return [
        telling_line(desk, unit, each)
        for stream, tellings in found.items()
        for unit, each in tellings
        if (stream, unit) in asked
    ]


_HEARD = ("confirm", "rule")


def _hurry(desk: Desk, dues: list[Instant]) -> str:
    """What is overdue, what is due within the hour, and when the next is due; else nothing."""
    now = desk.received_at
    coming = [due for due in dues if due >= now]
    late, soon = len(dues) - len(coming), sum(times.soon(due, now) for due in coming)
    parts = [say(_(", {count} overdue"), count=late)] if late else []
    if soon:
        parts.append(say(_(", {count} due within the hour"), count=soon))
    if coming:
        next_due = times.shown(min(coming), desk.zone, now)
        parts.append(say(_(", the next by {due}"), due=next_due))
    return "".join(parts)


def _subjects(desk: Desk, rows: "Sequence[DutyRow]") -> dict[str, tuple[str, str]]:
    """Which item at which place each duty is about, by its stream."""
    with desk.reading() as reader:
        found = reader.subjects(sorted({row.stream for row in rows}))
    return {stream: (desk.item_name(item), place) for stream, (item, place) in found.items()}


def _duty(desk: Desk, row: "DutyRow", what: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    item, place = what.get(row.stream, (None, None))
    return {
        **fact(desk, row),
        "item_name": item,
        "place": place,
        "left_s": (row.due - desk.received_at) // SECOND if row.due is not None else None,
        "persons": leaders(desk, row),
        "amended": row.changed,
    }


@click.command()
@click.argument("name")
@click.option(
    "--print", "--打印", "on_paper", is_flag=True, help="Its sheets for printing: one HTML file."
)
@click.option(
    "--to",
    "--存到",
    "into",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the sheets go; else standard output.",
)
@pass_desk
def show(desk: Desk, name: str, into: Path | None, *, on_paper: bool) -> Answer:
    """Show incident, whistle, team or patrol NAME as it stands, or print its sheets.

    Examples: whistle show 42 · whistle show 19 --print --to order.html
    """
    with desk.reading() as reader:
        found = of_name(reader, name)
        case = reader.of_case(found.correlation) if found.correlation else [found]
    if on_paper or into is not None:
        from projections.desk.paper import printed

        return printed(desk, found, case, into)
    if found.kind == "team":
        from projections.desk.team_acts import standing_team

        return standing_team(desk, found)
    if found.kind == "patrol":
        from projections.desk.patrol_standing import standing_patrol

        return standing_patrol(desk, found)
    from projections.desk.standing import standing

    return standing(desk, found, case)


def of_name(reader: Reader, text: str) -> Named:
    """What a text names; incidents and whistles have a bare number before teams and patrols."""
    wanted = folded(text).upper().partition("/")[0]
    kinds = [kind for kind in ("incident", "whistle") if names.named(reader, kind, wanted)]
    if not kinds:
        kinds = [kind for kind in ("team", "patrol") if names.named(reader, kind, wanted)]
    if not kinds:
        raise NotFound(_("There is nothing called {name}."), hint="whistle status", name=text)
    return names.only([names.find(reader, kind, wanted) for kind in kinds])


@click.command()
@click.argument("name")
@pass_desk
def log(desk: Desk, name: str) -> Answer:
    """Tell everything that happened to incident, whistle, team or patrol NAME, in order.

    Example: whistle log 42
    """
    from projections import timeline

    with desk.reading() as reader:
        found = of_name(reader, name)
    with views(desk) as open_views:
        entries = timeline.timeline(open_views, found.correlation or found.stream)
    rows = []
    for entry in entries:
        told = word(TOPICS, entry.topic)
        if entry.corrected_by:
            told = say(_("{told} (corrected by #{seq})"), told=told, seq=entry.corrected_by[-1])
        if entry.taken_back_by is not None:
            told = say(_("{told} (taken back by #{seq})"), told=told, seq=entry.taken_back_by)
        unit = desk.unit_name(entry.unit) if entry.unit else ""
        rows.append(
            (f"#{entry.seq}", times.shown(entry.at, desk.zone), unit, told, _who(desk, entry))
        )
    columns = ("#", say(_("when")), say(_("unit")), say(_("what")), say(_("typed by")))
    return Answer(data=[facts(desk, entry) for entry in entries], lines=table(columns, rows))


def _who(desk: Desk, entry: "Entry") -> str:
    who = desk.unit_name(entry.actor_unit) if entry.actor_unit else ""
    if entry.actor_person:
        who = f"{who}/{entry.actor_person}"
    if entry.behalf_unit:
        who = say(_("{who} for {unit}"), who=who, unit=desk.unit_name(entry.behalf_unit))
    return who

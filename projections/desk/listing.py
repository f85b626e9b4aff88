"""Lists: incidents, running clocks, the item catalogue."""

import click
import msgspec

from projections.desk import times
from projections.desk.answer import Answer
from projections.desk.desk import Desk
from projections.desk.incident_acts import handle, pass_desk, transfer
from projections.desk.nouns import Noun
from projections.desk.reading import facts, timed, views
from projections.desk.tables import table
from projections.desk.words import CLOCKS, KINDS, STAGES, limit_of, say, word
from whistle.domain.refusal import _


@click.group(cls=Noun, chinese={"列表": "list", "自办": "handle", "转办": "transfer"})
def incident() -> None:
    """Incidents: listed, or handled without a whistle."""


@incident.command("list")
@click.option("--open", "--未结", "only_open", is_flag=True, help="Leave the closed ones out.")
@pass_desk
def incident_list(desk: Desk, only_open: bool) -> Answer:
    """List the incidents.

    Example: whistle incident list --open
    """
    from projections import inspect

    with views(desk) as open_views:
        rows = [row for row in inspect.incidents(open_views) if row.name]
    rows = [row for row in rows if not (only_open and row.stage == "closed")]
    shown = [
        (
            row.name,
            word(STAGES, row.stage),
            desk.item_name(row.item),
            row.place,
            times.shown(row.reported_at, desk.zone),
        )
        for row in rows
        if row.reported_at is not None
    ]
    columns = (_("name"), _("stage"), _("item"), _("place"), _("reported"))
    return Answer(
        data=[timed(msgspec.structs.asdict(row)) for row in rows],
        lines=table([say(text) for text in columns], shown),
        ids=[row.name for row in rows],
    )


incident.add_command(handle, "handle")
incident.add_command(transfer, "transfer")


@click.group(cls=Noun, chinese={"列表": "list", "走时": "tick"})
def clock() -> None:
    """The clocks of the calls."""


@clock.command("tick")
@pass_desk
def clock_tick(desk: Desk) -> Answer:
    """Let the clocks speak: record what fell due while nobody looked.

    Example: whistle clock tick
    """
    desk.check_town()
    desk.not_rehearsed()
    told = desk.engine.tick()
    return Answer(
        data={"recorded": told},
        lines=[say(_("{count} events recorded by the clocks."), count=told)],
    )


@clock.command("list")
@click.option("--unit", "--单位", help="Only this unit's.")
@pass_desk
def clock_list(desk: Desk, unit: str | None) -> Answer:
    """List the running clocks, the most urgent first.

    Example: whistle clock list --unit jj
    """
    from projections import deadlines

    wanted = [desk.unit(unit).code] if unit else []
    with views(desk) as open_views:
        rows = deadlines.clocks(open_views, *wanted)
    shown = [
        (
            row.call,
            desk.unit_name(row.unit),
            word(CLOCKS, row.clock),
            limit_of(row.limit),
            times.shown(row.due, desk.zone, desk.received_at),
            times.left(row.due, desk.received_at),
        )
        for row in rows
    ]
    columns = (_("call"), _("unit"), _("clock"), _("limit"), _("due"), _("left"))
    lines = table([say(text) for text in columns], shown)
    return Answer(data=[facts(desk, row) for row in rows], lines=lines)


@click.group(cls=Noun, chinese={"列表": "list"})
def item() -> None:
    """The item catalogue of the playbook."""


@item.command("list")
@pass_desk
def item_list(desk: Desk) -> Answer:
    """List the items: code, names, kind, who leads.

    Example: whistle item list
    """
    desk.check_town()
    items = desk.playbook.items if desk.playbook else {}
    rows = [
        (each.code, each.english, each.name, word(KINDS, each.kind), each.lead)
        for each in items.values()
    ]
    columns = (_("code"), _("English"), _("Chinese"), _("kind"), _("leads"))
    data = [msgspec.to_builtins(each) for each in items.values()]
    return Answer(data=data, lines=table([say(text) for text in columns], rows), ids=list(items))

"""Lists: incidents, the item catalogue."""

import click
import msgspec

from projections.desk import times
from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.incident_acts import handle, transfer
from projections.desk.merging import merge
from projections.desk.nouns import Noun
from projections.desk.reading import timed, views
from projections.desk.repeating import repeat_sites
from projections.desk.tables import table
from projections.desk.ticket_import import import_tickets
from projections.desk.words import KINDS, STAGES, say, word
from whistle.domain.refusal import _


@click.group(
    cls=Noun,
    chinese={
        "列表": "list",
        "自办": "handle",
        "转办": "transfer",
        "合并": "merge",
        "导入": "import",
        "反复": "repeat-sites",
    },
)
def incident() -> None:
    """Incidents: listed, imported, merged, or handled without a whistle."""


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
incident.add_command(merge, "merge")
incident.add_command(import_tickets, "import")
incident.add_command(repeat_sites, "repeat-sites")


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

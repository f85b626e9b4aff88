"""`whistle projection`: the upkeep of the views, which follow the log and can be made anew."""

import click
import msgspec

from projections import VIEWS
from projections.desk.answer import Answer
from projections.desk.desk import Desk
from projections.desk.incident_acts import pass_desk
from projections.desk.nouns import Noun
from projections.desk.reading import views
from projections.desk.tables import table
from projections.desk.words import say
from whistle.domain.refusal import _


@click.group(cls=Noun, chinese={"重建": "rebuild", "状态": "status"})
def projection() -> None:
    """The views' own upkeep: they follow the log and can always be made anew."""


@projection.command("rebuild")
@click.argument("name", required=False)
@pass_desk
def rebuild(desk: Desk, name: str | None) -> Answer:
    """Make view NAME, or every view, anew beside the old one, compare, and swap.

    Example: whistle projection rebuild ledger
    """
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
def status(desk: Desk) -> Answer:
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

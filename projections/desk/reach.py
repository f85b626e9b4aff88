"""How a call gets to a unit: it reads the inbox, or somebody there must be told."""

import click

from projections.desk import replies
from projections.desk.answer import Answer
from projections.desk.choosing import REACHED, Words
from projections.desk.desk import Desk, pass_desk
from whistle.domain.unit import Reached, SetReach
from whistle.engine import Given


@click.command("reach")
@click.argument("unit")
@click.argument("reached", metavar="inbox|phone", type=Words(REACHED))
@pass_desk
def reach(desk: Desk, unit: str, reached: Reached) -> Answer:
    """Say how calls get to UNIT: it reads the inbox, or the town phones a person of it.

    Example: whistle org unit reach SD phone
    """
    code = desk.unit(unit).code
    with desk.reading() as reader:
        named = reader.named("unit", code)[0]
    order = SetReach(unit=code, reached=reached)
    made = desk.ask("unit reach", [Given(named.stream, order)], name=code)
    return replies.answer(desk, [made], rehearsed=desk.options["dry_run"])

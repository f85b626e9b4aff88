"""Getting a call to a unit that does not read the inbox: told to a person, or nobody answered."""

import click

from projections.desk import names
from projections.desk.answer import Answer
from projections.desk.call_acts import give_all
from projections.desk.choosing import LINES, Words
from projections.desk.desk import Desk, folded, pass_desk
from whistle.domain.message import Order
from whistle.domain.whistle.delivery import Deliver, TryDelivery
from whistle.domain.whistle.delivery_events import Line


@click.command()
@click.argument("calls", nargs=-1, metavar="CALL...", required=True)
@click.option("--to", "--告知", required=True, metavar="NAME", help="Who was told, or 值班员.")
@click.option(
    "--channel", "--方式", default="phone", show_default=True, type=Words(LINES), help="By what."
)
@click.option("--no-answer", "--未接通", is_flag=True, help="Nobody answered: only the attempt.")
@pass_desk
def deliver(
    desk: Desk, calls: tuple[str, ...], to: str, channel: Line, *, no_answer: bool
) -> Answer:
    """Deliver CALL to a person of a unit that is reached by phone: its clocks start now.

    Examples: whistle deliver 19/jj --to 值班员 · whistle deliver 19/jj --to 老王 --no-answer
    """

    def order(unit: str) -> Order:
        kind = TryDelivery if no_answer else Deliver
        return kind(unit=unit, to=folded(to), channel=channel)

    return give_all(desk, "deliver", names.town_calls(desk, calls, []), order)

"""The other side's word on what was told of a call: confirmed, contested, ruled on."""

from collections.abc import Callable

import click

from projections.desk import names
from projections.desk.answer import Answer
from projections.desk.call_acts import give_all
from projections.desk.desk import Desk, pass_desk
from projections.desk.record import SEQ
from projections.desk.words import say
from whistle.domain.correction import effective
from whistle.domain.message import Order
from whistle.domain.refusal import _
from whistle.domain.whistle.hearing import ConfirmTold, ContestTold, RuleTold
from whistle.domain.whistle.telling import unsettled

event = click.option("--event", "--记录", "seq", type=SEQ, default=0, help="Which act, if several.")
named = click.argument("calls", nargs=-1, metavar="CALL...", required=True)


def _give(desk: Desk, verb: str, calls: tuple[str, ...], order: Callable[[str], Order]) -> Answer:
    """The unit speaks of its own call, the town office of every call that is named."""
    if not desk.units[desk.actor.unit].commander:
        return give_all(desk, verb, names.calls(desk, calls, []), order)
    found = names.town_calls(desk, calls, [])
    with desk.reading() as reader:
        waiting = [
            call
            for call in found
            if unsettled(effective(reader.stream(call.whistle.stream)), call.unit)
        ]
    return give_all(desk, verb, waiting or found, order)


@click.command()
@named
@event
@pass_desk
def confirm(desk: Desk, calls: tuple[str, ...], seq: int) -> Answer:
    """Confirm what was told of CALL: it was so, and a claimed time counts from now on.

    The unit confirms what the town typed for it; the town office, what the unit claims.

    Examples: whistle confirm 19 --as jj · whistle confirm 19/jj
    """
    return _give(desk, "confirm", calls, lambda unit: ConfirmTold(unit=unit, seq=seq))


@click.command()
@named
@event
@pass_desk
def contest(desk: Desk, calls: tuple[str, ...], seq: int) -> Answer:
    """Contest what was told of CALL: say why with -m, and when it was with --at.

    The call is kept out of every figure until the leader has ruled.

    Example: whistle contest 19 --as jj --at 23:40 -m "the guard at the gate saw us"
    """
    stated = desk.claimed_at

    def order(unit: str) -> Order:
        return ContestTold(unit=unit, seq=seq, reason=desk.note, stated=stated)

    return _give(desk, "contest", calls, order)


@click.command()
@click.argument("call")
@click.option("--as-typed", "--照录", is_flag=True, help="The receipt counts, as it was typed.")
@event
@pass_desk
def rule(desk: Desk, call: str, *, as_typed: bool, seq: int) -> Answer:
    """Rule which time counts of what is contested: --at TIME or --as-typed; say why with -m.

    A leader or supervisor of the town office rules, and never on what that person typed.

    Examples: whistle rule 19/jj --at 23:45 -m "camera at the gate" ·
    whistle rule 19/jj --as-typed -m "no proof of an earlier time"
    """
    counts = desk.claimed_at
    if as_typed is (counts is not None) or not desk.note:
        text = _("Say which time counts, --at TIME or --as-typed, and why with -m.")
        raise click.UsageError(say(text))

    def order(unit: str) -> Order:
        return RuleTold(unit=unit, seq=seq, reason=desk.note, counts=counts)

    return _give(desk, "rule", (call,), order)

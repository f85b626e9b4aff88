"""A called unit's verbs: answered, declined, on the way, on the scene, done."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from projections.desk import names, replies, times
from projections.desk.answer import Answer
from projections.desk.choosing import OUTCOMES, Words
from projections.desk.desk import Desk, folded, pass_desk
from projections.desk.evidence import digests, photo
from projections.desk.fitting import FITTING
from projections.desk.words import say
from whistle.domain.message import Order
from whistle.domain.refusal import _
from whistle.domain.whistle.call import (
    Acknowledge,
    Act,
    Arrive,
    Decline,
    Depart,
    Finish,
    Leave,
    Release,
)
from whistle.engine import Given

named = click.argument("calls", nargs=-1, metavar="[CALL]...")


def give(
    desk: Desk,
    verb: str,
    texts: Sequence[str],
    order: Callable[[str], Order],
) -> Answer:
    """Give each named call the same order, each in a transaction of its own."""
    parts = [
        replies.Part([Given(call.whistle.stream, order(call.unit))], call.name)
        for call in names.calls(desk, texts, FITTING.get(verb, ()))
    ]
    return replies.obeyed(desk, verb, parts)


def give_all(
    desk: Desk, verb: str, found: Sequence[names.CallNamed], order: Callable[[str], Order]
) -> Answer:
    """Give the calls of each whistle the same order, all of a whistle's or none."""
    whistles: dict[str, list[names.CallNamed]] = {}
    for call in found:
        whistles.setdefault(call.whistle.stream, []).append(call)
    parts = [
        replies.Part(
            [Given(stream, order(call.unit)) for call in calls],
            calls[0].name if len(calls) == 1 else calls[0].whistle.name or "",
        )
        for stream, calls in whistles.items()
    ]
    return replies.obeyed(desk, verb, parts)


@click.command()
@named
@click.option("-t", "--eta", "--预计", help="When you will be there: 25m, or 14:40.")
@pass_desk
def ack(desk: Desk, calls: tuple[str, ...], eta: str | None) -> Answer:
    """Sign for CALL, and say when you will be there.

    Example: whistle ack 19 -t 25m
    """
    promised = times.coming(eta, desk.received_at, desk.zone) if eta is not None else None
    return give(desk, "ack", calls, lambda unit: Acknowledge(unit=unit, eta=promised))


@click.command()
@named
@click.option(
    "--reason",
    "--理由",
    required=True,
    help="One of the playbook's: whistle playbook show.",
)
@click.option("--propose", "--建议", default="", help="The unit whose duty it is.")
@pass_desk
def decline(desk: Desk, calls: tuple[str, ...], reason: str, propose: str) -> Answer:
    """Decline CALL: not this unit's duty, and whose it is.

    Example: whistle decline 19 --reason not-our-duty --propose water -m "the pipe is a main"
    """
    proposed = desk.unit(propose).code if propose else ""
    meant = names.code_meant(desk, lambda rules: rules.decline_reasons, reason)

    def order(unit: str) -> Order:
        return Decline(unit=unit, reason=meant, proposed=proposed, note=desk.note)

    return give(desk, "decline", calls, order)


@click.command()
@named
@pass_desk
def depart(desk: Desk, calls: tuple[str, ...]) -> Answer:
    """Set out for CALL.

    Example: whistle depart 19
    """
    return give(desk, "depart", calls, lambda unit: Depart(unit=unit, note=desk.note))


@click.command()
@named
@photo
@pass_desk
def arrive(desk: Desk, calls: tuple[str, ...], photos: tuple[str, ...]) -> Answer:
    """Report in on the scene of CALL; coming is an answer if nobody had signed.

    Examples: whistle arrive 19 · whistle arrive 19 --behalf jj --at 23:58
    """
    evidence = digests(photos)

    def order(unit: str) -> Order:
        return Arrive(unit=unit, evidence=evidence, note=desk.note)

    return give(desk, "arrive", calls, order)


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="[CALL]... WHAT")
@pass_desk
def act(desk: Desk, words: tuple[str, ...]) -> Answer:
    """Record WHAT was done on the scene of CALL: inspect, warn, order, seize, demolish, repair …

    Example: whistle act 19 seize -m "two lorries held"
    """
    *calls, what = words
    if names.is_name(what):
        raise click.UsageError(say(_("Missing: {what}."), what="WHAT"))

    def order(unit: str) -> Order:
        return Act(unit=unit, act=folded(what), note=desk.note)

    return give(desk, "act", calls, order)


@click.command()
@named
@click.option(
    "--result", "--结果", default="fixed", show_default=True, type=Words(OUTCOMES),
    help="How it ended.",
)  # fmt: skip
@photo
@pass_desk
def finish(desk: Desk, calls: tuple[str, ...], result: Any, photos: tuple[str, ...]) -> Answer:
    """Finish CALL: the unit's part is done, and the commander is asked for release.

    Example: whistle finish 19 -m "pipe replaced"
    """
    evidence = digests(photos)

    def order(unit: str) -> Order:
        return Finish(unit=unit, result=result, note=desk.note, evidence=evidence)

    return give(desk, "finish", calls, order)


@click.command()
@named
@pass_desk
def leave(desk: Desk, calls: tuple[str, ...]) -> Answer:
    """Leave the scene of CALL: the town office releases units; a unit itself leaves on record.

    Examples: whistle leave 19 · whistle leave 19 --as jj -m "called to an accident"
    """
    if desk.units[desk.actor.speaks_for].commander:
        if not calls:
            raise click.UsageError(
                say(_("Say who may go: whistle leave 19, or 19/jj for one unit."))
            )
        found = names.town_calls(desk, calls, ["finished"])
        return give_all(desk, "leave", found, lambda unit: Release(unit=unit, note=desk.note))
    return give(desk, "leave", calls, lambda unit: Leave(unit=unit, reason=desk.note))

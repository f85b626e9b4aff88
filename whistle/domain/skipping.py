"""An event that a view cannot take may be left out of that view: said by the town, with the reason.

It stays in the record and in every figure, which are folded from the record itself; only the named
view goes on without it. The last word on an event and a view stands, so that it can be taken in
again when the program has learnt to.
"""

from collections.abc import Iterable
from typing import ClassVar, assert_never

import msgspec

from whistle.domain.aggregate import Aggregate
from whistle.domain.correction import Told
from whistle.domain.message import Event, Order
from whistle.domain.refusal import NotAllowed, Refused, _
from whistle.domain.surroundings import Surroundings

STREAM = "views"


class SkipRuled(Event, frozen=True):
    """The town said whether a view leaves an event out."""

    topic: ClassVar[str] = "view.skip_ruled/1"
    view: str
    seq: int  # of the event
    skip: bool  # left out; or taken in again
    why: str


class RuleSkip(Order, frozen=True):
    """Say whether a view leaves an event out, and why."""

    decided_by: ClassVar[str] = "view"
    view: str
    seq: int
    skip: bool
    why: str


class Skips(msgspec.Struct, frozen=True):
    """What is left out now: (view, seq)."""

    left_out: frozenset[tuple[str, int]] = frozenset()


START = Skips()


def decide(state: Skips, order: RuleSkip, around: Surroundings) -> list[Event]:
    """What follows from the order; it is the town's, and it has a reason."""
    if not around.by_commander:
        raise NotAllowed(
            _("Only the town office leaves an event out of a view, not {unit}."),
            rule="view.town_only",
            unit=around.actor.speaks_for,
        )
    if not order.why.strip():
        raise Refused(_("Say why, with --why."), rule="view.why")
    if order.skip is ((order.view, order.seq) in state.left_out):
        already = _("The view {view} leaves event {seq} out already.")
        never = _("The view {view} does not leave event {seq} out.")
        raise Refused(
            already if order.skip else never,
            rule="view.skip_stands",
            hint="whistle projection status",
            view=order.view,
            seq=order.seq,
        )
    why = order.why.strip()
    return [SkipRuled(at=around.at, view=order.view, seq=order.seq, skip=order.skip, why=why)]


def evolve(state: Skips, event: SkipRuled) -> Skips:
    """What an event makes of what is left out."""
    match event:
        case SkipRuled(view=view, seq=seq, skip=skip):
            one = {(view, seq)}
            return Skips(state.left_out | one if skip else state.left_out - one)
        case _:
            assert_never(event)


def left_out(history: Iterable[Told], view: str, until: int) -> frozenset[int]:
    """The events that a view leaves out, as it was said by a place in the log."""
    state = START
    for told in history:
        if told.seq <= until and isinstance(told.event, SkipRuled):
            state = evolve(state, told.event)
    return frozenset(seq for name, seq in state.left_out if name == view)


VIEW = Aggregate(
    kind="view",
    start=START,
    decide=decide,
    evolve=evolve,
)

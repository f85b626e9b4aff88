"""When this happens, that is ordered: pure, so that events in, orders out is the whole test.

Each kind of aggregate has a table of its own, its module `policies`. A refused reaction is put on
record beside its cause and never undoes it.
"""

from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from whistle.domain.message import Event, Order
from whistle.domain.taken_back import TakeBackToo, TakenBack

if TYPE_CHECKING:
    from whistle.domain.aggregate import Aggregate

REACTIONS_MAX = 200
"""Orders that may follow from one order; a policy that answers itself stops here, loudly."""


class ReactionRefused(Event, frozen=True):
    """A policy asked for something that the rules did not allow; a person should look."""

    topic: ClassVar[str] = "policy.reaction_refused/1"
    order: str
    stream: str  # of the aggregate that refused
    rule: str
    because: str


class Reaction(msgspec.Struct, frozen=True):
    """An order that a policy gives, and the stream it is given to."""

    stream: str
    order: Order


def react(aggregate: "Aggregate", event: Event, stream: str, state: Any) -> list[Reaction]:
    """The orders that an event of a stream calls for, given what the stream is after it.

    What was taken back counts no more in any stream that it had reached, of whatever kind.
    """
    if isinstance(event, TakenBack):
        return [Reaction(other, TakeBackToo(taken=event)) for other in event.streams]
    return aggregate.react(event, stream, state)

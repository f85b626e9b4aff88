"""Calls that reached nobody: in a column of their own with every attempt, never late.

A unit's clock starts when its call is delivered; until then the call is no row of the ledger.
"""

from operator import itemgetter
from typing import NamedTuple

from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.taken_back import TakenBack
from whistle.domain.whistle.delivery_events import (
    DeliveryAwaited,
    DeliveryPassedOn,
    DeliveryTried,
    UnitUnreachable,
)
from whistle.domain.whistle.events import CallEvent

ON_THE_WAY = (DeliveryAwaited, DeliveryTried, DeliveryPassedOn, UnitUnreachable)


class Attempt(NamedTuple):
    """One attempt to reach a unit, or whom its call went on to."""

    at: Instant
    channel: str  # empty: the clock passed it on
    to: str


class Unreached(NamedTuple):
    """A call that nobody of the unit has taken."""

    stream: str
    unit: str
    given_up: bool  # after every attempt; else somebody may still be reached
    attempts: tuple[Attempt, ...]


class Reaching:
    """The fold of all deliveries of a log: those on their way in its order, then what arrived."""

    def __init__(self) -> None:
        self._heard: list[tuple[int, tuple[str, str], CallEvent | None]] = []  # none: delivered
        self._awaited: set[tuple[str, str]] = set()
        self._gone: set[int] = set()

    def take(self, seq: int, stream: str, event: Event) -> None:
        """Take an event; what is about no delivery tells nothing."""
        if isinstance(event, TakenBack):
            self._gone.update(event.seqs)
        elif isinstance(event, ON_THE_WAY):
            if isinstance(event, DeliveryAwaited):
                self._awaited.add((stream, event.unit))
            self._heard.append((seq, (stream, event.unit), event))

    def delivered(self, seq: int, stream: str, unit: str) -> None:
        """Take that a call was delivered; of one that was never on its way it tells nothing."""
        if (stream, unit) in self._awaited:
            self._heard.append((seq, (stream, unit), None))

    def unreached(self) -> list[Unreached]:
        """The calls on their way to somebody, by whistle and unit."""
        found: dict[tuple[str, str], Unreached] = {}
        for seq, key, event in sorted(self._heard, key=itemgetter(0)):
            if seq in self._gone:
                continue
            match event:
                case None:
                    found.pop(key, None)
                case DeliveryAwaited():
                    found[key] = Unreached(*key, given_up=False, attempts=())
                case DeliveryTried(at=at, channel=channel, to=to) if key in found:
                    found[key] = _with(found[key], Attempt(at, channel, to))
                case DeliveryPassedOn(at=at, to=to) if key in found:
                    found[key] = _with(found[key], Attempt(at, "", to))
                case UnitUnreachable() if key in found:
                    found[key] = found[key]._replace(given_up=True)
        return [found[key] for key in sorted(found)]


def _with(call: Unreached, attempt: Attempt) -> Unreached:
    return call._replace(attempts=(*call.attempts, attempt))

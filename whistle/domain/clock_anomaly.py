"""The server's clock did something a clock should not: told by the log, settled by the town.

What was recorded under a clock that stepped back or leapt stays out of all figures until a leader
has said whether that clock was right (decision 0007): nobody's score turns on a broken machine.

state       order    what follows
any         settle   settled: the clock was right, and what it stamped counts; or it was wrong, and
                     what it stamped stays out for good. The last word on an anomaly stands.
"""

from typing import ClassVar, assert_never

import msgspec

from whistle.domain.aggregate import Aggregate
from whistle.domain.message import Event, Order
from whistle.domain.moment import Instant
from whistle.domain.refusal import NotAllowed, NotFound, Refused, _
from whistle.domain.register import Entry
from whistle.domain.surroundings import Surroundings

STREAM = "clock"


class ClockAnomaly(Event, frozen=True):
    """The server's clock stepped back, or leapt, against what was already recorded."""

    topic: ClassVar[str] = "clock.anomaly/1"
    last_recorded_at: Instant

    @property
    def stepped_back(self) -> bool:
        """Whether the clock went back; else it leapt forward."""
        return self.at < self.last_recorded_at


class ClockSettled(Event, frozen=True):
    """The town said whether the clock of an anomaly was right."""

    topic: ClassVar[str] = "clock.settled/1"
    number: int  # of the anomaly, from 1
    right: bool
    reason: str


class SettleClock(Order, frozen=True):
    """Say whether the clock of an anomaly was right, and how that is known."""

    decided_by: ClassVar[str] = "clock"
    number: int
    right: bool
    reason: str


class Anomalies(msgspec.Struct, frozen=True):
    """Each anomaly's verdict, in order: none while nobody has settled it."""

    verdicts: tuple[bool | None, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether none waits for a verdict."""
        return None not in self.verdicts


START = Anomalies()


def decide(state: Anomalies, order: SettleClock, around: Surroundings) -> list[Event]:
    """What follows from a verdict; it is the town's, and it has a reason."""
    if not around.by_commander:
        raise NotAllowed(
            _("Only the town office settles a clock anomaly, not {unit}."),
            rule="clock.town_only",
            unit=around.actor.speaks_for,
        )
    if not 1 <= order.number <= len(state.verdicts):
        raise NotFound(
            _("There is no clock anomaly {number}."),
            hint="whistle clock anomalies",
            number=order.number,
        )
    if not order.reason.strip():
        raise Refused(_("Say how it is known, with -m."), rule="clock.reason")
    return [ClockSettled(at=around.at, number=order.number, right=order.right, reason=order.reason)]


def evolve(state: Anomalies, event: ClockAnomaly | ClockSettled) -> Anomalies:
    """What an event makes of the verdicts."""
    match event:
        case ClockAnomaly():
            return Anomalies((*state.verdicts, None))
        case ClockSettled(number=number, right=right):
            verdicts = list(state.verdicts)
            verdicts[number - 1] = right
            return Anomalies(tuple(verdicts))
        case _:
            assert_never(event)


def line(stream: str, state: Anomalies, _due: Instant | None) -> Entry:
    """Whether the server's clock is doubted."""
    return Entry(stream=stream, kind="clock", stage="vouched" if state.settled else "doubted")


CLOCK = Aggregate(
    kind="clock",
    start=START,
    decide=decide,
    evolve=evolve,
    line=line,
)

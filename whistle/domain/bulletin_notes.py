"""What is noted of calls in a month beside their times: objections, breaches, marks, and why a
call counts nowhere.

What was corrected, taken back or voided since is as it counts now; what happened after the month
is another month's. A call that the town withdrew, and one that is kept out of all figures, leaves
only that one note.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, get_args

from whistle.domain.facts import AssignmentKey
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.month import Month
from whistle.domain.whistle.changes import CallWithdrawn, UnitAdded
from whistle.domain.whistle.delivery_events import DeliveryAwaited, UnitUnreachable
from whistle.domain.whistle.events import (
    CallDelivered,
    CallEvent,
    Declined,
    LeftEarly,
    Overdue,
    OverdueVoided,
    ReworkOrdered,
    Supervised,
    UnitEvaluated,
    WhistleBlown,
    WhistleRated,
)

Call = tuple[str, str]
"""A whistle's stream, and the unit it calls."""

Apart = Literal["withdrawn", "unreachable", "on_the_way", "clock", "contested"]
"""Why a call counts nowhere: taken back; delivered to nobody, in vain or not yet; kept out for a
clock that nobody vouches for, or for a time that is contested."""

Noted = (
    Literal["declined", "left_early", "reworks", "overdue", "yellow", "red", "mark", "rating"]
    | Apart
)

NOTING = (
    WhistleBlown | UnitAdded | CallDelivered | CallWithdrawn | DeliveryAwaited | UnitUnreachable
    | Declined | LeftEarly | ReworkOrdered | Overdue | Supervised | OverdueVoided | UnitEvaluated
    | WhistleRated
)  # fmt: skip
"""The events that are noted here."""

APART: tuple[Apart, ...] = get_args(Apart)


class Note(NamedTuple):
    """One thing that a unit's month holds."""

    unit: str
    what: Noted
    score: int = 0  # of a mark


class Notes(NamedTuple):
    """The notes of a month, and the calls that the town withdrew, whenever it did."""

    notes: list[Note]
    withdrawn: frozenset[Call]


def notes(
    month: Month,
    told: Iterable[tuple[str, Event]],
    kept_out: Mapping[AssignmentKey, Literal["clock", "contested"]],
) -> Notes:
    """The notes of a month, from the events of a whole log as they count, each with its stream."""
    ways = _Ways()
    said: dict[tuple[object, ...], tuple[Call, Note]] = {}
    again: dict[Call, Instant] = {}  # a clock that runs again says so in the month of the rework
    for stream, event in told:
        ways.take(stream, event)
        if not isinstance(event, CallEvent):
            continue
        call = (stream, event.unit)
        if isinstance(event, ReworkOrdered):
            again[call] = event.at
        if isinstance(event, OverdueVoided):
            said.pop((call, event.clock, event.level, event.due), None)
        elif month.holds(max(event.at, again.get(call, event.at))) and (what := _what(event)):
            if isinstance(event, UnitEvaluated | WhistleRated):  # the last one of a call counts
                said[call, what] = (call, Note(event.unit, what, event.score))
            else:
                clock = getattr(event, "clock", "")
                said[call, clock, what, event.at] = (call, Note(event.unit, what))
    reasons = {(key[1], key[2]): why for key, why in kept_out.items()}
    aside = ways.withdrawn | reasons.keys()
    found = [note for call, note in said.values() if call not in aside]
    return Notes([*found, *ways.apart(month, reasons)], frozenset(ways.withdrawn))


def _what(event: CallEvent) -> Noted | None:
    match event:
        case Declined():
            return "declined"
        case LeftEarly():
            return "left_early"
        case ReworkOrdered():
            return "reworks"
        case Overdue():
            return "overdue"
        case Supervised(level=level):
            return level
        case UnitEvaluated():
            return "mark"
        case WhistleRated():
            return "rating"
        case _:
            return None


class _Ways:
    """How far each call came on its way to its unit."""

    def __init__(self) -> None:
        self.called: dict[Call, Instant] = {}
        self.delivered: dict[Call, Instant] = {}
        self.given_up: dict[Call, Instant] = {}
        self.withdrawn: set[Call] = set()

    def take(self, stream: str, event: Event) -> None:
        """Take an event in the order of the log."""
        match event:
            case WhistleBlown(at=at, summons=summons):
                self.called.update({(stream, each.unit): at for each in summons})
            case UnitAdded(at=at, unit=unit):
                self.called[stream, unit] = at
            case CallDelivered(at=at, unit=unit):
                self.delivered[stream, unit] = at
            case UnitUnreachable(at=at, unit=unit):
                self.given_up[stream, unit] = at
            case CallWithdrawn(unit=unit):
                self.withdrawn.add((stream, unit))
            case _:
                pass

    def apart(
        self, month: Month, kept_out: Mapping[Call, Literal["clock", "contested"]]
    ) -> Iterable[Note]:
        """A note for each call of the month that counts nowhere."""
        for call, at in self.called.items():
            delivered = self.delivered.get(call, month.end)
            if call in self.withdrawn:
                if month.holds(at):
                    yield Note(call[1], "withdrawn")
            elif call in kept_out and month.holds(delivered):
                yield Note(call[1], kept_out[call])
            elif delivered < month.end:
                continue
            elif month.holds(self.given_up.get(call)):
                yield Note(call[1], "unreachable")
            elif month.holds(at):
                yield Note(call[1], "on_the_way")

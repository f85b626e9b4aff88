"""A whistle calls several units to one incident at once; each answers for its own call.

    Silent --blow--> Requested --approve--> Sounding ... every call done ... Sounding, ended
       |              |  |  +--turn down--> TurnedDown            |              |
       |              |  +--withdraw--> CalledOff                 +---- rework --+
       |              +--approve, set for later--> Scheduled --its time--> Sounding
       +--blow, in an emergency --------------------------------------------^

Before any order is decided, the engine records what the clocks owed at that instant; after it,
what they had said too early is voided, and a whistle with no open call ends.
"""

from typing import assert_never

from whistle.domain.aggregate import Aggregate
from whistle.domain.message import Event, HearClock
from whistle.domain.moment import Instant
from whistle.domain.surroundings import Surroundings
from whistle.domain.whistle import (
    approval,
    call,
    changing,
    clocks,
    closing,
    confirming,
    delivery,
    issue,
    joined,
    policies,
    standing,
)
from whistle.domain.whistle.approval import ApprovalOrder
from whistle.domain.whistle.call import CallOrder
from whistle.domain.whistle.changes import CameDue
from whistle.domain.whistle.changing import ChangeOrder
from whistle.domain.whistle.closing import ClosingOrder
from whistle.domain.whistle.delivery import DeliveryOrder
from whistle.domain.whistle.events import WhistleEnded
from whistle.domain.whistle.evolving import WhistleEvent
from whistle.domain.whistle.evolving import followed as evolve
from whistle.domain.whistle.issue import IssueOrder
from whistle.domain.whistle.joined import NoteTeam
from whistle.domain.whistle.state import Scheduled, Silent, Sounding, WhistleState
from whistle.domain.whistle.telling import told

WhistleOrder = (
    IssueOrder
    | ApprovalOrder
    | ChangeOrder
    | DeliveryOrder
    | CallOrder
    | ClosingOrder
    | NoteTeam
    | HearClock
)

START: WhistleState = Silent()


def decide(state: WhistleState, order: WhistleOrder, around: Surroundings) -> list[Event]:
    """What follows from an order; each sub-process has its own table."""
    match order:
        case HearClock():
            return []  # what the stream owed is recorded before any order is decided
        case IssueOrder():
            return issue.decide(state, order, around)
        case ApprovalOrder():
            return approval.decide(state, order, around)
        case ChangeOrder():
            return changing.decide(state, order, around)
        case DeliveryOrder():
            return delivery.decide(state, order, around)
        case CallOrder():
            return call.decide(state, order, around)
        case ClosingOrder():
            return closing.decide(state, order, around)
        case NoteTeam():
            return joined.decide(state, order, around)
        case _:
            assert_never(order)


def owed(state: WhistleState, at: Instant) -> list[Event]:
    """What the whistle's clocks owe before an order that was received at `at`, in due order."""
    said = [clocks.said(each) for each in clocks.owed(state, before=at)]
    beside = [each for each in _beside(state) if each.at < at]
    return sorted([*said, *beside], key=lambda each: each.at)


def _beside(state: WhistleState) -> list[Event]:
    """What time brings beside the calls' clocks: a leader's word, a delivery, its own hour."""
    return [*confirming.owed(state), *delivery.owed(state), *_coming(state)]


def _coming(state: WhistleState) -> list[Event]:
    """The time that was set for it; a policy lets it sound then."""
    match state:
        case Scheduled(on=on, came_due=False):
            return [CameDue(at=on)]
        case _:
            return []


def settle(state: WhistleState, at: Instant) -> list[Event]:
    """What follows by itself from where the whistle stands now."""
    events = [*clocks.voided(state, at), *confirming.voided(state, at)]
    match state:
        case Sounding(ended=False) if delivery.over(state.calls.values()):
            events.append(WhistleEnded(at=at))
        case _:
            pass
    return events


def next_due(state: WhistleState) -> Instant | None:
    """When the whistle's clocks speak next, if nothing more happens."""
    coming = [each.at for each in _beside(state)]
    if (first := clocks.next_due(state)) is not None:
        coming.append(first)
    return min(coming, default=None)


WHISTLE = Aggregate(
    kind="whistle",
    start=START,
    decide=decide,
    evolve=evolve,
    owed=owed,
    settle=settle,
    next_due=next_due,
    told=told,
    react=policies.react,
    case=standing.case,
    line=standing.line,
    duties=standing.duties,
    offered=standing.offered,
    clock_changes=standing.clock_changes,
)

__all__ = [
    "START", "WHISTLE", "NoteTeam", "WhistleEvent", "WhistleOrder", "decide", "evolve", "next_due",
    "owed", "settle",
]  # fmt: skip

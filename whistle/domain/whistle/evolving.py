"""How each event moves a whistle; history cannot be refused, so nothing here says no."""

from typing import assert_never

import msgspec

from whistle.domain.correction import Corrected
from whistle.domain.taken_back import TakenBack
from whistle.domain.whistle import confirming
from whistle.domain.whistle.changes import (
    CameDue,
    ConfirmationOverdue,
    NeedRaised,
    TownEvent,
    UnitAdded,
    WhistleAmended,
    WhistleApproved,
    WhistleScheduled,
    WhistleWithdrawn,
)
from whistle.domain.whistle.confirming import ConfirmingHistory
from whistle.domain.whistle.delivery_events import DeliveryPassedOn, UnitUnreachable
from whistle.domain.whistle.events import (
    ApprovalRefused,
    Assembled,
    CallEvent,
    DueSoon,
    Overdue,
    ReworkOrdered,
    Supervised,
    TeamNoted,
    UndoAsked,
    WhistleBlown,
    WhistleEnded,
    WhistleRequested,
)
from whistle.domain.whistle.moving import CallHistory, moved
from whistle.domain.whistle.state import (
    Call,
    CalledOff,
    Need,
    Requested,
    Scheduled,
    Silent,
    Sounding,
    TeamThere,
    TurnedDown,
    WhistleState,
)

Issued = WhistleRequested | WhistleScheduled | WhistleApproved | ApprovalRefused | CameDue
Changed = WhistleWithdrawn | WhistleAmended | UnitAdded | NeedRaised | Assembled | WhistleEnded
WhistleEvent = (
    Issued
    | WhistleBlown
    | ConfirmingHistory
    | Changed
    | TeamNoted
    | Corrected
    | TakenBack
    | CallHistory
)

change = msgspec.structs.replace


BUILDS_NOTHING = (
    DueSoon, Overdue, Supervised, DeliveryPassedOn, UnitUnreachable, ConfirmationOverdue, UndoAsked,
    TakenBack,
)  # fmt: skip
"""What the clock says, the wish itself, what is gone: no act asked back is built on by these."""


def followed(state: WhistleState, event: WhistleEvent) -> WhistleState:
    """What an event makes of the whistle, and of what was asked back before it."""
    after = evolve(state, event)
    if not isinstance(after, Sounding) or isinstance(event, BUILDS_NOTHING):
        return after
    units = event.concerns() or tuple(after.calls)
    calls = [after.calls[unit] for unit in units if unit in after.calls]
    if not any(call.undo_asked for call in calls):
        return after
    # somebody went on from there: what was asked back stays, and nobody is asked to agree
    lapsed = {call.unit: change(call, undo_asked={}) for call in calls}
    return change(after, calls={**after.calls, **lapsed})


def evolve(state: WhistleState, event: WhistleEvent) -> WhistleState:
    """What an event by itself makes of the whistle."""
    match event, state:
        case WhistleBlown(), _:
            return _blown(event, state)
        case (
            (
                WhistleRequested()
                | WhistleScheduled()
                | WhistleApproved()
                | ApprovalRefused()
                | CameDue()
            ),
            _,
        ):
            return _issued(state, event)
        case TownEvent(), Scheduled() | Sounding():
            return change(state, confirming=confirming.moved(state.confirming, event))
        case (
            (
                WhistleWithdrawn()
                | WhistleAmended()
                | UnitAdded()
                | NeedRaised()
                | Assembled()
                | WhistleEnded()
            ),
            _,
        ):
            return _on(state, event) if isinstance(state, Sounding) else _before(state, event)
        case TeamNoted(), Sounding():
            return change(state, teams={**state.teams, event.team: _there(event)})
        case CallEvent(), Sounding() if event.unit in state.calls:
            return _called(state, event)
        case _, Silent() | Requested() | Scheduled() | TurnedDown() | CalledOff() | Sounding():
            return state  # also what no whistle ever heard of: an order given to a wrong stream
        case _:
            assert_never(state)


def _issued(state: WhistleState, event: Issued) -> WhistleState:
    match event, state:
        case WhistleRequested(), _:
            return _requested(event)
        case WhistleScheduled(on=on, approval="required"), Requested():
            return change(state, on=on)
        case WhistleScheduled(on=on), Requested():
            return Scheduled(asked=state, on=on)
        case WhistleApproved(by_person=leader), Requested(on=int(on)):
            return Scheduled(asked=state, on=on, approved_by=leader)
        case ApprovalRefused(), Requested() | Scheduled():
            return TurnedDown(incident=state.incident, incident_name=state.incident_name)
        case CameDue(), Scheduled():
            return change(state, came_due=True)
        case _:
            return state


def _before(state: WhistleState, event: Changed) -> WhistleState:
    """A whistle that does not sound (yet) is called off, or says something else."""
    match event, state:
        case WhistleWithdrawn(), Requested() | Scheduled():
            return CalledOff(incident=state.incident, incident_name=state.incident_name)
        case WhistleAmended(), Requested():
            return change(state, **_said_anew(event))
        case WhistleAmended(), Scheduled():
            return change(state, asked=change(state.asked, **_said_anew(event)))
        case _:
            return state


def _on(state: Sounding, event: Changed) -> Sounding:
    match event:
        case WhistleWithdrawn():
            # work that was finished before is still released and verified: it ends as any other
            return change(state, ended=state.ended or state.withdrawn)
        case WhistleAmended():
            calls = {
                unit: change(call, changed=True) if unit in event.units else call
                for unit, call in state.calls.items()
            }
            return change(state, calls=calls, **_said_anew(event))
        case UnitAdded():
            calls = {**state.calls, event.unit: Call(unit=event.unit, duty=event.duty)}
            needs = {
                nr: change(need, answered=True) if nr == event.need else need
                for nr, need in state.needs.items()
            }
            return change(state, calls=calls, needs=needs)
        case NeedRaised():
            return _needing(state, event)
        case Assembled():
            return change(state, assembled=True)
        case WhistleEnded():
            return change(state, ended=True)
        case _:
            assert_never(event)


def _needing(state: Sounding, event: NeedRaised) -> Sounding:
    """The call for more is open, unless it asks a unit that is called already: that one is told."""
    told = event.wanted in state.calls
    need = Need(
        unit=event.unit,
        what=event.what,
        quantity=event.quantity,
        wanted=event.wanted,
        answered=told,
    )
    calls = dict(state.calls)
    if told:
        calls[event.wanted] = change(calls[event.wanted], changed=True)
    return change(state, calls=calls, needs={**state.needs, event.nr: need})


def _said_anew(event: WhistleAmended) -> dict[str, str]:
    said = {"place": event.place, "ground": event.ground, "note": event.note}
    return {name: text for name, text in said.items() if text is not None}


def _called(state: Sounding, event: CallHistory) -> Sounding:
    calls = {**state.calls, event.unit: moved(state.calls[event.unit], event)}
    ended = state.ended and not isinstance(event, ReworkOrdered)
    return change(state, calls=calls, ended=ended)


def _requested(event: WhistleRequested) -> Requested:
    return Requested(
        incident=event.incident,
        incident_name=event.incident_name,
        kind=event.kind,
        ground=event.ground,
        item=event.item,
        place=event.place,
        summons=event.summons,
        unfilled=event.unfilled,
        note=event.note,
    )


def _blown(event: WhistleBlown, before: WhistleState) -> Sounding:
    return Sounding(
        name=event.name,
        incident=event.incident,
        incident_name=event.incident_name,
        kind=event.kind,
        item=event.item,
        place=event.place,
        ground=event.ground,
        note=event.note,
        calls={each.unit: Call(unit=each.unit, duty=each.duty) for each in event.summons},
        confirming=before.confirming if isinstance(before, Scheduled) else None,
    )


def _there(event: TeamNoted) -> TeamThere:
    return TeamThere(
        name=event.name, standing=event.standing, heads=event.heads, present=event.present
    )

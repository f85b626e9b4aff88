"""How each event moves a whistle; history cannot be refused, so nothing here says no."""

from typing import assert_never

import msgspec

from whistle.domain.correction import Corrected
from whistle.domain.playbook import ClockName
from whistle.domain.taken_back import TakenBack
from whistle.domain.whistle import delivery
from whistle.domain.whistle.delivery_events import (
    DeliveryAwaited,
    DeliveryEvent,
    DeliveryPassedOn,
    DeliveryTaken,
    DeliveryTried,
    UnitUnreachable,
)
from whistle.domain.whistle.events import (
    Acknowledged,
    Acted,
    ApprovalRefused,
    Arrived,
    Assembled,
    CallDelivered,
    Declined,
    Departed,
    DueSoon,
    Finished,
    LeftEarly,
    Level,
    Overdue,
    OverdueVoided,
    Released,
    ReworkOrdered,
    Supervised,
    TeamNoted,
    UndoAsked,
    UnitEvaluated,
    WhistleBlown,
    WhistleEnded,
    WhistleRated,
    WhistleRequested,
)
from whistle.domain.whistle.state import (
    STOPPED_BY,
    Call,
    Clock,
    Requested,
    Silent,
    Sounding,
    TeamThere,
    TurnedDown,
    WhistleState,
)
from whistle.domain.whistle.telling import after
from whistle.domain.whistle.told_events import (
    ActTold,
    ToldConfirmed,
    ToldContested,
    ToldEvent,
    ToldRuled,
)

CallHistory = (
    CallDelivered
    | Acknowledged
    | Declined
    | Departed
    | Arrived
    | Acted
    | Finished
    | Released
    | LeftEarly
    | ReworkOrdered
    | UnitEvaluated
    | WhistleRated
    | DueSoon
    | Overdue
    | Supervised
    | OverdueVoided
    | UndoAsked
    | ToldEvent
    | DeliveryEvent
)
WhistleEvent = (
    WhistleRequested
    | ApprovalRefused
    | WhistleBlown
    | Assembled
    | WhistleEnded
    | TeamNoted
    | Corrected
    | TakenBack
    | CallHistory
)

change = msgspec.structs.replace


def evolve(state: WhistleState, event: WhistleEvent) -> WhistleState:
    """What an event makes of the whistle."""
    match event, state:
        case WhistleRequested(), _:
            return _requested(event)
        case ApprovalRefused(), Requested():
            return TurnedDown(incident=state.incident, incident_name=state.incident_name)
        case WhistleBlown(), _:
            return _blown(event)
        case Assembled(), Sounding():
            return change(state, assembled=True)
        case WhistleEnded(), Sounding():
            return change(state, ended=True)
        case TeamNoted(), Sounding():
            return change(state, teams={**state.teams, event.team: _there(event)})
        case ApprovalRefused() | Assembled() | WhistleEnded() | TeamNoted(), _:
            return state
        case Corrected() | TakenBack(), _:
            return state
        case _, Sounding() if event.unit in state.calls:
            moved = _moved(state.calls[event.unit], event)
            ended = state.ended and not isinstance(event, ReworkOrdered)
            return change(state, calls={**state.calls, event.unit: moved}, ended=ended)
        case _, Silent() | Requested() | TurnedDown() | Sounding():
            return state
        case _:
            assert_never(state)


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


def _blown(event: WhistleBlown) -> Sounding:
    return Sounding(
        name=event.name,
        incident=event.incident,
        incident_name=event.incident_name,
        kind=event.kind,
        item=event.item,
        place=event.place,
        calls={each.unit: Call(unit=each.unit, duty=each.duty) for each in event.summons},
    )


def _there(event: TeamNoted) -> TeamThere:
    return TeamThere(
        name=event.name, standing=event.standing, heads=event.heads, present=event.present
    )


def _moved(call: Call, event: CallHistory) -> Call:
    match event:
        case CallDelivered():
            clocks = {each.clock: Clock(started=each, at=event.at) for each in event.clocks}
            return change(call, delivered=event.at, clocks=clocks)
        case DueSoon():
            return _fired(call, event.clock, "warn", event)
        case Overdue():
            return _fired(call, event.clock, "overdue", event)
        case Supervised():
            return _fired(call, event.clock, event.level, event)
        case OverdueVoided():
            return _taken_back(call, event)
        case UnitEvaluated():
            return change(call, score=event.score)
        case WhistleRated():
            return change(call, rating=event.score)
        case (
            DeliveryAwaited()
            | DeliveryTried()
            | DeliveryTaken()
            | DeliveryPassedOn()
            | UnitUnreachable()
        ):
            return delivery.moved(call, event)
        case ActTold() | ToldConfirmed() | ToldContested() | ToldRuled():
            return change(call, tellings=after(call.tellings, event))
        case UndoAsked(seq=seq, asked=asked):
            return change(call, undo_asked={**call.undo_asked, seq: asked})
        case _:
            return _stopped(_acted(call, event))


def _acted(
    call: Call,
    event: Acknowledged
    | Declined
    | Departed
    | Arrived
    | Acted
    | Finished
    | Released
    | LeftEarly
    | ReworkOrdered,
) -> Call:
    match event:
        case Acknowledged():
            return change(call, stage="acknowledged", acknowledged=event.at, eta=event.eta)
        case Declined():
            return change(call, stage="declined", declined=event.at)
        case Departed():
            return change(call, stage="on_way")
        case Arrived():
            return change(call, stage="on_scene", arrived=event.at)
        case Acted():
            return change(call, acted=call.acted if call.acted is not None else event.at)
        case Finished():
            return change(call, stage="finished", finished=event.at)
        case Released():
            return change(call, stage="released")
        case LeftEarly():
            return change(call, left_early=event.at)
        case ReworkOrdered():
            return change(call, stage="on_scene", finished=None, reworks=call.reworks + 1)
        case _:
            assert_never(event)


def _fired(
    call: Call, name: ClockName, level: Level, event: DueSoon | Overdue | Supervised
) -> Call:
    clock = call.clocks.get(name)
    if clock is None:
        return call
    fired = (*clock.fired, (level, event.at))
    return change(call, clocks={**call.clocks, name: change(clock, fired=fired)})


def _taken_back(call: Call, event: OverdueVoided) -> Call:
    clock = call.clocks.get(event.clock)
    if clock is None:
        return call
    fired = tuple(said for said in clock.fired if said[0] != event.level)
    return change(call, clocks={**call.clocks, event.clock: change(clock, fired=fired)})


def _stopped(call: Call) -> Call:
    """The call with every clock stopped by the first act that answers it."""
    if not call.clocks:
        return call
    clocks: dict[ClockName, Clock] = {}
    for name, clock in call.clocks.items():
        acts = [getattr(call, act) for act in STOPPED_BY[name]]
        stopped = min((act for act in acts if act is not None), default=None)
        clocks[name] = clock if clock.stopped == stopped else change(clock, stopped=stopped)
    return change(call, clocks=clocks)

"""How each event moves one unit's call and its clocks."""

from typing import assert_never

import msgspec

from whistle.domain.playbook import ClockName
from whistle.domain.whistle import delivery
from whistle.domain.whistle.changes import CallWithdrawn
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
    Arrived,
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
    UndoAsked,
    UnitEvaluated,
    WhistleRated,
)
from whistle.domain.whistle.state import STOPPED_BY, Call, Clock
from whistle.domain.whistle.telling import after
from whistle.domain.whistle.told_events import (
    ActTold,
    ToldConfirmed,
    ToldContested,
    ToldEvent,
    ToldRuled,
)

Act = (
    Acknowledged
    | Declined
    | Departed
    | Arrived
    | Acted
    | Finished
    | Released
    | LeftEarly
    | ReworkOrdered
    | CallWithdrawn
)
CallHistory = (
    CallDelivered
    | Act
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
BY_TOWN = (Released, ReworkOrdered, CallWithdrawn)
"""Acts upon a call that are not its unit's own: they do not show that it has seen anything."""

change = msgspec.structs.replace


def moved(call: Call, event: CallHistory) -> Call:
    """What an event makes of a call."""
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
            acted = _stopped(_acted(call, event))
            return acted if isinstance(event, BY_TOWN) else change(acted, changed=False)


def _acted(call: Call, event: Act) -> Call:
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
        case CallWithdrawn():
            return change(call, stage="withdrawn", withdrawn=event.at)
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

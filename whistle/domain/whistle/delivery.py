"""Delivery (送达): when a call counts as received, and who is told when nobody takes it.

unit reads the inbox     delivered as the whistle is blown, in the same transaction
reached by phone only    awaited; the town calls a named person, and its clocks start then

call       order     what follows
awaited    deliver   delivered to a person of the unit: its clocks start
awaited    try       the attempt is on record
awaited    any act   of the unit itself: delivered first, for it has been reached
awaited    (time)    passed on to the stand-in, the leader, the county; then unreachable
"""

from collections.abc import Iterable
from typing import ClassVar, Literal

import msgspec

from whistle.domain.message import Event, Order
from whistle.domain.playbook import Kind
from whistle.domain.refusal import NotAllowed, NotFound, Refused, _
from whistle.domain.surroundings import Surroundings
from whistle.domain.whistle import clocks
from whistle.domain.whistle.delivery_events import (
    DeliveryAwaited,
    DeliveryEvent,
    DeliveryPassedOn,
    DeliveryTaken,
    DeliveryTried,
    Line,
    Passing,
    UnitUnreachable,
)
from whistle.domain.whistle.events import CallDelivered, ClockStarted, Summons
from whistle.domain.whistle.state import Call, Sounding, WhistleState
from whistle.domain.whistle.telling import check_named


class DeliveryOrder(Order, frozen=True):
    """An order about getting a call to a unit."""

    decided_by: ClassVar[str] = "whistle"

    unit: str
    to: str  # a person of its register, or a duty name
    channel: Line = "phone"


class Deliver(DeliveryOrder, frozen=True):
    """Somebody of the unit was told."""


class TryDelivery(DeliveryOrder, frozen=True):
    """Somebody of the unit was called, and nobody answered."""


def at_blow(kind: Kind, item: str, summons: Iterable[Summons], around: Surroundings) -> list[Event]:
    """How the calls reach their units as the whistle sounds: at once, unless only by phone."""
    started = clocks.start(kind, around.playbook.items.get(item), around)
    return [
        _delivered(each.unit, "inbox", started, around)
        if around.units[each.unit].reached == "inbox"
        else _awaited(each.unit, around)
        for each in summons
    ]


def _awaited(unit: str, around: Surroundings) -> DeliveryAwaited:
    rules = around.playbook.delivery
    owed = [
        Passing(rung.to, clocks.reckoned(around, around.at, rung.after)[0], f"delivery.{rung.to}")
        for rung in rules.rungs
    ]
    if rules.unreachable_after is not None:
        due, _provisional = clocks.reckoned(around, around.at, rules.unreachable_after)
        owed.append(Passing("nobody", due, "delivery.unreachable_after"))
    return DeliveryAwaited(at=around.at, unit=unit, owed=tuple(owed))


def by_acting(whistle: Sounding, call: Call, around: Surroundings) -> list[Event]:
    """A unit that acts has been reached, whoever told it."""
    if not call.undelivered:
        return []
    if whistle.ended:
        raise ended(whistle)
    channel = around.actor.mouth or ("phone" if around.actor.behalf else "inbox")
    return [_delivered(call.unit, channel, _clocks(whistle, around), around)]


def decide(state: WhistleState, order: DeliveryOrder, around: Surroundings) -> list[Event]:
    """What follows from an order to deliver."""
    if not isinstance(state, Sounding) or order.unit not in state.calls:
        raise NotFound(
            _("{unit} has no call here."), hint=_("see your calls: whistle inbox"), unit=order.unit
        )
    if not around.by_commander:
        raise NotAllowed(
            _("Only the town office delivers a call, not {unit}."),
            rule="deliver.town_only",
            unit=around.actor.speaks_for,
        )
    call = state.calls[order.unit]
    if not call.undelivered:
        raise Refused(
            _("{name} is delivered already."),
            rule="deliver.once",
            hint="whistle show {name}",
            name=f"{state.name}/{order.unit}",
        )
    if state.ended:
        raise ended(state)
    check_named(order.to, around.units[order.unit], "deliver.person")
    if isinstance(order, Deliver):
        told = _delivered(order.unit, order.channel, _clocks(state, around), around)
        taken = DeliveryTaken(at=around.at, unit=order.unit, channel=order.channel, to=order.to)
        return [told, taken]
    return [DeliveryTried(at=around.at, unit=order.unit, channel=order.channel, to=order.to)]


def ended(whistle: Sounding) -> Refused:
    """The refusal of what comes too late for a whistle that is over."""
    return Refused(
        _("{name} has ended."),
        rule="change.ended",
        hint=_("blow another one: whistle blow {incident}"),
        name=whistle.name,
        incident=whistle.incident_name,
    )


def _clocks(whistle: Sounding, around: Surroundings) -> tuple[ClockStarted, ...]:
    return clocks.start(whistle.kind, around.playbook.items.get(whistle.item), around)


def _delivered(
    unit: str,
    channel: Line | Literal["inbox"],
    started: tuple[ClockStarted, ...],
    around: Surroundings,
) -> CallDelivered:
    return CallDelivered(
        at=around.at,
        unit=unit,
        channel=channel,
        clocks=started,
        playbook=around.playbook.digest,
        calendar=around.calendar_digest,
    )


def owed(state: WhistleState) -> list[Event]:
    """What an untaken delivery leads to as time goes on, in due order."""
    if not isinstance(state, Sounding) or state.ended:
        return []
    found = [
        _passed(call, each)
        for call in state.calls.values()
        if call.undelivered
        for each in call.awaited
        if each.to not in call.passed
    ]
    return sorted(found, key=lambda event: event.at)


def _passed(call: Call, passing: Passing) -> Event:
    if passing.to == "nobody":
        attempts = call.tries
        return UnitUnreachable(at=passing.due, unit=call.unit, attempts=attempts, rule=passing.rule)
    return DeliveryPassedOn(at=passing.due, unit=call.unit, to=passing.to, rule=passing.rule)


def moved(call: Call, event: DeliveryEvent) -> Call:
    """What an event on the way to the unit makes of its call."""
    change = msgspec.structs.replace
    match event:
        case DeliveryAwaited(owed=owed):
            return change(call, awaited=owed, awaiting=True)
        case DeliveryTaken():
            return call
        case DeliveryTried():
            return change(call, tries=call.tries + 1)
        case DeliveryPassedOn(to=to):
            return change(call, passed=(*call.passed, to))
        case UnitUnreachable():
            return change(call, passed=(*call.passed, "nobody"))


def over(calls: Iterable[Call]) -> bool:
    """Whether nothing more is awaited: every call is done, or its unit could not be reached.

    A whistle that reached nobody at all goes on sounding.
    """
    every = list(calls)
    return any(call.done for call in every) and all(call.done or call.unreachable for call in every)

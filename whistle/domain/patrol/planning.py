"""Before the first stop: a plan, and setting out with one or without.

state              order             what follows
no patrol          plan              planned
no patrol          start unplanned   out
planned | missed   start             out; a start after the slot leaves the miss on record
planned            call off          called off, by the town; it is never missed
out                start             whoever says so, and who is with them, has joined
"""

from typing import ClassVar

from whistle.domain.message import Event, Order
from whistle.domain.moment import Instant
from whistle.domain.patrol.events import (
    PatrolCalledOff,
    PatrolJoined,
    PatrolPlanned,
    PatrolStarted,
    PatrolStartedUnplanned,
    Stop,
    Walker,
)
from whistle.domain.patrol.guards import known, not_now, of_route, speaker
from whistle.domain.patrol.state import NoPatrol, Patrol, PatrolState, together
from whistle.domain.refusal import NotAllowed, Refused, _
from whistle.domain.surroundings import Surroundings


class PlanningOrder(Order, frozen=True):
    """An order that plans a patrol or lets it set out."""

    decided_by: ClassVar[str] = "patrol"


class PlanPatrol(PlanningOrder, frozen=True):
    """Plan a patrol: its stops in order, its slot, who walks (nobody named: who plans it)."""

    series: ClassVar[str] = "P"
    route: tuple[Stop, ...]
    begins: Instant
    ends: Instant
    walkers: tuple[Walker, ...] = ()
    reason: str = ""


class CallPatrolOff(PlanningOrder, frozen=True):
    """Nobody is to walk it: bad weather, everybody at a whistle."""

    reason: str


class StartPatrol(PlanningOrder, frozen=True):
    """Set out on a planned patrol, or join one that is under way."""

    company: tuple[Walker, ...] = ()


class StartUnplanned(PlanningOrder, frozen=True):
    """Set out without a plan."""

    series: ClassVar[str] = "P"
    route: tuple[Stop, ...] = ()
    company: tuple[Walker, ...] = ()
    reason: str = ""


def decide(state: PatrolState, order: PlanningOrder, around: Surroundings) -> list[Event]:
    """What follows from an order that plans or starts."""
    match state, order:
        case NoPatrol(), PlanPatrol():
            return [_planned(order, around)]
        case NoPatrol(), StartUnplanned():
            first = speaker(around)
            return [
                PatrolStartedUnplanned(
                    at=around.at,
                    unit=first.unit,
                    person=first.person,
                    name=around.next_names["P"],
                    route=of_route(order.route, around),
                    company=_company(order.company, around),
                    reason=order.reason,
                )
            ]
        case Patrol(stage="planned" | "missed"), StartPatrol():
            return [_started(state, order, around)]
        case Patrol(stage="out"), StartPatrol():
            return _joined(state, order, around)
        case Patrol(stage="planned" | "missed"), CallPatrolOff(reason=reason):
            return [_called_off(state, reason, around)]
        case _:
            raise not_now(state)


def _planned(order: PlanPatrol, around: Surroundings) -> Event:
    walkers = known(order.walkers or (speaker(around),), around)
    own = around.actor.speaks_for in {walker.unit for walker in walkers}
    if not (own or around.by_commander):
        raise NotAllowed(
            _("{unit} plans its own patrols; the town office plans those of others."),
            rule="patrol.planner",
            unit=around.actor.speaks_for,
        )
    if not order.route:
        raise Refused(
            _("A plan names the stops of its route, in order."),
            rule="patrol.route",
            hint='whistle patrol plan "North Gate" "Market" --slot 08:00-10:00',
        )
    if not order.begins < order.ends or order.ends <= around.at:
        raise Refused(
            _("A slot ends after it begins, and a plan is for a slot that is not over."),
            rule="patrol.slot_over",
        )
    for stop in order.route:
        if stop.expected is not None and not order.begins <= stop.expected <= order.ends:
            raise Refused(
                _("{stop} is expected at a time that is not within the slot."),
                rule="patrol.stop_time",
                stop=stop.name,
            )
    return PatrolPlanned(
        at=around.at,
        name=around.next_names["P"],
        route=of_route(order.route, around),
        walkers=walkers,
        begins=order.begins,
        ends=order.ends,
        reason=order.reason,
    )


def _called_off(patrol: Patrol, reason: str, around: Surroundings) -> Event:
    """The town's word before the slot is over: whoever is to walk does not excuse itself."""
    if not around.by_commander:
        raise NotAllowed(
            _("Only the town office calls a planned patrol off, not {unit}."),
            rule="patrol.call_off_town",
            unit=around.actor.speaks_for,
        )
    if patrol.ends is not None and around.at > patrol.ends:
        raise not_now(patrol)
    if not reason.strip():
        raise Refused(_("Say why, with -m."), rule="patrol.call_off_reason")
    return PatrolCalledOff(at=around.at, units=patrol.planned_units, reason=reason)


def _started(patrol: Patrol, order: StartPatrol, around: Surroundings) -> Event:
    first = speaker(around)
    if first.unit not in patrol.units:
        raise NotAllowed(
            _("{name} is to be walked by {units}, not by {unit}."),
            rule="patrol.walker",
            hint=_("say whose start it is: whistle patrol start {name} --behalf {first}"),
            name=patrol.name,
            units=", ".join(patrol.units),
            unit=first.unit,
            first=patrol.units[0],
        )
    company = _company(order.company, around)
    return PatrolStarted(at=around.at, unit=first.unit, person=first.person, company=company)


def _company(walkers: tuple[Walker, ...], around: Surroundings) -> tuple[Walker, ...]:
    first = speaker(around)
    return tuple(walker for walker in known(walkers, around) if walker != first)


def _joined(patrol: Patrol, order: StartPatrol, around: Surroundings) -> list[Event]:
    there = together(speaker(around), *_company(order.company, around))
    new = [walker for walker in there if walker not in patrol.present]
    if not new:
        raise not_now(patrol)
    return [PatrolJoined(at=around.at, unit=each.unit, person=each.person) for each in new]

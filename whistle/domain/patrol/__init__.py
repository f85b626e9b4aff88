"""A patrol is planned or just sets out, checks in at its stops, and what it finds is reported.

    no patrol --plan--> planned --start--> out --stops, notes, findings--> out --finish--> done
        |                  |                ^
        |                  +--slot over--> missed --start, too late
        |                  +--call off---> called off, and never missed
        +------------- start without a plan

A patrol that has not set out when its slot ends is missed: the stream owes that event with the
slot's end as its instant, whoever looks and whenever. A start, or the town's word that it is called
off, received in time takes it back.
"""

from typing import assert_never

from whistle.domain.aggregate import Aggregate
from whistle.domain.message import Event, HearClock
from whistle.domain.moment import Instant
from whistle.domain.patrol import planning, policies, standing, walking
from whistle.domain.patrol.events import MissVoided, PatrolMissed
from whistle.domain.patrol.planning import PlanningOrder
from whistle.domain.patrol.state import NoPatrol, Patrol
from whistle.domain.patrol.state import PatrolEvent as PatrolEvent
from whistle.domain.patrol.state import PatrolState as PatrolState
from whistle.domain.patrol.state import evolve as evolve
from whistle.domain.patrol.walking import WalkingOrder
from whistle.domain.surroundings import Surroundings

PatrolOrder = PlanningOrder | WalkingOrder | HearClock

START: PatrolState = NoPatrol()

SLOT = "patrol.slot"
"""The rule of a miss: a planned patrol sets out before its slot ends."""


def decide(state: PatrolState, order: PatrolOrder, around: Surroundings) -> list[Event]:
    """What follows from an order; each sub-process has its own table of (state, order)."""
    match order:
        case HearClock():
            return []  # what the stream owed is recorded before any order is decided
        case PlanningOrder():
            return planning.decide(state, order, around)
        case WalkingOrder():
            return walking.decide(state, order, around)
        case _:
            assert_never(order)


def owed(state: PatrolState, at: Instant) -> list[Event]:
    """The miss, once the slot is over and nobody had set out by its end."""
    match state:
        case Patrol(ends=int(ends), missed=None, called_off=None, started=started) if ends < at:
            if started is None or started > ends:
                return [PatrolMissed(at=ends, units=state.planned_units, rule=SLOT)]
        case _:
            pass
    return []


def settle(state: PatrolState, at: Instant) -> list[Event]:
    """A miss that was told does not stand when the start turns out to have been in time."""
    match state:
        case Patrol(missed=int(due), called_off=int()):
            return [MissVoided(at=at, units=state.planned_units, due=due, rule=SLOT)]
        case Patrol(ends=int(ends), missed=int(due), started=int(started)) if started <= ends:
            return [MissVoided(at=at, units=state.planned_units, due=due, rule=SLOT)]
        case _:
            return []


def next_due(state: PatrolState) -> Instant | None:
    """When the slot of a patrol that has not set out ends."""
    match state:
        case Patrol(missed=None, called_off=None, ends=int(ends), started=started):
            return ends if started is None or started > ends else None
        case _:
            return None


PATROL = Aggregate(
    kind="patrol",
    start=START,
    decide=decide,
    evolve=evolve,
    owed=owed,
    settle=settle,
    next_due=next_due,
    react=policies.react,
    line=standing.line,
    duties=standing.duties,
)

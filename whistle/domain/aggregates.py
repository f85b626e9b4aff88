"""The aggregates, each with its first state, its two pure functions and what time makes it owe."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from whistle.domain import clock_anomaly, incident, patrol, rulebook, skipping, team, unit, whistle
from whistle.domain.incident.handling import HandlingOrder
from whistle.domain.incident.intake import IntakeOrder
from whistle.domain.incident.merging import MergingOrder
from whistle.domain.incident.outcome import OutcomeOrder
from whistle.domain.message import Event, Order
from whistle.domain.moment import Instant
from whistle.domain.patrol.planning import PlanningOrder
from whistle.domain.patrol.walking import WalkingOrder
from whistle.domain.surroundings import Surroundings
from whistle.domain.team.membership import MembershipOrder
from whistle.domain.team.scene import SceneOrder
from whistle.domain.team.sending import SendingOrder
from whistle.domain.whistle.approval import ApprovalOrder
from whistle.domain.whistle.call import CallOrder
from whistle.domain.whistle.changing import ChangeOrder
from whistle.domain.whistle.closing import ClosingOrder
from whistle.domain.whistle.delivery import DeliveryOrder
from whistle.domain.whistle.issue import IssueOrder

Kind = Literal["incident", "whistle", "team", "patrol", "unit", "rulebook", "clock", "view"]


def _nothing_owed(_state: Any, _at: Instant) -> list[Event]:
    return []


def _never_due(_state: Any) -> Instant | None:
    return None


class Aggregate(msgspec.Struct, frozen=True):
    """A first state, what may follow from an order, what an event makes of the state."""

    kind: Kind
    start: Any
    decide: Callable[[Any, Any, Surroundings], list[Event]]
    evolve: Callable[[Any, Any], Any]
    owed: Callable[[Any, Instant], list[Event]] = _nothing_owed
    settle: Callable[[Any, Instant], list[Event]] = _nothing_owed
    next_due: Callable[[Any], Instant | None] = _never_due


INCIDENT = Aggregate("incident", incident.START, incident.decide, incident.evolve)
WHISTLE = Aggregate(
    "whistle",
    whistle.START,
    whistle.decide,
    whistle.evolve,
    whistle.owed,
    whistle.settle,
    whistle.next_due,
)
TEAM = Aggregate("team", team.START, team.decide, team.evolve)
PATROL = Aggregate(
    "patrol",
    patrol.START,
    patrol.decide,
    patrol.evolve,
    patrol.owed,
    patrol.settle,
    patrol.next_due,
)
UNIT = Aggregate("unit", unit.Absent(), unit.decide, unit.evolve)
RULEBOOK = Aggregate(
    "rulebook",
    rulebook.START,
    rulebook.decide,
    rulebook.evolve,
    rulebook.owed,
    next_due=rulebook.next_due,
)
CLOCK = Aggregate("clock", clock_anomaly.START, clock_anomaly.decide, clock_anomaly.evolve)
VIEW = Aggregate("view", skipping.START, skipping.decide, skipping.evolve)

BY_KIND: dict[str, Aggregate] = {
    each.kind: each for each in (INCIDENT, WHISTLE, TEAM, PATROL, UNIT, RULEBOOK, CLOCK, VIEW)
}


def deciding(order: Order) -> Aggregate:
    """The aggregate that decides an order; what hears the clock is any stream, by its own kind."""
    match order:
        case IntakeOrder() | HandlingOrder() | OutcomeOrder() | MergingOrder():
            return INCIDENT
        case IssueOrder() | ApprovalOrder() | ChangeOrder() | DeliveryOrder():
            return WHISTLE
        case CallOrder() | ClosingOrder():
            return WHISTLE
        case whistle.NoteTeam():
            return WHISTLE
        case MembershipOrder() | SceneOrder() | SendingOrder():
            return TEAM
        case PlanningOrder() | WalkingOrder():
            return PATROL
        case unit.RegisterUnit() | unit.AddPerson() | unit.SetReach():
            return UNIT
        case rulebook.FoundTown() | rulebook.AdoptPlaybook() | rulebook.AdoptCalendar():
            return RULEBOOK
        case clock_anomaly.SettleClock():
            return CLOCK
        case skipping.RuleSkip():
            return VIEW
        case _:
            raise TypeError(f"nobody decides {type(order).__name__}")

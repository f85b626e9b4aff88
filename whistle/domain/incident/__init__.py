"""An incident goes through five steps: taken in, assigned, dealt with, fed back, called back.

    Unknown --report--> reported --accept--> accepted --a way out--> in_hand --verify--> verified
                          |                    |  ^                    |  fail: rework      |
                          +-----refuse---------+  +------reopen--------+-----------+     callback
                                   |                                               |        |
                                   +----> closed <------------close----------------+-- called_back

    reported | accepted | in_hand --merge--> closed, and its tickets go on in another incident

The four ways out of an accepted incident are counted apart: the town's own forces (自办), a
transfer to one unit, a whistle, or a refusal explained with a category.
"""

from typing import assert_never

from whistle.domain.aggregate import Aggregate
from whistle.domain.incident import handling, intake, merging, outcome, policies, standing
from whistle.domain.incident.handling import HandlingOrder
from whistle.domain.incident.intake import IntakeOrder
from whistle.domain.incident.merging import MergingOrder
from whistle.domain.incident.outcome import OutcomeOrder
from whistle.domain.incident.state import IncidentState, Unknown
from whistle.domain.incident.state import evolve as evolve
from whistle.domain.message import Event
from whistle.domain.surroundings import Surroundings

IncidentOrder = IntakeOrder | HandlingOrder | OutcomeOrder | MergingOrder

START: IncidentState = Unknown()


def decide(state: IncidentState, order: IncidentOrder, around: Surroundings) -> list[Event]:
    """What follows from an order; each sub-process has its own table of (state, order)."""
    match order:
        case IntakeOrder():
            return intake.decide(state, order, around)
        case HandlingOrder():
            return handling.decide(state, order, around)
        case OutcomeOrder():
            return outcome.decide(state, order, around)
        case MergingOrder():
            return merging.decide(state, order, around)
        case _:
            assert_never(order)


INCIDENT = Aggregate(
    kind="incident",
    start=START,
    decide=decide,
    evolve=evolve,
    react=policies.react,
    case=standing.case,
    line=standing.line,
    duties=standing.duties,
)

"""A joint team: people of several units under the town office, sent out and called in as one.

    Unformed --form--> formed --dispatch--> out at a whistle --its end--> formed ...
                         |                     |
                         +---- stand down -----+----> stood down, for good

A unit's people are at the town's disposal in one of three ways: a squad posted to the town
(派驻队伍), single staff posted to it (派驻人员), or on call (听候呼叫).
"""

from typing import assert_never

from whistle.domain.aggregate import Aggregate
from whistle.domain.message import Event
from whistle.domain.surroundings import Surroundings
from whistle.domain.team import membership, policies, scene, sending, standing
from whistle.domain.team.evolving import evolve as evolve
from whistle.domain.team.guards import heard
from whistle.domain.team.membership import MembershipOrder
from whistle.domain.team.scene import SceneOrder
from whistle.domain.team.sending import SendingOrder
from whistle.domain.team.state import TeamState, Unformed

TeamOrder = MembershipOrder | SceneOrder | SendingOrder

START: TeamState = Unformed()


def decide(state: TeamState, order: TeamOrder, around: Surroundings) -> list[Event]:
    """What follows from an order; each sub-process has its own table of (state, order)."""
    heard(around)
    match order:
        case MembershipOrder():
            return membership.decide(state, order, around)
        case SceneOrder():
            return scene.decide(state, order, around)
        case SendingOrder():
            return sending.decide(state, order, around)
        case _:
            assert_never(order)


TEAM = Aggregate(
    kind="team",
    start=START,
    decide=decide,
    evolve=evolve,
    react=policies.react,
    line=standing.line,
    duties=standing.duties,
    offered=standing.offered,
)

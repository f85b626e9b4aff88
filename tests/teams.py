"""A joint team that was formed at 09:00, for tests: city management leads, traffic is on call."""

from typing import Any

from msgspec.structs import replace

from tests.story import Story
from tests.town import UNITS, at
from whistle.domain.message import Event, Order
from whistle.domain.surroundings import UnitEntry
from whistle.domain.team import TEAM
from whistle.domain.team.events import Contingent, SignedIn, TeamDispatched, TeamFormed

NAME = "T-WY26-00001"
TEN = at("10:00")

STAFFED: dict[str, UnitEntry] = {
    **UNITS,
    "cg": replace(UNITS["cg"], persons={"张三": "leader", "李四": "officer", "王五": "officer"}),
    "jj": replace(UNITS["jj"], persons={"赵六": "officer"}),
}
"""The units of the town with some of their staff on the register."""

SQUAD = Contingent(unit="cg", mode="stationed_team", heads=3, persons=("张三",))
TRAFFIC = Contingent(unit="jj", mode="on_call", heads=2)
GAS = Contingent(unit="rq", mode="on_call", heads=2)

FORMED = TeamFormed(
    at=at("09:00"),
    name=NAME,
    title="渣土夜查",
    contingents=(SQUAD, TRAFFIC, GAS),
    leader="cg",
    leader_person="张三",
)
SENT = TeamDispatched(
    at=at("09:10"),
    nr=1,
    whistle="w1",
    whistle_name="W-WY26-00001",
    incident="i1",
    incident_name="I-WY26-00001",
    units=("cg", "rq"),
    standing_by=("jj",),
)


def signed(unit: str, heads: int, *persons: str, when: str = "09:20") -> SignedIn:
    """Some of a unit's people, signed in."""
    return SignedIn(at=at(when), unit=unit, heads=heads, persons=persons)


def asked(story: Story, order: Order, by: str = "town", **known: Any) -> Story:
    """An order at ten, in the town whose units have staff."""
    return story.when(order, by, TEN, units=STAFFED, **known)


def team(*events: Event) -> Story:
    """The team, and what happened to it since."""
    return Story(TEAM).given(FORMED, *events)

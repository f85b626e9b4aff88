"""Teams at a whistle: what a team that was sent here tells it (policies order this)."""

from typing import ClassVar

from whistle.domain.message import Event, Order
from whistle.domain.refusal import NotFound, _
from whistle.domain.surroundings import Surroundings
from whistle.domain.whistle.events import TeamNoted, TeamStanding
from whistle.domain.whistle.state import Sounding, WhistleState


class NoteTeam(Order, frozen=True):
    """Take note of where a team stands that was sent to this whistle."""

    decided_by: ClassVar[str] = "whistle"
    team: str
    name: str
    standing: TeamStanding
    heads: int
    present: int = 0


def decide(state: WhistleState, order: NoteTeam, around: Surroundings) -> list[Event]:
    """What follows from a team's word."""
    if not isinstance(state, Sounding):
        raise NotFound(_("There is no such whistle."), hint="whistle status")
    return [
        TeamNoted(
            at=around.at,
            team=order.team,
            name=order.name,
            standing=order.standing,
            heads=order.heads,
            present=order.present,
        )
    ]

"""What follows from a team's events: the whistle that it is sent to learns where it stands."""

from collections.abc import Mapping

from whistle.domain.message import Event
from whistle.domain.policies import Reaction
from whistle.domain.team.events import HeadsCounted, StoodDown, TeamDispatched
from whistle.domain.team.state import Formed, TeamState
from whistle.domain.whistle.events import TeamStanding
from whistle.domain.whistle.joined import NoteTeam

_STANDINGS: Mapping[type[Event], TeamStanding] = {
    TeamDispatched: "sent",
    HeadsCounted: "counted",
    StoodDown: "gone",
}


def react(event: Event, stream: str, state: TeamState) -> list[Reaction]:
    """The orders that an event of a team calls for."""
    match event, state:
        case TeamDispatched() | HeadsCounted() | StoodDown(), Formed():
            return _told_to_whistle(event, stream, state)
        case _:
            return []


def _told_to_whistle(
    event: TeamDispatched | HeadsCounted | StoodDown, stream: str, team: Formed
) -> list[Reaction]:
    """What the whistle that a team is sent to learns of it."""
    sent, heads = team.out, team.heads
    if isinstance(event, StoodDown):
        sent = next((each for each in team.dispatches if each.nr == event.nr), None)
        heads = sum(team.squads[unit].heads for unit in event.units)
    if sent is None:
        return []
    noted = NoteTeam(
        team=stream,
        name=team.name,
        standing=_STANDINGS[type(event)],
        heads=heads,
        present=team.present,
    )
    return [Reaction(sent.whistle, noted)]

"""What follows from a whistle's events: its incident takes note, and the teams that were sent.

The orders of other kinds are loaded only then: most acts of a call are its whistle's own matter.
"""

from whistle.domain.message import Event
from whistle.domain.policies import Reaction
from whistle.domain.whistle.changes import CameDue, WhistleWithdrawn
from whistle.domain.whistle.events import ReworkOrdered, WhistleBlown, WhistleEnded
from whistle.domain.whistle.issue import SoundWhistle
from whistle.domain.whistle.state import Scheduled, Sounding, WhistleState


def react(event: Event, stream: str, state: WhistleState) -> list[Reaction]:
    """The orders that an event of a whistle calls for."""
    match event, state:
        case WhistleBlown(), _:
            return [_blown(event.incident, stream, event.name)]
        case ReworkOrdered(), Sounding():
            return [_blown(state.incident, stream, state.name)]
        case CameDue(), Scheduled():
            return [Reaction(stream, SoundWhistle(incident=state.incident))]
        case WhistleWithdrawn(), Sounding() if state.withdrawn:
            return [_withdrawn(stream, state), *_teams_gone(stream, state)]
        case WhistleEnded(), Sounding():
            return [_ended(stream, state), *_teams_gone(stream, state)]
        case _:
            return []


def _blown(incident: str, whistle: str, name: str) -> Reaction:
    from whistle.domain.incident.handling import NoteWhistleBlown

    return Reaction(incident, NoteWhistleBlown(whistle=whistle, name=name))


def _ended(stream: str, state: Sounding) -> Reaction:
    from whistle.domain.incident.handling import NoteWhistleEnded

    return Reaction(state.incident, NoteWhistleEnded(whistle=stream, name=state.name))


def _withdrawn(stream: str, state: Sounding) -> Reaction:
    from whistle.domain.incident.handling import NoteWhistleWithdrawn

    return Reaction(state.incident, NoteWhistleWithdrawn(whistle=stream, name=state.name))


def _teams_gone(stream: str, state: Sounding) -> list[Reaction]:
    """What the teams at a whistle learn when it is over."""
    there = [team for team, each in state.teams.items() if each.standing != "gone"]
    if not there:
        return []
    from whistle.domain.team.sending import NoteWhistleOver

    over = NoteWhistleOver(whistle=stream)
    return [Reaction(team, over) for team in there]

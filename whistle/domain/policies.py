"""When this happens, that is ordered: pure, so that events in, orders out is the whole test.

A refused reaction is put on record beside its cause and never undoes it.
"""

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from whistle.domain.incident.events import (
    FoundOnPatrol,
    IncidentMerged,
    VerificationFailed,
    VerificationPassed,
)
from whistle.domain.incident.handling import (
    NoteWhistleBlown,
    NoteWhistleEnded,
    NoteWhistleWithdrawn,
)
from whistle.domain.incident.intake import NoteFoundOnPatrol, ReportIncident
from whistle.domain.incident.merging import TakeIn
from whistle.domain.incident.state import Known
from whistle.domain.message import Event, Order
from whistle.domain.patrol.events import PatrolFound
from whistle.domain.patrol.state import Patrol
from whistle.domain.patrol.walking import NoteFinding
from whistle.domain.taken_back import TakenBack
from whistle.domain.taking_back import TakeBackToo
from whistle.domain.team.events import HeadsCounted, StoodDown, TeamDispatched
from whistle.domain.team.sending import NoteWhistleOver
from whistle.domain.team.state import Formed
from whistle.domain.whistle.changes import CameDue, WhistleWithdrawn
from whistle.domain.whistle.closing import OrderRework, ReleaseUnits
from whistle.domain.whistle.events import (
    ReworkOrdered,
    TeamStanding,
    WhistleBlown,
    WhistleEnded,
)
from whistle.domain.whistle.issue import SoundWhistle
from whistle.domain.whistle.joined import NoteTeam
from whistle.domain.whistle.state import Scheduled, Sounding

REACTIONS_MAX = 200
"""Orders that may follow from one order; a policy that answers itself stops here, loudly."""


_STANDINGS: Mapping[type[Event], TeamStanding] = {
    TeamDispatched: "sent",
    HeadsCounted: "counted",
    StoodDown: "gone",
}


class ReactionRefused(Event, frozen=True):
    """A policy asked for something that the rules did not allow; a person should look."""

    topic: ClassVar[str] = "policy.reaction_refused/1"
    order: str
    stream: str  # of the aggregate that refused
    rule: str
    because: str


class Reaction(msgspec.Struct, frozen=True):
    """An order that a policy gives, and the stream it is given to."""

    stream: str
    order: Order


def react(  # noqa: C901 - one table, read whole
    event: Event, stream: str, state: object
) -> list[Reaction]:
    """The orders that an event of a stream calls for, given what the stream is after it."""
    match event, state:
        case WhistleBlown(), _:
            noted = NoteWhistleBlown(whistle=stream, name=event.name)
            return [Reaction(event.incident, noted)]
        case ReworkOrdered(), Sounding():
            noted = NoteWhistleBlown(whistle=stream, name=state.name)
            return [Reaction(state.incident, noted)]
        case CameDue(), Scheduled():
            return [Reaction(stream, SoundWhistle(incident=state.incident))]
        case WhistleWithdrawn(), Sounding() if state.withdrawn:
            gone = NoteWhistleWithdrawn(whistle=stream, name=state.name)
            return [Reaction(state.incident, gone), *_teams_gone(stream, state)]
        case WhistleEnded(), Sounding():
            ended = NoteWhistleEnded(whistle=stream, name=state.name)
            return [Reaction(state.incident, ended), *_teams_gone(stream, state)]
        case TakenBack(streams=streams), _:
            return [Reaction(other, TakeBackToo(taken=event)) for other in streams]
        case PatrolFound(), Patrol():
            return _of_finding(event, stream, state)
        case FoundOnPatrol(patrol=patrol, nr=nr), Known():
            return [Reaction(patrol, NoteFinding(nr=nr, incident=stream, name=state.name))]
        case IncidentMerged(), Known():
            taken = TakeIn(duplicate=stream, sources=state.sources)
            return [Reaction(event.into, taken)]
        case VerificationPassed(), Known():
            return [Reaction(whistle, ReleaseUnits()) for whistle in state.whistles]
        case VerificationFailed(), Known():
            again = OrderRework(reason=event.note)
            return [Reaction(whistle, again) for whistle in state.whistles]
        case TeamDispatched() | HeadsCounted() | StoodDown(), Formed():
            return _told_to_whistle(event, stream, state)
        case _:
            return []


def _teams_gone(stream: str, state: Sounding) -> list[Reaction]:
    """What the teams at a whistle learn when it is over."""
    over = NoteWhistleOver(whistle=stream)
    there = [team for team, each in state.teams.items() if each.standing != "gone"]
    return [Reaction(team, over) for team in there]


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


def _of_finding(event: PatrolFound, stream: str, patrol: Patrol) -> list[Reaction]:
    """A finding is reported as any other, and names its patrol."""
    reported = ReportIncident(
        item=event.item,
        place=event.place,
        channel="patrol",
        grid=event.grid,
        evidence=event.evidence,
        note=event.note,
    )
    found_on = NoteFoundOnPatrol(patrol=stream, patrol_name=patrol.name, nr=event.nr)
    return [Reaction(event.incident, reported), Reaction(event.incident, found_on)]

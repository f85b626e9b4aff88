"""What follows from a patrol's events: a finding is reported as any other, and names its patrol."""

from whistle.domain.incident.intake import NoteFoundOnPatrol, ReportIncident
from whistle.domain.message import Event
from whistle.domain.patrol.events import PatrolFound
from whistle.domain.patrol.state import Patrol, PatrolState
from whistle.domain.policies import Reaction


def react(event: Event, stream: str, state: PatrolState) -> list[Reaction]:
    """The orders that an event of a patrol calls for."""
    match event, state:
        case PatrolFound(), Patrol():
            return _of_finding(event, stream, state)
        case _:
            return []


def _of_finding(event: PatrolFound, stream: str, patrol: Patrol) -> list[Reaction]:
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

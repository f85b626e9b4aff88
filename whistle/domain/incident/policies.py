"""What follows from an incident's events elsewhere; orders of other kinds are loaded only then."""

from whistle.domain.incident.events import (
    FoundOnPatrol,
    IncidentMerged,
    VerificationFailed,
    VerificationPassed,
)
from whistle.domain.incident.merging import TakeIn
from whistle.domain.incident.state import IncidentState, Known
from whistle.domain.message import Event
from whistle.domain.policies import Reaction


def react(event: Event, stream: str, state: IncidentState) -> list[Reaction]:
    """The orders that an event of an incident calls for."""
    match event, state:
        case FoundOnPatrol(), Known():
            return _noted_by_patrol(event, stream, state)
        case IncidentMerged(), Known():
            taken = TakeIn(duplicate=stream, sources=state.sources)
            return [Reaction(event.into, taken)]
        case VerificationPassed() | VerificationFailed(), Known() if state.whistles:
            return _verified(event, state)
        case _:
            return []


def _noted_by_patrol(event: FoundOnPatrol, stream: str, known: Known) -> list[Reaction]:
    from whistle.domain.patrol.walking import NoteFinding

    noted = NoteFinding(nr=event.nr, incident=stream, name=known.name)
    return [Reaction(event.patrol, noted)]


def _verified(event: VerificationPassed | VerificationFailed, known: Known) -> list[Reaction]:
    """All whistles let their units go, or send them to it again."""
    from whistle.domain.whistle.closing import OrderRework, ReleaseUnits

    failed = isinstance(event, VerificationFailed)
    order = OrderRework(reason=event.note) if failed else ReleaseUnits()
    return [Reaction(whistle, order) for whistle in known.whistles]

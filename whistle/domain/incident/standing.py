"""How an incident stands for others: its line of the register, and the step that it waits for."""

from whistle.domain.duties import TOWN, Duty
from whistle.domain.incident.state import IncidentState, Known
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.register import Entry, SiteEntry
from whistle.domain.site import site

_NEXT = {
    "reported": "accept",
    "accepted": "blow",
    "in_hand": "verify",
    "verified": "callback",
    "called_back": "close",
}


def case(stream: str, _event: Event) -> str:
    """An incident is its own case."""
    return stream


def line(stream: str, state: IncidentState, _due: Instant | None) -> Entry | None:
    """The incident's line, once it is reported."""
    if not isinstance(state, Known):
        return None
    return Entry(
        stream=stream,
        kind="incident",
        stage=state.stage,
        name=state.name,
        correlation=stream,
        item=state.item,
        place=state.place,
        site=_site(state),
    )


def _site(known: Known) -> SiteEntry:
    where = site(known.place)
    return SiteEntry(known.item, where, known.reported_at, known.closed_at, known.outcome)


def duties(state: IncidentState) -> list[Duty]:
    """The town office's next step."""
    if not isinstance(state, Known) or (state.stage == "in_hand" and state.sounding):
        return []
    verb = _NEXT.get(state.stage)
    if verb is None:
        return []
    if state.stage == "verified" and not state.uncalled:
        verb = "close"
    return [Duty(TOWN, verb, state.name)]

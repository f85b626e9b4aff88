"""What the register tables keep of each aggregate: enough to find it by name and to see its stage.

Computed from the decided state alone, so that the tables can be rebuilt and compared.
"""

from typing import Any

import msgspec

from whistle.domain.clock_anomaly import Anomalies
from whistle.domain.incident.state import Known
from whistle.domain.moment import Instant
from whistle.domain.patrol.state import Patrol, Stage
from whistle.domain.rulebook import Rulebook
from whistle.domain.site import site
from whistle.domain.surroundings import UnitEntry
from whistle.domain.team.state import Formed
from whistle.domain.unit import Registered
from whistle.domain.whistle.state import (
    CalledOff,
    Requested,
    Scheduled,
    Sounding,
    TurnedDown,
    WhistleState,
)


class SiteEntry(msgspec.Struct, frozen=True):
    """Where and when an incident happened, and what became of it, to find duplicates by."""

    item: str
    site: str  # the place as it is compared
    reported_at: Instant
    closed_at: Instant | None
    outcome: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the register."""

    stream: str
    kind: str
    stage: str
    name: str | None = None
    correlation: str | None = None
    due: Instant | None = None
    item: str | None = None
    place: str | None = None
    calls: dict[str, str] = {}
    unit: UnitEntry | None = None
    site: SiteEntry | None = None


DRAFTS: dict[type[WhistleState], str] = {
    Requested: "requested",
    Scheduled: "scheduled",
    TurnedDown: "turned_down",
    CalledOff: "withdrawn",
}
"""Where a whistle stands that has no name, for it has never sounded."""


def number_of(entry: Entry) -> int | None:
    """The number at the end of a name, by which people call the thing."""
    number = entry.name.rpartition("-")[2] if entry.name else ""
    return int(number) if number.isdecimal() else None


def entry(stream: str, kind: str, state: Any, due: Instant | None) -> Entry | None:
    """The register line of an aggregate, if it is one that is looked up."""
    match state:
        case Known():
            return Entry(
                stream=stream,
                kind=kind,
                stage=state.stage,
                name=state.name,
                correlation=stream,
                item=state.item,
                place=state.place,
                site=_site(state),
            )
        case Requested() | Scheduled() | TurnedDown() | CalledOff():
            stage = DRAFTS[type(state)]
            return Entry(stream=stream, kind=kind, stage=stage, correlation=state.incident, due=due)
        case Sounding():
            return _sounding(stream, kind, state, due)
        case Formed():
            return Entry(stream=stream, kind=kind, stage=state.stage, name=state.name)
        case Patrol():
            return _walked(stream, kind, state, due)
        case Registered(entry=unit):
            return Entry(stream=stream, kind=kind, stage="registered", name=unit.code, unit=unit)
        case Anomalies():
            return Entry(stream=stream, kind=kind, stage="vouched" if state.settled else "doubted")
        case Rulebook():
            return Entry(stream=stream, kind=kind, stage="in_force", due=due)
        case _:
            return None


def _site(known: Known) -> SiteEntry:
    where = site(known.place)
    return SiteEntry(known.item, where, known.reported_at, known.closed_at, known.outcome)


def _sounding(stream: str, kind: str, state: Sounding, due: Instant | None) -> Entry:
    return Entry(
        stream=stream,
        kind=kind,
        stage=_stage(state),
        name=state.name,
        correlation=state.incident,
        due=due,
        item=state.item,
        place=state.place,
        calls={unit: call.stage for unit, call in state.calls.items()},
    )


def _stage(state: Sounding) -> str:
    if state.withdrawn:
        return "withdrawn"
    return "ended" if state.ended else "sounding"


WALKS: dict[Stage, str] = {
    "planned": "to_walk",
    "missed": "to_walk",
    "called_off": "excused",
    "out": "walking",
    "done": "walked",
}
"""How a unit stands to a patrol of each stage."""


def _walked(stream: str, kind: str, state: Patrol, due: Instant | None) -> Entry:
    return Entry(
        stream=stream,
        kind=kind,
        stage=state.stage,
        name=state.name,
        due=due,
        calls=dict.fromkeys(state.units, WALKS[state.stage]),
    )

"""What a patrol is at a moment, and how each event moves it; history cannot be refused."""

from typing import TYPE_CHECKING, Literal, assert_never

import msgspec

from whistle.domain.correction import Corrected
from whistle.domain.moment import Instant
from whistle.domain.patrol.events import (
    FindingReported,
    MissVoided,
    PatrolCalledOff,
    PatrolFinished,
    PatrolFound,
    PatrolJoined,
    PatrolMissed,
    PatrolNoted,
    PatrolPlanned,
    PatrolStarted,
    PatrolStartedUnplanned,
    Stop,
    StopSkipped,
    StopVisited,
    Walker,
)
from whistle.domain.taken_back import TakenBack

if TYPE_CHECKING:
    from fractions import Fraction

Stage = Literal["planned", "called_off", "missed", "out", "done"]

PatrolEvent = (
    PatrolPlanned
    | PatrolStarted
    | PatrolStartedUnplanned
    | PatrolJoined
    | StopVisited
    | StopSkipped
    | PatrolNoted
    | PatrolFound
    | FindingReported
    | PatrolFinished
    | PatrolCalledOff
    | PatrolMissed
    | MissVoided
    | Corrected
    | TakenBack
)


class NoPatrol(msgspec.Struct, frozen=True, tag="no_patrol"):
    """Nobody has planned or started it."""


class Visit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The first check-in at a stop; one without an expected time is never late."""

    at: Instant
    late: bool = False
    out_of_order: bool = False  # an earlier stop of the route was still open


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was found, and the incident it became."""

    nr: int
    item: str
    place: str
    at: Instant
    incident: str
    stop: str = ""
    grid: str = ""
    incident_name: str = ""  # none: the report was refused


class Patrol(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="patrol"):
    """Planned or set out, and somewhere on its way to being done."""

    name: str
    route: tuple[Stop, ...] = ()  # as planned, or as named when it set out
    passed: tuple[Stop, ...] = ()  # stops that a patrol without a plan made beside its route
    planned: tuple[Walker, ...] = ()  # who is to walk; nobody for a patrol without a plan
    present: tuple[Walker, ...] = ()  # who was there
    begins: Instant | None = None
    ends: Instant | None = None  # of the slot; none without a plan
    reason: str = ""
    started: Instant | None = None
    finished: Instant | None = None
    missed: Instant | None = None  # the end of the slot, once it was said
    called_off: Instant | None = None
    called_off_why: str = ""
    visits: dict[str, Visit] = {}
    skipped: dict[str, str] = {}  # stop -> why
    findings: tuple[Finding, ...] = ()

    @property
    def stage(self) -> Stage:
        """Where it stands; a patrol that set out too late is out, and its miss stays told."""
        if self.finished is not None:
            return "done"
        if self.started is not None:
            return "out"
        if self.called_off is not None:
            return "called_off"
        return "planned" if self.missed is None else "missed"

    @property
    def on_plan(self) -> bool:
        """Whether somebody had planned it."""
        return self.ends is not None

    @property
    def units(self) -> tuple[str, ...]:
        """Every unit that is to walk or was there, by its place in the plan."""
        return tuple(dict.fromkeys(walker.unit for walker in (*self.planned, *self.present)))

    @property
    def planned_units(self) -> tuple[str, ...]:
        """Every unit that is to walk."""
        return tuple(dict.fromkeys(walker.unit for walker in self.planned))

    @property
    def open_stops(self) -> tuple[Stop, ...]:
        """Stops of the route that were neither visited nor skipped."""
        done = (*self.visits, *self.skipped)
        return tuple(stop for stop in self.route if stop.name not in done)

    @property
    def checked(self) -> int:
        """How many stops of the route were visited; a stop counts once."""
        return sum(stop.name in self.visits for stop in self.route)

    @property
    def coverage(self) -> "Fraction | None":
        """The share of the route that was visited, 0 to 1; none where no route was named."""
        from fractions import Fraction  # every writing verb would wait for it, and none asks

        return Fraction(self.checked, len(self.route)) if self.route else None

    @property
    def absent(self) -> tuple[Walker, ...]:
        """Who was to walk and was not there."""
        return tuple(
            wanted
            for wanted in self.planned
            if not any(each.stands_for(wanted) for each in self.present)
        )

    @property
    def where(self) -> Stop | None:
        """The stop at which the walkers checked in last."""
        stops = {stop.name: stop for stop in (*self.route, *self.passed)}
        last = max(self.visits, key=lambda name: self.visits[name].at, default="")
        return stops.get(last)


PatrolState = NoPatrol | Patrol

change = msgspec.structs.replace


def evolve(state: PatrolState, event: PatrolEvent) -> PatrolState:
    """What an event makes of the patrol."""
    match event, state:
        case PatrolPlanned(), _:
            return Patrol(
                name=event.name,
                route=event.route,
                planned=event.walkers,
                begins=event.begins,
                ends=event.ends,
                reason=event.reason,
            )
        case PatrolStartedUnplanned(), _:
            return Patrol(
                name=event.name,
                route=event.route,
                present=together(Walker(event.unit, event.person), *event.company),
                reason=event.reason,
                started=event.at,
            )
        case _, NoPatrol():
            return state
        case _, Patrol():
            return _moved(state, event)
        case _:
            assert_never(state)


def _moved(patrol: Patrol, event: PatrolEvent) -> Patrol:
    match event:
        case PatrolStarted():
            there = together(*patrol.present, Walker(event.unit, event.person), *event.company)
            return change(patrol, started=event.at, present=there)
        case PatrolJoined():
            there = together(*patrol.present, Walker(event.unit, event.person))
            return change(patrol, present=there)
        case StopVisited():
            return _visited(patrol, event)
        case StopSkipped():
            return change(patrol, skipped={**patrol.skipped, event.stop: event.reason})
        case PatrolFound():
            return change(patrol, findings=(*patrol.findings, _finding(event)))
        case FindingReported():
            return change(patrol, findings=tuple(_named(each, event) for each in patrol.findings))
        case PatrolFinished():
            return change(patrol, finished=event.at)
        case PatrolCalledOff():
            return change(patrol, called_off=event.at, called_off_why=event.reason)
        case PatrolMissed() | MissVoided():
            return change(patrol, missed=event.at if isinstance(event, PatrolMissed) else None)
        case PatrolPlanned() | PatrolStartedUnplanned() | PatrolNoted():
            return patrol
        case Corrected() | TakenBack():
            return patrol
        case _:
            assert_never(event)


def together(*walkers: Walker) -> tuple[Walker, ...]:
    """Each of them once, in order."""
    return tuple(dict.fromkeys(walkers))


def _visited(patrol: Patrol, event: StopVisited) -> Patrol:
    names = [stop.name for stop in patrol.route]
    if event.stop not in names and event.stop not in patrol.visits:
        passed = (*patrol.passed, Stop(name=event.stop, grid=event.grid))
        patrol = change(patrol, passed=passed)
    if event.stop in patrol.visits:
        return patrol  # a second look at the same stop counts once
    skipped = {stop: why for stop, why in patrol.skipped.items() if stop != event.stop}
    before = names[: names.index(event.stop)] if event.stop in names else []
    latest = next((stop.latest for stop in patrol.route if stop.name == event.stop), None)
    visit = Visit(
        at=event.at,
        late=latest is not None and event.at > latest,
        out_of_order=any(name not in patrol.visits and name not in skipped for name in before),
    )
    return change(patrol, visits={**patrol.visits, event.stop: visit}, skipped=skipped)


def _finding(event: PatrolFound) -> Finding:
    return Finding(
        nr=event.nr,
        item=event.item,
        place=event.place,
        at=event.at,
        incident=event.incident,
        stop=event.stop,
        grid=event.grid,
    )


def _named(finding: Finding, event: FindingReported) -> Finding:
    if finding.nr != event.nr:
        return finding
    return change(finding, incident_name=event.incident_name)

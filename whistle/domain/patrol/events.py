"""What can happen to a patrol: planned, walked stop by stop, what it found, how it ended."""

from typing import ClassVar

import msgspec

from whistle.domain.message import Event
from whistle.domain.moment import Instant


class Walker(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who walks: a unit, or one person of it."""

    unit: str
    person: str = ""

    @property
    def label(self) -> str:
        """As it is typed: `cg` or `cg/小张`."""
        return f"{self.unit}/{self.person}" if self.person else self.unit

    def stands_for(self, wanted: "Walker") -> bool:
        """Whether this one being there is what was wanted: any person will do for a unit."""
        return self.unit == wanted.unit and wanted.person in ("", self.person)


class Stop(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A named place on the route."""

    name: str
    grid: str = ""
    expected: Instant | None = None  # by the plan
    latest: Instant | None = None  # expected and the playbook's grace: a check-in after it is late


class PatrolAct(Event, frozen=True, kw_only=True):
    """Something that one of the walkers did."""

    unit: str
    person: str = ""

    def concerns(self) -> tuple[str, ...]:
        """The unit that did it."""
        return (self.unit,)


class PatrolPlanned(Event, frozen=True):
    """A patrol was planned: its route, its slot and who walks it."""

    topic: ClassVar[str] = "patrol.planned/1"
    name: str
    route: tuple[Stop, ...]
    walkers: tuple[Walker, ...]
    begins: Instant
    ends: Instant  # who has not set out by then has missed it
    reason: str = ""

    def concerns(self) -> tuple[str, ...]:
        """Every unit that is to walk."""
        return tuple(walker.unit for walker in self.walkers)

    def naming(self) -> str | None:
        """Its own name."""
        return self.name


class PatrolStarted(PatrolAct, frozen=True):
    """A planned patrol set out, with those who were there."""

    topic: ClassVar[str] = "patrol.started/1"
    company: tuple[Walker, ...] = ()  # beside who says so

    def concerns(self) -> tuple[str, ...]:
        """Every unit that is there."""
        return (self.unit, *(walker.unit for walker in self.company))


class PatrolStartedUnplanned(PatrolAct, frozen=True):
    """A patrol that nobody had planned set out."""

    topic: ClassVar[str] = "patrol.started_unplanned/1"
    name: str
    route: tuple[Stop, ...] = ()
    company: tuple[Walker, ...] = ()
    reason: str = ""

    def concerns(self) -> tuple[str, ...]:
        """Every unit that is there."""
        return (self.unit, *(walker.unit for walker in self.company))

    def naming(self) -> str | None:
        """Its own name."""
        return self.name


class PatrolJoined(PatrolAct, frozen=True):
    """Somebody joined a patrol that was under way."""

    topic: ClassVar[str] = "patrol.joined/1"


class StopVisited(PatrolAct, frozen=True):
    """The walkers checked in at a stop."""

    topic: ClassVar[str] = "patrol.stop_visited/1"
    stop: str
    grid: str = ""
    note: str = ""
    evidence: tuple[str, ...] = ()


class StopSkipped(PatrolAct, frozen=True):
    """A stop was left out, with the reason."""

    topic: ClassVar[str] = "patrol.stop_skipped/1"
    stop: str
    reason: str


class PatrolNoted(PatrolAct, frozen=True):
    """The walkers put something on record."""

    topic: ClassVar[str] = "patrol.noted/1"
    note: str
    evidence: tuple[str, ...] = ()


class PatrolFound(PatrolAct, frozen=True):
    """The walkers found a problem, which is reported to the town as an incident."""

    topic: ClassVar[str] = "patrol.found/1"
    nr: int  # within the patrol, from 1
    incident: str  # the stream of the incident that it becomes
    item: str
    place: str
    stop: str = ""  # where they stood
    grid: str = ""
    evidence: tuple[str, ...] = ()
    note: str = ""


class FindingReported(Event, frozen=True):
    """A finding of the patrol became an incident with a name."""

    topic: ClassVar[str] = "patrol.finding_reported/1"
    nr: int
    incident: str
    incident_name: str


class PatrolFinished(PatrolAct, frozen=True):
    """The patrol is done."""

    topic: ClassVar[str] = "patrol.finished/1"
    note: str = ""


class PatrolCalledOff(Event, frozen=True):
    """The town called a planned patrol off before anybody had set out."""

    topic: ClassVar[str] = "patrol.called_off/1"
    units: tuple[str, ...]
    reason: str

    def concerns(self) -> tuple[str, ...]:
        """Every unit that was to walk."""
        return self.units


class PatrolMissed(Event, frozen=True):
    """The slot of a planned patrol ended and nobody had set out."""

    topic: ClassVar[str] = "patrol.missed/1"
    units: tuple[str, ...]
    rule: str

    def concerns(self) -> tuple[str, ...]:
        """Every unit that was to walk."""
        return self.units


class MissVoided(Event, frozen=True):
    """The patrol was not missed: its start was received in time, or was set right later."""

    topic: ClassVar[str] = "patrol.miss_voided/1"
    units: tuple[str, ...]
    due: Instant
    rule: str

    def concerns(self) -> tuple[str, ...]:
        """Every unit that was to walk."""
        return self.units

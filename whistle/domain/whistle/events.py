"""What can happen to a whistle and to each unit's call."""

from typing import ClassVar, Literal

import msgspec

from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.playbook import ClockName, Kind

Duty = Literal["lead", "assist"]
Result = Literal["fixed", "partly", "not-fixable", "referred"]
Level = Literal["warn", "overdue", "yellow", "red"]
TeamStanding = Literal["sent", "counted", "gone"]


class Summons(msgspec.Struct, frozen=True):
    """A unit that is called, and whether it leads."""

    unit: str
    duty: Duty


class Owed(msgspec.Struct, frozen=True):
    """What the clock will say, and when, unless the act it waits for comes first."""

    level: Level
    due: Instant
    rule: str


class ClockStarted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A clock with the number in force when it started."""

    clock: ClockName
    limit: str
    due: Instant
    rule: str
    owed: tuple[Owed, ...]
    provisional: bool = False  # counted without the year's calendar, by weekends alone


class CallEvent(Event, frozen=True):
    """Something that happened to one unit's call."""

    unit: str

    def concerns(self) -> tuple[str, ...]:
        """The called unit."""
        return (self.unit,)


class WhistleRequested(Event, frozen=True):
    """A whistle was asked for, and waits for the leader's approval."""

    topic: ClassVar[str] = "whistle.requested/1"
    incident: str
    incident_name: str
    kind: Kind
    ground: str
    item: str
    place: str
    summons: tuple[Summons, ...]
    unfilled: tuple[str, ...] = ()  # places of the catalogue that no unit of the town fills
    note: str = ""


class ApprovalRefused(Event, frozen=True):
    """The leader did not approve the whistle."""

    topic: ClassVar[str] = "whistle.approval_refused/1"
    reason: str
    by_person: str = ""


class WhistleBlown(Event, frozen=True):
    """The whistle was blown at several units at once (并联)."""

    topic: ClassVar[str] = "whistle.blown/1"
    name: str
    incident: str
    incident_name: str
    kind: Kind
    ground: str
    item: str
    place: str
    summons: tuple[Summons, ...]
    playbook: str  # digest of the playbook in force
    calendar: str  # digest of the calendar in force
    approved_by: str = ""
    unfilled: tuple[str, ...] = ()
    note: str = ""

    def concerns(self) -> tuple[str, ...]:
        """Every called unit."""
        return tuple(summons.unit for summons in self.summons)

    def naming(self) -> str | None:
        """Its own name."""
        return self.name


class CallDelivered(CallEvent, frozen=True):
    """The call became readable for the unit: its clocks start here, not when it was typed."""

    topic: ClassVar[str] = "whistle.call_delivered/1"
    channel: Literal["inbox", "phone", "radio", "paper", "bundle"]
    clocks: tuple[ClockStarted, ...]
    playbook: str
    calendar: str


class Acknowledged(CallEvent, frozen=True):
    """The unit answered the whistle (应哨) and said when it will be there."""

    topic: ClassVar[str] = "whistle.acknowledged/1"
    eta: Instant | None = None
    by_arrival: bool = False  # nobody signed; coming was the answer


class Declined(CallEvent, frozen=True):
    """The unit objected that the matter is not its duty, and named whose it is (退单)."""

    topic: ClassVar[str] = "whistle.declined/1"
    reason: str
    proposed: str = ""
    note: str = ""


class Departed(CallEvent, frozen=True):
    """The unit set out."""

    topic: ClassVar[str] = "whistle.departed/1"
    note: str = ""


class Arrived(CallEvent, frozen=True):
    """The unit reported in on the spot (报到)."""

    topic: ClassVar[str] = "whistle.arrived/1"
    evidence: tuple[str, ...] = ()
    note: str = ""


class Assembled(Event, frozen=True):
    """Every required unit is on the spot."""

    topic: ClassVar[str] = "whistle.assembled/1"


class Acted(CallEvent, frozen=True):
    """The unit did something on the spot."""

    topic: ClassVar[str] = "whistle.acted/1"
    act: str
    note: str = ""


class Finished(CallEvent, frozen=True):
    """The unit says that its part is done, and asks the commander for release."""

    topic: ClassVar[str] = "whistle.finished/1"
    result: Result
    note: str = ""
    evidence: tuple[str, ...] = ()


class Released(CallEvent, frozen=True):
    """The commander let the unit go."""

    topic: ClassVar[str] = "whistle.released/1"
    note: str = ""


class LeftEarly(CallEvent, frozen=True):
    """The unit left before the commander let it go (事不完人不撤)."""

    topic: ClassVar[str] = "whistle.left_early/1"
    reason: str


class WhistleEnded(Event, frozen=True):
    """Every called unit has finished or been excused."""

    topic: ClassVar[str] = "whistle.ended/1"


class ReworkOrdered(CallEvent, frozen=True):
    """The unit must do its part again; its clock was never stopped for good."""

    topic: ClassVar[str] = "whistle.rework_ordered/1"
    reason: str = ""


class UnitEvaluated(CallEvent, frozen=True):
    """The town gave the unit a mark for this whistle."""

    topic: ClassVar[str] = "whistle.unit_evaluated/1"
    score: int
    note: str = ""


class WhistleRated(CallEvent, frozen=True):
    """The called unit gave the whistle a mark: was it right to blow it?"""

    topic: ClassVar[str] = "whistle.rated/1"
    score: int
    note: str = ""


class TeamNoted(Event, frozen=True):
    """A joint team that was sent to this whistle told where it stands."""

    topic: ClassVar[str] = "whistle.team_noted/1"
    team: str  # its stream
    name: str
    standing: TeamStanding
    heads: int  # how many people should be there
    present: int = 0  # at the last roll call


class DueSoon(CallEvent, frozen=True):
    """A clock is about to run out."""

    topic: ClassVar[str] = "whistle.due_soon/1"
    clock: ClockName
    rule: str


class Overdue(CallEvent, frozen=True):
    """A clock ran out before the act it waited for."""

    topic: ClassVar[str] = "whistle.overdue/1"
    clock: ClockName
    rule: str


class Supervised(CallEvent, frozen=True):
    """The ladder reached a rung: a supervision notice went to the unit (督办)."""

    topic: ClassVar[str] = "whistle.supervised/1"
    clock: ClockName
    level: Literal["yellow", "red"]
    rule: str


class OverdueVoided(CallEvent, frozen=True):
    """What the clock had said does not stand: the act was in time, or was set right later."""

    topic: ClassVar[str] = "whistle.overdue_voided/1"
    clock: ClockName
    level: Level
    due: Instant
    rule: str


class UndoAsked(CallEvent, frozen=True):
    """Whoever recorded an act of this call asks the other side of it to let it be taken back."""

    topic: ClassVar[str] = "whistle.undo_asked/1"
    seq: int  # of the act
    asked: Literal["unit", "town"]
    why: str = ""

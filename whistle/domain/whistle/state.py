"""What a whistle is at a moment: asked for, set for later, called off, or sounding."""

from typing import Literal

import msgspec

from whistle.domain.moment import Instant
from whistle.domain.playbook import ClockName, Kind
from whistle.domain.whistle.delivery_events import Passing, Rung
from whistle.domain.whistle.events import (
    ClockStarted,
    Duty,
    Level,
    Owed,
    Summons,
    TeamStanding,
)
from whistle.domain.whistle.telling import Telling

CallStage = Literal[
    "called", "acknowledged", "on_way", "on_scene", "finished", "released", "declined", "withdrawn"
]
DONE: frozenset[CallStage] = frozenset({"finished", "released", "declined", "withdrawn"})
"""Stages in which a call waits for nothing more from its unit."""

STOPPED_BY: dict[ClockName, tuple[str, ...]] = {
    "ack": ("acknowledged", "arrived", "finished", "declined", "withdrawn"),
    "arrive": ("arrived", "finished", "declined", "withdrawn"),
    "feedback": ("acted", "finished", "declined", "withdrawn"),
    "dispose": ("finished", "declined", "withdrawn"),
}
"""Which acts of the unit stop which clock; and the town's word that excuses it stops all."""


class Clock(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A running or stopped clock of one call."""

    started: ClockStarted
    at: Instant
    stopped: Instant | None = None
    fired: tuple[tuple[Level, Instant], ...] = ()

    @property
    def coming(self) -> list[Owed]:
        """What the clock will say if nothing more happens."""
        owed, stopped = self.started.owed, self.stopped
        said = {level for level, _ in self.fired} if self.fired else ()
        return [
            each
            for each in owed
            if each.level not in said and (stopped is None or each.due < stopped)
        ]


class Call(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One unit's call."""

    unit: str
    duty: Duty
    stage: CallStage = "called"
    delivered: Instant | None = None
    acknowledged: Instant | None = None
    eta: Instant | None = None
    arrived: Instant | None = None
    acted: Instant | None = None
    finished: Instant | None = None
    left_early: Instant | None = None
    declined: Instant | None = None
    withdrawn: Instant | None = None
    changed: bool = False  # the whistle was amended since the unit's last act
    reworks: int = 0
    score: int | None = None
    rating: int | None = None
    clocks: dict[ClockName, Clock] = {}
    undo_asked: dict[int, Literal["unit", "town"]] = {}  # seq of an act -> who may agree
    tellings: tuple[Telling, ...] = ()  # what was told of it and is not settled
    awaiting: bool = False  # not reached by the inbox: no clock runs until somebody was told
    awaited: tuple[Passing, ...] = ()  # whom it goes on to, and when
    passed: tuple[Rung, ...] = ()  # whom it went on to
    tries: int = 0  # attempts that reached nobody

    @property
    def undelivered(self) -> bool:
        """Whether nobody of the unit has been told yet."""
        return self.awaiting and self.delivered is None and self.withdrawn is None

    @property
    def unreachable(self) -> bool:
        """Whether it was given up to reach the unit."""
        return self.undelivered and "nobody" in self.passed

    @property
    def done(self) -> bool:
        """Whether the call waits for nothing more from its unit."""
        return self.stage in DONE


class TeamThere(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A joint team that was sent here, as it last told."""

    name: str
    standing: TeamStanding
    heads: int
    present: int = 0


class Silent(msgspec.Struct, frozen=True, tag="silent"):
    """Nobody has blown it."""


class Requested(msgspec.Struct, frozen=True, kw_only=True, tag="requested"):
    """Waiting for the leader's approval."""

    incident: str
    incident_name: str
    kind: Kind
    ground: str
    item: str
    place: str
    summons: tuple[Summons, ...]
    unfilled: tuple[str, ...] = ()
    note: str = ""
    on: Instant | None = None  # when it is to sound; none: with the approval


class Confirming(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The word that a leader owes for a whistle that sounds without his own hand."""

    unit: str  # the town office
    leader: str = ""  # who said yes by phone; none: any leader
    due: Instant | None = None
    rule: str = ""
    given: Literal["", "confirmed", "contested"] = ""
    at: Instant | None = None  # when the word was given
    overdue: bool = False


class Scheduled(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="scheduled"):
    """It sounds by itself when its time has come."""

    asked: Requested
    on: Instant
    approved_by: str = ""
    came_due: bool = False
    confirming: Confirming | None = None

    @property
    def incident(self) -> str:
        """The incident's stream."""
        return self.asked.incident

    @property
    def incident_name(self) -> str:
        """The name it goes by until it sounds."""
        return self.asked.incident_name


class CalledOff(msgspec.Struct, frozen=True, kw_only=True, tag="called_off"):
    """Withdrawn before it sounded; it has no number."""

    incident: str
    incident_name: str


class TurnedDown(msgspec.Struct, frozen=True, kw_only=True, tag="turned_down"):
    """The leader did not approve it; it never sounded and has no number."""

    incident: str
    incident_name: str


class Need(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A call for more from the scene."""

    unit: str  # who asks
    what: str
    quantity: int
    wanted: str = ""
    answered: bool = False


class Sounding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="sounding"):
    """Blown: every called unit owes its part until all have answered for theirs."""

    name: str
    incident: str
    incident_name: str
    kind: Kind
    item: str
    place: str
    calls: dict[str, Call]
    ground: str = ""
    note: str = ""
    assembled: bool = False
    ended: bool = False
    confirming: Confirming | None = None
    needs: dict[int, Need] = {}
    teams: dict[str, TeamThere] = {}  # by stream

    @property
    def withdrawn(self) -> bool:
        """Whether the town took it back whole: no unit answers for anything."""
        return all(call.stage == "withdrawn" for call in self.calls.values())


WhistleState = Silent | Requested | Scheduled | TurnedDown | CalledOff | Sounding

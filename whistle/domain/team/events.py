"""What happens to a joint team; these topics are for ever."""

from typing import ClassVar, Literal

import msgspec

from whistle.domain.correction import Corrected
from whistle.domain.message import Event
from whistle.domain.taken_back import TakenBack

ForceMode = Literal["stationed_team", "stationed_staff", "on_call"]
"""How a unit's people are at the town's disposal (派驻队伍, 派驻人员, 听候呼叫)."""


class Contingent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one unit gives to a team: how many people, and which of them are known by name."""

    unit: str
    mode: ForceMode
    heads: int
    persons: tuple[str, ...] = ()  # persons of the unit's own register, at most as many as heads


class Roll(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One unit's line of a head count."""

    unit: str
    heads: int  # how many should be there
    present: int
    missing: tuple[str, ...] = ()  # by name, as far as names are known
    gone: tuple[str, ...] = ()  # of these, who had signed in


class TeamUnitEvent(Event, frozen=True):
    """An event about one unit's people in a team."""

    unit: str

    def concerns(self) -> tuple[str, ...]:
        """The unit whose people they are."""
        return (self.unit,)


class WholeTeamEvent(Event, frozen=True):
    """An event about every unit of a team, or of one of its dispatches."""

    units: tuple[str, ...]

    def concerns(self) -> tuple[str, ...]:
        """Every unit of it."""
        return self.units


class TeamFormed(Event, frozen=True):
    """A joint team was formed of people of several units."""

    topic: ClassVar[str] = "team.formed/1"
    name: str
    title: str
    contingents: tuple[Contingent, ...]
    leader: str  # the unit that leads
    leader_person: str = ""
    note: str = ""

    def concerns(self) -> tuple[str, ...]:
        """Every unit that gives people."""
        return tuple(each.unit for each in self.contingents)

    def naming(self) -> str | None:
        """Its own name."""
        return self.name


class UnitJoined(TeamUnitEvent, frozen=True):
    """A unit's people joined the team."""

    topic: ClassVar[str] = "team.unit_joined/1"
    mode: ForceMode
    heads: int
    persons: tuple[str, ...] = ()
    note: str = ""


class UnitLeft(TeamUnitEvent, frozen=True):
    """A unit's people left the team."""

    topic: ClassVar[str] = "team.unit_left/1"
    reason: str = ""


class UnitRelieved(TeamUnitEvent, frozen=True):
    """A unit's people were replaced by others (换班)."""

    topic: ClassVar[str] = "team.unit_relieved/1"
    by: str  # the unit that takes over; the same one when only the shift changes
    mode: ForceMode
    heads: int
    persons: tuple[str, ...] = ()
    leader_person: str = ""  # who leads from now on, when the leading unit was relieved
    note: str = ""

    def concerns(self) -> tuple[str, ...]:
        """Both units."""
        return tuple(dict.fromkeys((self.unit, self.by)))


class SignedIn(TeamUnitEvent, frozen=True):
    """Some of a unit's people signed in where the team gathers, or on the scene it was sent to."""

    topic: ClassVar[str] = "team.signed_in/1"
    heads: int  # how many, those with a name among them
    persons: tuple[str, ...] = ()
    note: str = ""


class HeadsCounted(Event, frozen=True):
    """The roll was called: who is here, and who is missing (点名)."""

    topic: ClassVar[str] = "team.heads_counted/1"
    rolls: tuple[Roll, ...]
    note: str = ""

    def concerns(self) -> tuple[str, ...]:
        """Every unit whose people were counted."""
        return tuple(each.unit for each in self.rolls)


class TeamDispatched(WholeTeamEvent, frozen=True):
    """The town office sent the team to the scene of a whistle."""

    topic: ClassVar[str] = "team.dispatched/1"
    nr: int  # 1 for the team's first dispatch
    whistle: str  # its stream
    whistle_name: str
    incident: str
    incident_name: str
    standing_by: tuple[str, ...] = ()  # on call, and not called by this whistle
    note: str = ""

    def concerns(self) -> tuple[str, ...]:
        """Every unit of the team: who goes, and who was told to stand by."""
        return (*self.units, *self.standing_by)


class DispatchEnded(WholeTeamEvent, frozen=True):
    """The whistle came to its end, and the team's dispatch with it."""

    topic: ClassVar[str] = "team.dispatch_ended/1"
    nr: int


class StoodDown(WholeTeamEvent, frozen=True):
    """The team was stood down for good (收队)."""

    topic: ClassVar[str] = "team.stood_down/1"
    nr: int = 0  # the dispatch that was broken off, if one was
    reason: str = ""


class TeamEvaluated(WholeTeamEvent, frozen=True):
    """The town gave the team a mark for one of its dispatches."""

    topic: ClassVar[str] = "team.evaluated/1"
    nr: int
    score: int
    note: str = ""


TeamEvent = (
    TeamFormed
    | UnitJoined
    | UnitLeft
    | UnitRelieved
    | SignedIn
    | HeadsCounted
    | TeamDispatched
    | DispatchEnded
    | StoodDown
    | TeamEvaluated
    | Corrected
    | TakenBack
)

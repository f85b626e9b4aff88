"""What a joint team is at a moment: who belongs to it, who is here, where it is sent."""

from typing import Literal

import msgspec

from whistle.domain.moment import Instant
from whistle.domain.team.events import Contingent

TeamStage = Literal["formed", "dispatched", "stood_down"]


class Squad(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One unit's people in the team, and who of them is here."""

    contingent: Contingent
    here: tuple[str, ...] = ()  # signed in by name
    others: int = 0  # signed in by number
    since: Instant | None = None  # of the first who is here

    @property
    def heads(self) -> int:
        """How many people the unit gives."""
        return self.contingent.heads

    @property
    def present(self) -> int:
        """How many of them are here."""
        return len(self.here) + self.others

    @property
    def missing(self) -> tuple[str, ...]:
        """Who is not here, by name, where numbers leave no doubt about it."""
        named = tuple(each for each in self.contingent.persons if each not in self.here)
        return named if len(named) <= self.heads - self.present else ()


class Dispatch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One dispatch of the team to a whistle."""

    nr: int
    whistle: str
    whistle_name: str
    incident_name: str
    units: tuple[str, ...]  # who goes
    at: Instant
    ended: Instant | None = None
    broken_off: bool = False
    score: int | None = None


class Unformed(msgspec.Struct, frozen=True, tag="unformed"):
    """Nobody has formed it."""


class Formed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="formed"):
    """A team with its people, its leader, and where it was sent."""

    name: str
    title: str
    squads: dict[str, Squad]
    leader: str
    leader_person: str = ""
    dispatches: tuple[Dispatch, ...] = ()
    counted: Instant | None = None  # the last roll call where the team is now
    stood_down: bool = False

    @property
    def out(self) -> Dispatch | None:
        """The dispatch that is under way."""
        last = self.dispatches[-1] if self.dispatches else None
        return last if last is not None and last.ended is None else None

    @property
    def stage(self) -> TeamStage:
        """Formed, dispatched, or stood down."""
        if self.stood_down:
            return "stood_down"
        return "formed" if self.out is None else "dispatched"

    @property
    def expected(self) -> dict[str, Squad]:
        """Whose people should be here: who was sent, and who came beside them."""
        if self.out is None:
            return self.squads
        sent = self.out.units
        return {unit: squad for unit, squad in self.squads.items() if unit in sent or squad.present}

    @property
    def heads(self) -> int:
        """How many people should be here."""
        return sum(squad.heads for squad in self.expected.values())

    @property
    def present(self) -> int:
        """How many people are here."""
        return sum(squad.present for squad in self.squads.values())


TeamState = Unformed | Formed

"""What a decision must know from elsewhere, handed in as one frozen value.

The engine reads it in the transaction that records what was decided, so it cannot be stale.
"""

from collections.abc import Collection, Mapping
from typing import Literal

import msgspec

from whistle.domain.calendar import Calendar
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.playbook import Playbook
from whistle.domain.refusal import NotFound, _


class UnitEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A unit as the register knows it."""

    code: str
    name: str
    type: str
    aliases: tuple[str, ...] = ()
    initials: str = ""
    commander: bool = False
    persons: dict[str, str] = {}  # name -> role
    reached: Literal["inbox", "phone"] = "inbox"  # how a call gets there

    def answers_to(self, text: str) -> bool:
        """Whether a person may mean this unit by a text (code, name, alias, initials)."""
        wanted = text.strip().casefold()
        names = (self.code, self.name, *self.aliases, self.initials)
        return bool(wanted) and wanted in (name.casefold() for name in names)

    def persons_of(self, allowed: Collection[str]) -> list[str]:
        """The persons whose role or name is among some."""
        return [name for name, role in self.persons.items() if role in allowed or name in allowed]


def meant(units: Mapping[str, UnitEntry], text: str) -> UnitEntry | None:
    """The one unit of a register that a person means: by its code, else by any other name."""
    if exact := units.get(text):
        return exact
    found = [unit for unit in units.values() if unit.answers_to(text)]
    return found[0] if len(found) == 1 else None


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who typed the order, and for whom: on a store without log-in this is self-declared."""

    unit: str = ""
    person: str = ""
    role: str = ""
    behalf: str = ""  # the unit whose act was told by phone, radio or paper
    mouth: Literal["", "phone", "radio", "paper"] = ""  # by which of them
    speaker: str = ""  # who of that unit spoke

    @property
    def speaks_for(self) -> str:
        """The unit whose act this is."""
        return self.behalf or self.unit


class OnRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An event with who recorded it, for whom, when, and under which command."""

    seq: int
    stream: str
    version: int
    event: Event
    received_at: Instant
    command: bytes
    unit: str = ""
    person: str = ""
    behalf: str = ""

    @property
    def by_clock(self) -> bool:
        """Whether nobody's act is it: the clock said it, at the instant at which it was due."""
        return self.event.at < self.received_at


class IncidentBrief(msgspec.Struct, frozen=True, kw_only=True):
    """What a whistle must know of its incident, and no more."""

    stream: str
    name: str
    stage: str
    item: str
    place: str
    whistle_waits: bool = False  # whether a whistle for it waits for the leader's approval
    sounding: bool = False  # whether a whistle of it has not come to its end
    merged_into: str = ""  # the name of the incident that goes on in its place


class WhistleBrief(msgspec.Struct, frozen=True, kw_only=True):
    """What a team must know of the whistle it is sent to, and no more."""

    stream: str
    name: str
    stage: str
    incident: str
    incident_name: str
    called: tuple[str, ...]  # the units that it calls


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """Playbook, calendar, units, the actor, the instant, and the next free names."""

    at: Instant  # received_at: when the order reached the engine
    actor: Actor
    playbook: Playbook
    calendar: Calendar
    calendar_digest: str = ""
    units: Mapping[str, UnitEntry]  # by code
    next_names: Mapping[str, str] = {}
    incident: IncidentBrief | None = None
    claimed: Instant | None = None  # happened_at: when it was, by who types
    beside: tuple[OnRecord, ...] = ()  # of an act to be taken back: see `taking_back`
    whistle: WhistleBrief | None = None
    duplicate: IncidentBrief | None = None  # the one that is about to be merged into `incident`

    def unit(self, text: str) -> UnitEntry | None:
        """The one unit that a person means by code, name, alias or initials."""
        return meant(self.units, text)

    def filling(self, place: str) -> UnitEntry | None:
        """The one unit that fills a place of the item catalogue: by type, else by name."""
        found = [unit for unit in self.units.values() if unit.type == place]
        return found[0] if len(found) == 1 else self.unit(place)

    def known_unit(self, text: str) -> UnitEntry:
        """As `unit`, but NotFound when nobody, or more than one, answers to the text."""
        unit = self.unit(text)
        if unit is None:
            raise NotFound(_("No unit is called {unit}."), hint="whistle org unit list", unit=text)
        return unit

    @property
    def by_commander(self) -> bool:
        """Whether the town office itself gives this order."""
        unit = self.units.get(self.actor.speaks_for)
        return unit is not None and unit.commander

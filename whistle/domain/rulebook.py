"""The rulebook of a town: its name, the playbook adopted and the calendars adopted.

Unfounded --found--> Founded --adopt playbook | adopt calendar--> Founded

Cases that run keep the numbers copied into their events; adopting changes only what comes after.
"""

from typing import ClassVar, assert_never

import msgspec

from whistle.domain.calendar import Calendar
from whistle.domain.message import Event, Order
from whistle.domain.playbook import Playbook
from whistle.domain.refusal import NotAllowed, Refused, _
from whistle.domain.surroundings import Surroundings

STREAM = "rulebook"
"""The stream of a store's one rulebook."""


class FoundTown(Order, frozen=True):
    """Open the record of a town."""

    name: str
    code: str
    demo: bool = False


class AdoptPlaybook(Order, frozen=True):
    """Put a playbook in force from now on."""

    playbook: Playbook


class AdoptCalendar(Order, frozen=True):
    """Put a calendar of working days in force from now on."""

    calendar: Calendar


class TownFounded(Event, frozen=True):
    """The record of a town was opened."""

    topic: ClassVar[str] = "rulebook.town_founded/1"
    name: str
    code: str
    demo: bool = False


class PlaybookAdopted(Event, frozen=True):
    """A playbook came into force, whole and with its digest."""

    topic: ClassVar[str] = "rulebook.playbook_adopted/1"
    digest: str
    playbook: Playbook


class CalendarAdopted(Event, frozen=True):
    """A calendar of working days came into force, whole and with its digest."""

    topic: ClassVar[str] = "rulebook.calendar_adopted/1"
    digest: str
    calendar: Calendar


RulebookOrder = FoundTown | AdoptPlaybook | AdoptCalendar
RulebookEvent = TownFounded | PlaybookAdopted | CalendarAdopted


class Rulebook(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force; no town before it is founded."""

    town: str = ""
    code: str = ""
    playbook: str = ""  # digest
    calendar: str = ""  # digest


START = Rulebook()


def decide(state: Rulebook, order: RulebookOrder, around: Surroundings) -> list[Event]:
    """What follows from an order to the rulebook."""
    at = around.at
    if state.town and around.units and not around.by_commander:
        raise NotAllowed(_("Only the town office adopts rules."), rule="rulebook.keeper")
    match order:
        case FoundTown() if state.town:
            raise Refused(
                _("This store is {town}'s already."), rule="rulebook.founded", town=state.town
            )
        case FoundTown(name=name, code=code, demo=demo):
            if not (code.isascii() and code.isalnum() and 1 <= len(code) <= 8):
                raise Refused(
                    _("A town code is one to eight letters or digits, such as WY."),
                    rule="rulebook.town_code",
                )
            return [TownFounded(at=at, name=name, code=code.upper(), demo=demo)]
        case AdoptPlaybook(playbook=playbook):
            if playbook.digest == state.playbook:
                return []
            return [PlaybookAdopted(at=at, digest=playbook.digest, playbook=playbook)]
        case AdoptCalendar(calendar=calendar):
            if calendar.digest == state.calendar:
                return []
            return [CalendarAdopted(at=at, digest=calendar.digest, calendar=calendar)]
        case _:
            assert_never(order)


def evolve(state: Rulebook, event: RulebookEvent) -> Rulebook:
    """What an event makes of the rulebook."""
    match event:
        case TownFounded():
            return msgspec.structs.replace(state, town=event.name, code=event.code)
        case PlaybookAdopted():
            return msgspec.structs.replace(state, playbook=event.digest)
        case CalendarAdopted():
            return msgspec.structs.replace(state, calendar=event.digest)
        case _:
            assert_never(event)

"""The rulebook of a town: its name, the playbook adopted and the calendars adopted.

Unfounded --found--> Founded --adopt playbook | adopt calendar--> Founded

A playbook may be adopted for a day to come: it takes force then, when the clock is next heard.
Cases that run keep the numbers copied into their events; adopting changes only what comes after.
"""

from datetime import datetime, time
from typing import ClassVar, assert_never

import msgspec

from whistle.domain.aggregate import Aggregate
from whistle.domain.calendar import Calendar
from whistle.domain.message import Event, Order
from whistle.domain.moment import CHINA, Instant, of
from whistle.domain.playbook import Playbook
from whistle.domain.refusal import NotAllowed, Refused, _
from whistle.domain.register import Entry
from whistle.domain.surroundings import Surroundings

STREAM = "rulebook"
"""The stream of a store's one rulebook."""


class FoundTown(Order, frozen=True):
    """Open the record of a town."""

    decided_by: ClassVar[str] = "rulebook"
    name: str
    code: str
    demo: bool = False


class AdoptPlaybook(Order, frozen=True):
    """Put a playbook in force from now on."""

    decided_by: ClassVar[str] = "rulebook"
    playbook: Playbook
    on: Instant | None = None  # from when; none: as the playbook says, or now


class AdoptCalendar(Order, frozen=True):
    """Put a calendar of working days in force from now on."""

    decided_by: ClassVar[str] = "rulebook"
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


class PlaybookAnnounced(Event, frozen=True):
    """A playbook was adopted for a time to come, whole and with its digest."""

    topic: ClassVar[str] = "rulebook.playbook_announced/1"
    digest: str
    playbook: Playbook
    on: Instant


class CalendarAdopted(Event, frozen=True):
    """A calendar of working days came into force, whole and with its digest."""

    topic: ClassVar[str] = "rulebook.calendar_adopted/1"
    digest: str
    calendar: Calendar


RulebookOrder = FoundTown | AdoptPlaybook | AdoptCalendar
RulebookEvent = TownFounded | PlaybookAdopted | PlaybookAnnounced | CalendarAdopted


class Coming(msgspec.Struct, frozen=True, kw_only=True):
    """A playbook that takes force at a time to come."""

    on: Instant
    playbook: Playbook


class Rulebook(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force; no town before it is founded."""

    town: str = ""
    code: str = ""
    playbook: str = ""  # digest
    calendar: str = ""  # digest
    coming: tuple[Coming, ...] = ()  # by when they take force


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
        case AdoptPlaybook():
            return _adopted(state, order, at)
        case AdoptCalendar(calendar=calendar):
            if calendar.digest == state.calendar:
                return []
            return [CalendarAdopted(at=at, digest=calendar.digest, calendar=calendar)]
        case _:
            assert_never(order)


def _adopted(state: Rulebook, order: AdoptPlaybook, at: Instant) -> list[Event]:
    """In force now, or announced for its day; a town's first playbook is in force at once."""
    playbook = order.playbook
    on = order.on
    if on is None and playbook.effective_from is not None:
        first = datetime.combine(playbook.effective_from, time(), CHINA)
        on = of(first)
    if any(each.on == on and each.playbook.digest == playbook.digest for each in state.coming):
        return []
    if on is not None and on > at and state.playbook:
        return [PlaybookAnnounced(at=at, digest=playbook.digest, playbook=playbook, on=on)]
    if playbook.digest == state.playbook:
        return []
    return [PlaybookAdopted(at=at, digest=playbook.digest, playbook=playbook)]


def owed(state: Rulebook, at: Instant) -> list[Event]:
    """The playbooks that took force by an instant, in their order."""
    return [
        PlaybookAdopted(at=each.on, digest=each.playbook.digest, playbook=each.playbook)
        for each in state.coming
        if each.on < at
    ]


def next_due(state: Rulebook) -> Instant | None:
    """When the next playbook takes force."""
    return state.coming[0].on if state.coming else None


def evolve(state: Rulebook, event: RulebookEvent) -> Rulebook:
    """What an event makes of the rulebook."""
    match event:
        case TownFounded():
            return msgspec.structs.replace(state, town=event.name, code=event.code)
        case PlaybookAdopted():
            left = tuple(each for each in state.coming if each.on > event.at)
            return msgspec.structs.replace(state, playbook=event.digest, coming=left)
        case PlaybookAnnounced():
            coming = (*state.coming, Coming(on=event.on, playbook=event.playbook))
            ordered = tuple(sorted(coming, key=lambda each: each.on))
            return msgspec.structs.replace(state, coming=ordered)
        case CalendarAdopted():
            return msgspec.structs.replace(state, calendar=event.digest)
        case _:
            assert_never(event)


def line(stream: str, _state: Rulebook, due: Instant | None) -> Entry:
    """The line under which its next date is found."""
    return Entry(stream=stream, kind="rulebook", stage="in_force", due=due)


RULEBOOK = Aggregate(
    kind="rulebook",
    start=START,
    decide=decide,
    evolve=evolve,
    owed=owed,
    next_due=next_due,
    line=line,
)

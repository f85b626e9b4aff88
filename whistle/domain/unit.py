"""The unit register: who can be called, under which names, and who speaks for them.

Absent --register--> Registered --add person--> Registered
"""

import re
from typing import ClassVar, Final, Literal, assert_never

import msgspec

from whistle.domain.aggregate import Aggregate
from whistle.domain.message import Event, Order
from whistle.domain.moment import Instant
from whistle.domain.refusal import NotAllowed, Refused, _
from whistle.domain.register import Entry
from whistle.domain.surroundings import Surroundings, UnitEntry

CODE: Final = r"[A-Za-z0-9][A-Za-z0-9_-]{0,15}"
"""A code stands in the names of calls (W-WY26-00019/TP) and in lists, so it holds no sign of
theirs: no space, / ; or :."""

Role = Literal["leader", "clerk", "officer", "evaluator", "supervisor", "alternate"]
Reached = Literal["inbox", "phone"]
"""Whether a call that is blown can be read there at once, or somebody must be told."""


class RegisterUnit(Order, frozen=True):
    """Enter a unit in the register."""

    decided_by: ClassVar[str] = "unit"
    code: str
    name: str
    type: str
    aliases: tuple[str, ...] = ()
    initials: str = ""
    commander: bool = False  # the town office that blows, releases and verifies
    reached: Reached = "inbox"


class AddPerson(Order, frozen=True):
    """Name a person who acts for a unit."""

    decided_by: ClassVar[str] = "unit"
    unit: str
    person: str
    role: Role


class SetReach(Order, frozen=True):
    """Say how a call gets to the unit."""

    decided_by: ClassVar[str] = "unit"
    unit: str
    reached: Reached


class UnitRegistered(Event, frozen=True):
    """A unit was entered in the register."""

    topic: ClassVar[str] = "unit.registered/1"
    code: str
    name: str
    type: str
    aliases: tuple[str, ...] = ()
    initials: str = ""
    commander: bool = False


class PersonAdded(Event, frozen=True):
    """A person was named to act for a unit."""

    topic: ClassVar[str] = "unit.person_added/1"
    unit: str
    person: str
    role: Role


class ReachSet(Event, frozen=True):
    """It was said how a call gets to the unit."""

    topic: ClassVar[str] = "unit.reach_set/1"
    unit: str
    reached: Reached


UnitOrder = RegisterUnit | AddPerson | SetReach
UnitEvent = UnitRegistered | PersonAdded | ReachSet


class Absent(msgspec.Struct, frozen=True):
    """Not in the register."""


class Registered(msgspec.Struct, frozen=True):
    """In the register, with the persons who act for it."""

    entry: UnitEntry


UnitState = Absent | Registered


def decide(state: UnitState, order: UnitOrder, around: Surroundings) -> list[Event]:
    """What follows from an order to the register."""
    if around.units and not around.by_commander:
        raise NotAllowed(_("Only the town office keeps the unit register."), rule="unit.keeper")
    match state, order:
        case Absent(), RegisterUnit():
            _check_names(order, around)
            return _registered(order, around)
        case Registered(entry), AddPerson():
            _check_person(order.person)
            if order.person in entry.persons:
                raise Refused(
                    _("{person} already acts for {unit}."),
                    rule="unit.person_known",
                    person=order.person,
                    unit=entry.name,
                )
            return [
                PersonAdded(at=around.at, unit=entry.code, person=order.person, role=order.role)
            ]
        case Registered(entry), SetReach(reached=reached):
            return [ReachSet(at=around.at, unit=entry.code, reached=reached)]
        case Registered(entry), RegisterUnit():
            raise Refused(
                _("{name} already names a unit."), rule="unit.name_taken", name=entry.code
            )
        case _:
            raise Refused(_("The unit is not in the register."), rule="unit.absent")


def _registered(order: RegisterUnit, around: Surroundings) -> list[Event]:
    events: list[Event] = [
        UnitRegistered(
            at=around.at,
            code=order.code,
            name=order.name,
            type=order.type,
            aliases=order.aliases,
            initials=order.initials,
            commander=order.commander,
        )
    ]
    if order.reached != "inbox":
        events.append(ReachSet(at=around.at, unit=order.code, reached=order.reached))
    return events


def _check_names(order: RegisterUnit, around: Surroundings) -> None:
    if not re.fullmatch(CODE, order.code):
        raise Refused(
            _("{code} is not a unit's code: write 1 to 16 letters, digits, - or _, such as TP."),
            rule="unit.code",
            code=order.code,
        )
    if not all(name.strip() for name in (order.name, order.type, *order.aliases)):
        raise Refused(_("A unit's names are not empty."), rule="unit.name")
    for text in (order.code, order.name, *order.aliases):
        if around.unit(text) is not None:
            raise Refused(_("{name} already names a unit."), rule="unit.name_taken", name=text)


def _check_person(person: str) -> None:
    """Refused when nobody could sign so: UNIT/PERSON is how a person speaks."""
    if not person.strip() or "/" in person:
        raise Refused(
            _("A person has a name, without a / in it."), rule="unit.person", person=person
        )


def evolve(state: UnitState, event: UnitEvent) -> UnitState:
    """What an event makes of a unit's entry."""
    match event:
        case UnitRegistered():
            return Registered(
                UnitEntry(
                    code=event.code,
                    name=event.name,
                    type=event.type,
                    aliases=event.aliases,
                    initials=event.initials,
                    commander=event.commander,
                )
            )
        case PersonAdded():
            if not isinstance(state, Registered):
                return state
            persons = {**state.entry.persons, event.person: event.role}
            return Registered(msgspec.structs.replace(state.entry, persons=persons))
        case ReachSet(reached=reached):
            if not isinstance(state, Registered):
                return state
            return Registered(msgspec.structs.replace(state.entry, reached=reached))
        case _:
            assert_never(event)


def line(stream: str, state: UnitState, _due: Instant | None) -> Entry | None:
    """The unit's line, once it is registered."""
    if not isinstance(state, Registered):
        return None
    unit = state.entry
    return Entry(stream=stream, kind="unit", stage="registered", name=unit.code, unit=unit)


UNIT = Aggregate(
    kind="unit",
    start=Absent(),
    decide=decide,
    evolve=evolve,
    line=line,
)

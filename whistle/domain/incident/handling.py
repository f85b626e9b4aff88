"""The ways out of an accepted incident, and what its whistles tell it.

state                 order               what follows
accepted              handle itself       in hand, by the town's own forces
accepted              transfer            in hand, with one unit
accepted | in hand    note whistle blown  in hand, by whistle (a policy orders this; so does
                                          rework, when the whistle sounds again)
known                 note whistle ended  that whistle is over (a policy orders this)
known                 note whistle        as if it had not been blown; if none is left, it is
                      withdrawn           accepted again and open to every way (a policy)
"""

from typing import ClassVar

from whistle.domain.incident.events import (
    IncidentTransferred,
    SelfHandled,
    WhistleEndNoted,
    WhistleNoted,
    WhistleWithdrawnNoted,
)
from whistle.domain.incident.intake import by_town, not_now
from whistle.domain.incident.state import IncidentState, Known
from whistle.domain.message import Event, Order
from whistle.domain.surroundings import Surroundings


class HandlingOrder(Order, frozen=True):
    """An order about who deals with the incident."""

    decided_by: ClassVar[str] = "incident"


class HandleIncident(HandlingOrder, frozen=True):
    """Deal with it by the town's own forces (自办)."""

    note: str = ""


class TransferIncident(HandlingOrder, frozen=True):
    """Hand it to the one unit whose duty it is."""

    unit: str
    note: str = ""


class NoteWhistleBlown(HandlingOrder, frozen=True):
    """Take note that a whistle was blown for it."""

    whistle: str
    name: str


class NoteWhistleEnded(HandlingOrder, frozen=True):
    """Take note that one of its whistles is over."""

    whistle: str
    name: str


class NoteWhistleWithdrawn(HandlingOrder, frozen=True):
    """Take note that one of its whistles was taken back before any unit had done its part."""

    whistle: str
    name: str


def decide(state: IncidentState, order: HandlingOrder, around: Surroundings) -> list[Event]:
    """What follows from a handling order."""
    at = around.at
    match state, order:
        case Known(stage="accepted"), HandleIncident(note=note):
            by_town(around)
            return [SelfHandled(at=at, by_person=around.actor.person, note=note)]
        case Known(stage="accepted"), TransferIncident(unit=unit, note=note):
            by_town(around)
            return [IncidentTransferred(at=at, unit=around.known_unit(unit).code, note=note)]
        case Known(), NoteWhistleBlown(whistle=whistle) if whistle in state.sounding:
            return []  # rework of a second unit: the whistle sounds again already
        case Known(stage="accepted" | "in_hand"), NoteWhistleBlown(whistle=whistle, name=name):
            return [WhistleNoted(at=at, whistle=whistle, name=name)]
        case Known(), NoteWhistleEnded(whistle=whistle, name=name):
            return [WhistleEndNoted(at=at, whistle=whistle, name=name)]
        case Known(), NoteWhistleWithdrawn(whistle=whistle, name=name):
            left = state.whistles.keys() - {whistle}
            back = state.stage == "in_hand" and state.way == "whistle" and not left
            return [WhistleWithdrawnNoted(at=at, whistle=whistle, name=name, back=back)]
        case _:
            raise not_now(state)

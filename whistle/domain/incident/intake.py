"""Taking an incident in: report, accept, or refuse with an explanation.

state      order      what follows
unknown    report     reported
known      found on   the patrol that found it is named (a policy orders this)
unknown    report     reported (a ticket that is on record is not reported again)
reported   accept     accepted
reported   refuse     closed, with a category
accepted   refuse     closed, with a category (found out after acceptance)
"""

import hashlib
from typing import ClassVar

from whistle.domain.incident.events import (
    Channel,
    FoundOnPatrol,
    IncidentAccepted,
    IncidentRefused,
    IncidentReported,
)
from whistle.domain.incident.state import IncidentState, Known, Unknown
from whistle.domain.message import Event, Order
from whistle.domain.moment import Instant
from whistle.domain.personal import check_impersonal
from whistle.domain.playbook import Item
from whistle.domain.refusal import NotAllowed, NotFound, Refused, _
from whistle.domain.surroundings import Surroundings


def ticket_stream(channel: Channel, ticket: str) -> str:
    """The stream of a platform's ticket: fixed by its id there, so that it is reported once."""
    named = f"{channel}\0{ticket}".encode()
    return "t" + hashlib.blake2b(named, digest_size=12).hexdigest()


class IntakeOrder(Order, frozen=True):
    """An order that takes an incident in or turns it away."""

    decided_by: ClassVar[str] = "incident"


class ReportIncident(IntakeOrder, frozen=True):
    """Report a problem to the town."""

    series: ClassVar[str] = "I"
    item: str
    place: str
    channel: Channel = "patrol"
    grid: str = ""
    source_ticket: str = ""
    ticket_at: Instant | None = None
    evidence: tuple[str, ...] = ()
    note: str = ""


class NoteFoundOnPatrol(IntakeOrder, frozen=True):
    """Take note of the patrol that found it."""

    patrol: str
    patrol_name: str
    nr: int


class AcceptIncident(IntakeOrder, frozen=True):
    """Take the incident on."""

    note: str = ""


class RefuseIncident(IntakeOrder, frozen=True):
    """Turn the incident away, with a category and an explanation."""

    category: str
    explanation: str


def decide(state: IncidentState, order: IntakeOrder, around: Surroundings) -> list[Event]:
    """What follows from an intake order."""
    match state, order:
        case Unknown(), ReportIncident():
            return [_reported(order, around)]
        case Known(), NoteFoundOnPatrol(patrol=patrol, patrol_name=name, nr=nr):
            return [FoundOnPatrol(at=around.at, patrol=patrol, patrol_name=name, nr=nr)]
        case Known(), ReportIncident(source_ticket=ticket) if ticket:
            raise Refused(
                _("Ticket {ticket} is on record as {name}, which is {stage}."),
                rule="report.ticket_known",
                hint="whistle show {name}",
                ticket=ticket,
                name=state.name,
                stage=state.stage,
            )
        case Known(stage="reported"), AcceptIncident(note=note):
            by_town(around)
            return [IncidentAccepted(at=around.at, note=note)]
        case Known(stage="reported" | "accepted"), RefuseIncident(category=category):
            by_town(around)
            return [_refused(category, order.explanation, around)]
        case _:
            raise not_now(state)


def item_of(text: str, around: Surroundings) -> Item:
    """The item of the catalogue that a person means; NotFound when there is none."""
    item = around.playbook.item(text)
    if item is None:
        raise NotFound(
            _("The catalogue has no item called {item}."),
            hint="whistle item list",
            item=text,
        )
    return item


def _reported(order: ReportIncident, around: Surroundings) -> Event:
    item = item_of(order.item, around)
    if not order.place.strip():
        raise Refused(_("Say where it is."), rule="report.place")
    check_impersonal(order.place, order.grid, order.note)
    return IncidentReported(
        at=around.at,
        name=around.next_names["I"],
        item=item.code,
        place=order.place,
        channel=order.channel,
        grid=order.grid,
        source_ticket=order.source_ticket,
        ticket_at=order.ticket_at,
        evidence=order.evidence,
        note=order.note,
    )


def _refused(category: str, explanation: str, around: Surroundings) -> Event:
    if category not in around.playbook.refuse_categories:
        raise Refused(
            _("{category} is not a category for refusing; these are: {known}."),
            rule="refuse.category",
            category=category,
            known=", ".join(around.playbook.refuse_categories),
        )
    if not explanation.strip():
        raise Refused(_("A refusal is explained: say why with -m."), rule="refuse.explained")
    return IncidentRefused(at=around.at, category=category, explanation=explanation)


def by_town(around: Surroundings) -> None:
    """Refuse unless the town office itself gives the order."""
    if not around.by_commander:
        raise NotAllowed(
            _("Only the town office may do this, not {unit}."),
            rule="town.only",
            unit=around.actor.speaks_for,
        )


NEXT_STEP = {
    "reported": _("accept it first: whistle accept {name}"),
    "accepted": _("blow a whistle, handle it or transfer it: whistle blow {name}"),
    "in_hand": _("verify it when it is done: whistle verify {name} pass"),
    "verified": _("call the reporter back: whistle callback {name} satisfied"),
    "called_back": _("close it: whistle close {name}"),
    "closed": _("reopen it: whistle reopen {name} -m WHY"),
}


def not_now(state: IncidentState) -> Refused | NotFound:
    """The refusal that names where the incident stands and what it waits for."""
    if isinstance(state, Unknown):
        return NotFound(_("There is no such incident."), hint="whistle incident list")
    if state.merged_into:
        return Refused(
            _("{name} was merged into {into}, which goes on in its place."),
            rule="incident.merged",
            hint="whistle show {into}",
            name=state.name,
            into=state.merged_into,
        )
    return Refused(
        _("{name} is {stage}."),
        rule=f"incident.{state.stage}",
        hint=NEXT_STEP[state.stage],
        name=state.name,
        stage=state.stage,
    )

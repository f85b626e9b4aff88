"""Blowing a whistle: asked for, approved by the leader where the kind needs it, delivered.

state      order     what follows
silent     blow      requested, if the kind needs approval first
silent     blow      blown and delivered to every unit, in an emergency
requested  approve   blown and delivered to every unit
requested  turn down turned down; no number is spent
"""

from typing import ClassVar

from whistle.domain.message import Event, Order
from whistle.domain.playbook import Item, Kind
from whistle.domain.refusal import NotAllowed, NotFound, Refused, _
from whistle.domain.surroundings import IncidentBrief, Surroundings, UnitEntry
from whistle.domain.whistle.delivery import at_blow
from whistle.domain.whistle.events import (
    ApprovalRefused,
    Duty,
    Summons,
    WhistleBlown,
    WhistleRequested,
)
from whistle.domain.whistle.state import Requested, Silent, WhistleState


class IssueOrder(Order, frozen=True):
    """An order that brings a whistle into being."""


class BlowWhistle(IssueOrder, frozen=True):
    """Call several units to an incident at once; what is left out the item fills in."""

    series: ClassVar[str] = "W"
    incident: str  # the incident's stream
    lead: str = ""
    assists: tuple[str, ...] = ()
    kind: Kind | None = None
    ground: str = ""
    note: str = ""


class ApproveWhistle(IssueOrder, frozen=True):
    """The leader approves the whistle."""

    series: ClassVar[str] = "W"


class TurnWhistleDown(IssueOrder, frozen=True):
    """The leader does not approve the whistle."""

    reason: str


def decide(state: WhistleState, order: IssueOrder, around: Surroundings) -> list[Event]:
    """What follows from an order to issue a whistle."""
    if not around.by_commander:
        raise NotAllowed(
            _("Only the town office blows and approves whistles, not {unit}."),
            rule="blow.town_only",
            unit=around.actor.speaks_for,
        )
    match state, order:
        case Silent(), BlowWhistle():
            asked = _asked(order, around)
            if around.playbook.kinds[asked.kind].approval == "required":
                return [asked]
            return _blown(asked, around)
        case Requested(), ApproveWhistle():
            _by_leader(around)
            return _blown(state, around)
        case Requested(), TurnWhistleDown(reason=reason):
            _by_leader(around)
            if not reason.strip():
                raise Refused(_("Say why it is not approved with -m."), rule="approve.reason")
            return [ApprovalRefused(at=around.at, reason=reason, by_person=around.actor.person)]
        case _:
            raise Refused(
                _("There is no whistle waiting for approval here."), rule="approve.nothing"
            )


def _by_leader(around: Surroundings) -> None:
    """Whoever approves must be a leader, as far as the register knows the person."""
    unit, person = around.units[around.actor.speaks_for], around.actor.person
    leaders = [name for name, role in unit.persons.items() if role == "leader"]
    if leaders and person not in leaders:
        raise NotAllowed(
            _("A leader of {unit} approves; these are: {leaders}."),
            rule="approve.leader",
            hint=_("say who approves: --as {code}/NAME"),
            unit=unit.name,
            leaders=", ".join(leaders),
            code=unit.code,
        )


def _asked(order: BlowWhistle, around: Surroundings) -> WhistleRequested:
    incident = around.incident
    if incident is None:
        raise NotFound(_("There is no such incident."), hint="whistle incident list")
    _open(incident)
    item = _item(incident, around)
    kind = order.kind or item.kind
    ground = order.ground or item.ground
    if ground not in around.playbook.grounds:
        raise Refused(
            _("{ground} is not a ground for blowing; these are: {known}."),
            rule="blow.ground",
            ground=ground,
            known=", ".join(around.playbook.grounds),
        )
    summons, unfilled = _summons(order, item, around)
    return WhistleRequested(
        at=around.at,
        incident=incident.stream,
        incident_name=incident.name,
        kind=kind,
        ground=ground,
        item=item.code,
        place=incident.place,
        summons=summons,
        unfilled=unfilled,
        note=order.note,
    )


def _item(incident: IncidentBrief, around: Surroundings) -> Item:
    item = around.playbook.items.get(incident.item)
    if item is None:
        raise NotFound(
            _("The playbook in force has no item {item} any more."),
            hint="whistle item list",
            item=incident.item,
        )
    return item


def _open(incident: IncidentBrief) -> None:
    if incident.stage not in ("accepted", "in_hand"):
        raise Refused(
            _("{name} is {stage}; a whistle is blown for an accepted incident."),
            rule="blow.incident_open",
            hint=_("accept it first: whistle accept {name}"),
            name=incident.name,
            stage=incident.stage,
        )
    if incident.whistle_waits:
        raise Refused(
            _("A whistle for {name} waits for approval already."),
            rule="blow.waits",
            hint="whistle approve {name}",
            name=incident.name,
        )


def _summons(
    order: BlowWhistle, item: Item, around: Surroundings
) -> tuple[tuple[Summons, ...], tuple[str, ...]]:
    """Who is called, and the places of the catalogue that no unit of this town fills.

    A unit that a person names must be there; an assisting place that the town has no unit for is
    put on record and never holds up the whistle.
    """
    called: dict[str, Duty] = {_lead(order, item, around).code: "lead"}
    unfilled = []
    for text in order.assists:
        called.setdefault(around.known_unit(text).code, "assist")
    places = (item.lead, *item.assists) if order.lead else item.assists
    for place in () if order.assists else places:  # another lead does not send the item's own home
        if (unit := around.filling(place)) is not None:
            called.setdefault(unit.code, "assist")
        else:
            unfilled.append(place)
    for code in called:
        if around.units[code].commander:
            raise Refused(
                _("{unit} blows the whistle and cannot be called by it."),
                rule="blow.not_self",
                unit=around.units[code].name,
            )
    return tuple(Summons(unit, duty) for unit, duty in called.items()), tuple(unfilled)


def _lead(order: BlowWhistle, item: Item, around: Surroundings) -> UnitEntry:
    if order.lead:
        return around.known_unit(order.lead)
    lead = around.filling(item.lead)
    if lead is None:
        raise Refused(
            _("No single unit of this town fills {place}, which leads {item}: name the lead."),
            rule="blow.lead",
            hint=_("add --lead UNIT; list them: whistle org unit list"),
            place=item.lead,
            item=item.name,
        )
    return lead


def _blown(asked: WhistleRequested | Requested, around: Surroundings) -> list[Event]:
    """The whistle blown, and delivered: on a shared store it can be read at once."""
    playbook, calendar = around.playbook.digest, around.calendar_digest
    events: list[Event] = [
        WhistleBlown(
            at=around.at,
            name=around.next_names["W"],
            incident=asked.incident,
            incident_name=asked.incident_name,
            kind=asked.kind,
            ground=asked.ground,
            item=asked.item,
            place=asked.place,
            summons=asked.summons,
            unfilled=asked.unfilled,
            playbook=playbook,
            calendar=calendar,
            approved_by=around.actor.person if isinstance(asked, Requested) else "",
            note=asked.note,
        )
    ]
    events += [at_blow(asked.kind, asked.item, each.unit, around) for each in asked.summons]
    return events

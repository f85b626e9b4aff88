"""Blowing a whistle: asked for, or sounding at once, or at a time that was set; delivered.

state      order  what follows
silent     blow   requested, if the kind needs approval first (approval.py)
silent     blow   blown and delivered to every unit, in an emergency; a leader confirms later
silent     blow   scheduled, if a time is set for it
scheduled  sound  blown and delivered to every unit (the clock orders this, nobody types it)
scheduled  sound  withdrawn, if its incident is over meanwhile
"""

from typing import ClassVar

from whistle.domain.message import Event, Needs, Order
from whistle.domain.moment import Instant
from whistle.domain.playbook import Item, Kind
from whistle.domain.refusal import NotAllowed, NotFound, Refused, _
from whistle.domain.surroundings import IncidentBrief, Surroundings, UnitEntry
from whistle.domain.whistle.changes import WhistleScheduled, WhistleWithdrawn
from whistle.domain.whistle.confirming import awaited
from whistle.domain.whistle.delivery import at_blow
from whistle.domain.whistle.events import (
    Duty,
    Summons,
    WhistleBlown,
    WhistleRequested,
)
from whistle.domain.whistle.state import Requested, Scheduled, Silent, WhistleState


class IssueOrder(Order, frozen=True):
    """An order that brings a whistle into being."""

    decided_by: ClassVar[str] = "whistle"


class BlowWhistle(IssueOrder, frozen=True):
    """Call several units to an incident at once; what is left out the item fills in."""

    series: ClassVar[str] = "W"
    incident: str  # the incident's stream
    lead: str = ""
    assists: tuple[str, ...] = ()
    kind: Kind | None = None
    ground: str = ""
    note: str = ""
    on: Instant | None = None  # when it is to sound; none: now, or with the approval

    def needs(self) -> Needs:
        """The incident it is blown for."""
        return Needs(incident=self.incident)


class SoundWhistle(IssueOrder, frozen=True):
    """Let a scheduled whistle sound: its time has come."""

    series: ClassVar[str] = "W"
    incident: str

    def needs(self) -> Needs:
        """The incident it sounds for."""
        return Needs(incident=self.incident)


def decide(state: WhistleState, order: IssueOrder, around: Surroundings) -> list[Event]:
    """What follows from an order to issue a whistle."""
    match state, order:
        case Scheduled(came_due=True), SoundWhistle():
            return _sounded(state, around)
        case Silent(), BlowWhistle():
            town_only(around)
            return _blow(order, around)
        case _:
            town_only(around)
            raise nothing_waits()


def town_only(around: Surroundings) -> None:
    """Refuse whoever is not the town office itself."""
    if not around.by_commander:
        raise NotAllowed(
            _("Only the town office blows and approves whistles, not {unit}."),
            rule="blow.town_only",
            unit=around.actor.speaks_for,
        )


def nothing_waits() -> Refused:
    """The refusal of a word that nobody waits for."""
    return Refused(_("There is no whistle waiting for approval here."), rule="approve.nothing")


def _blow(order: BlowWhistle, around: Surroundings) -> list[Event]:
    asked = _asked(order, around)
    rules = around.playbook.kinds[asked.kind]
    person = around.actor.person
    _may_blow(asked.kind, around)
    if order.on is not None:
        _in_future(order.on, around)
        return [asked, WhistleScheduled(at=around.at, on=order.on, approval=rules.approval)]
    if rules.approval == "required":
        return [asked]
    if person in approvers(asked.kind, around):  # who may approve it has blown it himself
        return blown(asked, around, approved_by=person)
    events = blown(asked, around)
    return [*events, awaited(asked.kind, around)] if rules.confirm_within else events


def approvers(kind: Kind, around: Surroundings) -> list[str]:
    """The persons of the town office who approve a kind of whistle, as the register knows them."""
    unit = around.units[around.actor.speaks_for]
    return unit.persons_of(around.playbook.kinds[kind].approve_by)


def _may_blow(kind: Kind, around: Surroundings) -> None:
    allowed = around.playbook.kinds[kind].blow_by
    unit, person = around.units[around.actor.speaks_for], around.actor.person
    persons = unit.persons_of(allowed)
    if allowed and person not in persons:
        raise NotAllowed(
            _("A {kind} whistle is blown by {persons} of {unit}."),
            rule=f"kinds.{kind}.blow_by",
            hint=_("say who blows it: --as {code}/NAME"),
            kind=kind,
            persons=", ".join(persons or allowed),
            unit=unit.name,
            code=unit.code,
        )


def _in_future(on: Instant, around: Surroundings) -> None:
    if on <= around.at:
        raise Refused(
            _("A whistle is set for a time to come; without --on it sounds now."), rule="blow.on"
        )


def _sounded(state: Scheduled, around: Surroundings) -> list[Event]:
    """The scheduled whistle blown, now that the clock was heard.

    It counts from the instant that recorded it and not from the time it was set for: only now can
    the units read it, and a clock that nobody listened to must not cost them a minute
    (decision 0007).
    """
    incident = around.incident
    if incident is None or incident.stage not in OPEN:
        rule = "schedule.incident_over"
        return [WhistleWithdrawn(at=around.at, reason="", rule=rule)]
    events = blown(state.asked, around, approved_by=state.approved_by)
    kind = state.asked.kind
    if not state.approved_by and around.playbook.kinds[kind].confirm_within:
        town = next(unit.code for unit in around.units.values() if unit.commander)
        events.append(awaited(kind, around, town=town))
    return events


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


OPEN = ("accepted", "in_hand")
"""Stages of an incident for which a whistle may sound."""


def _open(incident: IncidentBrief) -> None:
    if incident.merged_into:
        raise Refused(
            _("{name} was merged into {into}: blow for that one."),
            rule="blow.merged",
            hint="whistle blow {into}",
            name=incident.name,
            into=incident.merged_into,
        )
    if incident.stage not in OPEN:
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


def blown(
    asked: WhistleRequested | Requested, around: Surroundings, approved_by: str = ""
) -> list[Event]:
    """The whistle blown, and delivered: on a shared store it can be read at once."""
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
            playbook=around.playbook.digest,
            calendar=around.calendar_digest,
            approved_by=approved_by,
            note=asked.note,
        )
    ]
    events += at_blow(asked.kind, asked.item, asked.summons, around)
    return events

"""On the way: stops checked or left out, notes, findings, and the end.

state    order            what follows
out      visit stop       the stop is visited
out      skip stop        the stop is left out, with a reason
out      note             on record
out      report finding   found; a policy reports the incident, which is noted here by its name
known    note finding     the finding has its incident's name (a policy orders this)
out      finish           done; stops still open are left out for the reason that -m gives
"""

from typing import ClassVar

from whistle.domain.incident.intake import item_of
from whistle.domain.message import Event, Order
from whistle.domain.patrol.events import (
    FindingReported,
    PatrolFinished,
    PatrolFound,
    PatrolJoined,
    PatrolNoted,
    Stop,
    StopSkipped,
    StopVisited,
    Walker,
)
from whistle.domain.patrol.guards import known_stop, not_now, on_it, the_stop
from whistle.domain.patrol.state import Patrol, PatrolState
from whistle.domain.personal import check_impersonal
from whistle.domain.refusal import Refused, _
from whistle.domain.surroundings import Surroundings


class WalkingOrder(Order, frozen=True):
    """An order given on the way."""

    decided_by: ClassVar[str] = "patrol"


class VisitStop(WalkingOrder, frozen=True):
    """Check in at a stop; a patrol without a plan may name any place."""

    stop: str
    grid: str = ""
    note: str = ""
    evidence: tuple[str, ...] = ()


class SkipStop(WalkingOrder, frozen=True):
    """Leave a stop out, and say why."""

    stop: str
    reason: str


class NotePatrol(WalkingOrder, frozen=True):
    """Put something on record."""

    note: str
    evidence: tuple[str, ...] = ()


class ReportFinding(WalkingOrder, frozen=True):
    """Report what was found; the place is the stop's unless it is said."""

    incident: str  # the stream of the incident that it becomes
    item: str
    place: str = ""
    stop: str = ""
    grid: str = ""
    evidence: tuple[str, ...] = ()
    note: str = ""


class NoteFinding(WalkingOrder, frozen=True):
    """Take note of the name of the incident that a finding became."""

    nr: int
    incident: str
    name: str


class FinishPatrol(WalkingOrder, frozen=True):
    """Say that the patrol is done."""

    note: str = ""


def decide(state: PatrolState, order: WalkingOrder, around: Surroundings) -> list[Event]:
    """What follows from an order on the way."""
    match state, order:
        case Patrol(), NoteFinding(nr=nr, incident=incident, name=name):
            return [FindingReported(at=around.at, nr=nr, incident=incident, incident_name=name)]
        case Patrol(stage="out"), _:
            walker = on_it(state, around)
            joined = _joining(state, walker, around)
            return [*joined, *_walked(state, order, walker, around)]
        case _:
            raise not_now(state)


def _joining(patrol: Patrol, walker: Walker, around: Surroundings) -> list[Event]:
    """Whoever was to walk and acts on the way has come: no second order is asked of them."""
    awaited = any(walker.stands_for(wanted) for wanted in patrol.absent)
    if not awaited and any(walker.unit == each.unit for each in patrol.present):
        return []
    return [PatrolJoined(at=around.at, unit=walker.unit, person=walker.person)]


def _walked(
    patrol: Patrol, order: WalkingOrder, walker: Walker, around: Surroundings
) -> list[Event]:
    at, unit, person = around.at, walker.unit, walker.person
    match order:
        case VisitStop():
            return [_visited(patrol, order, walker, around)]
        case SkipStop(stop=text, reason=reason):
            stop = known_stop(patrol, text)
            if stop.name in patrol.visits:
                raise Refused(
                    _("{stop} was visited already."), rule="patrol.visited", stop=stop.name
                )
            if not reason.strip():
                raise Refused(_("Say with -m why the stop is left out."), rule="patrol.skip_reason")
            return [StopSkipped(at=at, unit=unit, person=person, stop=stop.name, reason=reason)]
        case NotePatrol(note=note, evidence=evidence):
            if not (note.strip() or evidence):
                raise Refused(_("Say what is to be put on record, with -m."), rule="patrol.note")
            return [PatrolNoted(at=at, unit=unit, person=person, note=note, evidence=evidence)]
        case ReportFinding():
            return [_found(patrol, order, walker, around)]
        case FinishPatrol(note=note):
            return _finished(patrol, note, walker, around)
        case _:
            raise not_now(patrol)


def _visited(patrol: Patrol, order: VisitStop, walker: Walker, around: Surroundings) -> Event:
    stop = the_stop(patrol, order.stop)
    if stop is None and not patrol.on_plan and order.stop.strip():
        stop = Stop(name=order.stop.strip(), grid=order.grid)
    if stop is None:
        stop = known_stop(patrol, order.stop)
    return StopVisited(
        at=around.at,
        unit=walker.unit,
        person=walker.person,
        stop=stop.name,
        grid=order.grid or stop.grid,
        note=order.note,
        evidence=order.evidence,
    )


def _found(patrol: Patrol, order: ReportFinding, walker: Walker, around: Surroundings) -> Event:
    item = item_of(order.item, around)
    stop = known_stop(patrol, order.stop) if order.stop else patrol.where
    place = order.place.strip() or (stop.name if stop else "")
    if not place:
        raise Refused(
            _("Say where it is."),
            rule="report.place",
            hint=_("name the place, or check in at a stop first"),
        )
    check_impersonal(place, order.grid, order.note)
    return PatrolFound(
        at=around.at,
        unit=walker.unit,
        person=walker.person,
        nr=len(patrol.findings) + 1,
        incident=order.incident,
        item=item.code,
        place=place,
        stop=stop.name if stop else "",
        grid=order.grid or (stop.grid if stop else ""),
        evidence=order.evidence,
        note=order.note,
    )


def _finished(patrol: Patrol, note: str, walker: Walker, around: Surroundings) -> list[Event]:
    at, unit, person = around.at, walker.unit, walker.person
    if patrol.open_stops and not note.strip():
        raise Refused(
            _("{name} has not seen {count} of its stops: {stops}."),
            rule="patrol.open_stops",
            hint=_("check in there, or say with -m why they are left out"),
            name=patrol.name,
            count=len(patrol.open_stops),
            stops=", ".join(stop.name for stop in patrol.open_stops),
        )
    left_out: list[Event] = [
        StopSkipped(at=at, unit=unit, person=person, stop=stop.name, reason=note)
        for stop in patrol.open_stops
    ]
    return [*left_out, PatrolFinished(at=at, unit=unit, person=person, note=note)]

"""巡查, patrols: the plan and what was walked, stop by stop; who was there; what was found.

The four views and the ledger show patrols from here. A finding's row belongs to the case of its
incident, so that it can tell what became of it.
"""

from typing import TYPE_CHECKING

import msgspec

from projections.projection import Projection, Row, Rows, Table
from whistle.domain.correction import Corrected
from whistle.domain.incident.events import (
    FoundOnPatrol,
    IncidentRefused,
    IncidentReported,
    WhistleNoted,
)
from whistle.domain.moment import Instant
from whistle.domain.patrol import START, PatrolEvent, PatrolState, evolve
from whistle.domain.patrol.events import (
    PatrolAct,
    PatrolStarted,
    PatrolStartedUnplanned,
    Walker,
)
from whistle.domain.patrol.state import NoPatrol, Patrol
from whistle.domain.taken_back import TakenBack
from whistle.log.rows import Recorded

if TYPE_CHECKING:
    from projections.catch_up import Views


class StateRow(Row, frozen=True, kw_only=True):
    """A patrol as the domain sees it, to be evolved by its next event."""

    stream: str
    state: PatrolState


class PatrolRow(Row, frozen=True, kw_only=True):
    """One patrol."""

    patrol: str  # the stream
    name: str
    stage: str  # planned | called_off | missed | out | done
    on_plan: bool
    units: tuple[str, ...]
    begins: Instant | None
    ends: Instant | None
    started: Instant | None
    finished: Instant | None
    missed: bool
    reason: str
    stops: int  # of the route
    checked: int
    late: int
    out_of_order: int
    skipped: int
    walkers: int  # who was to walk
    attended: int  # of these, who was there
    findings: int


class AttendanceRow(Row, frozen=True, kw_only=True):
    """Who was to walk, or was there: a unit, or a person of it."""

    patrol: str
    patrol_name: str
    unit: str
    person: str
    planned: bool
    there_at: Instant | None = None
    who_came: str = ""  # the person who stood for the unit first, if it was said


class FindingRow(Row, frozen=True, kw_only=True):
    """An incident that a patrol found."""

    incident: str
    incident_name: str
    item: str
    place: str
    grid: str
    found_at: Instant
    patrol: str = ""  # none: it was no patrol's
    patrol_name: str = ""
    nr: int = 0
    whistles: int = 0
    refused: bool = False


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many of each."""

    patrols: int
    patrols_planned: int
    patrols_started: int
    patrols_done: int
    patrols_missed: int
    patrols_called_off: int  # planned too; their stops are not counted
    stops: int
    stops_checked: int
    findings: int
    findings_whistled: int
    findings_refused: int


states_table = Table("patrols_states", StateRow, "stream")
patrols_table = Table("patrols_patrols", PatrolRow, "patrol")
attendance_table = Table("patrols_attendance", AttendanceRow, "patrol", "unit", "person")
findings_table = Table("patrols_findings", FindingRow, "incident")
patrols = Projection("patrols", states_table, patrols_table, attendance_table, findings_table)


@patrols.when
def walked(rows: Rows, told: Recorded, event: PatrolEvent) -> None:
    """Something happened to a patrol: its rows follow from its state."""
    if isinstance(event, Corrected | TakenBack):
        return  # its case, a patrol's or not, has just been folded anew
    held = rows.get(states_table, told.stream)
    state = evolve(held.state if held else START, event)
    rows.put(states_table, StateRow(case_id=rows.case_id, stream=told.stream, state=state))
    if isinstance(state, NoPatrol):
        return
    rows.put(patrols_table, _patrol_row(rows.case_id, told.stream, state))
    if state.called_off is None:
        _attend(rows, told.stream, state, event)
    else:
        for walker in state.planned:  # nobody was to come in the end
            rows.delete(attendance_table, told.stream, walker.unit, walker.person)


def _patrol_row(case_id: str, stream: str, state: Patrol) -> PatrolRow:
    visits = state.visits.values()
    return PatrolRow(
        case_id=case_id,
        patrol=stream,
        name=state.name,
        stage=state.stage,
        on_plan=state.on_plan,
        units=state.units,
        begins=state.begins,
        ends=state.ends,
        started=state.started,
        finished=state.finished,
        missed=state.missed is not None,
        reason=state.reason,
        stops=len(state.route),
        checked=state.checked,
        late=sum(visit.late for visit in visits),
        out_of_order=sum(visit.out_of_order for visit in visits),
        skipped=len(state.skipped),
        walkers=len(state.planned),
        attended=len(state.planned) - len(state.absent),
        findings=len(state.findings),
    )


def _attend(rows: Rows, stream: str, state: Patrol, event: PatrolEvent) -> None:
    """Who is to walk has a row from the plan on; who comes is there from that event on."""
    came: tuple[Walker, ...] = ()
    if isinstance(event, PatrolAct):
        company = event.company if isinstance(event, PatrolStarted | PatrolStartedUnplanned) else ()
        came = (Walker(event.unit, event.person), *company)
    beside = (
        walker
        for walker in state.present
        if not any(walker.stands_for(wanted) for wanted in state.planned)
    )
    for walker in (*state.planned, *beside):
        row = rows.get(attendance_table, stream, walker.unit, walker.person) or AttendanceRow(
            case_id=rows.case_id,
            patrol=stream,
            patrol_name=state.name,
            unit=walker.unit,
            person=walker.person,
            planned=walker in state.planned,
        )
        if row.there_at is None:
            first = next((each for each in came if each.stands_for(walker)), None)
            if first is not None:
                row = msgspec.structs.replace(row, there_at=event.at, who_came=first.person)
        rows.put(attendance_table, row)


@patrols.when
def reported(rows: Rows, told: Recorded, event: IncidentReported) -> None:
    """An incident; whether a patrol found it is told next."""
    if event.channel == "patrol":
        row = FindingRow(
            case_id=rows.case_id,
            incident=told.stream,
            incident_name=event.name,
            item=event.item,
            place=event.place,
            grid=event.grid,
            found_at=event.at,
        )
        rows.put(findings_table, row)


@patrols.when
def found(rows: Rows, told: Recorded, event: FoundOnPatrol) -> None:
    """It was a patrol's, unless its channel was corrected to another."""
    if rows.get(findings_table, told.stream) is None:
        return
    named = {"patrol": event.patrol, "patrol_name": event.patrol_name, "nr": event.nr}
    rows.change(findings_table, told.stream, **named)


@patrols.when
def became(rows: Rows, told: Recorded, event: WhistleNoted | IncidentRefused) -> None:
    """What became of it."""
    row = rows.get(findings_table, told.stream)
    if row is None:
        return
    if isinstance(event, WhistleNoted):
        rows.change(findings_table, told.stream, whistles=row.whistles + 1)
    else:
        rows.change(findings_table, told.stream, refused=True)


def walks(views: "Views") -> list[PatrolRow]:
    """All patrols, by name."""
    with views.reading(patrols) as tx:
        held = patrols_table.select(tx)
    return sorted(held, key=lambda row: row.name)


def states(views: "Views") -> list[Patrol]:
    """All patrols as the domain sees them, by name."""
    with views.reading(patrols) as tx:
        held = states_table.select(tx)
    walked = [row.state for row in held if isinstance(row.state, Patrol)]
    return sorted(walked, key=lambda patrol: patrol.name)


def attendance(views: "Views") -> list[AttendanceRow]:
    """Who was to walk or was there, by patrol, those of the plan first."""
    with views.reading(patrols) as tx:
        held = attendance_table.select(tx)
    return sorted(held, key=lambda row: (row.patrol_name, not row.planned, row.unit, row.person))


def findings(views: "Views") -> list[FindingRow]:
    """What patrols found, by patrol and number."""
    with views.reading(patrols) as tx:
        held = findings_table.select(tx, findings_table.c.nr > 0)
    return sorted(held, key=lambda row: (row.patrol_name, row.nr))


def counts(views: "Views") -> Counts:
    """How many patrols, stops and findings, and what became of these."""
    walked, made = walks(views), findings(views)
    return Counts(
        patrols=len(walked),
        patrols_planned=sum(row.on_plan for row in walked),
        patrols_started=sum(row.started is not None for row in walked),
        patrols_done=sum(row.finished is not None for row in walked),
        patrols_missed=sum(row.missed for row in walked),
        patrols_called_off=sum(row.stage == "called_off" for row in walked),
        stops=sum(row.stops for row in walked if row.stage != "called_off"),
        stops_checked=sum(row.checked for row in walked),
        findings=len(made),
        findings_whistled=sum(row.whistles > 0 for row in made),
        findings_refused=sum(row.refused for row in made),
    )

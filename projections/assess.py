"""考核评价, what each unit's record says: calls, marks, breaches, each traceable to its events.

A row per call carries the seq of every event that it counts; a unit's figures are sums of its rows.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from projections.projection import Projection, Row, Rows, Table
from whistle.domain.history import HistoryRecorded
from whistle.domain.whistle.changes import CallWithdrawn, UnitAdded
from whistle.domain.whistle.events import (
    Declined,
    LeftEarly,
    Overdue,
    OverdueVoided,
    ReworkOrdered,
    UnitEvaluated,
    WhistleBlown,
    WhistleRated,
)
from whistle.log.rows import Recorded

if TYPE_CHECKING:
    from projections.catch_up import Views


class CallRow(Row, frozen=True, kw_only=True):
    """One unit's call, with the seqs of the events behind every figure."""

    source: str
    whistle: str  # the stream, or the source's number of the incident
    unit: str
    whistle_name: str = ""
    incident_name: str = ""
    called: int | None = None  # seq; none for imported lines of a call not known (yet)
    mark: int | None = None  # given by the town
    marked: int | None = None  # seq
    rating: int | None = None  # given by the unit to the whistle
    rated: int | None = None  # seq
    # clock -> seq of the breach that stands
    overdue: dict[str, int] = msgspec.field(default_factory=dict)
    voided: tuple[int, ...] = ()  # seqs of breaches taken back
    declined: int | None = None  # seq
    left_early: tuple[int, ...] = ()  # seqs
    reworks: tuple[int, ...] = ()  # seqs
    withdrawn: int | None = None  # seq; nothing of such a call is counted for or against its unit


class UnitRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the rows of a unit come to."""

    unit: str
    calls: int
    imported_calls: int
    withdrawn_calls: int  # the town excused it: counted in none of the figures beside this one
    marks: int
    marks_sum: int
    ratings: int
    ratings_sum: int
    overdue: dict[str, int]  # clock -> breaches that stand
    voided: int
    declined: int
    left_early: int
    reworks: int


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many of each, imported history apart."""

    whistles: int
    imported_whistles: int
    calls: int
    imported_calls: int
    withdrawn_whistles: int  # whistles and calls above are without these
    withdrawn_calls: int
    units: int


calls_table = Table("assess_calls", CallRow, "source", "whistle", "unit")
assess = Projection("assess", calls_table)


@assess.when
def called(rows: Rows, told: Recorded, event: WhistleBlown | UnitAdded) -> None:
    """Each called unit has a row of its own, also one that was called later."""
    for each in event.summons if isinstance(event, WhistleBlown) else (event,):
        row = CallRow(
            case_id=rows.case_id,
            source="",
            whistle=told.stream,
            unit=each.unit,
            whistle_name=event.name,
            incident_name=event.incident_name,
            called=told.seq,
        )
        rows.put(calls_table, row)


@assess.when
def told_of(
    rows: Rows,
    told: Recorded,
    event: UnitEvaluated
    | WhistleRated
    | Overdue
    | OverdueVoided
    | Declined
    | LeftEarly
    | ReworkOrdered
    | CallWithdrawn,
) -> None:
    """Something that a unit's record keeps."""
    row = rows.need(calls_table, "", told.stream, event.unit)
    changes: dict[str, Any] = {}
    match event:
        case UnitEvaluated(score=score):
            changes = {"mark": score, "marked": told.seq}
        case WhistleRated(score=score):
            changes = {"rating": score, "rated": told.seq}
        case Overdue(clock=clock):
            changes = {"overdue": {**row.overdue, clock: told.seq}}
        case OverdueVoided(level="overdue", clock=clock):
            stands = {name: seq for name, seq in row.overdue.items() if name != clock}
            changes = {"overdue": stands, "voided": (*row.voided, row.overdue[clock])}
        case OverdueVoided():
            return  # of a warning or a supervision: the command view counts those
        case CallWithdrawn():
            changes = {"withdrawn": told.seq}
        case Declined():
            changes = {"declined": told.seq}
        case LeftEarly():
            changes = {"left_early": (*row.left_early, told.seq)}
        case ReworkOrdered():
            changes = {"reworks": (*row.reworks, told.seq)}
    rows.put(calls_table, msgspec.structs.replace(row, **changes))


@assess.when_many
def imported(rows: Rows, told: Sequence[Recorded], events: Sequence[HistoryRecorded]) -> None:
    """Another system says that units were called."""
    for each, event in zip(told, events, strict=True):
        if event.unit is None or event.kind != "whistled":
            continue
        key = (event.source, event.incident, event.unit)
        if rows.get(calls_table, *key) is None:
            row = CallRow(
                case_id=rows.case_id,
                source=key[0],
                whistle=key[1],
                unit=key[2],
                incident_name=key[1],
                called=each.seq,
            )
            rows.put(calls_table, row)


def calls(views: "Views", *, unit: str | None = None) -> list[CallRow]:
    """The rows under the figures, by unit and whistle; of all units or one."""
    with views.reading(assess) as tx:
        mine = () if unit is None else (calls_table.c.unit == unit,)
        found = calls_table.select(tx, *mine)
    return sorted(found, key=lambda row: (row.unit, row.source, row.whistle_name, row.whistle))


def units(views: "Views") -> list[UnitRow]:
    """The figures of every unit that was ever called, by code."""
    by_unit: dict[str, list[CallRow]] = {}
    for row in calls(views):
        by_unit.setdefault(row.unit, []).append(row)
    return [_summed(unit, rows) for unit, rows in by_unit.items()]


def _summed(unit: str, rows: list[CallRow]) -> UnitRow:
    every = [row for row in rows if not row.source]
    live = [row for row in every if row.withdrawn is None]
    marks = [row.mark for row in live if row.mark is not None]
    ratings = [row.rating for row in live if row.rating is not None]
    clocks = sorted({clock for row in live for clock in row.overdue})
    return UnitRow(
        unit=unit,
        calls=len(live),
        imported_calls=len(rows) - len(every),
        withdrawn_calls=len(every) - len(live),
        marks=len(marks),
        marks_sum=sum(marks),
        ratings=len(ratings),
        ratings_sum=sum(ratings),
        overdue={clock: sum(clock in row.overdue for row in live) for clock in clocks},
        voided=sum(len(row.voided) for row in live),
        declined=sum(row.declined is not None for row in live),
        left_early=sum(len(row.left_early) for row in live),
        reworks=sum(len(row.reworks) for row in live),
    )


def counts(views: "Views") -> Counts:
    """How many whistles, calls and units."""
    found = calls(views)
    live = [row for row in found if not row.source and row.withdrawn is None]
    excused = [row for row in found if row.withdrawn is not None]
    history = [row for row in found if row.source]
    return Counts(
        whistles=len({row.whistle for row in live}),
        imported_whistles=len({(row.source, row.whistle) for row in history}),
        calls=len(live),
        imported_calls=len(history),
        withdrawn_whistles=len({row.whistle for row in excused} - {row.whistle for row in live}),
        withdrawn_calls=len(excused),
        units=len({row.unit for row in found}),
    )

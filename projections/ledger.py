"""The response-time ledger: one row per assignment, live and imported, by the domain's own `fact`.

An assessment folds the log itself; these are the same rows, kept for looking at.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import asdict

from projections.projection import Projection, Row, Rows, Table
from whistle.domain.facts import AssignmentKey, Fact, fact
from whistle.domain.history import HistoryRecorded
from whistle.domain.incident.events import IncidentReported
from whistle.domain.ledger import Assignment
from whistle.domain.moment import Instant
from whistle.domain.whistle.changes import CallWithdrawn, UnitAdded
from whistle.domain.whistle.events import (
    Acknowledged,
    Arrived,
    CallDelivered,
    Finished,
    ReworkOrdered,
    WhistleBlown,
)
from whistle.log.rows import Recorded

if TYPE_CHECKING:
    from projections.catch_up import Views


class AssignmentRow(Row, frozen=True, kw_only=True):
    """The earliest instant of each kind; of finishes, the earliest that no rework took back."""

    source: str  # empty for live work
    subject: str  # the whistle's stream, or the source's number of the incident
    unit: str
    incident: str  # the incident's stream, or the source's number
    name: str = ""  # of a live call; how the source names its first whistle line
    whistled: Instant | None = None
    acknowledged: Instant | None = None
    arrived: Instant | None = None
    finished: Instant | None = None
    dues: dict[str, Instant] = msgspec.field(default_factory=dict)  # by metric
    withdrawn: Instant | None = None  # the town excused the unit: counted nowhere


class ReportRow(Row, frozen=True, kw_only=True):
    """When an incident was first reported."""

    source: str
    incident: str
    reported: Instant


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many of each, imported history apart."""

    incidents: int
    imported_incidents: int  # of which units were called to
    whistles: int
    imported_whistles: int
    calls: int
    imported_calls: int
    withdrawn_whistles: int  # whistles and calls above are without these
    withdrawn_calls: int
    imported_unwhistled: int  # kept, and counted nowhere


rows_table = Table("ledger_assignments", AssignmentRow, "source", "subject", "unit")
reports_table = Table("ledger_reports", ReportRow, "source", "incident")
ledger = Projection("ledger", rows_table, reports_table)

change = msgspec.structs.replace


@ledger.when
def named(rows: Rows, told: Recorded, event: WhistleBlown | UnitAdded) -> None:
    """The calls get their names; they count from their delivery."""
    called = event.summons if isinstance(event, WhistleBlown) else (event,)
    for each in called:
        row = _row(rows, ("", told.stream, each.unit), event.incident)
        rows.put(rows_table, change(row, name=f"{event.name}/{each.unit}"))


@ledger.when
def counted(
    rows: Rows,
    told: Recorded,
    event: IncidentReported
    | CallDelivered
    | Acknowledged
    | Arrived
    | Finished
    | ReworkOrdered
    | CallWithdrawn,
) -> None:
    """A fact of live work."""
    if known := fact(event, told.stream, rows.case_id, told.seq):
        _fold(rows, ((known, ""),))


@ledger.when_many
def imported(rows: Rows, _told: Sequence[Recorded], events: Sequence[HistoryRecorded]) -> None:
    """Facts that another system tells."""
    _fold(rows, ((fact(event), event.source_event_id) for event in events))


def _fold(rows: Rows, told: Iterable[tuple[Fact | None, str]]) -> None:
    """Facts, each with its label: every row that they reach is made once."""
    reached: dict[AssignmentKey, dict[str, Any]] = {}
    for known, label in told:
        if known is None:
            continue
        key = known.assignment
        if key is None:
            _report(rows, known)
            continue
        row = reached.get(key)
        if row is None:
            reached[key] = row = asdict(_row(rows, key, known.incident[1]))
        _tell(row, known, label)
    for row in reached.values():
        rows.put(rows_table, AssignmentRow(**row))


def _tell(row: dict[str, Any], known: Fact, label: str) -> None:
    kind, at = known.kind, known.counts_at
    if kind == "withdrawn":
        row["withdrawn"] = at
    elif kind == "reworked":
        row["finished"] = None
    else:
        held: Instant | None = row[kind]
        earlier = held is None or at < held
        if kind == "whistled" and label and (earlier or (at == held and label < row["name"])):
            row["whistled"], row["name"] = at, label
        elif earlier:
            row[kind] = at
    if known.dues:
        row["dues"] = {**row["dues"], **known.dues}


def _report(rows: Rows, known: Fact) -> None:
    source, incident = known.incident
    first = rows.get(reports_table, source, incident)
    if first is None or known.counts_at < first.reported:
        row = ReportRow(
            case_id=rows.case_id, source=source, incident=incident, reported=known.counts_at
        )
        rows.put(reports_table, row)


def _row(rows: Rows, key: AssignmentKey, incident: str) -> AssignmentRow:
    source, subject, unit = key
    return rows.get(rows_table, *key) or AssignmentRow(
        case_id=rows.case_id, source=source, subject=subject, unit=unit, incident=incident
    )


def assignments(
    views: "Views", *, unwhistled: bool = False, withdrawn: bool = False
) -> list[Assignment]:
    """The rows that count, by key; or those with lines but no whistle, or those of calls that the
    town took back, which count nowhere."""
    with views.reading(ledger) as tx:
        found = rows_table.select(tx)
        reports = reports_table.select(tx)
    reported = {(row.source, row.incident): row.reported for row in reports}
    wanted = (
        row
        for row in found
        if (row.whistled is None and _is_told(row) if unwhistled else row.whistled is not None)
        and (row.withdrawn is not None) is withdrawn
    )
    made = [_assignment(row, reported.get((row.source, row.incident))) for row in wanted]
    return sorted(made, key=lambda row: row.key)


def _is_told(row: AssignmentRow) -> bool:
    return (row.acknowledged, row.arrived, row.finished) != (None, None, None)


def _assignment(row: AssignmentRow, reported: Instant | None) -> Assignment:
    return Assignment(
        (row.source, row.subject, row.unit),
        (row.source, row.incident),
        row.unit,
        row.name.removesuffix("/whistled") or f"{row.incident}-{row.unit}",
        reported,
        row.whistled,
        row.acknowledged,
        row.arrived,
        row.finished,
        row.dues,
    )


def counts(views: "Views") -> Counts:
    """How many incidents, whistles and calls the ledger has rows of."""
    found = assignments(views)
    live = [row for row in found if not row.key[0]]
    history = [row for row in found if row.key[0]]
    excused = assignments(views, withdrawn=True)
    return Counts(
        incidents=len({row.incident for row in live}),
        imported_incidents=len({row.incident for row in history}),
        whistles=len({row.key[:2] for row in live}),
        imported_whistles=len({row.key[:2] for row in history}),
        calls=len(live),
        imported_calls=len(history),
        withdrawn_whistles=len({row.key[:2] for row in excused} - {row.key[:2] for row in live}),
        withdrawn_calls=len(excused),
        imported_unwhistled=len(assignments(views, unwhistled=True)),
    )

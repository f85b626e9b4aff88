"""指令督办, whistles under command: who was called, who answered, what the clocks had to say."""

from typing import TYPE_CHECKING, Any

import msgspec

from projections.projection import Projection, Row, Rows, Table
from whistle.domain.history import HistoryRecorded
from whistle.domain.moment import Instant
from whistle.domain.whistle.events import (
    Acknowledged,
    ApprovalRefused,
    Arrived,
    Declined,
    DueSoon,
    Finished,
    Overdue,
    OverdueVoided,
    ReworkOrdered,
    Supervised,
    WhistleBlown,
    WhistleEnded,
    WhistleRequested,
)
from whistle.log.rows import Recorded

if TYPE_CHECKING:
    from projections.catch_up import Views


class WhistleRow(Row, frozen=True, kw_only=True):
    """One whistle; of imported history, one for each incident that units were called to."""

    source: str
    whistle: str  # the stream, or the source's number of the incident
    name: str = ""  # none before it is blown
    kind: str = ""
    incident: str = ""
    incident_name: str = ""
    stage: str = ""  # requested | turned_down | sounding | ended; none for imported history
    requested_at: Instant | None = None
    blown_at: Instant | None = None
    approved_by: str = ""
    called: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()  # signed, came or declined
    on_scene: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()
    warnings: int = 0
    overdue: int = 0
    yellow: int = 0
    red: int = 0
    voided: int = 0  # of the four above, taken back
    ended_at: Instant | None = None


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many of each, imported history apart."""

    whistles: int
    imported_whistles: int
    calls: int
    imported_calls: int
    waiting_for_approval: int
    turned_down: int
    answered: int
    on_scene: int
    finished: int
    ended: int
    warnings: int
    overdue: int
    yellow: int
    red: int
    voided: int


whistles_table = Table("command_whistles", WhistleRow, "source", "whistle")
command = Projection("command", whistles_table)

_COUNTED = {"warn": "warnings", "overdue": "overdue", "yellow": "yellow", "red": "red"}
_ACTS = {"acknowledged": "answered", "arrived": "on_scene", "finished": "finished"}


def _change(rows: Rows, told: Recorded, **changes: Any) -> None:
    rows.change(whistles_table, "", told.stream, **changes)


def _with(units: tuple[str, ...], unit: str) -> tuple[str, ...]:
    return units if unit in units else tuple(sorted((*units, unit)))


@command.when
def requested(rows: Rows, told: Recorded, event: WhistleRequested) -> None:
    """A whistle waits for the leader."""
    row = WhistleRow(
        case_id=rows.case_id,
        source="",
        whistle=told.stream,
        kind=event.kind,
        incident=event.incident,
        incident_name=event.incident_name,
        stage="requested",
        requested_at=event.at,
    )
    rows.put(whistles_table, row)


@command.when
def turned_down(rows: Rows, told: Recorded, _event: ApprovalRefused) -> None:
    """The leader said no."""
    _change(rows, told, stage="turned_down")


@command.when
def blown(rows: Rows, told: Recorded, event: WhistleBlown) -> None:
    """Units were called."""
    asked = rows.get(whistles_table, "", told.stream)
    row = WhistleRow(
        case_id=rows.case_id,
        source="",
        whistle=told.stream,
        name=event.name,
        kind=event.kind,
        incident=event.incident,
        incident_name=event.incident_name,
        stage="sounding",
        requested_at=asked.requested_at if asked else None,
        blown_at=event.at,
        approved_by=event.approved_by,
        called=tuple(each.unit for each in event.summons),
    )
    rows.put(whistles_table, row)


@command.when
def acted(rows: Rows, told: Recorded, event: Acknowledged | Declined | Arrived | Finished) -> None:
    """A unit answered, came, or finished its part."""
    row = rows.need(whistles_table, "", told.stream)
    match event:
        case Acknowledged() | Declined():
            _change(rows, told, answered=_with(row.answered, event.unit))
        case Arrived():
            _change(rows, told, on_scene=_with(row.on_scene, event.unit))
        case Finished():
            _change(rows, told, finished=_with(row.finished, event.unit))


@command.when
def again(rows: Rows, told: Recorded, event: ReworkOrdered) -> None:
    """A unit's part is open once more, and so is the whistle."""
    row = rows.need(whistles_table, "", told.stream)
    finished = tuple(unit for unit in row.finished if unit != event.unit)
    _change(rows, told, finished=finished, stage="sounding", ended_at=None)


@command.when
def said(rows: Rows, told: Recorded, event: DueSoon | Overdue | Supervised | OverdueVoided) -> None:
    """A clock spoke, or what it had said was taken back."""
    row = rows.need(whistles_table, "", told.stream)
    match event:
        case DueSoon():
            _change(rows, told, warnings=row.warnings + 1)
        case Overdue():
            _change(rows, told, overdue=row.overdue + 1)
        case Supervised(level=level):
            _change(rows, told, **{level: getattr(row, level) + 1})
        case OverdueVoided(level=level):
            field = _COUNTED[level]
            stands = {field: getattr(row, field) - 1, "voided": row.voided + 1}
            _change(rows, told, **stands)


@command.when
def ended(rows: Rows, told: Recorded, event: WhistleEnded) -> None:
    """Every unit has answered for its part."""
    _change(rows, told, stage="ended", ended_at=event.at)


@command.when
def imported(rows: Rows, _told: Recorded, event: HistoryRecorded) -> None:
    """Another system says that a unit was called, or what it did then."""
    if event.unit is None:
        return
    key = (event.source, event.incident)
    row = rows.get(whistles_table, *key)
    if row is None:
        row = WhistleRow(case_id=rows.case_id, source=key[0], whistle=key[1], incident_name=key[1])
    if event.kind == "whistled":
        first = event.at if row.blown_at is None else min(row.blown_at, event.at)
        changes: dict[str, Any] = {"blown_at": first, "called": _with(row.called, event.unit)}
    else:
        field = _ACTS[event.kind]
        changes = {field: _with(getattr(row, field), event.unit)}
    rows.put(whistles_table, msgspec.structs.replace(row, **changes))


def whistles(views: "Views", *, open_only: bool = False) -> list[WhistleRow]:
    """Whistles by the instant they were blown, live ones first; requested ones stand last."""
    with views.reading(command) as tx:
        found = whistles_table.select(tx)
    wanted = (row for row in found if not open_only or row.stage in ("requested", "sounding"))
    late = max((row.blown_at or 0 for row in found), default=0) + 1
    return sorted(wanted, key=lambda row: (row.source, row.blown_at or late, row.name, row.whistle))


def counts(views: "Views") -> Counts:
    """How many whistles and calls, and what became of them."""
    found = whistles(views)
    live = [row for row in found if not row.source]
    history = [row for row in found if row.source and row.called]
    return Counts(
        whistles=sum(row.blown_at is not None for row in live),
        imported_whistles=len(history),
        calls=sum(len(row.called) for row in live),
        imported_calls=sum(len(row.called) for row in history),
        waiting_for_approval=sum(row.stage == "requested" for row in live),
        turned_down=sum(row.stage == "turned_down" for row in live),
        answered=sum(len(row.answered) for row in live),
        on_scene=sum(len(row.on_scene) for row in live),
        finished=sum(len(row.finished) for row in live),
        ended=sum(row.stage == "ended" for row in live),
        warnings=sum(row.warnings for row in live),
        overdue=sum(row.overdue for row in live),
        yellow=sum(row.yellow for row in live),
        red=sum(row.red for row in live),
        voided=sum(row.voided for row in live),
    )

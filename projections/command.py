"""指令督办, whistles under command: who was called, who answered, what the clocks had to say."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from projections.projection import Projection, Rows, Table
from projections.whistle_rows import Counts, WhistleRow
from whistle.domain.history import HistoryRecorded
from whistle.domain.moment import Instant, earliest
from whistle.domain.whistle.changes import (
    ApprovalConfirmed,
    ApprovalContested,
    CallWithdrawn,
    ConfirmationAwaited,
    ConfirmationOverdue,
    ConfirmationOverdueVoided,
    NeedRaised,
    UnitAdded,
    WhistleApproved,
    WhistleScheduled,
    WhistleWithdrawn,
)
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


whistles_table = Table("command_whistles", WhistleRow, "source", "whistle")
command = Projection("command", whistles_table)

_COUNTED = {"warn": "warnings", "overdue": "overdue", "yellow": "yellow", "red": "red"}
_ACTS = {
    "whistled": "called",
    "acknowledged": "answered",
    "arrived": "on_scene",
    "finished": "finished",
}


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
def scheduled(rows: Rows, told: Recorded, event: WhistleScheduled) -> None:
    """It is to sound later."""
    stage = "scheduled" if event.approval == "afterwards" else "requested"
    _change(rows, told, stage=stage, scheduled_for=event.on)


@command.when
def approved(rows: Rows, told: Recorded, event: WhistleApproved) -> None:
    """It waits for its time alone."""
    _change(rows, told, stage="scheduled", approved_by=event.by_person)


@command.when
def blown(rows: Rows, told: Recorded, event: WhistleBlown) -> None:
    """Units were called."""
    asked = rows.get(whistles_table, "", told.stream)
    kept = asked or WhistleRow(case_id=rows.case_id, source="", whistle=told.stream)
    row = msgspec.structs.replace(
        kept,
        name=event.name,
        kind=event.kind,
        incident=event.incident,
        incident_name=event.incident_name,
        stage="sounding",
        blown_at=event.at,
        approved_by=event.approved_by,
        called=tuple(each.unit for each in event.summons),
    )
    rows.put(whistles_table, row)


@command.when
def more(rows: Rows, told: Recorded, event: UnitAdded | NeedRaised) -> None:
    """One more unit was called, or asked for from the scene."""
    row = rows.need(whistles_table, "", told.stream)
    match event:
        case UnitAdded():
            _change(rows, told, called=(*row.called, event.unit))
        case NeedRaised():
            _change(rows, told, needs=row.needs + 1)


@command.when
def withdrawn(rows: Rows, told: Recorded, event: CallWithdrawn | WhistleWithdrawn) -> None:
    """A unit was excused, or the whistle taken back."""
    row = rows.need(whistles_table, "", told.stream)
    match event:
        case CallWithdrawn():
            _change(rows, told, withdrawn=_with(row.withdrawn, event.unit))
        case WhistleWithdrawn() if set(row.called) <= set(row.withdrawn):
            _change(rows, told, stage="withdrawn", ended_at=event.at)


@command.when
def confirmed(
    rows: Rows,
    told: Recorded,
    event: ConfirmationAwaited
    | ApprovalConfirmed
    | ApprovalContested
    | ConfirmationOverdue
    | ConfirmationOverdueVoided,
) -> None:
    """A leader owes his word, gave it, or let its limit pass: the town's own mark."""
    match event:
        case ConfirmationAwaited(due=due):
            _change(rows, told, confirm="awaited", confirm_by=due)
        case ApprovalConfirmed():
            _change(rows, told, confirm="confirmed")
        case ApprovalContested():
            _change(rows, told, confirm="contested")
        case ConfirmationOverdue():
            _change(rows, told, confirm_overdue=True)
        case ConfirmationOverdueVoided():
            _change(rows, told, confirm_overdue=False)


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


@command.when_many
def imported(rows: Rows, _told: Sequence[Recorded], events: Sequence[HistoryRecorded]) -> None:
    """Another system says that units were called, and what they did then."""
    found = defaultdict[tuple[str, str], dict[str, set[str]]](lambda: defaultdict(set))
    blown = defaultdict[tuple[str, str], set[Instant]](set)
    for event in events:
        if event.unit is not None:
            key = (event.source, event.incident)
            found[key][_ACTS[event.kind]].add(event.unit)
            if event.kind == "whistled":
                blown[key].add(event.at)
    for key, acts in found.items():
        row = rows.get(whistles_table, *key) or WhistleRow(
            case_id=rows.case_id, source=key[0], whistle=key[1], incident_name=key[1]
        )
        changes: dict[str, Any] = {
            field: tuple(sorted(units.union(getattr(row, field)))) for field, units in acts.items()
        }
        if at := blown.get(key):
            changes["blown_at"] = earliest(row.blown_at, at)
        rows.put(whistles_table, msgspec.structs.replace(row, **changes))


OPEN = ("requested", "scheduled", "sounding")
"""Stages of a whistle that somebody still waits for."""


def whistles(views: "Views", *, open_only: bool = False) -> list[WhistleRow]:
    """Whistles by the instant they were blown, live ones first; requested ones stand last."""
    with views.reading(command) as tx:
        found = whistles_table.select(tx)
    wanted = (row for row in found if not open_only or row.stage in OPEN)
    late = max((row.blown_at or 0 for row in found), default=0) + 1
    return sorted(wanted, key=lambda row: (row.source, row.blown_at or late, row.name, row.whistle))


def counts(views: "Views") -> Counts:
    """How many whistles and calls, and what became of them."""
    found = whistles(views)
    live = [row for row in found if not row.source]
    history = [row for row in found if row.source and row.called]
    return Counts(
        whistles=sum(row.blown_at is not None and row.stage != "withdrawn" for row in live),
        imported_whistles=len(history),
        calls=sum(len(row.called) - len(row.withdrawn) for row in live),
        imported_calls=sum(len(row.called) for row in history),
        withdrawn_whistles=sum(bool(row.name) and row.stage == "withdrawn" for row in live),
        withdrawn_calls=sum(len(row.withdrawn) for row in live),
        waiting_for_approval=sum(row.stage == "requested" for row in live),
        scheduled=sum(row.stage == "scheduled" for row in live),
        called_off=sum(not row.name and row.stage == "withdrawn" for row in live),
        needs=sum(row.needs for row in live),
        town_unconfirmed=sum(row.confirm_overdue for row in live),
        town_contested=sum(row.confirm == "contested" for row in live),
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

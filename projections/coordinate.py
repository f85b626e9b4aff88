"""协商联动, working together: where each called unit stands, and who objected or left early."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from projections.projection import Projection, Row, Rows, Table
from whistle.domain.history import HistoryRecorded
from whistle.domain.moment import Instant
from whistle.domain.whistle.changes import CallWithdrawn, UnitAdded, WhistleAmended
from whistle.domain.whistle.events import (
    Acknowledged,
    Acted,
    Arrived,
    Assembled,
    CallDelivered,
    Declined,
    Departed,
    Finished,
    LeftEarly,
    Released,
    ReworkOrdered,
    Summons,
    WhistleBlown,
)
from whistle.log.rows import Recorded

if TYPE_CHECKING:
    from projections.catch_up import Views


class CallRow(Row, frozen=True, kw_only=True):
    """One unit's call; of imported history, one unit called to one incident."""

    source: str
    whistle: str  # the stream, or the source's number of the incident
    unit: str
    whistle_name: str = ""
    incident_name: str = ""
    duty: str = ""  # lead | assist; none for imported history
    stage: str = ""
    called_at: Instant | None = None  # none: lines of a call whose whistle is not known
    delivered_at: Instant | None = None
    acknowledged_at: Instant | None = None
    eta: Instant | None = None
    departed_at: Instant | None = None
    arrived_at: Instant | None = None
    acted_at: Instant | None = None  # first
    finished_at: Instant | None = None
    released_at: Instant | None = None
    declined_at: Instant | None = None
    decline_reason: str = ""
    proposed: str = ""
    left_early_at: Instant | None = None
    left_early_reason: str = ""
    withdrawn_at: Instant | None = None  # the town excused it
    withdrawn_reason: str = ""
    amended_at: Instant | None = None  # the whistle says something else since then
    reworks: int = 0
    assembled_at: Instant | None = None  # when every unit of the whistle was there


class JointRow(Row, frozen=True, kw_only=True):
    """Which units a whistle called together."""

    whistle: str
    units: tuple[str, ...]


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many of each, imported history apart."""

    whistles: int
    imported_whistles: int
    calls: int
    imported_calls: int
    withdrawn_whistles: int  # whistles and calls above are without these
    withdrawn_calls: int
    by_stage: dict[str, int]
    declined: int
    left_early: int
    reworks: int
    assembled: int  # whistles whose units were all there


calls_table = Table("coordinate_calls", CallRow, "source", "whistle", "unit")
joint_table = Table("coordinate_joint", JointRow, "whistle")
coordinate = Projection("coordinate", calls_table, joint_table)


@coordinate.when
def blown(rows: Rows, told: Recorded, event: WhistleBlown) -> None:
    """Units were called together."""
    units = tuple(each.unit for each in event.summons)
    rows.put(joint_table, JointRow(case_id=rows.case_id, whistle=told.stream, units=units))
    for each in event.summons:
        _called(rows, told, event, each)


@coordinate.when
def added(rows: Rows, told: Recorded, event: UnitAdded) -> None:
    """One more unit was called to it."""
    joint = rows.need(joint_table, told.stream)
    units = (*joint.units, event.unit)
    rows.put(joint_table, msgspec.structs.replace(joint, units=units))
    _called(rows, told, event, event)


def _called(
    rows: Rows, told: Recorded, event: WhistleBlown | UnitAdded, call: Summons | UnitAdded
) -> None:
    row = CallRow(
        case_id=rows.case_id,
        source="",
        whistle=told.stream,
        unit=call.unit,
        whistle_name=event.name,
        incident_name=event.incident_name,
        duty=call.duty,
        stage="called",
        called_at=event.at,
    )
    rows.put(calls_table, row)


@coordinate.when
def withdrawn(rows: Rows, told: Recorded, event: CallWithdrawn) -> None:
    """The town excused a unit from its call."""
    why = {"withdrawn_at": event.at, "withdrawn_reason": event.reason}
    rows.change(calls_table, "", told.stream, event.unit, stage="withdrawn", **why)


@coordinate.when
def amended(rows: Rows, told: Recorded, event: WhistleAmended) -> None:
    """The whistle says something else: every unit with an open call must see it."""
    for unit in event.units:
        rows.change(calls_table, "", told.stream, unit, amended_at=event.at)


@coordinate.when
def moved(
    rows: Rows,
    told: Recorded,
    event: CallDelivered | Acknowledged | Departed | Arrived | Acted | Finished | Released,
) -> None:
    """A unit's call went one step on."""
    row = rows.need(calls_table, "", told.stream, event.unit)
    rows.put(calls_table, msgspec.structs.replace(row, **_step(row, event)))


def _step(
    row: CallRow,
    event: CallDelivered | Acknowledged | Departed | Arrived | Acted | Finished | Released,
) -> dict[str, Any]:
    at = event.at
    match event:
        case CallDelivered():
            return {"delivered_at": at}
        case Acknowledged(eta=eta):
            return {"stage": "acknowledged", "acknowledged_at": at, "eta": eta}
        case Departed():
            return {"stage": "on_way", "departed_at": at}
        case Arrived():
            return {"stage": "on_scene", "arrived_at": at}
        case Acted():
            return {"acted_at": at if row.acted_at is None else row.acted_at}
        case Finished():
            return {"stage": "finished", "finished_at": at}
        case Released():
            return {"stage": "released", "released_at": at}


@coordinate.when
def declined(rows: Rows, told: Recorded, event: Declined) -> None:
    """A unit objected, and said whose duty it is."""
    why = {"decline_reason": event.reason, "proposed": event.proposed}
    key = ("", told.stream, event.unit)
    rows.change(calls_table, *key, stage="declined", declined_at=event.at, **why)


@coordinate.when
def left_early(rows: Rows, told: Recorded, event: LeftEarly) -> None:
    """A unit left before it was let go; its call stays open."""
    why = {"left_early_at": event.at, "left_early_reason": event.reason}
    rows.change(calls_table, "", told.stream, event.unit, **why)


@coordinate.when
def again(rows: Rows, told: Recorded, event: ReworkOrdered) -> None:
    """A unit does its part once more."""
    key = ("", told.stream, event.unit)
    reworks = rows.need(calls_table, *key).reworks + 1
    open_again = {"stage": "on_scene", "finished_at": None, "released_at": None}
    rows.change(calls_table, *key, reworks=reworks, **open_again)


@coordinate.when
def assembled(rows: Rows, told: Recorded, event: Assembled) -> None:
    """Every required unit is on the spot."""
    for unit in rows.need(joint_table, told.stream).units:
        rows.change(calls_table, "", told.stream, unit, assembled_at=event.at)


_FIELDS = {
    "whistled": "called_at",
    "acknowledged": "acknowledged_at",
    "arrived": "arrived_at",
    "finished": "finished_at",
}


@coordinate.when_many
def imported(rows: Rows, _told: Sequence[Recorded], events: Sequence[HistoryRecorded]) -> None:
    """Another system says so; of two facts of a kind the earlier counts."""
    calls: dict[tuple[str, str, str], dict[str, Any]] = {}
    for event in events:
        if event.unit is None:
            continue
        key = (event.source, event.incident, event.unit)
        first = calls.get(key)
        if first is None:
            calls[key] = first = _known(rows, key)
        field, at = _FIELDS[event.kind], event.at
        if field not in first or at < first[field]:
            first[field] = at
    for (source, incident, unit), first in calls.items():
        row = CallRow(
            case_id=rows.case_id,
            source=source,
            whistle=incident,
            unit=unit,
            incident_name=incident,
            **first,
        )
        rows.put(calls_table, row)


def _known(rows: Rows, key: tuple[str, str, str]) -> dict[str, Any]:
    """What is known of an imported call so far."""
    row = rows.get(calls_table, *key)
    known = {field: getattr(row, field, None) for field in _FIELDS.values()}
    return {field: at for field, at in known.items() if at is not None}


def calls(views: "Views", *, whistle: str | None = None, unit: str | None = None) -> list[CallRow]:
    """Calls by whistle, the leading unit first; of one whistle (by name or stream) or one unit."""
    with views.reading(coordinate) as tx:
        found = calls_table.select(tx)
    wanted = (
        row
        for row in found
        if whistle in (None, row.whistle, row.whistle_name) and unit in (None, row.unit)
    )
    return sorted(
        wanted,
        key=lambda row: (row.source, row.whistle_name, row.whistle, row.duty != "lead", row.unit),
    )


def counts(views: "Views") -> Counts:
    """How many whistles and calls, and where they stand."""
    found = calls(views)
    live = [row for row in found if not row.source and row.withdrawn_at is None]
    excused = [row for row in found if row.withdrawn_at is not None]
    history = [row for row in found if row.source and row.called_at is not None]
    return Counts(
        whistles=len({row.whistle for row in live}),
        imported_whistles=len({(row.source, row.whistle) for row in history}),
        calls=len(live),
        imported_calls=len(history),
        withdrawn_whistles=len({row.whistle for row in excused} - {row.whistle for row in live}),
        withdrawn_calls=len(excused),
        by_stage=dict(sorted(Counter(row.stage for row in live).items())),
        declined=sum(row.declined_at is not None for row in live),
        left_early=sum(row.left_early_at is not None for row in live),
        reworks=sum(row.reworks for row in live),
        assembled=len({row.whistle for row in live if row.assembled_at is not None}),
    )

"""经过, the full record of one incident: everything that happened, in the order of the log.

A corrected event shows what is right now and names its correction, whose own entry shows what had
been recorded; nothing is hidden.
"""

from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

from projections.projection import Projection, Row, Rows, Table
from whistle.domain.history import HistoryRecorded
from whistle.domain.incident.events import IncidentReported
from whistle.domain.incident.state import IncidentEvent
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.patrol import PatrolEvent
from whistle.domain.patrol.events import PatrolPlanned, PatrolStartedUnplanned
from whistle.domain.team.events import TeamEvent, TeamFormed
from whistle.domain.whistle import WhistleEvent
from whistle.domain.whistle.events import CallDelivered, WhistleBlown
from whistle.log.rows import Recorded

if TYPE_CHECKING:
    from projections.catch_up import Views


class Entry(Row, frozen=True, kw_only=True):
    """One thing that happened; `topic` is the key of its sentence, `words` what to fill in."""

    seq: int
    stream: str
    topic: str
    at: Instant  # what counts
    recorded_at: Instant
    happened_at: Instant | None  # what was claimed
    unit: str
    actor_unit: str
    actor_person: str
    behalf_unit: str
    source: str  # empty for live work
    words: dict[str, Any]
    corrected_by: tuple[int, ...] = ()  # seqs
    taken_back_by: int | None = None  # seq


class NameRow(Row, frozen=True, kw_only=True):
    """A name by which the case is asked for."""

    name: str
    source: str


entries_table = Table("timeline_entries", Entry, "seq")
names_table = Table("timeline_names", NameRow, "name", "source")
timeline_view = Projection("timeline", entries_table, names_table, whole=True)

_BESIDE = ("at", "unit", "playbook", "calendar", "owed", "source")  # shown elsewhere, or digests


@timeline_view.when
def happened(
    rows: Rows, told: Recorded, event: IncidentEvent | WhistleEvent | TeamEvent | PatrolEvent
) -> None:
    """Anything that happened to an incident or one of its whistles, to a team, or to a patrol."""
    _enter(rows, told, getattr(event, "unit", None), "")
    match event:
        case IncidentReported() | WhistleBlown() | TeamFormed():
            _name(rows, event.name, "")
        case PatrolPlanned() | PatrolStartedUnplanned():
            _name(rows, event.name, "")
        case _ if event.amending:
            _mark(rows, told.seq, event)
        case _:
            pass


@timeline_view.when_many
def imported(rows: Rows, told: Sequence[Recorded], events: Sequence[HistoryRecorded]) -> None:
    """Another system says so."""
    for each, event in zip(told, events, strict=True):
        _enter(rows, each, event.unit, event.source)
    for name, source in {(event.incident, event.source) for event in events}:
        _name(rows, name, source)


def _enter(rows: Rows, told: Recorded, unit: str | None, source: str) -> None:
    event = told.event
    entry = Entry(
        case_id=rows.case_id,
        seq=told.seq,
        stream=told.stream,
        topic=event.topic,
        at=event.at,
        recorded_at=told.recorded_at,
        happened_at=told.happened_at,
        unit=unit or "",
        actor_unit=told.actor_unit or "",
        actor_person=told.actor_person or "",
        behalf_unit=told.behalf_unit or "",
        source=source,
        words=_words(event),
    )
    rows.put(entries_table, entry)


def _mark(rows: Rows, by: int, event: Event) -> None:
    """Name on each amended entry the event that amended it."""
    for seq, now in event.amends().items():
        if (row := rows.get(entries_table, seq)) is None:
            continue
        if now is None:
            row = msgspec.structs.replace(row, taken_back_by=by)
        else:
            row = msgspec.structs.replace(row, corrected_by=(*row.corrected_by, by))
        rows.put(entries_table, row)


def _name(rows: Rows, name: str, source: str) -> None:
    if rows.get(names_table, name, source) is None:
        rows.put(names_table, NameRow(case_id=rows.case_id, name=name, source=source))


@cache
def _shown(kind: type[Event]) -> tuple[tuple[str, ...], Callable[[Event], tuple[Any, ...]]]:
    """The fields of an event that its sentence may need, and how they are read."""
    names = tuple(name for name in kind.__struct_fields__ if name not in _BESIDE)
    return names, attrgetter(*names) if len(names) > 1 else lambda event: tuple(
        getattr(event, name) for name in names
    )


def _words(event: Event) -> dict[str, Any]:
    names, read = _shown(type(event))
    words = dict(zip(names, read(event), strict=True))
    if isinstance(event, CallDelivered):
        words["clocks"] = [
            {"clock": each.clock, "limit": each.limit, "due": each.due, "rule": each.rule}
            for each in event.clocks
        ]
    return words


def timeline(views: "Views", *incidents: str) -> list[Entry]:
    """What happened to some incidents, in the order of the log.

    A case is asked for by its stream, by its name or that of one of its whistles, or by its
    source's own number; none at all gives nothing.
    """
    with views.reading(timeline_view) as tx:
        named = names_table.select(tx, names_table.c.name.in_(incidents))
        cases = {*incidents, *(row.case_id for row in named)}
        found = entries_table.select(tx, entries_table.c.case_id.in_(cases))
    return sorted(found, key=lambda entry: entry.seq)

"""A table's rows as history: the events that the columns of each tell, or what is wrong with it.

A cell is read without the spaces around it, and an empty one tells nothing. The attributes and
deadlines of a row go with its whistle, which every assignment of the ledger has. A row with a fault
tells no event at all: every fault of it is named by its column.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from whistle.domain.history import (
    BadLine,
    HistoryRecorded,
    Kind,
    Told,
    check_instant,
    check_name,
)
from whistle.domain.moment import Instant
from whistle.domain.refusal import _
from whistle.table_file import Layout, Row, columns, layout_of, rows
from whistle.table_map import TableMap
from whistle.wall_clock import WallClock, zone_of

DOUBTED: Final = 10
"""Rows with a doubtful time that are named; the rest are counted."""


class Doubts(msgspec.Struct):
    """Times that a zone has twice or not at all, and the first rows that have one."""

    count: int = 0
    rows: list[int] = msgspec.field(default_factory=list)

    def add(self, row: int) -> None:
        """Count one more, and keep its row if there is room."""
        self.count += 1
        if len(self.rows) < DOUBTED and row not in self.rows:
            self.rows.append(row)


class Reading(msgspec.Struct):
    """What a pass over a table met besides its events."""

    rows: int = 0
    twice: Doubts = msgspec.field(default_factory=Doubts)  # set back: the first of the two counts
    skipped: Doubts = msgspec.field(default_factory=Doubts)  # set forward: the offset before


class _EventPlace(NamedTuple):
    kind: Kind
    at: int
    ids: tuple[int, ...]


class TableHistory:
    """One table read by one map; `layout` says how it is written.

    Raises what `layout_of` and `columns` raise: nothing is told by a table whose columns are not
    those of the map.
    """

    def __init__(self, path: Path, table_map: TableMap, source: str, now: Instant) -> None:
        wanted = table_map.wanted()
        names = [name for column in wanted for name in column]
        self.layout: Layout = layout_of(
            path, names, encoding=table_map.encoding, delimiter=table_map.delimiter
        )
        place = columns(self.layout, wanted)
        self._path = path
        self._source = source
        self._times = _Times(table_map, now)
        self._incident = place[table_map.incident]
        self._unit = place[table_map.unit] if table_map.unit else None
        self._events = [
            _EventPlace(event.kind, place[event.at], tuple(place[each] for each in event.ids))
            for event in table_map.events
        ]
        self._attributes = [(name, place[each]) for name, each in table_map.attributes.items()]
        self._dues = [(metric, place[each]) for metric, each in table_map.dues.items()]

    def told(self, reading: Reading) -> Iterator[Told]:
        """The events of every row, or its faults, by the row's number; `reading` is counted up."""
        for row in rows(self._path, self.layout):
            reading.rows += 1
            if row.fault:
                yield row.number, BadLine(row.fault, rule="table.row", detail=row.detail)
                continue
            cells = _Cells(row, self.layout.header, self._times, reading)
            events = self._events_of(cells)
            yield from ((row.number, each) for each in cells.faults or events)

    def _events_of(self, cells: "_Cells") -> list[HistoryRecorded]:
        """What a row tells; when it has faults, they are with the cells."""
        times = [(each, at) for each in self._events if (at := cells.instant(each.at)) is not None]
        if not times and not cells.faults:
            cells.say(_("no column has a time for any event"))
        incident = cells.name((self._incident,))
        unit = None
        if self._unit is not None and any(each.kind != "reported" for each, at in times):
            unit = cells.name((self._unit,))
        return [
            HistoryRecorded(
                at=at,
                kind=each.kind,
                incident=incident,
                unit=None if each.kind == "reported" else unit,
                source=self._source,
                source_event_id=f"{cells.name(each.ids)}/{each.kind}",
                attributes=self._attributes_of(cells) if each.kind == "whistled" else {},
                dues=self._dues_of(cells) if each.kind == "whistled" else {},
            )
            for each, at in times
        ]

    def _attributes_of(self, cells: "_Cells") -> dict[str, str]:
        return {name: text for name, place in self._attributes if (text := cells.label(place))}

    def _dues_of(self, cells: "_Cells") -> dict[str, Instant]:
        return {
            metric: at
            for metric, place in self._dues
            if (at := cells.instant(place, ahead=True)) is not None
        }


class _Times:
    """How a table's times are read, and which cannot be."""

    def __init__(self, table_map: TableMap, now: Instant) -> None:
        clock = WallClock(table_map.forms, zone_of(table_map.zone))
        self.read = lru_cache(maxsize=1 << 14)(clock.read)  # rows of one incident share times
        self.forms = ", ".join(table_map.forms)
        self.now = now


class _Cells:
    """The cells of one row on their way to be events, and the faults met so far."""

    def __init__(self, row: Row, header: Sequence[str], times: _Times, reading: Reading) -> None:
        self.faults: list[BadLine] = []
        self._number = row.number
        self._cells = row.cells
        self._header = header
        self._times = times
        self._reading = reading

    def say(self, text: str, **words: str) -> None:
        """Keep a fault of the row."""
        self.faults.append(BadLine(text, rule="table.cell", **words))

    def name(self, places: Sequence[int]) -> str:
        """A name made of one cell or more; it must be one."""
        text = "-".join([self._cells[place].strip() for place in places])
        self._check(places[0], text)
        return text

    def label(self, place: int) -> str:
        """A text to group by; it may be empty."""
        text = self._cells[place].strip()
        if text:
            self._check(place, text)
        return text

    def _check(self, place: int, text: str) -> None:
        try:
            check_name(self._header[place], text)
        except BadLine as bad:
            self._keep(bad)

    def instant(self, place: int, *, ahead: bool = False) -> Instant | None:
        """The instant of a cell, None of an empty one or one with a fault.

        A deadline may lie ahead of the clock, what happened may not.
        """
        text = self._cells[place].strip()
        if not text:
            return None
        try:
            at, doubt = self._times.read(text)
            if not ahead:
                check_instant(self._header[place], text, at, self._times.now)
        except BadLine as bad:
            self._keep(bad)
            return None
        except ValueError:
            column, forms = self._header[place], self._times.forms
            sentence = _("{column}: {given} is no time of the form {forms}")
            self.say(sentence, column=column, given=text[:40], forms=forms)
            return None
        if doubt:
            doubts = self._reading.twice if doubt == "twice" else self._reading.skipped
            doubts.add(self._number)
        return at

    def _keep(self, bad: BadLine) -> None:
        told = [(each.text, each.words) for each in self.faults]
        if (bad.text, bad.words) not in told:  # an id is looked at once for each of its events
            self.faults.append(bad)

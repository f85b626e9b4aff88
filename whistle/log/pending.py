"""The rows of a write that are not put down yet: a whole order goes to the store in few statements.

Nothing is read from the store before what is pending stands in it: nobody can tell the difference.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec
from eventsourcing.persistence import StoredEvent

from whistle.domain.register import Entry, number_of
from whistle.log import sites
from whistle.log.leaf import Sealed, leaves
from whistle.log.port import Stamp
from whistle.log.tree import Frontier

_INSERT_LEDGER = f"INSERT INTO ledger VALUES ({','.join('?' * 15)})"
_UPDATE_HEAD = (
    "UPDATE ledger_head SET size = ?, frontier = ?, last_recorded_at = ?, clock_behind = ?"
)
_COUNT_UNIT = """
INSERT INTO unit_series VALUES (?, ?) ON CONFLICT (unit) DO UPDATE SET last = excluded.last
"""
_ENTER = """
INSERT INTO names VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (stream) DO UPDATE SET
  name = excluded.name, number = excluded.number, correlation_id = excluded.correlation_id,
  stage = excluded.stage, due = excluded.due, item = excluded.item, place = excluded.place
"""
_ENTER_CALL = """
INSERT INTO calls VALUES (?, ?, ?) ON CONFLICT (stream, unit) DO UPDATE SET stage = excluded.stage
"""
_ENTER_UNIT = """
INSERT INTO units VALUES (?, ?, ?) ON CONFLICT (code) DO UPDATE SET body = excluded.body
"""


class Inserting(Protocol):
    """What a write needs of the library's recorder."""

    def insert_at(self, cursor: Any, first: int, stored: Sequence[StoredEvent]) -> None:
        """Insert events at the positions from `first` on, within a transaction of ours."""
        ...


class Pending:
    """Events with their leaves, and lines of the register, on their way into the store."""

    def __init__(self, *, sited: bool) -> None:
        """`sited`: whether the store has `sites`; one of an earlier program is written without."""
        self.sited = sited
        self.sealed: list[Sealed] = []
        self._commands: list[tuple[bytes, bytes]] = []
        self._entries: dict[str, tuple[Entry, Entry | None]] = {}

    def seal(self, sealed: Sealed, stamp: Stamp) -> None:
        """An event to be recorded."""
        self.sealed.append(sealed)
        self._commands.append((stamp.command_id, stamp.command_digest))

    def enter(self, entry: Entry, before: Entry | None) -> None:
        """A line of the register, and how it stands in the store, if that is known."""
        if entry.stream in self._entries:
            before = self._entries[entry.stream][1]
        self._entries[entry.stream] = entry, before

    def put_down(
        self, cursor: Any, recorder: Inserting, tree: Frontier, last: tuple[int, int]
    ) -> None:
        """Put everything into the store, and the tree's leaves and head with it."""
        if self.sealed:
            self._put_events(cursor, recorder, tree)
            cursor.execute(_UPDATE_HEAD, (tree.size, tree.hashes, *last))
        if self._entries:
            self._put_entries(cursor)

    def _put_events(self, cursor: Any, recorder: Inserting, tree: Frontier) -> None:
        sealed, commands = self.sealed, self._commands
        self.sealed, self._commands = [], []
        recorder.insert_at(
            cursor,
            sealed[0].seq,
            [StoredEvent(each.stream, each.version, each.topic, each.state) for each in sealed],
        )
        rows = []
        for each, command, leaf in zip(sealed, commands, leaves(sealed), strict=True):
            tree.add(leaf)
            rows.append((each.seq, *each[6:10], *command, *each[12:19], leaf))
        cursor.executemany(_INSERT_LEDGER, rows)

    def _put_entries(self, cursor: Any) -> None:
        entries, self._entries = self._entries, {}
        for entry, before in entries.values():
            if entry != before:
                _put_entry(cursor, entry, before)
                site = entry.site
                if self.sited and site is not None and (before is None or site != before.site):
                    sites.put(cursor, entry.stream, site)


def _put_entry(cursor: Any, entry: Entry, before: Entry | None) -> None:
    """Write the lines of one aggregate that differ from how they stand."""
    line = (
        entry.stream,
        entry.kind,
        entry.name,
        number_of(entry),
        entry.correlation,
        entry.stage,
        entry.due,
        entry.item,
        entry.place,
    )
    cursor.execute(_ENTER, line)
    known = before.calls if before is not None else {}
    for unit, stage in entry.calls.items():
        if known.get(unit) != stage:
            cursor.execute(_ENTER_CALL, (entry.stream, unit, stage))
    if entry.unit is not None:
        body = msgspec.json.encode(entry.unit)
        cursor.execute(_ENTER_UNIT, (entry.unit.code, entry.stream, body))


def count_units(cursor: Any, counted: dict[str, int]) -> None:
    """Keep each unit's last number of its own record."""
    cursor.executemany(_COUNT_UNIT, list(counted.items()))

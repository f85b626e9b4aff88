"""The rows of a write that are not put down yet: a whole order goes to the store in few statements.

Nothing is read from the store before what is pending stands in it: nobody can tell the difference.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from whistle.domain.register import Entry, number_of
from whistle.log import sites
from whistle.log.leaf import Sealed, leaves
from whistle.log.numbers import EventRow, Numbers
from whistle.log.tree import Frontier

_INSERT_COMMAND = f"INSERT INTO commands VALUES ({','.join('?' * 10)})"
_INSERT_LEDGER = f"INSERT INTO ledger VALUES ({','.join('?' * 7)})"
_INSERT_REPLY = "INSERT INTO replies VALUES (?, ?)"
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

    def insert_at(self, cursor: Any, rows: Sequence[EventRow]) -> None:
        """Insert events at positions of ours, without a gap, within a transaction of ours."""
        ...


class Pending:
    """Events with their leaves, and lines of the register, on their way into the store."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self.sealed: list[Sealed] = []
        self._by: list[int] = []
        self._commands: list[tuple[object, ...]] = []
        self._replies: list[tuple[int, bytes]] = []
        self._entries: dict[str, tuple[Entry, Entry | None]] = {}

    def __bool__(self) -> bool:
        return bool(self.sealed or self._entries or self._replies or self._commands)

    def command(self, row: tuple[object, ...]) -> None:
        """A command, with its number: what all of its events share."""
        self._commands.append(row)

    def seal(self, sealed: Sealed, command: int) -> None:
        """An event to be recorded, and the number of the command that came to it."""
        self.sealed.append(sealed)
        self._by.append(command)

    def reply(self, command: int, body: bytes) -> None:
        """A reply to be kept."""
        self._replies.append((command, body))

    def enter(self, entry: Entry, before: Entry | None) -> None:
        """A line of the register, and how it stands in the store, if that is known."""
        if entry.stream in self._entries:
            before = self._entries[entry.stream][1]
        self._entries[entry.stream] = entry, before

    def put_down(
        self, cursor: Any, recorder: Inserting, tree: Frontier, last: tuple[int, int]
    ) -> None:
        """Put everything into the store, and the tree's leaves and head with it."""
        if self._commands:
            commands, self._commands = self._commands, []
            cursor.executemany(_INSERT_COMMAND, commands)
        if self.sealed:
            self._put_events(cursor, recorder, tree)
            cursor.execute(_UPDATE_HEAD, (tree.size, tree.hashes, *last))
        if self._replies:
            replies, self._replies = self._replies, []
            cursor.executemany(_INSERT_REPLY, replies)
        if self._entries:
            self._put_entries(cursor)

    def _put_events(self, cursor: Any, recorder: Inserting, tree: Frontier) -> None:
        sealed, by = self.sealed, self._by
        self.sealed, self._by = [], []
        named = [name for each in sealed for name in (each.stream, each.correlation_id) if name]
        streams = self._numbers.of(cursor, "streams", named)
        topics = self._numbers.of(cursor, "topics", [each.topic for each in sealed])
        events, rows = [], []
        for each, command, leaf in zip(sealed, by, leaves(sealed), strict=True):
            tree.add(leaf)
            events.append(
                (each.seq, streams[each.stream], each.version, topics[each.topic], each.state)
            )
            case = streams[each.correlation_id] if each.correlation_id else None
            rows.append(
                (each.seq, each.recorded_at, command, case, each.causation_seq, each.units, leaf)
            )
        recorder.insert_at(cursor, events)
        cursor.executemany(_INSERT_LEDGER, rows)

    def _put_entries(self, cursor: Any) -> None:
        entries, self._entries = self._entries, {}
        for entry, before in entries.values():
            if entry != before:
                _put_entry(cursor, entry, before)
                site = entry.site
                if site is not None and (before is None or site != before.site):
                    sites.put(cursor, entry.stream, site)


def _line(entry: Entry) -> tuple[object, ...]:
    return (
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


def _put_entry(cursor: Any, entry: Entry, before: Entry | None) -> None:
    """Write the lines of one aggregate that differ from how they stand."""
    line = _line(entry)
    if before is None or line != _line(before):
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

"""How large a store is, part by part, and how it grows: for `store stats` and `doctor`.

Pages are counted by SQLite's `dbstat` table. Where a build has none (it is a compile option), the
bytes of the contents are added up instead, and what indexes and page ends take is one sum.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from whistle.domain.moment import DAY, Instant
from whistle.log.reader import SQLReader

RECORD = ("events", "ledger", "replies", "attempts", "sources")
WITH = {"streams": "events", "topics": "events", "commands": "ledger"}
"""Tables that are counted with another: what its rows say once, and not in each of them."""
REGISTER = ("names", "calls", "series", "unit_series", "units", "adopted", "sites")
PARTS = (*RECORD, "register", "indexes", "other", "free")


class Sizes(NamedTuple):
    """Bytes of each part of the file; together they are the file, without its -wal."""

    parts: dict[str, int]
    counted: Literal["pages", "contents"]

    @property
    def whole(self) -> int:
        """Bytes of the file."""
        return sum(self.parts.values())


class Topic(msgspec.Struct, frozen=True):
    """The events of a topic: how many, and the bytes of what they say."""

    topic: str
    events: int
    payload: int


def sizes(reader: SQLReader) -> Sizes:
    """Count the bytes of each part."""
    (pages,) = _row(reader, "PRAGMA page_count")
    (page,) = _row(reader, "PRAGMA page_size")
    (free,) = _row(reader, "PRAGMA freelist_count")
    parts = dict.fromkeys(PARTS, 0)
    parts["free"] = free * page
    found, counted = _by_pages(reader), "pages"
    if found is None:
        found, counted = _by_contents(reader), "contents"
    for name, octets in found:
        parts[name] += octets
    parts["other"] += pages * page - sum(parts.values())
    return Sizes(parts, "pages" if counted == "pages" else "contents")


def _by_pages(reader: SQLReader) -> list[tuple[str, int]] | None:
    """Parts by the pages they take; None where this SQLite cannot tell."""
    cursor = _plain(reader)
    try:
        cursor.execute("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'index')")
        kinds = dict(cursor.fetchall())
        cursor.execute("SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE")
        return [(_part(name, kinds.get(name, "")), octets) for name, octets in cursor.fetchall()]
    except sqlite3.OperationalError:
        return None


def _part(name: str, kind: str) -> str:
    return "indexes" if kind == "index" else part_of(name)


def part_of(table: str) -> str:
    """The part that a table is counted to."""
    table = WITH.get(table, table)
    if table in RECORD:
        return table
    return "register" if table in REGISTER else "other"


def _by_contents(reader: SQLReader) -> list[tuple[str, int]]:
    """Parts by the bytes of their values, without what a page and an index add to them."""
    return list(_contents(_plain(reader)))


def _contents(cursor: Any) -> Iterator[tuple[str, int]]:
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    for (table,) in cursor.fetchall():
        if table in (*RECORD, *WITH, *REGISTER):
            cursor.execute(f"SELECT name FROM pragma_table_info('{table}')")
            columns = [name for (name,) in cursor.fetchall()]
            values = " + ".join(f"ifnull(length(CAST({name} AS BLOB)), 0)" for name in columns)
            cursor.execute(f"SELECT ifnull(sum({values}), 0) FROM {table}")
            yield part_of(table), cursor.fetchone()[0]


def topics(reader: SQLReader) -> list[Topic]:
    """The events by topic, the most first."""
    found = reader.scan(
        "SELECT t.topic, COUNT(*), SUM(LENGTH(e.state)) FROM events e "
        "JOIN topics t ON t.id = e.topic GROUP BY t.topic ORDER BY COUNT(*) DESC, t.topic"
    )
    return [Topic(topic, int(events), int(payload)) for topic, events, payload in found]


def by_day(reader: SQLReader, since: Instant, offset: Instant) -> list[tuple[int, int]]:
    """Events recorded on each day since an instant, as (day since 1970-01-01, events).

    `offset` is by how much the clock on the wall is ahead of UTC, in microseconds.
    """
    found = reader.scan(
        "SELECT (recorded_at + ?) / ? AS day, COUNT(*) FROM ledger WHERE seq >= ? "
        "GROUP BY day ORDER BY day",
        offset,
        DAY,
        first_since(reader, since),
    )
    return [(int(day), int(count)) for day, count in found]


def first_since(reader: SQLReader, since: Instant) -> int:
    """The first seq recorded at or after an instant, found by halving: the order is that of time.

    One beyond the last when there is none.
    """
    (last,) = _row(reader, "SELECT coalesce(MAX(seq), 0) FROM ledger")
    low, high = 1, int(last) + 1
    while low < high:
        middle = (low + high) // 2
        row = _row(reader, "SELECT recorded_at FROM ledger WHERE seq = ?", middle)
        if row is None or row[0] < since:
            low = middle + 1
        else:
            high = middle
    return low


def beside(store: Path) -> dict[str, int]:
    """Bytes of the files that belong to a store and lie beside it, by what their name ends in."""
    found = {}
    for path in sorted(store.parent.glob(f"{store.name}*")):
        ending = path.name.removeprefix(store.name)
        if ending and path.is_file():
            found[ending] = path.stat().st_size
    return found


def _plain(reader: SQLReader) -> Any:
    cursor = reader.cursor.connection.cursor()
    cursor.row_factory = None
    return cursor


def _row(reader: SQLReader, statement: str, *values: object) -> Any:
    return next(iter(reader.scan(statement, *values)), None)

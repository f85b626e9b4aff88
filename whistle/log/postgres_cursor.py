"""The log's statements on PostgreSQL: written once, with `?` for a value as SQLite has it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import count
from typing import Any

import psycopg
from psycopg.rows import tuple_row
from psycopg.types.numeric import Int8Dumper

from whistle.log.postgres_merging import Waiting, merged, numbered
from whistle.log.postgres_values import typed
from whistle.log.postgres_wire import Asked, Wire

PORTION = 2000  # rows of a long read that are fetched at a time
MANY = 50  # rows from which on they are copied and not inserted
_ANSWERS_NOTHING = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|SAVEPOINT|RELEASE)\b(?!.*\bRETURNING\b)", re.DOTALL
)
_INSERT = re.compile(r"INSERT INTO (\w+) VALUES \([?, ]+\)")


@cache
def translated(statement: str) -> bytes:
    """The statement with the driver's mark for each value."""
    return statement.replace("%", "%%").replace("?", "%s").encode()


@cache
def answers(statement: str) -> bool:
    """Whether somebody waits for what a statement says."""
    return _ANSWERS_NOTHING.match(statement) is None


class Connection:
    """A transaction's connection, as far as the log's readers ask for it: another cursor."""

    def __init__(self, raw: psycopg.Connection[Any], before: Callable[[], None]) -> None:
        """`before` sends what waits: whoever reads is to see it."""
        self.raw = raw
        self._before = before
        self._numbers = count(1)
        self._streams: list[psycopg.ServerCursor[Any]] = []

    def cursor(self) -> "Stream":
        """A cursor that reads a whole table in little memory."""
        self._before()
        cursor = psycopg.ServerCursor(
            self.raw, f"whistle_{next(self._numbers)}", row_factory=tuple_row
        )
        cursor.itersize = PORTION
        self._streams.append(cursor)
        return Stream(cursor)

    def close(self) -> None:
        """Let go of the cursors whose rows were not all read."""
        for cursor in self._streams:
            with suppress(psycopg.Error):  # of a connection that broke there is none left
                cursor.close()


class Stream:
    """Rows that are fetched portion by portion."""

    row_factory: object = None  # rows are plain tuples anyway

    def __init__(self, cursor: psycopg.ServerCursor[Any]) -> None:
        self._cursor = cursor

    def execute(self, statement: str, values: Sequence[object] = ()) -> Iterator[Any]:
        """Begin to read; the rows are fetched as they are asked for."""
        self._cursor.execute(translated(statement), values, binary=True)
        return iter(self._cursor)


class Cursor:
    """A cursor of plain rows, with what SQLite's has, that goes to the server seldom.

    A statement that answers nothing waits for the next one that does, or for the commit, and they
    go together, in one exchange and as few statements as can be. The server takes them in their
    order, and after the first that it refuses none any more, a commit neither: nobody can tell the
    difference but by the clock.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._rows: Sequence[tuple[Any, ...]] = ()
        self._next = 0
        self._waiting: list[Waiting] = []
        self.connection = Connection(wire.raw, self._send)

    def execute(self, statement: str, values: Sequence[object] = ()) -> "Cursor":
        """Run a statement; what is wrong with one that answers nothing is told with the next."""
        part = statement.rpartition(" ")
        if part[0] in ("RELEASE", "ROLLBACK TO") and (f"SAVEPOINT {part[2]}", ()) in self._waiting:
            self._end_part((f"SAVEPOINT {part[2]}", ()), kept=part[0] == "RELEASE")
        elif answers(statement):
            self._send((numbered(statement), *typed(values)))
        else:
            self._waiting.append((statement, values))
        return self

    def _end_part(self, begin: Waiting, *, kept: bool) -> None:
        """End a part of which the server has heard nothing yet: what it said goes, or stays."""
        at = self._waiting.index(begin)
        if kept:
            del self._waiting[at]
        else:
            del self._waiting[at + 1 :]

    def run(self, statement: str) -> None:
        """Run a statement without values as it stands."""
        self._send()
        self._wire.say(statement)

    def executemany(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement for each row; many rows are copied."""
        plain = _INSERT.fullmatch(statement) if len(rows) > MANY else None
        if plain:
            self.copy(plain[1], rows)
        else:
            self._waiting += [(statement, row) for row in rows]

    def copy(self, table: str, rows: Iterable[Sequence[object]]) -> None:
        """Insert whole rows by COPY: a batch of an import costs the server a tenth of the time."""
        self._send()
        with (
            self._wire.raw.cursor() as cursor,
            cursor.copy(f"COPY {table} FROM STDIN".encode()) as copying,
        ):
            for row in rows:
                copying.write_row(row)

    def end(self, statement: str) -> None:
        """Send what waits, and the statement that ends the transaction."""
        self._send(end=statement)

    def _send(self, *last: Asked, end: str = "") -> None:
        """Send what waits, and a statement after it, and hear what the server says to all of it."""
        waiting, self._waiting = self._waiting, []
        if waiting or last or end:
            self._rows = self._wire.ask([*merged(waiting), *last], end)
            self._next = 0

    def fetchone(self) -> Any:
        """The next row; None after the last."""
        if self._next == len(self._rows):
            return None
        self._next += 1
        return self._rows[self._next - 1]

    def fetchall(self) -> list[Any]:
        """The rows that are left."""
        rows, self._rows = list(self._rows[self._next :]), ()
        self._next = 0
        return rows


def tune(raw: psycopg.Connection[Any]) -> None:
    """Send every whole number as bigint: one statement is then planned once, not once a size."""
    raw.adapters.register_dumper(int, Int8Dumper)

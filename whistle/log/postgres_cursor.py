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

PORTION = 2000  # rows of a long read that are fetched at a time
MANY = 50  # rows from which on they are copied and not inserted
_ANSWERS_NOTHING = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|SAVEPOINT)\b(?!.*\bRETURNING\b)", re.DOTALL
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
    go together, in one exchange. The server takes them in their order, and after the first that it
    refuses none any more, a commit neither: nobody can tell the difference but by the clock.
    """

    def __init__(self, told: psycopg.Cursor[Any]) -> None:
        """`told` is what the connection said to the statements that began its transaction."""
        self._told = told
        self._raw = raw = told.connection
        self._cursor = raw.cursor(row_factory=tuple_row)
        self._waiting: list[tuple[bytes, Sequence[object] | None]] = []
        self.connection = Connection(raw, self._send)

    def last_told(self) -> tuple[Any, ...]:
        """The row that the last of those statements answered."""
        while self._told.nextset():
            pass
        row = self._told.fetchone()
        return tuple(row.values()) if row else ()

    def execute(self, statement: str, values: Sequence[object] = ()) -> "Cursor":
        """Run a statement; what is wrong with one that answers nothing is told with the next."""
        if answers(statement):
            self._send(translated(statement), values)
        else:
            self._waiting.append((translated(statement), values))
        return self

    def run(self, statement: str) -> None:
        """Run a statement without values as it stands."""
        self._send(statement.encode())

    def executemany(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement for each row; many rows are copied."""
        plain = _INSERT.fullmatch(statement) if len(rows) > MANY else None
        if plain:
            self.copy(plain[1], rows)
        else:
            self._waiting += [(translated(statement), row) for row in rows]

    def copy(self, table: str, rows: Iterable[Sequence[object]]) -> None:
        """Insert whole rows by COPY: a batch of an import costs the server a tenth of the time."""
        self._send()
        with self._cursor.copy(f"COPY {table} FROM STDIN".encode()) as copying:
            for row in rows:
                copying.write_row(row)

    def end(self, *statements: str) -> None:
        """Send what waits, and the statements that end the transaction."""
        self._waiting += [(each.encode(), None) for each in statements]
        if self._waiting:
            self._send(*self._waiting.pop())

    def _send(self, last: bytes = b"", values: Sequence[object] | None = None) -> None:
        """Send what waits, and a statement after it, and hear what the server says to all of it."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            with self._raw.pipeline():
                before = self._raw.cursor()
                for statement, given in waiting:
                    before.execute(statement, given, prepare=None if given else False)
                if last:
                    self._cursor.execute(last, values)
        elif last:
            self._cursor.execute(last, values)

    def fetchone(self) -> Any:
        """The next row; None after the last."""
        return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        """The rows that are left."""
        return self._cursor.fetchall()


def tune(raw: psycopg.Connection[Any]) -> None:
    """Send every whole number as bigint: one statement is then planned once, not once a size."""
    raw.adapters.register_dumper(int, Int8Dumper)

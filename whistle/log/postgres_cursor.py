"""The log's statements on PostgreSQL: written once, with `?` for a value as SQLite has it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import count
from typing import Any

import psycopg
from psycopg.rows import tuple_row
from psycopg.types.numeric import Int8Dumper

PORTION = 2000  # rows of a long read that are fetched at a time
MANY = 50  # rows from which on they are copied and not inserted
_INSERT = re.compile(r"INSERT INTO (\w+) VALUES \([?, ]+\)")


@cache
def translated(statement: str) -> bytes:
    """The statement with the driver's mark for each value."""
    return statement.replace("%", "%%").replace("?", "%s").encode()


class Connection:
    """A transaction's connection, as far as the log's readers ask for it: another cursor."""

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self.raw = raw
        self._numbers = count(1)
        self._streams: list[psycopg.ServerCursor[Any]] = []

    def cursor(self) -> "Stream":
        """A cursor that reads a whole table in little memory."""
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
    """A cursor of plain rows, with what SQLite's has."""

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self.connection = Connection(raw)
        self._cursor = raw.cursor(row_factory=tuple_row)

    def execute(self, statement: str, values: Sequence[object] = ()) -> "Cursor":
        """Run a statement."""
        self._cursor.execute(translated(statement), values)
        return self

    def run(self, statement: str) -> None:
        """Run a statement without values as it stands."""
        self._cursor.execute(statement.encode())

    def executemany(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement for each row, in one exchange with the server; many rows are copied."""
        plain = _INSERT.fullmatch(statement) if len(rows) > MANY else None
        if plain:
            self.copy(plain[1], rows)
        else:
            self._cursor.executemany(translated(statement), rows)

    def copy(self, table: str, rows: Iterable[Sequence[object]]) -> None:
        """Insert whole rows by COPY: a batch of an import costs the server a tenth of the time."""
        with self._cursor.copy(f"COPY {table} FROM STDIN".encode()) as copying:
            for row in rows:
                copying.write_row(row)

    def fetchone(self) -> Any:
        """The next row; None after the last."""
        return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        """The rows that are left."""
        return self._cursor.fetchall()


def tune(raw: psycopg.Connection[Any]) -> None:
    """Send every whole number as bigint: one statement is then planned once, not once a size."""
    raw.adapters.register_dumper(int, Int8Dumper)

"""Rows put aside on the disk while a long log is read, and read back in the order of their keys.

They lie in a file without a name, which SQLite keeps in memory while it is small and which is gone
with whoever opened it: https://www.sqlite.org/inmemorydb.html#temp_db. The record is not touched.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import finalize

from whistle.domain.refusal import Unreachable, _

MEMORY_KB = 4096


class Aside:
    """Rows of so many columns, the first of which are their key."""

    def __init__(self, columns: int, key: int) -> None:
        names = [f"c{number}" for number in range(columns)]
        self._key = ", ".join(names[:key])
        self._put = f"INSERT INTO aside VALUES ({', '.join('?' * columns)})"
        with _reaching():
            self._file = sqlite3.connect("", isolation_level=None)
            finalize(self, self._file.close)
            self._file.execute("PRAGMA journal_mode = OFF")
            self._file.execute(f"PRAGMA cache_size = -{MEMORY_KB}")
            self._file.execute(f"CREATE TABLE aside ({', '.join(names)})")
            self._file.execute("BEGIN")

    def put(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Put rows aside."""
        with _reaching():
            self._file.executemany(self._put, rows)

    def ordered(self) -> Iterator[tuple[Any, ...]]:
        """All of them by their keys, texts by their code points; equal keys as they were put."""
        with _reaching():
            self._file.execute(f"CREATE INDEX IF NOT EXISTS by_key ON aside ({self._key})")
            yield from self._file.execute(
                f"SELECT * FROM aside INDEXED BY by_key ORDER BY {self._key}, rowid"
            )


def in_order(rows: Iterable[tuple[Any, ...]], *, columns: int, key: int) -> Iterator[Any]:
    """More rows than memory should hold, by the first columns of each."""
    aside = Aside(columns, key)
    aside.put(rows)
    return aside.ordered()


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise Unreachable(
            _("A long record is put in order on the disk, and there is no place: {fault}."),
            hint=_("free disk space, or name a folder with room: TMPDIR=/var/tmp"),
            fault=str(error),
        ) from error

"""Views in a file beside an embedded store, and views in memory for who may not write there."""

import errno
import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from whistle.log.opening import address, may_write
from whistle.log.rights import open_with

BUSY_TIMEOUT_S = 60
_WRITES = "writes"


class _SQLite:
    """What a file and memory have alike."""

    kept = True
    _engine: sa.Engine

    @contextmanager
    def reading(
        self,
        tables: Sequence[str] = (),  # noqa: ARG002 - a snapshot of a file keeps every table
    ) -> Iterator[sa.Connection]:
        """All views at one moment."""
        with self._engine.connect() as tx, tx.begin():
            yield tx

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A write, which holds the write lock from its beginning."""
        engine = self._engine.execution_options(**{_WRITES: True})
        with engine.connect() as tx, tx.begin():
            yield tx

    def damaged(self, error: sa.exc.DatabaseError) -> bool:
        """Whether the file is no database at all; busy, full and forbidden are other errors."""
        return type(error) is sa.exc.DatabaseError

    def close(self) -> None:
        """Let go of it."""
        self._engine.dispose()


class File(_SQLite):
    """A file of its own, with the rights of the store that it lies beside."""

    def __init__(self, path: Path, mode: int) -> None:
        """Open it; it is made with these rights if there is none."""
        self._path = path
        self._mode = mode
        if not path.exists() or not path.stat().st_size:
            with self.locked():
                self._make()
        url = sa.URL.create("sqlite", database=str(path))
        self._engine = _tuned(sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S}))

    def _make(self) -> None:
        """An empty file with the store's own rights, in the journal mode that lets readers on.

        Raises OSError when the disk does not let it be made.
        """
        os.close(open_with(self._path, self._mode))
        try:
            with closing(sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_S)) as raw:
                raw.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            raise OSError(errno.EIO, str(error), str(self._path)) from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """The lock for what replaces views whole.

        It is a file beside them: closing a handle on the views would let go of SQLite's own locks.
        """
        handle = open_with(self._path.with_name(f"{self._path.name}.lock"), self._mode)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def clear(self) -> None:
        """Delete the views; the log has everything that they say."""
        self._engine.dispose()
        for ending in ("-wal", "-shm", ""):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
        self._make()


class Memory(_SQLite):
    """Views that last as long as this run."""

    kept = False

    def __init__(self, path: Path | None = None) -> None:
        """A copy of the views at a path; empty if there are none, or they are unreadable."""
        self._engine = _in_memory(path)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nothing: nobody else is here."""
        yield

    def clear(self) -> None:
        """Begin with nothing."""
        self._engine.dispose()
        self._engine = _in_memory(None)


def _in_memory(path: Path | None) -> sa.Engine:
    memory = sqlite3.connect(":memory:", check_same_thread=False)
    with suppress(sqlite3.DatabaseError):
        if path is not None:
            with closing(sqlite3.connect(address(path), uri=True)) as file:
                file.backup(memory)
    return _tuned(sa.create_engine("sqlite://", creator=lambda: memory, poolclass=StaticPool))


def writable(path: Path) -> bool:
    """Whether this person may keep views here."""
    return may_write(path)


def _tuned(engine: sa.Engine) -> sa.Engine:
    sa.event.listen(engine, "connect", _connected)
    sa.event.listen(engine, "begin", _begun)
    return engine


def _connected(raw: Any, _record: object) -> None:
    raw.isolation_level = None  # the driver begins nothing by itself, so DDL is transactional
    raw.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost a batch, folded again


def _begun(tx: sa.Connection) -> None:
    writes = tx.get_execution_options().get(_WRITES, False)
    tx.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

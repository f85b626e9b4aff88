"""The file that the views of an embedded store lie in: made, opened, copied, thrown away."""

import errno
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from whistle.log.opening import address, may_write
from whistle.log.rights import open_with

BUSY_TIMEOUT_S = 60
_WRITES = "writes"


def on_disk(path: Path, mode: int) -> sa.Engine:
    """The views' file, made with these rights if there is none."""
    if not path.exists() or not path.stat().st_size:
        with locked(path, mode):
            make(path, mode)
    url = sa.URL.create("sqlite", database=str(path))
    return _tuned(sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S}))


def in_memory(path: Path | None = None) -> sa.Engine:
    """A copy of the views' file in memory, for who may not write it; empty if it is unreadable."""
    memory = sqlite3.connect(":memory:", check_same_thread=False)
    with suppress(sqlite3.DatabaseError):
        if path is not None:
            with closing(sqlite3.connect(address(path), uri=True)) as file:
                file.backup(memory)
    return _tuned(sa.create_engine("sqlite://", creator=lambda: memory, poolclass=StaticPool))


def writable(path: Path) -> bool:
    """Whether this person may keep views here."""
    return may_write(path)


def make(path: Path, mode: int) -> None:
    """An empty file with the store's own rights, in the journal mode that lets readers read on.

    Raises OSError when the disk does not let it be made.
    """
    os.close(open_with(path, mode))
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)) as raw:
            raw.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        raise OSError(errno.EIO, str(error), str(path)) from error


def throw_away(path: Path) -> None:
    """Delete the views; the log has everything that they say."""
    for ending in ("-wal", "-shm", ""):
        path.with_name(path.name + ending).unlink(missing_ok=True)


@contextmanager
def locked(path: Path, mode: int) -> Iterator[None]:
    """The views' own lock, for what replaces them whole; catching up does not take it.

    It is a file beside them: closing a handle on the views would let go of SQLite's own locks.
    """
    handle = open_with(path.with_name(f"{path.name}.lock"), mode)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def for_writing(engine: sa.Engine) -> sa.Engine:
    """The same engine with transactions that take the write lock when they begin."""
    return engine.execution_options(**{_WRITES: True})


def damaged(error: sa.exc.DatabaseError) -> bool:
    """Whether the file is no database at all; busy, full and forbidden are other errors."""
    return type(error) is sa.exc.DatabaseError


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

"""Looking at a file before it is touched: whose it is, and whether this person may write it.

A database that is not a store stays as it is, to the byte; a store on a shelf, a disc or somebody
else's folder can be read by whoever may read it.
"""

import os
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

from whistle.domain.refusal import Refused, Unreachable, _
from whistle.domain.restored import STREAM
from whistle.log.epochs import EPOCHS, STORE, identity_of
from whistle.log.faults import reaching, unreachable
from whistle.log.older import is_older, show
from whistle.log.rows import Identity
from whistle.log.schema import SCHEMA_VERSION

MAGIC = b"SQLite format 3\0"
OPENING = threading.Lock()
"""Held while a file is looked at, and while a connection to one is made: see `handles`."""
_AS_WHO_IT_RUNS = os.access in os.supports_effective_ids


def may_write(path: Path) -> bool:
    """Whether this person may write a database here: its folder too, for what lies beside it."""
    return _writable(path.parent) and (not path.exists() or (path.is_file() and _writable(path)))


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=_AS_WHO_IT_RUNS)


def address(path: Path) -> str:
    """The address under which SQLite only reads a file, and makes nothing beside it.

    With a -wal beside it, what stands there counts, and SQLite needs the -shm too. Without one
    the file is whole: no lock is taken, so whoever reads while another person's program ends a
    write may have to read again. What this process itself has open is read under its locks.
    """
    waiting = path.with_name(f"{path.name}-wal")
    whole = not waiting.exists() or not (waiting.stat().st_size or handles(path))
    return f"{path.absolute().as_uri()}?{'immutable=1' if whole else 'mode=ro'}"


def handles(path: Path) -> int:
    """How many handles this process has on a file with a -wal beside it, without which it is 0.

    POSIX lets go of every lock that a process holds on a file when any handle on it is closed that
    SQLite does not know of, or that it opened without locks. Another process would then take
    itself for the last one and remove the -wal, and what is recorded here would be lost.
    """
    if not path.with_name(f"{path.name}-wal").exists():
        return 0
    there, found = path.stat(), 0
    for name in os.listdir("/dev/fd"):  # noqa: PTH208 - numbers are wanted, not paths
        with suppress(OSError):  # the listing's own is closed by now
            found += os.path.samestat(os.fstat(int(name)), there)
    return found


def file_at(path: str) -> tuple[int, int] | None:
    """Which file lies there; a connection goes on with the one that it opened, wherever it is."""
    try:
        there = os.stat(path)  # noqa: PTH116 - asked at each write, and a tenth of the price
    except OSError:
        return None
    return there.st_dev, there.st_ino


def identify(path: Path) -> Identity:
    """Which store lies at a path, without changing a byte of what is there.

    Raises Unreachable when it is none or cannot be read, Broken when it is damaged, Refused when
    a newer program wrote it.
    """
    with OPENING:
        return _identified(path)


def _identified(path: Path) -> Identity:
    if not handles(path):
        _check_magic(path)
    with reaching(), closing(sqlite3.connect(address(path), uri=True)) as looking:
        try:
            row = looking.execute(STORE).fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:  # no such table, or column
                raise no_store(path) from error
            raise
        if row is None:
            raise no_store(path)
        check_not_newer(row[2])
        if is_older(row[2]):
            show(looking)
        return identity_of(row, looking.execute(EPOCHS, (STREAM,)))


def check_not_newer(schema_version: int) -> None:
    """Refused when a newer program made the tables: this one does not know what they mean."""
    if schema_version > SCHEMA_VERSION:
        raise Refused(
            _("This store was written by a newer Whistle; upgrade the program to open it."),
            rule="store.newer",
            hint=_("its tables are of version {theirs}, this program knows {ours}"),
            theirs=schema_version,
            ours=SCHEMA_VERSION,
        )


def _check_magic(path: Path) -> None:
    """Unreachable when a file is no database: SQLite would take a short text for an empty one."""
    try:
        with path.open("rb") as file:
            magic = file.read(len(MAGIC))
    except OSError as error:
        raise unreachable(error.strerror) from error
    if magic != MAGIC:
        raise no_store(path)


def no_store(path: Path | str) -> Unreachable:
    """What is told of a place where something else lies than a store."""
    return Unreachable(_("{path} is not a store of Whistle."), path=str(path))

"""A database that appears under its name whole or not at all, and is there after a power cut."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from whistle.log.faults import reaching

BESIDE = ("-wal", "-shm", "-journal", ".lock")
"""What SQLite, and the queue of writers, leave beside a database."""


def throw_away(path: Path) -> None:
    """Delete a database that never came to be, and what lies beside it."""
    for ending in ("", *BESIDE):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def put_in_place(part: Path, path: Path) -> None:
    """Give a finished database its name.

    Everything of it is first brought into the one file; at last the folder is synced, since a name
    that is not on the disk is no name. Raises Unreachable or OSError.
    """
    with reaching(), closing(sqlite3.connect(part)) as whole:
        whole.execute("PRAGMA journal_mode = DELETE")
    for ending in BESIDE:
        part.with_name(part.name + ending).unlink(missing_ok=True)
    part.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def or_nothing(path: Path) -> Iterator[None]:
    """Take away a new file that could not be written to its end, as on a full disk."""
    try:
        yield
    except OSError:
        path.unlink(missing_ok=True)
        raise

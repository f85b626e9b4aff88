"""The size of what a contestant stored in SQLite."""

import sqlite3
from contextlib import closing
from pathlib import Path


def stored(path: Path) -> int:
    """The bytes of a database, with all that stood in its write-ahead log."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size

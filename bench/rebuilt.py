"""The ledger made once from a whole log, in a process of its own, for the part `ledger`.

    python -m bench.rebuilt ROAD FOLDER

`views` is ours, `by-hand` is sqlite3 and msgspec with nothing around them, `eventsourcing` (in an
environment of its own) loops over that library's notification log. Each has the same facts in a
log of its own, and writes the rows durably. A line of JSON says what it took; imports and opening
are no part of it. Standard library only, until a road is taken.
"""

import hashlib
import importlib
import json
import resource
import sqlite3
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

KINDS: Final = ("whistled", "acknowledged", "arrived", "finished")
WRITE_EACH: Final = 5_000  # events

LEDGER: Final = """
CREATE TABLE ledger (incident TEXT, unit TEXT, whistled INT, acknowledged INT, arrived INT,
  finished INT, PRIMARY KEY (incident, unit)) WITHOUT ROWID
"""
INSERT: Final = "INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?)"

ROADS: Final = {
    "views": "bench.ledger_views",
    "by-hand": "bench.ledger_by_hand",
    "eventsourcing": "bench.peers.eventsourcing_log",
}


class Fact(NamedTuple):
    """One fact of the log that all have."""

    incident: str
    unit: str | None
    kind: str
    at: int


class Road(Protocol):
    """A way to make the ledger."""

    def fill(self, folder: Path, facts: Iterable[Fact]) -> None:
        """Record the facts, once."""

    def prepare(self, folder: Path) -> Any:
        """Open what is needed; nothing is read."""

    def rebuild(self, prepared: Any) -> None:
        """Make the ledger, to its last row on the disk."""

    def rows(self, folder: Path) -> Iterable[tuple[Any, ...]]:
        """Incident, unit, and when each step was taken."""


def answer(rows: Iterable[tuple[Any, ...]]) -> str:
    """A ledger in 16 signs, whatever the order of its rows."""
    text = "\n".join(sorted(map(repr, map(tuple, rows))))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def durable(path: Path) -> sqlite3.Connection:
    """A connection that syncs at every commit."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    return database


def afresh(path: Path) -> sqlite3.Connection:
    """An empty ledger in a file of its own."""
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    database = durable(path)
    database.execute(LEDGER)
    return database


def main() -> None:
    """Make it once, and say what that took; with `fill`, record the facts on standard input."""
    name, folder, *words = sys.argv[1:]
    road: Road = importlib.import_module(ROADS[name]).ROAD
    if words:
        road.fill(Path(folder), (Fact(*json.loads(line)) for line in sys.stdin))
        return
    prepared = road.prepare(Path(folder))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cpu, wall = time.process_time(), time.perf_counter()
    road.rebuild(prepared)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    above = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    said = {"cpu_s": cpu, "wall_s": wall, "above_mb": above}
    print(json.dumps(said | {"answer": answer(road.rows(Path(folder)))}))


if __name__ == "__main__":
    main()

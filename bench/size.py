"""W7: what a stored event takes on the disk, by part of the store."""

import sqlite3
from itertools import islice
from pathlib import Path

from bench import report
from bench.ours import Ours
from bench.place import place
from bench.workload import acts

PARTS = {
    "events": ("events",),
    "their index by stream": ("sqlite_autoindex_events_1",),
    "ledger": ("ledger",),
    "commands and their index": ("commands", "sqlite_autoindex_commands_1"),
    "replies": ("replies",),
    "streams and topics with their indexes": (
        "streams", "sqlite_autoindex_streams_1", "topics", "sqlite_autoindex_topics_1",
    ),
}  # fmt: skip
"""What is told apart; all else is the register and the small tables."""


def parts_of(path: Path) -> dict[str, int]:
    """The bytes of each part; only the whole, where SQLite was built without `dbstat`."""
    database = sqlite3.connect(path)
    try:
        sizes = dict(database.execute("SELECT name, SUM(pgsize) FROM dbstat GROUP BY name"))
    except sqlite3.OperationalError:
        sizes = {}
    finally:
        database.close()
    told = {part: sum(sizes.pop(name, 0) for name in names) for part, names in PARTS.items()}
    told["register and small tables"] = sum(sizes.values())
    return told


def main(orders: int, *, write: bool) -> None:
    """Fill a store with each playbook, and take it apart."""
    columns: list[list[str]] = []
    parts: list[str] = []
    for limits in (True, False):
        with place(memory=True) as folder:
            ours = Ours(folder, limits=limits)
            for act in islice(acts(), orders):
                ours.order(act)
            whole, events = ours.bytes(), ours.log.size()
            payload = sum(len(row[17]) for row in ours.log.rows())
            ours.close()
            told = parts_of(ours.path)
        parts = ["events in all", "events an order", *told, "bytes an event", "of it payload",
                 "with a payload of 111 bytes"]  # fmt: skip
        columns.append(
            [
                f"{events:,}",
                f"{events / orders:.2f}",
                *(f"{size / events:.0f}" for size in told.values()),
                f"{whole / events:.0f}",
                f"{payload / events:.0f}",
                f"{(whole - payload) / events + 111:.0f}",
            ]
        )
    rows = zip(parts, *columns, strict=True)
    heads = ("bytes an event", "whistle", "whistle-plain")
    said = f"SQLite {sqlite3.sqlite_version}, {orders:,} orders; founding a town is part of it."
    report.tell("size", f"{said}\n\n{report.table(heads, rows)}", write=write)

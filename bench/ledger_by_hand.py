"""The ledger by hand: sqlite3 and msgspec, a dict of what is open, one INSERT for thousands.

No view, no parking, no correction, no digest: what the machine takes for the same rows.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from bench.limits import EVENTS
from bench.rebuilt import INSERT, KINDS, WRITE_EACH, Fact, afresh, durable

LOG, LEDGER = "raw.db", "by-hand.db"
STEP = {kind: nth for nth, kind in enumerate(KINDS, 2)}
WHOLE = 2 + len(KINDS)


class _Fact(msgspec.Struct, gc=False):
    incident: str
    kind: str
    at: int
    unit: str | None = None


class ByHand:
    """The least that makes this ledger."""

    def fill(self, folder: Path, facts: Iterable[Fact]) -> None:
        """Record the facts, once."""
        database, versions = durable(folder / LOG), dict[str, int]()
        database.execute(EVENTS)
        database.execute("BEGIN")
        for each in facts:
            version = versions[each.incident] = versions.get(each.incident, 0) + 1
            row = (each.incident, version, "fact", msgspec.json.encode(each._asdict()))
            database.execute(
                "INSERT INTO events (stream, version, topic, state) VALUES (?, ?, ?, ?)", row
            )
        database.execute("COMMIT")
        database.close()

    def prepare(self, folder: Path) -> tuple[sqlite3.Connection, sqlite3.Connection]:
        """The log and an empty ledger."""
        return durable(folder / LOG), afresh(folder / LEDGER)

    def rebuild(self, prepared: Any) -> None:
        """Fold what is open; what has all its steps is written and forgotten."""
        log, ledger = prepared
        decode = msgspec.json.Decoder(_Fact).decode
        rows: dict[tuple[str, str], list[Any]] = {}
        done: list[list[Any]] = []
        scan = log.execute("SELECT state FROM events ORDER BY seq")
        ledger.execute("BEGIN")
        while page := scan.fetchmany(WRITE_EACH):
            for (state,) in page:
                fact = decode(state)
                if fact.unit is None:
                    continue
                key = fact.incident, fact.unit
                row = rows.get(key)
                if row is None:
                    row = rows[key] = [*key, None, None, None, None]
                step = STEP[fact.kind]
                if row[step] is None or fact.at < row[step]:
                    row[step] = fact.at
                if None not in row:
                    done.append(rows.pop(key))
            ledger.executemany(INSERT, done)
            done.clear()
        ledger.executemany(INSERT, rows.values())
        ledger.execute("COMMIT")

    def rows(self, folder: Path) -> Iterable[tuple[Any, ...]]:
        """Incident, unit, and when each step was taken."""
        return durable(folder / LEDGER).execute("SELECT * FROM ledger").fetchall()


ROAD = ByHand()

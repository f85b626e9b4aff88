"""The ledger from `eventsourcing`'s notification log: page, map to the event, fold, write.

The library's own SQLite recorder has no subscription, so that this loop is its way to a view; the
position is kept with each page, as its tracking would.
"""

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from bench.rebuilt import INSERT, KINDS, WRITE_EACH, Fact, afresh, durable

SPACE = UUID(int=0)
LOG, LEDGER = "es.db", "es-ledger.db"
STEP = {kind: nth for nth, kind in enumerate(KINDS, 2)}


class Incident(Aggregate):
    """An incident with what its units did."""

    @event("Reported")
    def __init__(self, incident: str, at: int) -> None:
        self.incident = incident

    @staticmethod
    def create_id(incident: str) -> UUID:
        """One stream an incident."""
        return uuid5(SPACE, incident)

    @event("StepTaken")
    def step(self, incident: str, unit: str, kind: str, at: int) -> None:
        """A unit was called, signed, came, was done."""


class Town(Application[UUID]):
    """The application."""


def town(folder: Path) -> Town:
    """The application on its file."""
    path = str(folder / LOG)
    return Town({"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": path})


class Loop:
    """The loop over the notification log."""

    def fill(self, folder: Path, facts: Iterable[Fact]) -> None:
        """Record the facts, once."""
        app = town(folder)
        for name, told in groupby(facts, lambda fact: fact.incident):
            first, *steps = told
            incident = Incident(incident=name, at=first.at)
            for each in steps:
                incident.step(incident=name, unit=str(each.unit), kind=each.kind, at=each.at)
            app.save(incident)
        app.close()

    def prepare(self, folder: Path) -> tuple[Town, Any]:
        """The application and an empty ledger."""
        ledger = afresh(folder / LEDGER)
        ledger.execute("CREATE TABLE tracking (position INT)")
        ledger.execute("INSERT INTO tracking VALUES (0)")
        return town(folder), ledger

    def rebuild(self, prepared: Any) -> None:
        """Fold what is open; what has all its steps is written and forgotten."""
        app, ledger = prepared
        rows: dict[tuple[str, str], list[Any]] = {}
        at, to_event = 0, app.mapper.to_domain_event
        while page := app.recorder.select_notifications(at + 1, WRITE_EACH):
            done = []
            for notification in page:
                fact = to_event(notification)
                if (kind := getattr(fact, "kind", None)) is None:
                    continue
                key = fact.incident, fact.unit
                row = rows.setdefault(key, [*key, None, None, None, None])
                step = STEP[kind]
                if row[step] is None or fact.at < row[step]:
                    row[step] = fact.at
                if None not in row:
                    done.append(rows.pop(key))
            at = page[-1].id
            ledger.execute("BEGIN")
            ledger.executemany(INSERT, done)
            ledger.execute("UPDATE tracking SET position = ?", (at,))
            ledger.execute("COMMIT")
        ledger.executemany(INSERT, list(rows.values()))

    def rows(self, folder: Path) -> Iterable[tuple[Any, ...]]:
        """Incident, unit, and when each step was taken."""
        return durable(folder / LEDGER).execute("SELECT * FROM ledger").fetchall()


ROAD = Loop()

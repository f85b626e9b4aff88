"""The same year in the forms from which others read it: rows of SQLite, lines of JSON.

The lines are what a table of events is imported from; the rows are those of the limits.
"""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from bench.workload import Act, acts

TABLE = "CREATE TABLE events (seq INTEGER PRIMARY KEY, topic TEXT NOT NULL, state TEXT NOT NULL)"
FACTS = {"ack": "acknowledged", "arrive": "arrived", "finish": "finished"}
EAST = timedelta(hours=8)


def rows(path: Path, events: int) -> None:
    """One row an event in SQLite."""
    told = ((act.verb, act.json.decode()) for act in islice(acts(), events))
    database = sqlite3.connect(path)
    with database:
        database.execute(TABLE)
        database.executemany("INSERT INTO events (topic, state) VALUES (?, ?)", told)
    database.close()


def lines(path: Path, events: int) -> None:
    """One line of JSON an event: its columns, and its payload as a text."""
    with path.open("w", encoding="utf-8") as file:
        for act in islice(acts(), events):
            body, unit = act.body, act.unit or None
            columns = {"topic": act.verb, "whistle": act.whistle, "unit": unit, "at_ms": body["at"]}
            columns |= {"units": body.get("units", []), "state": act.json.decode()}
            file.write(json.dumps(columns, separators=(",", ":")) + "\n")


def history(path: Path, events: int) -> int:
    """The facts in those events as `whistle import events` takes them; how many lines that is.

    A blow is a report and a call of each unit; a town's marks are no fact of the history.
    """
    told = 0
    with path.open("w", encoding="utf-8") as file:
        for act in islice(acts(), events):
            for line in facts(act):
                file.write(json.dumps(line, separators=(",", ":")) + "\n")
                told += 1
    return told


def facts(act: Act) -> Iterator[dict[str, object]]:
    """The lines of one event."""
    if act.verb == "blow":
        yield fact(act, "reported", None)
        for unit in act.body["units"]:
            yield fact(act, "whistled", unit)
    elif act.unit:
        yield fact(act, FACTS[act.verb], act.unit)


def fact(act: Act, kind: str, unit: str | None) -> dict[str, object]:
    """One line."""
    at = datetime.fromtimestamp(act.at_s, UTC).isoformat()
    name = f"{act.whistle}"
    told = {"at": at, "kind": kind, "incident": name, "unit": unit}
    return {"event_id": f"{name}/{unit or ''}/{kind}", **told}

"""Physical limits: what SQLite itself takes for such orders, with no engine around it.

`raw1` inserts the event and nothing else; `raw5` reads the stream, checks it, inserts the event
and keeps four views and a ledger, all in one transaction. Both are durable: WAL, FULL.
"""

import sqlite3
from pathlib import Path

from bench.stored import stored
from bench.workload import Act, Line

EVENTS = """
CREATE TABLE events (seq INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL,
  topic TEXT NOT NULL, state BLOB NOT NULL, UNIQUE (stream, version))
"""
VIEWS = (
    "CREATE TABLE board (whistle TEXT PRIMARY KEY, town TEXT, kind TEXT, done INT, at INT)",
    "CREATE TABLE inbox (unit TEXT, whistle TEXT, stage TEXT, PRIMARY KEY (unit, whistle))",
    "CREATE TABLE town (town TEXT PRIMARY KEY, blown INT)",
    "CREATE TABLE last (who TEXT PRIMARY KEY, at INT)",
    """CREATE TABLE ledger (whistle TEXT, unit TEXT, ack INT, arrive INT, finish INT,
      PRIMARY KEY (whistle, unit))""",
)


def durable(path: Path) -> sqlite3.Connection:
    """A connection that syncs at every commit."""
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    return database


class Raw1:
    """One insert, one commit."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "raw.db"
        self.database = durable(self.path)
        self.database.execute(EVENTS)
        self._versions = dict[int, int]()

    def order(self, act: Act) -> int:
        """Insert the event of an order."""
        version = self._versions[act.whistle] = self._versions.get(act.whistle, 0) + 1
        row = (act.body["whistle"], version, act.verb, act.json)
        execute = self.database.execute
        execute("BEGIN IMMEDIATE")
        execute("INSERT INTO events (stream, version, topic, state) VALUES (?, ?, ?, ?)", row)
        execute("COMMIT")
        return 1

    def ledger(self) -> list[Line] | None:
        """It only inserts: no answer is kept."""
        return None

    def bytes(self) -> int:
        """The size of the file, with all that stands in its log."""
        return stored(self.path)

    def close(self) -> None:
        """Let go of the file."""
        self.database.close()


class Raw5(Raw1):
    """Read, check, insert, and five upserts: an engine with inline views could not do less."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        for statement in VIEWS:
            self.database.execute(statement)

    def order(self, act: Act) -> int:
        """Do all that an order takes, in one transaction."""
        execute, stream = self.database.execute, act.body["whistle"]
        execute("BEGIN IMMEDIATE")
        history = execute(
            "SELECT version, topic FROM events WHERE stream = ? ORDER BY version", (stream,)
        ).fetchall()
        if (act.verb == "blow") != (not history) or (history and history[-1][1] == "evaluate"):
            execute("ROLLBACK")
            raise ValueError(act)
        row = (stream, len(history) + 1, act.verb, act.json)
        execute("INSERT INTO events (stream, version, topic, state) VALUES (?, ?, ?, ?)", row)
        self._views(act, stream)
        execute("COMMIT")
        return 1

    def _views(self, act: Act, stream: str) -> None:
        execute, body = self.database.execute, act.body
        if act.verb == "blow":
            town = body["town"]
            row = (stream, town, body["kind"], 0, act.at_s)
            execute("INSERT INTO board VALUES (?, ?, ?, ?, ?)", row)
            execute(
                "INSERT INTO town VALUES (?, 1) ON CONFLICT DO UPDATE SET blown = blown + 1",
                (town,),
            )
            for unit in body["units"]:
                execute("INSERT INTO inbox VALUES (?, ?, 'called')", (unit, stream))
                execute("INSERT INTO ledger VALUES (?, ?, NULL, NULL, NULL)", (stream, unit))
        else:
            execute(
                "UPDATE board SET done = done + 1, at = ? WHERE whistle = ?", (act.at_s, stream)
            )
        if act.unit:
            said = (act.verb, act.unit, stream)
            execute("UPDATE inbox SET stage = ? WHERE unit = ? AND whistle = ?", said)
            when = (act.at_s, stream, stream, act.unit)
            execute(
                f"UPDATE ledger SET {act.verb} = ? - (SELECT json_extract(state, '$.at') / 1000 "
                "FROM events WHERE stream = ? AND version = 1) WHERE whistle = ? AND unit = ?",
                when,
            )
        last = (body["by"], act.at_s)
        execute("INSERT INTO last VALUES (?, ?) ON CONFLICT DO UPDATE SET at = excluded.at", last)

    def ledger(self) -> list[Line]:
        """The answer."""
        rows = self.database.execute("SELECT whistle, unit, ack, arrive, finish FROM ledger")
        return [Line(int(row[0], 16), *row[1:]) for row in rows]

"""Physical limits on PostgreSQL: what the server itself takes for such orders, without an engine.

`pg1` inserts the event and nothing else; `pg5` reads the stream, checks it, inserts the event and
keeps four views and a ledger, all in one transaction, as a client would write it down. Each caller
has a connection of its own.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from bench.workload import Act, Line

EVENTS = """
CREATE TABLE events (seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stream TEXT NOT NULL,
  version BIGINT NOT NULL, topic TEXT NOT NULL, state BYTEA NOT NULL, UNIQUE (stream, version))
"""
VIEWS = (
    "CREATE TABLE board (whistle TEXT PRIMARY KEY, town TEXT, kind TEXT, done INT, at BIGINT)",
    "CREATE TABLE inbox (unit TEXT, whistle TEXT, stage TEXT, PRIMARY KEY (unit, whistle))",
    "CREATE TABLE town (town TEXT PRIMARY KEY, blown INT)",
    "CREATE TABLE last (who TEXT PRIMARY KEY, at BIGINT)",
    """CREATE TABLE ledger (whistle TEXT, unit TEXT, ack BIGINT, arrive BIGINT, finish BIGINT,
      begun BIGINT, PRIMARY KEY (whistle, unit))""",
)
INSERT = "INSERT INTO events (stream, version, topic, state) VALUES (%s, %s, %s, %s)"


def address(folder: Path) -> str:
    """The address of the database that a contestant was given."""
    return (folder.parent / f"{folder.name}.address").read_text(encoding="utf-8")


class Pg1:
    """One insert, one commit."""

    def __init__(self, folder: Path) -> None:
        self._address = address(folder)
        self._here = threading.local()
        self._open: list[psycopg.Connection[Any]] = []
        self.execute(EVENTS)
        self._connection.commit()
        self._versions = dict[int, int]()

    @property
    def _connection(self) -> psycopg.Connection[Any]:
        """This thread's own."""
        if not hasattr(self._here, "connection"):
            self._here.connection = psycopg.connect(self._address)
            self._open.append(self._here.connection)
        connection: psycopg.Connection[Any] = self._here.connection
        return connection

    @property
    def execute(self) -> Callable[..., psycopg.Cursor[Any]]:
        """Runs a statement."""
        return self._connection.execute

    def order(self, act: Act) -> int:
        """Insert the event of an order."""
        version = self._versions[act.whistle] = self._versions.get(act.whistle, 0) + 1
        self.execute(INSERT, (act.body["whistle"], version, act.verb, act.json))
        self._connection.commit()
        return 1

    def ledger(self) -> list[Line] | None:
        """It only inserts: no answer is kept."""
        return None

    def bytes(self) -> int:
        """The size of the database."""
        (size,) = self.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
        self._connection.commit()
        return int(size)

    def close(self) -> None:
        """Let go of the connections."""
        for each in self._open:
            each.close()


class Pg5(Pg1):
    """Read, check, insert, and five upserts: an engine with inline views could not do less."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        for statement in VIEWS:
            self.execute(statement)
        self._connection.commit()

    def order(self, act: Act) -> int:
        """Do all that an order takes, in one transaction."""
        execute, stream = self.execute, act.body["whistle"]
        history = execute(
            "SELECT version, topic FROM events WHERE stream = %s ORDER BY version", (stream,)
        ).fetchall()
        if (act.verb == "blow") != (not history) or (history and history[-1][1] == "evaluate"):
            self._connection.rollback()
            raise ValueError(act)
        execute(INSERT, (stream, len(history) + 1, act.verb, act.json))
        self._views(act, stream)
        self._connection.commit()
        return 1

    def _views(self, act: Act, stream: str) -> None:
        execute, body = self.execute, act.body
        if act.verb == "blow":
            board = (stream, body["town"], body["kind"], act.at_s)
            execute("INSERT INTO board VALUES (%s, %s, %s, 0, %s)", board)
            execute(
                "INSERT INTO town VALUES (%s, 1) "
                "ON CONFLICT (town) DO UPDATE SET blown = town.blown + 1",
                (body["town"],),
            )
            for unit in body["units"]:
                execute("INSERT INTO inbox VALUES (%s, %s, 'called')", (unit, stream))
                row = (stream, unit, act.at_s)
                execute("INSERT INTO ledger VALUES (%s, %s, NULL, NULL, NULL, %s)", row)
        else:
            now = (act.at_s, stream)
            execute("UPDATE board SET done = done + 1, at = %s WHERE whistle = %s", now)
        if act.unit:
            said = (act.verb, act.unit, stream)
            execute("UPDATE inbox SET stage = %s WHERE unit = %s AND whistle = %s", said)
            execute(
                f"UPDATE ledger SET {act.verb} = %s - begun WHERE whistle = %s AND unit = %s",
                (act.at_s, stream, act.unit),
            )
        execute(
            "INSERT INTO last VALUES (%s, %s) ON CONFLICT (who) DO UPDATE SET at = excluded.at",
            (body["by"], act.at_s),
        )

    def ledger(self) -> list[Line]:
        """The answer."""
        rows = self.execute("SELECT whistle, unit, ack, arrive, finish FROM ledger").fetchall()
        return [Line(int(row[0], 16), *row[1:]) for row in rows]

"""What is acknowledged survives a power cut: every connection is durable, or is not used."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.office import Office
from tests.town import at
from whistle.domain.refusal import Unreachable
from whistle.log.sqlite import SQLiteLog

pytestmark = pytest.mark.sqlite("settings of SQLite; test_postgres_log.py has the other ones")

HOUSE = Path(__file__).resolve().parent.parent
NINE = at("09:00")


def pragma(log: SQLiteLog, name: str) -> object:
    with log.reading() as reader:
        reader.cursor.execute(f"PRAGMA {name}")
        return reader.cursor.fetchone()[0]


def test_every_connection_is_durable(office: Office) -> None:
    # decision 0003
    for _fresh in range(2):
        log = SQLiteLog(office.path, office.clock)
        assert (pragma(log, "synchronous"), pragma(log, "journal_mode")) == (2, "wal")
        with log.writing() as txn:
            txn.cursor.execute("PRAGMA synchronous")
            assert txn.cursor.fetchone()[0] == 2
        log.close()


class Deaf(sqlite3.Cursor):
    """A cursor that does not do as it is told."""

    def execute(self, statement: str, *values: Any) -> "Deaf":
        connection = self.connection
        deaf = isinstance(connection, Forgetful) and connection.ignored in statement
        return super().execute("SELECT 1") if deaf else super().execute(statement, *values)


class Forgetful(sqlite3.Connection):
    """A build of SQLite in which a setting cannot be made."""

    ignored = "nothing"

    def cursor(self, *_factory: Any) -> sqlite3.Cursor:  # type: ignore[override]  # always a deaf one
        return super().cursor(Deaf)

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        return self.cursor().execute(statement, *values)


@pytest.mark.parametrize("ignored", ["synchronous = FULL", "journal_mode=WAL"])
def test_a_connection_that_is_not_durable_is_not_used(
    office: Office, monkeypatch: pytest.MonkeyPatch, ignored: str
) -> None:
    # NORMAL lost acknowledged events in 942 of 1,976 simulated power cuts
    office.close()
    with office.behind() as tool:
        tool.execute("PRAGMA journal_mode = DELETE")
    opened = sqlite3.connect

    def connect(*words: Any, **more: Any) -> sqlite3.Connection:
        connection = opened(*words, **more, factory=Forgetful)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.ignored = ignored
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect)
    with pytest.raises(Unreachable, match="not durable"):
        SQLiteLog(office.path, office.clock).size()

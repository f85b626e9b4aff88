"""The guards of the log, each taken off on purpose: a suite that does not notice is no suite."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import msgspec

from projections import file
from whistle.log import putting_back, recorder, sqlite
from whistle.log.reader import SQLReader
from whistle.log.recorder import ConnectionPool
from whistle.log.transaction import SQLTxn
from whistle.log.turns import Turns

PATIENCE_S = 0.2


class Early:
    """Where numbers are told before their order is on record, if that is what is broken."""

    there: int | None = None
    wanted = False


def break_(guard: str) -> None:
    """Take a guard off in this process and its children; `on` leaves all of them."""
    match guard:
        case "on":
            pass
        case "reply":  # the look-up by which a repeat gets the first reply
            patch.object(SQLReader, "reply_of", lambda _self, _command_id: None).start()
        case "early":  # an answer follows the commit
            Early.wanted = True
            patch.object(SQLTxn, "keep_reply", _told_early).start()
        case "apart":  # the transaction that holds a view's rows and its position together
            patch.object(file, "_begun", lambda _tx: None).start()
        case "sync":  # the log is synced before it answers
            patch.object(ConnectionPool, "_create_connection", _not_durable).start()
        case "impatient":  # SQLite's own patience, of which nothing may depend
            recorder.BUSY_TIMEOUT_S = PATIENCE_S  # type: ignore[assignment]  # whole or not
        case "queue":  # the queue in front of the lock; its own patience alone would hide it
            recorder.BUSY_TIMEOUT_S = PATIENCE_S  # type: ignore[assignment]
            patch.multiple(Turns, wait=_at_once, end=_at_once).start()
        case "aside":  # what lies beside the old file goes with it
            patch.object(putting_back, "_beside", lambda _path, _aside: None).start()
        case "room":  # who finds no room beside the store reads it as it lies
            patch.object(sqlite, "without_room", lambda _error: False).start()
        case "lock":  # a write takes its lock when it begins
            patch.multiple(Turns, wait=_at_once, end=_at_once).start()
            patch.object(recorder.Datastore, "_begin", _begun_late).start()
        case _:
            _break_server(guard)


def _break_server(guard: str) -> None:
    """Take a guard off that only a store on a server has; its modules are loaded for it."""
    from projections.schema import Schema
    from whistle.log import postgres, postgres_recorder

    match guard:
        case "commit":  # PostgreSQL answers when the commit is on its disk
            off = "SELECT set_config('synchronous_commit', 'off', false) AS durable"
            patch.multiple(postgres_recorder, _SETTINGS=off, DURABLE=("off",)).start()
        case "apart-there":  # the transaction that holds a view's rows and its position together
            patch.object(Schema, "writing", _each_alone).start()
        case "lock-there":  # writers queue for the lock of the log
            patch.object(postgres, "_WRITE", postgres._NOTE).start()
        case _:
            raise ValueError(guard)


_keep_reply, _create_connection = SQLTxn.keep_reply, ConnectionPool._create_connection


def _told_early(txn: SQLTxn, stamp: Any, body: bytes) -> None:
    _keep_reply(txn, stamp, body)
    if Early.there is not None:
        seqs = ",".join(str(each["seq"]) for each in msgspec.json.decode(body)["events"])
        os.write(Early.there, f"{seqs}\n".encode())


def _at_once(_turns: Turns) -> None:
    """Nobody waits for a turn."""


def _begun_late(_store: recorder.Datastore, cursor: Any) -> None:
    cursor.execute("BEGIN")


@contextmanager
def _each_alone(room: Any) -> Iterator[Any]:
    with room._engine.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


def _not_durable(pool: ConnectionPool) -> Any:
    connection = _create_connection(pool)
    connection._sqlite_conn.execute("PRAGMA synchronous = NORMAL")
    return connection

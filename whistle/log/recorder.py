"""The library's SQLite recorder, made durable, fair and exact.

What is changed and why: positions are those that our log gives, which its head never gives again;
every connection is durable across a power cut (WAL with synchronous=FULL, asserted), a write takes
its lock at BEGIN (no deadlock between two readers that both want to write), and writers queue in
front of the lock.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from eventsourcing.persistence import InterfaceError, Notification, OperationalError, StoredEvent
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteTransaction,
)

from whistle.domain.refusal import Unreachable, _
from whistle.log.numbers import EventRow, Numbers, rows_of
from whistle.log.older import show, upgrade_first
from whistle.log.opening import OPENING, address, file_at, handles
from whistle.log.schema import EVENTS, NUMBERED, STORED
from whistle.log.turns import Turns

BUSY_TIMEOUT_S = 60  # for writers that do not stand in our queue, such as a backup tool
FULL = 2
STATEMENTS_KEPT = 256  # prepared, of one connection: an order needs two dozen
_INSERT = "INSERT INTO events VALUES (?, ?, ?, ?, ?)"
CHECKPOINT_PAGES = 4_000  # 16 MB of -wal: each checkpoint waits for the disk twice


class Transaction(SQLiteTransaction):
    """A transaction that takes the write lock when it begins, if it means to write."""

    def __enter__(self) -> SQLiteCursor:
        cursor = self.connection.cursor()
        cursor.execute("BEGIN IMMEDIATE" if self.commit else "BEGIN")
        return cursor

    def __exit__(self, *raised: Any) -> None:
        try:
            super().__exit__(*raised)
        finally:
            # a commit that the disk refused leaves it open, and the next one could not begin
            if self.connection._sqlite_conn.in_transaction:
                self.connection.rollback()


class ConnectionPool(SQLiteConnectionPool):
    """Connections that are durable, and prove it before they are used."""

    def _create_connection(self) -> SQLiteConnection:
        with ExitStack() as otherwise:  # no handle stays behind: see `handles`
            try:
                with OPENING:
                    raw = otherwise.enter_context(closing(self._connected()))
                self._check_durable(raw)
            except sqlite3.Error as error:
                raise InterfaceError(error) from error
            otherwise.pop_all()
        return SQLiteConnection(sqlite_conn=raw, max_age=self.max_age)

    def _connected(self) -> sqlite3.Connection:
        """A connection that keeps its statements prepared: the library's keeps one."""
        raw = sqlite3.connect(
            self.db_name,
            uri=True,
            check_same_thread=False,
            isolation_level=None,
            cached_statements=STATEMENTS_KEPT,
            timeout=BUSY_TIMEOUT_S,
        )
        raw.row_factory = sqlite3.Row
        return raw

    def _check_durable(self, raw: sqlite3.Connection) -> None:
        (journal,) = raw.execute("PRAGMA journal_mode").fetchone()
        if journal != "wal" and not self.is_sqlite_memory_mode:
            raw.execute("PRAGMA journal_mode=WAL")
            (journal,) = raw.execute("PRAGMA journal_mode").fetchone()
        raw.execute("PRAGMA synchronous = FULL")
        raw.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        (synchronous,) = raw.execute("PRAGMA synchronous").fetchone()
        if synchronous != FULL or not (journal == "wal" or self.is_sqlite_memory_mode):
            raise OperationalError(f"not durable: synchronous={synchronous}, journal={journal}")


class Datastore(SQLiteDatastore):
    """The library's datastore over our connections, with a queue in front of the write lock."""

    def __init__(self, path: str) -> None:
        super().__init__(path, lock_timeout=BUSY_TIMEOUT_S, originator_id_type="text")
        self.pool.close()
        self.pool = ConnectionPool(db_name=path, lock_timeout=BUSY_TIMEOUT_S)
        named = not self.pool.is_sqlite_memory_mode
        self._turns = Turns(Path(f"{path}.lock"), Path(path)) if named else None
        self._store = path
        self._file = file_at(path) if named else None
        self._writer: sqlite3.Connection | None = None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Cursor]:
        """A write of ours: on one connection, kept from turn to turn, with rows as plain tuples.

        The library's pool and its wrappers, which `transaction` goes through, cost an order as much
        as deciding it.
        """
        if self._turns is None:
            raise OperationalError("a store in memory has no queue")
        self._turns.wait()
        try:
            self._check_in_place()
            writer = self._writer or self._opened()
            cursor = writer.cursor()
            self._begin(cursor)
            try:
                yield cursor
                self._commit(cursor)
            finally:
                if writer.in_transaction:  # what went wrong, or a commit that the disk refused
                    writer.rollback()
        finally:
            self._turns.end()

    def _begin(self, cursor: sqlite3.Cursor) -> None:
        cursor.execute("BEGIN IMMEDIATE")

    def _commit(self, cursor: sqlite3.Cursor) -> None:
        cursor.execute("COMMIT")

    def _opened(self) -> sqlite3.Connection:
        writer = self._writer = self.pool._create_connection()._sqlite_conn
        writer.row_factory = None  # a row that knows its names costs three times as much
        return writer

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        """A transaction, rolled back whole on any error; a writer first waits its turn."""
        turns = self._turns if commit else None
        if turns is not None:
            turns.wait()
        try:
            self._check_in_place()
            connection = self.pool.get_connection(is_writer=commit)
            try:
                with Transaction(connection, commit=commit) as cursor, cursor:
                    yield cursor
            finally:
                self.pool.put_connection(connection)
        finally:
            if turns is not None:
                turns.end()

    def _check_in_place(self) -> None:
        """Unreachable when another file lies there now: what is written here would be lost."""
        if self._file is not None and file_at(self._store) != self._file:
            raise Unreachable(
                _("Another file was put in the place of the store while this ran."),
                rule="store.replaced",
                hint=_("give the command again: it then meets what lies there now"),
            )

    def close(self) -> None:
        """Let go of the file and of the queue."""
        if (writer := vars(self).get("_writer")) is not None:
            self._writer = None
            writer.close()
        super().close()
        if (turns := vars(self).get("_turns")) is not None:  # none, if it could not be opened
            turns.close()


@contextmanager
def queued(store: Path) -> Iterator[None]:
    """The queue of those who write a store: whoever is through may write, and nobody else does."""
    turns = Turns(store.with_name(f"{store.name}.lock"), store)
    turns.wait()
    try:
        yield
    finally:
        turns.end()
        turns.close()


class LookingPool(SQLiteConnectionPool):
    """Connections that only read, and make no file beside the store."""

    older = False
    """Whether the store is an earlier program's, whose tables are shown as those of today."""

    def _create_connection(self) -> SQLiteConnection:
        raw = sqlite3.connect(self.db_name, uri=True, check_same_thread=False, isolation_level=None)
        if self.older:
            show(raw)
        raw.row_factory = sqlite3.Row
        return SQLiteConnection(sqlite_conn=raw, max_age=self.max_age)


_KEPT: list[SQLiteConnectionPool] = []
"""Handles that must not be closed before the process ends."""


class Looking(Datastore):
    """The datastore of who cannot write the store: every write is turned away at once."""

    def __init__(
        self, path: Path, because: str = "it may only be read here", *, older: bool = False
    ) -> None:
        super().__init__(str(path))
        self._because = because
        self.pool.close()
        self.pool = LookingPool(db_name=address(path), lock_timeout=BUSY_TIMEOUT_S)
        self.pool.older = self._older = older

    def close(self) -> None:
        """Let go of it, unless a handle without locks would take this process's locks along."""
        if "immutable" in self.pool.db_name and handles(Path(self._store)) > 1:
            _KEPT.append(self.pool)
        else:
            super().close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Cursor]:
        """Nothing is written here: says why."""
        raise upgrade_first() if self._older else OperationalError(self._because)
        yield

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        """A transaction that reads."""
        if commit:
            raise upgrade_first() if self._older else OperationalError(self._because)
        with super().transaction(commit=False) as cursor:
            yield cursor


class Recorder(SQLiteApplicationRecorder):
    """The library's recorder over tables of ours: streams and topics stand in them by number."""

    def __init__(self, datastore: SQLiteDatastore) -> None:
        super().__init__(datastore, "events")
        self.select_events_statement = f"SELECT * FROM {STORED} WHERE originator_id = ? "
        self.select_max_notification_id_statement = "SELECT MAX(position) FROM events"

    def construct_create_table_statements(self) -> list[str]:
        """The table of the events, and those of the numbers in it."""
        return [*NUMBERED, EVENTS]

    def _insert_events(
        self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **_how: Any
    ) -> Sequence[int]:
        """The library's own way to record: at the positions that follow."""
        c.execute("SELECT COALESCE(MAX(position), 0) FROM events")
        ((last,),) = c.fetchall()
        numbered = rows_of(c, Numbers(), stored_events, last + 1)
        self.insert_at(c, numbered)
        return [row[0] for row in numbered]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """The events from a position on; the library's own statement calls positions `rowid`."""
        wanted: list[tuple[str, Sequence[int | str]]] = []
        if start is not None:
            wanted.append(("position >= ?" if inclusive_of_start else "position > ?", (start,)))
        if stop is not None:
            wanted.append(("position <= ?", (stop,)))
        if topics:
            wanted.append((f"topic IN ({','.join('?' * len(topics))})", topics))
        where = " AND ".join(condition for condition, _values in wanted) or "TRUE"
        values = [value for _condition, each in wanted for value in each]
        with self.datastore.transaction(commit=False) as cursor:
            cursor.execute(
                "SELECT originator_id, originator_version, topic, state, position "
                f"FROM {STORED} WHERE {where} ORDER BY position LIMIT ?",
                (*values, limit),
            )
            return [Notification(*row) for row in cursor.fetchall()]

    def insert_at(self, cursor: Any, rows: Sequence[EventRow]) -> None:
        """Insert events within a transaction of ours, at positions that the caller fixes."""
        cursor.executemany(_INSERT, rows)

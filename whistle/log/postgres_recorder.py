"""The library's PostgreSQL recorder, made durable, fair and exact.

What is changed and why: writers queue for a transaction's advisory lock and not for LOCK TABLE,
which VACUUM, ANALYZE and index builds would stand in; positions are those that our log gives, and
have no gap; every connection is durable and proves it; a connection is opened when it is needed,
in the thread that needs it, so that what is wrong is told at once.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final, TypeVar

import psycopg
from eventsourcing.persistence import Notification, ProgrammingError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row
from psycopg.sql import SQL, Placeholder

from whistle.domain.refusal import Refused, _
from whistle.log.address import no_address
from whistle.log.numbers import EventRow, Numbers, rows_of
from whistle.log.postgres_cursor import Cursor, translated, tune
from whistle.log.postgres_faults import LOCK_S
from whistle.log.postgres_schema import events_tables
from whistle.log.postgres_wire import Wire
from whistle.log.schema import STORED

CONNECTIONS = 5
"""Most connections of one process; each is opened when it is needed, and one mostly is enough."""
CONNECT_S = 5
LOCK: Final = f"SELECT pg_advisory_xact_lock({int.from_bytes(b'whistle', 'big')})"
"""The queue of the writers: served in the order of asking, let go when the transaction ends."""
CHANNEL: Final = "events"
DURABLE: Final = ("on", "remote_apply")
UNSAFE: Final = "POSTGRES_ENABLE_DB_FUNCTIONS"
Told = TypeVar("Told")

_INSERT: Final = "INSERT INTO events VALUES (?, ?, ?, ?, ?)"
_INSERTED: Final = (
    "INSERT INTO events SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], "
    "%s::bigint[], %s::bytea[]) RETURNING position AS notification_id"
)
_SETTINGS = SQL(
    "SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit') "
    "WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false) AS durable, "
    "set_config('lock_timeout', '{0}s', false) AS patience, "
    "set_config('idle_in_transaction_session_timeout', '{0}s', false) AS silence"
).format(LOCK_S)


class Pool:
    """A few connections, each durable, opened by whoever needs one more."""

    def __init__(self, url: str, size: int = CONNECTIONS) -> None:
        self._url = url
        self._free = threading.BoundedSemaphore(size)
        self._idle: list[Wire] = []

    def open(self, *_how: object) -> None:
        """Nothing: the library asks for it before each use."""

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection for a moment; psycopg.OperationalError when none can be had."""
        with self.begun(_nothing) as (wire, _told):
            yield wire.raw

    @contextmanager
    def begun(self, begin: Callable[[Wire], Told]) -> Iterator[tuple[Wire, Told]]:
        """A connection, and what it was told as its use began; its transaction is the caller's.

        One that was kept and lies dead, because the server was restarted, is changed for another.
        """
        if not self._free.acquire(timeout=LOCK_S):
            raise psycopg.OperationalError("every connection of this process is in use")
        try:
            begun = self._begun(begin)
            try:
                yield begun
            finally:
                self._back(begun[0])
        finally:
            self._free.release()

    def _begun(self, begin: Callable[[Wire], Told]) -> tuple[Wire, Told]:
        while self._idle:
            kept = self._idle.pop()
            with ExitStack() as otherwise:
                otherwise.callback(kept.raw.close)
                try:
                    told = begin(kept)
                except psycopg.OperationalError:
                    if kept.usable:
                        raise
                    continue
                otherwise.pop_all()
                return kept, told
        with ExitStack() as otherwise:
            wire = Wire(connected(self._url))
            otherwise.callback(wire.raw.close)
            told = begin(wire)
            otherwise.pop_all()
        return wire, told

    def _back(self, wire: Wire) -> None:
        """Keep a connection that is sound; another is closed, which rolls back what it did."""
        if wire.sound:
            self._idle.append(wire)
        else:
            wire.raw.close()

    def close(self) -> None:
        """Let go of the connections that nobody uses."""
        while self._idle:
            self._idle.pop().raw.close()


def _nothing(wire: Wire) -> None:
    """Whoever uses a connection begins by itself; one that lies dead is found out all the same."""
    wire.say("")


def connected(url: str) -> psycopg.Connection[Any]:
    """A connection that is durable, and proves it before it is used."""
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError:  # what it says may quote a part of a password
        raise no_address(url) from None
    own: dict[str, Any] = {} if "connect_timeout" in url else {"connect_timeout": CONNECT_S}
    raw: psycopg.Connection[Any] = psycopg.connect(
        url, autocommit=True, row_factory=dict_row, client_encoding="utf8", **own
    )
    with ExitStack() as otherwise:
        otherwise.callback(raw.close)
        tune(raw)
        found = raw.execute(_SETTINGS).fetchall()[0]["durable"]
        if found not in DURABLE:
            raise psycopg.OperationalError(f"not durable: synchronous_commit={found}")
        otherwise.pop_all()
    return raw


class Datastore(PostgresDatastore):
    """The library's datastore over our connections; its stored functions are refused.

    They insert without the lock: whoever reads on misses events then, and the library's own
    setting that turns them on is refused even where nothing of ours would read it.
    """

    pool: Pool  # type: ignore[assignment]  # what the library asks of one

    def __init__(self, url: str, *, enable_db_functions: bool = False) -> None:
        asked_for = os.environ.get(UNSAFE, "").lower() in ("y", "yes", "t", "true", "on", "1")
        if enable_db_functions or asked_for:
            raise Refused(
                _("{setting} lets readers miss events; it is not used here."),
                rule="store.db_functions",
                hint=_("take {setting} out of the environment"),
                setting=UNSAFE,
            )
        super().__init__("", "", "", "", "", originator_id_type="text")
        self.pool = Pool(url)

    def register_type_adapters(self) -> None:
        """Nothing: the library's composite type is not used."""


class Lent:
    """The library's own cursor, in its own transaction, for statements as the log writes them."""

    def __init__(self, cursor: psycopg.Cursor[Any]) -> None:
        self._cursor = cursor

    def execute(self, statement: str, values: Sequence[object] = ()) -> None:
        """Run a statement."""
        self._cursor.execute(translated(statement), values)

    def executemany(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement for each row."""
        self._cursor.executemany(translated(statement), rows)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that are left."""
        return [tuple(row.values()) for row in self._cursor.fetchall()]


class Recorder(PostgresApplicationRecorder):
    """The library's recorder over a table whose positions are ours."""

    def __init__(self, datastore: PostgresDatastore) -> None:
        super().__init__(datastore, events_table_name="events")
        self.channel_name = CHANNEL
        self.sql_create_statements = [SQL(each).format() for each in events_tables()]
        self.lock_table_statements = [LOCK.encode()]
        self.max_notification_id_statement = SQL("SELECT MAX(position) FROM events").format()
        self.select_events_statement = SQL(
            f"SELECT * FROM {STORED} WHERE originator_id = {{}}"
        ).format(Placeholder())

    def _insert_stored_events(
        self, curs: Any, stored_events: Sequence[StoredEvent], **_how: Any
    ) -> None:
        """The library's own way to record: behind the same lock, at the positions that follow."""
        self._lock_table(curs)
        self._notify_channel(curs)
        for each in stored_events:
            if "\0" in f"{each.originator_id}{each.topic}":
                raise ProgrammingError("a text of PostgreSQL holds no NUL")
        cursor = Lent(curs)
        cursor.execute("SELECT COALESCE(MAX(position), 0) FROM events")
        ((last,),) = cursor.fetchall()
        rows = rows_of(cursor, Numbers(), stored_events, last + 1)
        curs.execute(_INSERTED.encode(), tuple(map(list, zip(*rows, strict=True))))

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """The events from a position on; the library's own statement has another column name."""
        wanted: list[tuple[str, object]] = []
        if start is not None:
            wanted.append(("position >= %s" if inclusive_of_start else "position > %s", start))
        if stop is not None:
            wanted.append(("position <= %s", stop))
        if topics:
            wanted.append(("topic = ANY(%s)", list(topics)))
        where = " AND ".join(condition for condition, _value in wanted) or "TRUE"
        values = [value for _condition, value in wanted]
        with self.datastore.get_connection() as conn, conn.cursor() as cursor:
            cursor.execute(
                f"SELECT originator_id, originator_version, topic, state, position "
                f"FROM {STORED} WHERE {where} ORDER BY position LIMIT %s".encode(),
                [*values, limit],
            )
            return [Notification(*row.values()) for row in cursor.fetchall()]

    def insert_at(self, cursor: Cursor, rows: Sequence[EventRow]) -> None:
        """Insert events within a transaction of ours, at positions that the caller fixes."""
        cursor.executemany(_INSERT, rows)

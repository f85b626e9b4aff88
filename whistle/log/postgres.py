"""The production store: a database of PostgreSQL 15 or newer, and any number of writers."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from typing import Any, Final

import psycopg

from whistle import clock as wall
from whistle.domain.moment import Instant
from whistle.domain.refusal import NotFound, Refused, _
from whistle.log.address import masked
from whistle.log.attempts import INSERT_ATTEMPT, attempt_values
from whistle.log.epochs import STORE
from whistle.log.numbers import Numbers
from whistle.log.older import is_older, upgrade_first
from whistle.log.opening import check_not_newer, no_store
from whistle.log.persistence import persist
from whistle.log.port import Stamp
from whistle.log.postgres_cursor import Cursor
from whistle.log.postgres_faults import reaching
from whistle.log.postgres_recorder import CHANNEL, LOCK, Datastore, Recorder
from whistle.log.postgres_schema import statements, undone
from whistle.log.postgres_tables import Tables
from whistle.log.reader import SQLReader
from whistle.log.rows import Identity
from whistle.log.store_log import StoreLog
from whistle.log.transaction import SQLTxn

_READ: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_NOTE: Final = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_WRITE: Final = f"{_NOTE}; {LOCK}"
"""One exchange. Each statement after the lock sees what the writer before had committed."""
_LISTEN: Final = f"LISTEN {CHANNEL}"
LOOK_S: Final = 1.0
_COMMIT: Final = ("COMMIT",)
_COMMIT_AND_TELL: Final = (f"NOTIFY {CHANNEL}", "COMMIT")
NOW: Final = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
_THERE: Final = (
    "SELECT to_regclass('store') IS NOT NULL OR to_regclass('events') IS NOT NULL, "
    "to_regclass('store') IS NOT NULL"
)
_MAY_WRITE: Final = (  # a head that is gone is told by whoever asks for it
    "SELECT coalesce(has_table_privilege(to_regclass('ledger_head'), 'UPDATE'), true) "
    "AND NOT pg_is_in_recovery() AND current_setting('default_transaction_read_only') = 'off'"
)
_KNOWN_ATTEMPT: Final = (
    "SELECT 1 FROM attempts WHERE command_id = ? AND received_at = ? AND because = ?"
)


class PostgresLog(StoreLog):
    """A store's log in one database."""

    path = None

    def __init__(self, url: str, clock: Callable[[], Instant]) -> None:
        """Open an existing store; NotFound, Unreachable, Broken or Refused say why it cannot be.

        With the machine's own clock, events are stamped by the server's: the machines of many
        offices never agree. Without the right to write it is only read (`read_only`).
        """
        self.url = url
        self.clock = clock
        self._datastore = Datastore(url)
        self._recorder = Recorder(self._datastore)
        self._numbers = Numbers()
        with ExitStack() as otherwise:
            otherwise.callback(self.close)
            self.identity, self.read_only = self._looked_at()
            otherwise.pop_all()

    @property
    def place(self) -> str:
        """The address, without its password."""
        return masked(self.url)

    @property
    def opener(self) -> "Callable[[], PostgresLog]":
        """Opens the same database, in another process too."""
        return partial(PostgresLog, self.url, wall.now)

    def again(self) -> "PostgresLog":
        """The same database on connections of its own."""
        return PostgresLog(self.url, self.clock)

    def _looked_at(self) -> tuple[Identity, bool]:
        """Which store it is, and whether this account may only read it."""
        with self._transaction(_READ) as cursor:
            there, named = cursor.execute(_THERE).fetchone()
            if not there:
                raise NotFound(
                    _("There is no store at {path}."),
                    hint=_("set up a town: whistle setup; or look at one: whistle demo"),
                    path=self.place,
                )
            row = cursor.execute(STORE).fetchone() if named else None
            if row is None:
                raise no_store(self.place)
            identity = Identity(*row)
            check_not_newer(identity.schema_version)
            if is_older(identity.schema_version):
                return identity, True
            identity = SQLReader(cursor).identity()
            (may_write,) = cursor.execute(_MAY_WRITE).fetchone()
        return identity, not may_write

    def _check_not_older(self) -> None:
        """Refused when an earlier program made the tables: nothing of today's finds its way there.

        A file is shown as one of today; a server's owner is at hand, and has one line to type.
        """
        if is_older(self.identity.schema_version):
            self.identity, self.read_only = self._looked_at()  # it may have been upgraded since
        if is_older(self.identity.schema_version):
            raise upgrade_first()

    @contextmanager
    def _transaction(self, begin: str, commit: Sequence[str] = _COMMIT) -> Iterator[Cursor]:
        """A transaction that commits, or is rolled back whole."""
        with reaching(), self._datastore.pool.begun(begin) as told:
            raw, cursor = told.connection, Cursor(told)
            try:
                with closing(cursor.connection):
                    yield cursor
                if raw.info.transaction_status != psycopg.pq.TransactionStatus.INTRANS:
                    raise psycopg.InternalError("the transaction had failed before its end")
                cursor.end(*commit)
            finally:
                if raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                    with suppress(psycopg.Error):
                        raw.rollback()

    @contextmanager
    def writing(self) -> Iterator[SQLTxn]:
        """A write: the lock is held until it commits, or rolls back whole."""
        self._check_not_older()
        clock, begin = self.clock, _WRITE
        if clock is wall.now:  # the server's own then, read in the same exchange as the lock
            begin = f"{_WRITE}; {NOW}"
        with self._transaction(begin, _COMMIT_AND_TELL) as cursor:
            if clock is wall.now:
                (instant,) = cursor.last_told()
                clock = partial(int, instant)
            txn = SQLTxn(cursor, self._recorder, self.identity, clock, self._numbers)
            self._numbers.as_of(txn.head)
            yield txn
            self._numbers.keep(txn.head)

    @contextmanager
    def altering(self) -> Iterator[Tables]:
        """The lock, and the tables themselves; committed, or rolled back whole.

        Refused when this account does not own them.
        """
        with self._transaction(_WRITE, _COMMIT_AND_TELL) as cursor:
            yield Tables(cursor)

    @contextmanager
    def reading(self) -> Iterator[SQLReader]:
        """A consistent view of the store at one moment."""
        self._check_not_older()
        with self._transaction(_READ) as cursor:
            yield SQLReader(cursor)

    def attempt(self, stamp: Stamp, verb: str, name: str, rule: str, because: str) -> None:
        """Put a refused order on record, so that "we did try" can be proved."""
        values = attempt_values(stamp, verb, name, rule, because)

        def note(again: bool) -> None:
            with self._transaction(_NOTE) as cursor:
                known = (stamp.command_id, stamp.received_at, values[-1])
                if not (again and cursor.execute(_KNOWN_ATTEMPT, known).fetchone()):
                    cursor.execute(INSERT_ATTEMPT, values)

        persist(note)

    def wait_beyond(self, seq: int, timeout_s: float) -> bool:
        """Wait until something follows a position; False when nothing did in time.

        Who writes says so on a channel; a word that was lost costs a second and no more.
        """
        deadline = time.monotonic() + timeout_s
        return persist(lambda _again: self._listen(seq, deadline))

    def _listen(self, seq: int, deadline: float) -> bool:
        with reaching(), self._datastore.pool.begun(_LISTEN) as told:
            raw = told.connection
            try:
                while self._size(raw) <= seq:
                    if (left := deadline - time.monotonic()) <= 0:
                        return False
                    for _told in raw.notifies(timeout=min(left, LOOK_S), stop_after=1):
                        pass
                return True
            finally:
                with suppress(psycopg.Error):
                    raw.execute("UNLISTEN *")

    @staticmethod
    def _size(raw: psycopg.Connection[Any]) -> int:
        (size,) = raw.execute("SELECT size FROM ledger_head").fetchone().values()  # type: ignore[union-attr]  # the head is one row
        return int(size)

    def close(self) -> None:
        """Let go of the connections."""
        self._datastore.close()


@contextmanager
def beginning(url: str) -> Iterator[Cursor]:
    """A write in a database that need not hold a store yet."""
    datastore = Datastore(url)
    try:
        with reaching(), datastore.pool.begun(_WRITE) as told:
            cursor = Cursor(told)
            yield cursor
            cursor.end(*_COMMIT)
    finally:
        datastore.close()


def exists(url: str) -> bool:
    """Whether the database holds a store, or tables where one would be."""
    with beginning(url) as cursor:
        return bool(cursor.execute(_THERE).fetchone()[0])


def unmake(url: str) -> None:
    """Drop the tables of a store that holds no event."""
    with beginning(url) as cursor:
        if cursor.execute("SELECT size FROM ledger_head").fetchone()[0] == 0:
            for statement in undone():
                cursor.run(statement)


def create(url: str) -> None:
    """Make an empty store in an empty database; Refused when there is one already.

    Raises Unreachable when the server or its rights do not let it be made.
    """
    with beginning(url) as cursor:
        _make(cursor, masked(url))


def _make(cursor: Cursor, place: str) -> None:
    there, _named, encoding = cursor.execute(
        f"{_THERE}, current_setting('server_encoding')"
    ).fetchone()
    if there:
        raise Refused(
            _("There is something at {path} already."),
            rule="store.exists",
            hint=_("choose another --store, or use the one that is there"),
            path=place,
        )
    if encoding != "UTF8":
        raise Refused(
            _("The database's encoding is {encoding}; a store needs UTF8."),
            rule="store.encoding",
            hint="createdb --template=template0 --encoding=UTF8",
            encoding=encoding,
        )
    for statement in statements():
        cursor.run(statement)

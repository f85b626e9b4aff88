"""The production store: a database of PostgreSQL 15 or newer, and any number of writers."""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from typing import Any, Final

import psycopg

from whistle import clock as wall
from whistle.domain.moment import Instant
from whistle.domain.refusal import NotFound, _
from whistle.domain.restored import STREAM as EPOCHS
from whistle.log.address import masked
from whistle.log.attempts import INSERT_ATTEMPT, attempt_values
from whistle.log.epochs import STORE
from whistle.log.grown import GROWN
from whistle.log.numbers import Numbers
from whistle.log.older import is_older, read_after_upgrade
from whistle.log.opening import check_not_newer, no_store
from whistle.log.persistence import persist
from whistle.log.port import Stamp
from whistle.log.postgres_cursor import Cursor
from whistle.log.postgres_faults import reaching
from whistle.log.postgres_recorder import CHANNEL, LOCK, Datastore, Recorder
from whistle.log.postgres_tables import Tables
from whistle.log.postgres_wire import Rows, Wire
from whistle.log.reader import SQLReader
from whistle.log.rows import Identity
from whistle.log.server_clock import ServerClock
from whistle.log.store_log import StoreLog
from whistle.log.transaction import HEAD, SQLTxn

_READ: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_NOTE: Final = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_WRITE: Final = f"{_NOTE}; {LOCK}"
"""One exchange. Each statement after the lock sees what the writer before had committed."""
_LISTEN: Final = f"LISTEN {CHANNEL}"
LOOK_S: Final = 1.0
_TELL: Final = f"NOTIFY {CHANNEL}"
"""Said as a write begins, and heard by those who wait when it is committed."""
NOW: Final = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
_OPENING: Final = f"""
SELECT opened.*, {{now}},
  (SELECT count(*) FROM commands WHERE command_id = ANY($1::bytea[])),
  (SELECT json_agg(json_build_array(encode(leaf, 'hex'), stream, topic, units))
   FROM ({GROWN.replace("?", "$2")}) AS grown)
FROM ({HEAD.replace("?", f"'{EPOCHS}'")}) AS opened
"""
"""What a write must know as it begins, with the server's clock, the repeats that it may be, and
what others recorded since the last write of this log."""
THERE: Final = (
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


def _saying(words: str) -> Callable[[Wire], Rows]:
    return lambda wire: wire.say(words)


def _opening(commands: Collection[bytes], size: int | None) -> Callable[[Wire], Rows]:
    """The lock, and what a write must know as it begins: one exchange."""
    ids = ",".join(f'"\\\\x{each.hex()}"' for each in commands)
    after = "NULL" if size is None else size
    opened = _OPENING.format(now=NOW)
    return lambda wire: wire.say(
        f"{_WRITE}; {_TELL}; {wire.named('opening', opened)} EXECUTE opening('{{{ids}}}', {after})"
    )


class PostgresLog(StoreLog):
    """A store's log in one database."""

    path = None

    def __init__(self, url: str, clock: Callable[[], Instant]) -> None:
        """Open an existing store; NotFound, Unreachable, Broken or Refused say why it cannot be.

        Instead of the machine's own clock the server's counts (`clock`), which stamps the events
        under the lock: the machines of many offices never agree. Without the right to write it is
        only read (`read_only`).
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
        clock = wall.now if isinstance(self.clock, ServerClock) else self.clock
        return PostgresLog(self.url, clock)

    def _looked_at(self) -> tuple[Identity, bool]:
        """Which store it is, and whether this account may only read it."""
        with self._transaction(_saying(_READ)) as (cursor, _told):
            there, named, instant = cursor.execute(f"{THERE}, {NOW}").fetchone()
            if isinstance(self.clock, ServerClock):
                self.clock.told(instant)
            elif self.clock is wall.now:
                self.clock = ServerClock(instant)
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
            raise read_after_upgrade()

    @contextmanager
    def _transaction(self, begin: Callable[[Wire], Rows]) -> Iterator[tuple[Cursor, Rows]]:
        """A transaction that commits, or is rolled back whole."""
        with reaching(), self._datastore.pool.begun(begin) as (wire, told):
            cursor = Cursor(wire)
            try:
                with closing(cursor.connection):
                    yield cursor, told
                if wire.state != psycopg.pq.TransactionStatus.INTRANS:
                    raise psycopg.InternalError("the transaction had failed before its end")
                cursor.end("COMMIT")
            finally:
                with suppress(psycopg.Error):
                    wire.undo()

    @contextmanager
    def writing(self, commands: Collection[bytes] = ()) -> Iterator[SQLTxn]:
        """A write: the lock is held until it commits, or rolls back whole."""
        self._check_not_older()
        size = self._numbers.size
        opening = _opening(commands, size)
        with self._transaction(opening) as (cursor, told):
            stands = [row[:-3] for row in told]  # without a head the transaction says so
            instant, repeats, grown = told[0][-3:] if told else (0, 0, None)
            since = [(bytes.fromhex(leaf), *rest) for leaf, *rest in grown or ()]
            clock = self.clock
            if isinstance(clock, ServerClock):
                clock.told(instant)
                clock = partial(int, instant)
            txn = SQLTxn(cursor, self._recorder, self.identity, clock, self._numbers, stands)
            txn.told(() if repeats else commands, size, since)
            self._numbers.as_of(txn.head, txn.grown)
            yield txn
            self._numbers.keep(txn.head)

    @contextmanager
    def altering(self) -> Iterator[Tables]:
        """The lock, and the tables themselves; committed, or rolled back whole.

        Refused when this account does not own them.
        """
        with self._transaction(_saying(f"{_WRITE}; {_TELL}")) as (cursor, _told):
            yield Tables(cursor)

    @contextmanager
    def reading(self) -> Iterator[SQLReader]:
        """A consistent view of the store at one moment."""
        self._check_not_older()
        with self._transaction(_saying(_READ)) as (cursor, _told):
            yield SQLReader(cursor)

    def attempt(self, stamp: Stamp, verb: str, name: str, rule: str, because: str) -> None:
        """Put a refused order on record, so that "we did try" can be proved."""
        values = attempt_values(stamp, verb, name, rule, because)

        def note(again: bool) -> None:
            with self._transaction(_saying(_NOTE)) as (cursor, _told):
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
        with reaching(), self._datastore.pool.begun(_saying(_LISTEN)) as (wire, _told):
            raw = wire.raw
            try:
                while self._size(raw) <= seq:
                    if (left := deadline - time.monotonic()) <= 0:
                        return False
                    for _word in raw.notifies(timeout=min(left, LOOK_S), stop_after=1):
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

"""The embedded store: one SQLite file, no server, no daemon."""

import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from uuid import uuid4

from whistle.clock import now
from whistle.domain.moment import Instant
from whistle.domain.refusal import NotFound, Refused, Unreachable, _
from whistle.domain.restored import STREAM as EPOCHS
from whistle.log.attempts import INSERT_ATTEMPT, attempt_values
from whistle.log.faults import reaching, unreachable, without_room
from whistle.log.numbers import Numbers
from whistle.log.older import is_older
from whistle.log.opening import identify, may_write
from whistle.log.placing import put_in_place, throw_away
from whistle.log.port import Stamp
from whistle.log.reader import SQLReader
from whistle.log.recorder import Datastore, Looking, Recorder
from whistle.log.schema import RECORD, SCHEMA_VERSION, SITES, TABLES, VIEW, triggers
from whistle.log.store_log import StoreLog
from whistle.log.transaction import HEAD, SQLTxn


class Tables:
    """The tables of a file, for who changes them."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self.cursor = cursor

    def run(self, statement: str) -> None:
        """Run a statement, as schema.py writes them."""
        self.cursor.execute(statement)

    def loosen(self) -> None:
        """Take the guards off."""
        self.cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in self.cursor.fetchall():
            self.cursor.execute(f"DROP TRIGGER {name}")

    def guard(self) -> None:
        """Put the guards on, as this program makes them."""
        for statement in triggers():
            self.cursor.execute(statement)


class SQLiteLog(StoreLog):
    """A store's log in one SQLite file."""

    def __init__(
        self, path: Path, clock: Callable[[], Instant], *, read_only: bool = False
    ) -> None:
        """Open an existing store; NotFound, Unreachable, Broken or Refused say why it cannot be.

        Without the right to write, or room for what SQLite makes beside it, it is read as it lies
        (`read_only`), and so if it is asked for.
        """
        if not path.is_file():
            raise NotFound(
                _("There is no store at {path}."),
                hint=_("set up a town: whistle setup; or look at one: whistle demo"),
                path=str(path),
            )
        self.path = path
        self.clock = clock
        self._may_write = not read_only and may_write(path)
        self._numbers = Numbers()
        self._open()

    def _open(self) -> None:
        self.read_only = not self._may_write
        self._datastore = Looking(self.path) if self.read_only else Datastore(str(self.path))
        self.identity = identify(self.path)  # after the datastore has seen which file lies there
        self.older = is_older(self.identity.schema_version)
        if self.older:
            self._datastore.close()
            self.read_only, self._datastore = True, Looking(self.path, older=True)
        if not self.read_only:
            self._begin()
        self._recorder = Recorder(self._datastore)

    def _begin(self) -> None:
        """Touch the file, which shows whether it can be written."""
        try:
            with self.reading() as reader:
                reader.cursor.execute("SELECT 1 FROM store")
        except Unreachable as error:
            if not without_room(error):
                raise
            self._datastore.close()
            self.read_only, self._datastore = True, Looking(self.path, str(error.__cause__))

    path: Path

    @property
    def place(self) -> str:
        """The file."""
        return str(self.path)

    @property
    def opener(self) -> "Callable[[], SQLiteLog]":
        """Opens the same file, in another process too."""
        return partial(SQLiteLog, self.path, now)

    def again(self) -> "SQLiteLog":
        """The same file on a connection of its own."""
        return SQLiteLog(self.path, self.clock, read_only=self.read_only)

    def _look_again(self) -> None:
        """A store that was older when it was opened may have been upgraded since."""
        if self.older and not is_older(identify(self.path).schema_version):
            self._datastore.close()
            self._open()

    @contextmanager
    def writing(self, _commands: Collection[bytes] = ()) -> Iterator[SQLTxn]:
        """A write: the lock is held until it commits, or rolls back whole."""
        self._look_again()
        with reaching(), self._datastore.writing() as cursor:
            rows = cursor.execute(HEAD, (EPOCHS,)).fetchall()
            txn = SQLTxn(cursor, self._recorder, self.identity, self.clock, self._numbers, rows)
            self._numbers.as_of(txn.head, txn.grown)
            yield txn
            self._numbers.keep(txn.head)

    @contextmanager
    def reading(self) -> Iterator[SQLReader]:
        """A consistent view of the store at one moment."""
        self._look_again()
        with reaching(), self._datastore.transaction(commit=False) as cursor:
            yield SQLReader(cursor.sqlite_cursor)

    @contextmanager
    def altering(self) -> Iterator[Tables]:
        """The lock, and the tables themselves; committed, or rolled back whole.

        Refused when this account may only read the store.
        """
        self.check_may_alter()
        with closing(Datastore(str(self.path))) as datastore:
            with reaching(), datastore.writing() as cursor:
                yield Tables(cursor)
            with suppress(sqlite3.Error):  # what the old tables took is given back where it can be
                cursor.execute("VACUUM")

    def check_may_alter(self) -> None:
        """Refused when this account may only read the store."""
        if not may_write(self.path):
            raise Refused(
                _("This account may only read the store."),
                rule="store.read_only",
                hint=_("let an account upgrade it that may write the file and its folder"),
            )

    def attempt(self, stamp: Stamp, verb: str, name: str, rule: str, because: str) -> None:
        """Put a refused order on record, so that "we did try" can be proved."""
        values = attempt_values(stamp, verb, name, rule, because)
        with reaching(), self._datastore.writing() as cursor:
            cursor.execute(INSERT_ATTEMPT, values)

    def close(self) -> None:
        """Let go of the file."""
        self._datastore.close()


def create(path: Path) -> None:
    """Make an empty store; Refused when there is one, or something else, at the path.

    Raises Unreachable when the disk or its rights do not let it be made.
    """
    if path.exists() and path.stat().st_size:
        raise Refused(
            _("There is something at {path} already."),
            rule="store.exists",
            hint=_("choose another --store, or use the one that is there"),
            path=str(path),
        )
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        throw_away(part)  # of a founding that was killed
        try:
            with reaching():
                _make(part)
            put_in_place(part, path)
        finally:
            throw_away(part)  # of one that failed; a finished one has its name by now
    except OSError as error:
        raise unreachable(error.strerror) from error


def unmake(path: Path) -> None:
    """Leave nothing half written behind a founding that was refused, or found the disk full."""
    for suffix in ("", "-wal", "-shm", ".lock"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _make(path: Path) -> None:
    datastore = Datastore(str(path))
    with datastore.transaction(commit=True) as cursor:
        for statement in (*RECORD, *TABLES, *SITES, VIEW, *triggers()):
            cursor.execute(statement)
        cursor.execute("INSERT INTO store VALUES (1, ?, ?, ?)", (str(uuid4()), 1, SCHEMA_VERSION))
        cursor.execute("INSERT INTO ledger_head VALUES (1, 0, ?, 0, 0)", (b"",))
    datastore.close()

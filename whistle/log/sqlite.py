"""The embedded store: one SQLite file, no server, no daemon."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from whistle.domain.moment import Instant
from whistle.domain.refusal import Broken, NotFound, Refused, _
from whistle.log import kept, registers, sites
from whistle.log.beside import Beside
from whistle.log.faults import reaching, unreachable
from whistle.log.opening import identify, may_write
from whistle.log.port import Stamp
from whistle.log.reader import SQLReader
from whistle.log.recorder import Datastore, Looking, Recorder
from whistle.log.rows import SELECT, Recorded, recorded
from whistle.log.schema import SCHEMA_VERSION, SITES, TABLES, triggers
from whistle.log.transaction import SQLTxn
from whistle.log.tree import Frontier
from whistle.log.verify import Proof, Verdict, head

POLL_S, POLL_MAX_S = 0.05, 0.4  # a wait looks often at first, then seldom: idle costs nothing
PAGE = 2000


class SQLiteLog:
    """A store's log in one SQLite file."""

    def __init__(self, path: Path, clock: Callable[[], Instant]) -> None:
        """Open an existing store; NotFound, Unreachable, Broken or Refused say why it cannot be.

        Without the right to write it is read as it lies (`read_only`).
        """
        if not path.is_file():
            raise NotFound(
                _("There is no store at {path}."),
                hint=_("set up a town: whistle setup; or look at one: whistle demo"),
                path=str(path),
            )
        self.identity = identify(path)
        self.path = path
        self.clock = clock
        self.read_only = not may_write(path)
        self._datastore = Looking(path) if self.read_only else Datastore(str(path))
        self._recorder = Recorder(self._datastore)
        if not self.read_only and not self._sited():
            self._add_sites()

    def _sited(self) -> bool:
        with self.reading() as reader:
            return sites.known(reader.cursor)

    def _add_sites(self) -> None:
        """Give a store of an earlier program the table it lacks, derived from what it holds."""
        with reaching(), self._datastore.transaction(commit=True) as cursor:
            raw = cursor.sqlite_cursor
            if not sites.known(raw):  # another program may have been first
                for statement in SITES:
                    raw.execute(statement)
                sites.fill(raw)

    @contextmanager
    def writing(self) -> Iterator[SQLTxn]:
        """A write: the lock is held until it commits, or rolls back whole."""
        with reaching(), self._datastore.transaction(commit=True) as cursor:
            raw = cursor.sqlite_cursor
            raw.row_factory = None  # plain tuples: each costs a third of a row that knows its names
            txn = SQLTxn(raw, self._recorder, self.identity, self.clock)
            yield txn
            txn.put_down()

    @contextmanager
    def reading(self) -> Iterator[SQLReader]:
        """A consistent view of the store at one moment."""
        with reaching(), self._datastore.transaction(commit=False) as cursor:
            yield SQLReader(cursor.sqlite_cursor)

    def page(self, after: int, limit: int = PAGE) -> list[Recorded]:
        """The events that follow a position, decoded."""
        with self.reading() as reader:
            reader.cursor.execute(
                f"{SELECT} WHERE l.seq > ? ORDER BY l.seq LIMIT ?", (after, limit)
            )
            return [recorded(row) for row in reader.cursor.fetchall()]

    def rows(self, after: int = 0) -> Iterator[Any]:
        """Every row that follows a position, raw, in one consistent read and little memory."""
        with self.reading() as reader:
            reader.cursor.row_factory = None  # plain tuples: this reads whole logs
            reader.cursor.execute(f"{SELECT} WHERE l.seq > ? ORDER BY l.seq", (after,))
            yield from reader.cursor

    def proved_rows(self) -> Iterator[Any]:
        """Every row, in one consistent read, each proved before it is handed on.

        Raises Broken at the first row that does not prove itself, or at the end when the head
        disagrees or an event stands without a leaf.
        """
        proof = Proof(self.identity)
        with self.reading() as reader:
            reader.cursor.row_factory = None
            reader.cursor.execute(
                "SELECT MIN(position) FROM events WHERE position NOT IN (SELECT seq FROM ledger)"
            )
            (unsealed,) = reader.cursor.fetchone()
            reader.cursor.execute("SELECT size, frontier FROM ledger_head")
            claimed = head(reader.cursor.fetchall())
            reader.cursor.execute(f"{SELECT} ORDER BY l.seq")
            yield from proof.proved(iter(reader.cursor))
            proof.ends_at(claimed, unsealed)
            registers.prove(reader, proof.unit_numbers, proof.begun)

    def verify(self) -> Verdict:
        """Recompute everything and say what was found."""
        try:
            with Beside(self._prove_beside, self._claimed()[0]) as also:
                for _row in self.proved_rows():
                    pass
                if not also.passed():
                    self._prove_beside()  # here, where what is wrong can be told
        except Broken as broken:
            size, root = self._claimed()
            first_bad = broken.words.get("first_bad", broken.words.get("seq"))
            return Verdict(
                ok=False,
                size=size,
                root=root,
                first_bad_seq=first_bad if isinstance(first_bad, int) else None,
                reason=str(broken),
            )
        return Verdict(ok=True, size=self.size(), root=self.root().hex())

    def _prove_beside(self) -> None:
        log = SQLiteLog(self.path, self.clock)  # a connection is not carried over a fork
        try:
            with log.reading() as reader:
                kept.prove(reader)
        finally:
            log.close()

    def _claimed(self) -> tuple[int, str]:
        """What the head of a broken record claims, as far as it can be read."""
        try:
            return self.size(), self.root().hex()
        except Broken:
            return 0, ""

    def root(self) -> bytes:
        """The root that the head stands for; Broken when the head cannot be one."""
        return self._head().root

    def _head(self) -> Frontier:
        with self.reading() as reader:
            reader.cursor.execute("SELECT size, frontier FROM ledger_head")
            return head(reader.cursor.fetchall())

    def size(self) -> int:
        """How many events are recorded."""
        return self._head().size

    def wait_beyond(self, seq: int, timeout_s: float) -> bool:
        """Wait until something follows a position; False when nothing did in time."""
        deadline, nap = time.monotonic() + timeout_s, POLL_S
        while self.size() <= seq:
            if (left := deadline - time.monotonic()) <= 0:
                return False
            time.sleep(min(nap, left))
            nap = min(nap * 1.5, POLL_MAX_S)
        return True

    def attempt(self, stamp: Stamp, verb: str, name: str, rule: str, because: str) -> None:
        """Put a refused order on record, so that "we did try" can be proved."""
        actor = stamp.actor
        with reaching(), self._datastore.transaction(commit=True) as cursor:
            cursor.execute(
                "INSERT INTO attempts (received_at, command_id, command_digest, verb, name, "
                "actor_unit, actor_person, behalf_unit, rule, because) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    stamp.received_at,
                    stamp.command_id,
                    stamp.command_digest,
                    verb,
                    *map(_without_nul, (name, actor.unit, actor.person, actor.behalf)),
                    rule,
                    _without_nul(because),
                ),
            )

    def close(self) -> None:
        """Let go of the file."""
        self._datastore.close()


def _without_nul(text: str) -> str:
    """A text for a TEXT column: the attempt is kept though a sign of it cannot be."""
    return text.replace("\0", "\ufffd")


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
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unreachable(error.strerror) from error
    with reaching():
        _make(path)


def _make(path: Path) -> None:
    datastore = Datastore(str(path))
    recorder = Recorder(datastore)
    with datastore.transaction(commit=True) as cursor:
        for statement in (*recorder.create_table_statements, *TABLES, *SITES, *triggers()):
            cursor.execute(statement)
        cursor.execute("INSERT INTO store VALUES (1, ?, ?, ?)", (str(uuid4()), 1, SCHEMA_VERSION))
        cursor.execute("INSERT INTO ledger_head VALUES (1, 0, ?, 0, 0)", (b"",))
    datastore.close()

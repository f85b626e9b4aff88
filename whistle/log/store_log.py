"""What a log does alike on every store: read on, prove itself, wait, put refusals on record.

A store says how a transaction is had (`reading`, `writing`, `_noting`), and how a second, parallel
reader of the same store is opened (`again`).
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from whistle.domain.moment import Instant
from whistle.domain.refusal import Broken
from whistle.log import kept, registers
from whistle.log.beside import Beside
from whistle.log.port import Stamp
from whistle.log.reader import SQLReader
from whistle.log.rows import SELECT, Identity, Recorded, recorded
from whistle.log.transaction import SQLTxn
from whistle.log.tree import Frontier
from whistle.log.verify import Proof, Verdict, head

POLL_S, POLL_MAX_S = 0.05, 0.4  # a wait looks often at first, then seldom: idle costs nothing
PAGE = 2000


class StoreLog(ABC):
    """A store's log, whatever it lies in."""

    identity: Identity
    clock: Callable[[], Instant]
    read_only: bool
    """Whether this account may only read it: no clock is heard then, every order is refused."""
    path: Path | None
    """The file of an embedded store."""

    @property
    @abstractmethod
    def place(self) -> str:
        """Where the store is, for people and without any secret."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[SQLTxn]:
        """A write: the lock is held until it commits, or rolls back whole."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[SQLReader]:
        """A consistent view of the store at one moment."""

    @abstractmethod
    def again(self) -> "StoreLog":
        """The same store opened anew, for a process or thread of its own."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the store."""

    @abstractmethod
    def attempt(self, stamp: Stamp, verb: str, name: str, rule: str, because: str) -> None:
        """Put a refused order on record, so that "we did try" can be proved."""

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
            yield from reader.scan(f"{SELECT} WHERE l.seq > ? ORDER BY l.seq", after)

    def proved_rows(self) -> Iterator[Any]:
        """Every row, in one consistent read, each proved before it is handed on.

        Raises Broken at the first row that does not prove itself, or at the end when the head
        disagrees or an event stands without a leaf.
        """
        proof = Proof(self.identity)
        with self.reading() as reader:
            reader.cursor.execute(
                "SELECT MIN(position) FROM events LEFT JOIN ledger ON seq = position "
                "WHERE seq IS NULL"
            )
            (unsealed,) = reader.cursor.fetchone()
            reader.cursor.execute("SELECT size, frontier FROM ledger_head")
            claimed = head(reader.cursor.fetchall())
            yield from proof.proved(reader.scan(f"{SELECT} ORDER BY l.seq"))
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
        log = self.again()  # a connection is not carried over a fork
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
            self._nap(min(nap, left))
            nap = min(nap * 1.5, POLL_MAX_S)
        return True

    def _nap(self, seconds: float) -> None:
        """Wait before looking again; a store that can be told something may return earlier."""
        time.sleep(seconds)


INSERT_ATTEMPT = (
    "INSERT INTO attempts (received_at, command_id, command_digest, verb, name, "
    "actor_unit, actor_person, behalf_unit, rule, because) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def attempt_values(
    stamp: Stamp, verb: str, name: str, rule: str, because: str
) -> tuple[object, ...]:
    """The values of INSERT_ATTEMPT."""
    actor = stamp.actor
    return (
        stamp.received_at,
        stamp.command_id,
        stamp.command_digest,
        verb,
        *map(_without_nul, (name, actor.unit, actor.person, actor.behalf)),
        rule,
        _without_nul(because),
    )


def _without_nul(text: str) -> str:
    """A text for a TEXT column: the attempt is kept though a sign of it cannot be."""
    return text.replace("\0", "\ufffd")

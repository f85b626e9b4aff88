"""What a log does alike on every store: read on, prove itself, wait, put refusals on record.

A store says how a transaction is had (`reading`, `writing`, `_noting`), and how a second, parallel
reader of the same store is opened (`again`).
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing, suppress
from pathlib import Path
from typing import Any, TypeVar

from whistle.domain.moment import Instant
from whistle.domain.refusal import Broken
from whistle.log import kept, registers
from whistle.log.port import Altering, Stamp
from whistle.log.reader import SQLReader
from whistle.log.rows import SELECT, TOLD, Identity, Recorded, recorded
from whistle.log.transaction import SQLTxn
from whistle.log.tree import Frontier
from whistle.log.verify import Found, Proof, Taking, Verdict, head_of, nothing, unsealed
from whistle.workers import ALONE, Workers, chosen

POLL_S, POLL_MAX_S = 0.05, 0.4  # a wait looks often at first, then seldom: idle costs nothing
PAGE = 2000
LAST = 2**63 - 1  # beyond any position

T = TypeVar("T")


def proved_on(reader: SQLReader) -> Verdict:
    """Prove a whole record in the transaction of a reader; Broken when it does not hold."""
    proof = Proof(reader.identity())
    nothing(_proved_rows(reader, proof))
    kept.prove(reader)
    return Verdict(ok=True, size=proof.tree.size, root=proof.tree.root.hex())


def _proved_rows(reader: SQLReader, proof: Proof) -> Generator[Any, None, None]:
    claimed = head_of(reader)
    yield from proof.proved(reader.scan(f"{SELECT} ORDER BY seq"), reader.before)
    proof.ends_at(claimed, unsealed(reader, proof.tree.size))
    registers.prove(reader, proof.unit_numbers)


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
    def altering(self) -> AbstractContextManager[Altering]:
        """The lock and the tables themselves, for who changes them; committed, or rolled back."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[SQLReader]:
        """A consistent view of the store at one moment."""

    @abstractmethod
    def again(self) -> "StoreLog":
        """The same store opened anew, for a process or thread of its own."""

    @property
    @abstractmethod
    def opener(self) -> "Callable[[], StoreLog]":
        """Opens the same store by the machine's clock, in another process too: it can be sent."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the store."""

    @abstractmethod
    def attempt(self, stamp: Stamp, verb: str, name: str, rule: str, because: str) -> None:
        """Put a refused order on record, so that "we did try" can be proved."""

    def page(self, after: int, limit: int = PAGE) -> list[Recorded]:
        """The events that follow a position, decoded."""
        with self.reading() as reader:
            reader.cursor.execute(f"{SELECT} WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit))
            return [recorded(row) for row in reader.cursor.fetchall()]

    def rows(self, after: int = 0, upto: int = LAST) -> Generator[Any, None, None]:
        """Every row that follows a position, raw, in one consistent read and little memory."""
        with self.reading() as reader:
            self.identity = reader.identity()
            statement = f"{SELECT} WHERE seq > ? AND seq <= ? ORDER BY seq"
            yield from reader.scan(statement, after, upto)

    def told(self, after: int, limit: int) -> list[Any]:
        """Rows of TOLD that follow a position: what views are told, at a lower price."""
        with self.reading() as reader:
            return list(reader.scan(f"{TOLD} WHERE seq > ? ORDER BY seq LIMIT ?", after, limit))

    def proved_rows(self) -> Iterator[Any]:
        """Every row, in one consistent read, each proved before it is handed on.

        Raises Broken at the first row that does not prove itself, or at the end when the head
        disagrees or an event stands without a leaf.
        """
        return self._proved_rows(self._proof())

    def _proof(self) -> Proof:
        """A proof that knows the epochs of now: one may have begun since the store was opened."""
        with self.reading() as reader:
            self.identity = reader.identity()
        return Proof(self.identity)

    def _proved_rows(self, proof: Proof) -> Generator[Any, None, None]:
        with self.reading() as reader:
            yield from _proved_rows(reader, proof)

    def proved(self, taking: Taking[T], workers: Workers | None = None) -> Found[T]:
        """Prove the whole record and take something from its rows, stretch by stretch.

        Without `workers` there are as many as its length is worth. Raises Broken as `proved_rows`.
        """
        workers = workers or chosen(None, self.size())
        if workers.count > 1:
            from whistle.log import spread  # other processes are paid for by who uses them

            with suppress(spread.Unproved):  # what is wrong is told below
                return spread.proved([self], workers, taking)[0]
        proof = self._proof()
        with closing(self._proved_rows(proof)) as rows:
            taken = taking(rows)
        return Found(proof.tree.size, proof.tree.root, [taken])

    def verify(self, workers: Workers | None = None) -> Verdict:
        """Recompute everything and say what was found; several workers find what one finds."""
        try:
            size, root = self._verified(workers or chosen(None, self.size()))
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
        return Verdict(ok=True, size=size, root=root)

    def _verified(self, workers: Workers) -> tuple[int, str]:
        if workers.count > 1:
            from whistle.log import spread

            with suppress(spread.Unproved):
                (whole,) = spread.proved([self], workers, nothing, replies=True)
                return whole.size, whole.root.hex()
        found = self.proved(nothing, ALONE)
        with self.reading() as reader:
            kept.prove(reader)
        return found.size, found.root.hex()

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
            return head_of(reader)

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

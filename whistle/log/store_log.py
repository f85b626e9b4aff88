"""What a log does alike on every store: read on, prove itself, wait, put refusals on record.

A store says how a transaction is had (`reading`, `writing`, `_noting`), and how a second, parallel
reader of the same store is opened (`again`).
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whistle.domain.moment import Instant
from whistle.log.head import head_of
from whistle.log.port import Altering, Stamp
from whistle.log.reader import SQLReader
from whistle.log.rows import SELECT, TOLD, Identity, Recorded, recorded
from whistle.log.transaction import SQLTxn
from whistle.log.tree import Frontier

if TYPE_CHECKING:  # an order must not pay for the proof
    from whistle.log.verify import Found, G, Taking, Verdict
    from whistle.workers import Workers

POLL_S, POLL_MAX_S = 0.05, 0.4  # a wait looks often at first, then seldom: idle costs nothing
PAGE = 2000
LAST = 2**63 - 1  # beyond any position


class StoreLog(ABC):
    """A store's log, whatever it lies in."""

    identity: Identity
    clock: Callable[[], Instant]
    """What time it is where the store is: on a server by its clock."""
    read_only: bool
    """Whether this account may only read it: no clock is heard then, every order is refused."""
    path: Path | None
    """The file of an embedded store."""

    @property
    @abstractmethod
    def place(self) -> str:
        """Where the store is, for people and without any secret."""

    @abstractmethod
    def writing(self, commands: Collection[bytes] = ()) -> AbstractContextManager[SQLTxn]:
        """A write: the lock is held until it commits, or rolls back whole.

        A store that is far looks on the way whether these commands are on record.
        """

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
        from whistle.log import proving

        return proving.proved_rows(self)

    def proved(
        self,
        taking: "Taking[Any]",
        gathering: "Callable[[], G]",
        workers: "Workers | None" = None,
    ) -> "Found[G]":
        """Prove the whole record and gather what is taken from its rows, stretch by stretch.

        Without `workers` there are as many as its length is worth. Raises Broken as `proved_rows`;
        what was gathered till then is worth nothing.
        """
        from whistle.log import proving

        return proving.proved(self, taking, gathering, workers)

    def verify(self, workers: "Workers | None" = None) -> "Verdict":
        """Recompute everything and say what was found; several workers find what one finds."""
        from whistle.log import proving

        return proving.verdict(self, workers)

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

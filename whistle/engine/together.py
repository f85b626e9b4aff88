"""Group commit: orders that wait at the same time are made durable together.

A commit waits for the disk longer than an order takes to decide. In a process with many callers
(a server) whoever's turn it is does every order that waits, each in a part of its own, and commits
them at once; a caller hears its reply when it is durable. For one caller it is as if there were no
others.
"""

from collections import deque
from contextlib import suppress
from threading import Lock

from whistle.domain.refusal import WhistleError
from whistle.engine.asked import Asked
from whistle.engine.engine import Engine
from whistle.engine.reply import Reply

TOGETHER_MAX = 64  # orders of one commit: nobody waits for more than these


class Waiting:
    """An order that waits: until it is done, or until it is its caller's turn to write."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.done = False
        self.outcome: Reply | WhistleError | None = None  # none: it has to be asked for alone
        self._bell = Lock()
        self._bell.acquire()

    def wait(self) -> None:
        """Wait for the bell."""
        self._bell.acquire()

    def ring(self) -> None:
        """Wake its caller."""
        self._bell.release()


class Together:
    """The door for many callers: each blocks until its own order is durable, or refused."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._guard = Lock()
        self._waiting: deque[Waiting] = deque()
        self._writing = False

    def obey(self, asked: Asked) -> Reply:
        """As `Engine.obey`, from any thread."""
        waiting = Waiting(asked)
        with self._guard:
            self._waiting.append(waiting)
            first, self._writing = not self._writing, True
        if not first:
            waiting.wait()
        if not waiting.done:
            orders = self._taken()
            try:
                if orders == [waiting]:  # nobody else waits: as if there were no others
                    return self._engine.obey(asked)
                # a fault of one order, or of the disk, undid all: each asks alone, in its own
                # thread, and there it comes up
                with suppress(Exception):
                    self._write(orders)
            finally:
                self._pass_on(orders)
        if waiting.outcome is None:
            return self._engine.obey(asked)
        if isinstance(waiting.outcome, WhistleError):
            raise waiting.outcome
        return waiting.outcome

    def _taken(self) -> list[Waiting]:
        """All that waits, the oldest first, which is the own order of who writes."""
        with self._guard:
            many = min(len(self._waiting), TOGETHER_MAX)
            return [self._waiting.popleft() for _order in range(many)]

    def _write(self, orders: list[Waiting]) -> None:
        outcomes = self._engine.obey_together([order.asked for order in orders])
        for order, outcome in zip(orders, outcomes, strict=True):
            order.outcome = outcome

    def _pass_on(self, orders: list[Waiting]) -> None:
        """Tell the others what became of theirs; who came meanwhile writes next."""
        with self._guard:
            following = self._waiting[0] if self._waiting else None
            self._writing = following is not None
        for order in orders:
            order.done = True
        for order in [*orders[1:], *([following] if following else [])]:
            order.ring()

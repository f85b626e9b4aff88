"""What an engine tells whoever watches it: which order came, what became of it, how long it took.

Nothing in it was typed by a person: verbs, ids, codes of units, rules. Never a name of somebody, a
place, or a text (decision 0012): what is told may go to files and machines that no leaf protects.
"""

import time
from itertools import pairwise
from typing import Protocol
from uuid import UUID

import msgspec

from whistle.domain.refusal import WhistleError
from whistle.engine.asked import Asked
from whistle.engine.reply import Reply


class OrderTold(msgspec.Struct, frozen=True):
    """An order as whoever operates the program sees it; times in microseconds."""

    verb: str
    outcome: str  # done, replayed, rehearsed, or the error's kind: refused, conflict, broken …
    command: str  # the command's id, a UUID: the same for every try of it
    stream: str  # what it was given to
    incident: str  # the stream of the incident that it belongs to; empty where nobody knows
    unit: str  # whose hand typed, by its code
    rule: str  # which rule refused it
    events: int
    last_seq: int  # 0 when nothing was recorded
    queue_us: int  # until it had the store to itself
    decide_us: int
    commit_us: int

    @property
    def took_us(self) -> int:
        """From asking to the answer."""
        return self.queue_us + self.decide_us + self.commit_us


class Watcher(Protocol):
    """Whoever is told of each order, after it has ended."""

    def order(self, told: OrderTold) -> None:
        """Take note of an order."""
        ...


class Course:
    """An order's way through the engine, timed."""

    def __init__(self) -> None:
        self._begun = self._turn = self._decided = time.perf_counter_ns()
        self.incident = ""

    def turn(self) -> None:
        """It has the store to itself; tried again after a fault, it waits anew."""
        self._turn = self._decided = time.perf_counter_ns()

    def decided(self) -> None:
        """It is decided, and left to be committed."""
        self._decided = time.perf_counter_ns()

    def told(self, asked: Asked, came: Reply | WhistleError) -> OrderTold:
        """What became of it; called when it has ended."""
        marks = (self._begun, self._turn, self._decided, time.perf_counter_ns())
        queue, decide, commit = ((later - earlier) // 1000 for earlier, later in pairwise(marks))
        reply = came if isinstance(came, Reply) else None
        return OrderTold(
            asked.verb,
            _outcome(came, rehearsed=asked.dry_run),
            str(UUID(bytes=asked.command_id)),
            asked.orders[-1].stream if asked.orders else "",
            self.incident,
            asked.actor.unit,
            came.rule if isinstance(came, WhistleError) else "",
            len(reply.events) if reply else 0,
            max((event.seq for event in reply.events), default=0) if reply else 0,
            queue,
            decide,
            commit,
        )


def _outcome(came: Reply | WhistleError, *, rehearsed: bool) -> str:
    if isinstance(came, WhistleError):
        return type(came).__name__.lower()
    return "rehearsed" if rehearsed else "replayed" if came.replayed else "done"

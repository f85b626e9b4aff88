"""Streams as an act loads them, and what the engine remembers of them for the next act."""

from collections.abc import Mapping
from typing import Any

import msgspec

from whistle.domain.aggregate import Aggregate
from whistle.domain.calendar import Calendar
from whistle.domain.correction import Told, state_after
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.playbook import Playbook
from whistle.domain.register import Entry
from whistle.domain.surroundings import UnitEntry
from whistle.log.port import Txn

STREAMS_KEPT = 2_000  # about ten whistles a town are open at once, and their incidents
RULING = ("rulebook.", "unit.")  # what the rules and the register are made of
EVENTS_KEPT = 500  # of one stream: a longer one is read anew each time


class Loaded:
    """A stream as it stands in this act."""

    def __init__(self, stream: str, aggregate: Aggregate, history: list[Told]) -> None:
        self.stream = stream
        self.aggregate = aggregate
        self.history = history
        self.entered: Entry | None = None  # its line as it stands in the store, if that is known
        self._stands_at(self._fold())
        self.before = self.state

    def _fold(self) -> Any:
        return state_after(self.history, self.aggregate.start, self.aggregate.evolve)

    def _stands_at(self, state: Any) -> None:
        self.state = state
        self._due: Instant | None = None
        self._due_known = False
        self._entry: Entry | None = None
        self._entry_known = False

    @property
    def version(self) -> int:
        """How many events the stream has."""
        return len(self.history)

    def take(self, told: Told) -> None:
        """Let the state follow an event that was recorded."""
        self.history.append(told)
        if told.event.amending:
            self._stands_at(self._fold())
        else:
            self._stands_at(self.aggregate.evolve(self.state, told.event))

    def owed(self, at: Instant) -> list[Event]:
        """What its clocks owe before an instant."""
        due = self._next_due()
        if due is None or due >= at:
            return []
        return self.aggregate.owed(self.state, at)

    @property
    def entry(self) -> Entry | None:
        """The stream's line of the register."""
        if not self._entry_known:
            self._entry = self.aggregate.line(self.stream, self.state, self._next_due())
            self._entry_known = True
        return self._entry

    def _next_due(self) -> Instant | None:
        if not self._due_known:
            self._due = self.aggregate.next_due(self.state)
            self._due_known = True
        return self._due


class Rules(msgspec.Struct, frozen=True):
    """What a town has adopted, and its units."""

    playbook: Playbook
    calendar: Calendar
    calendar_digest: str
    units: Mapping[str, UnitEntry]
    town: str  # its code


class Known:
    """What the last act left in memory, good for as long as nobody else has written.

    The head of the log tells: a frontier of hashes over everything on record. An act that is
    refused or rolled back takes its streams with it, and they are read anew.
    """

    def __init__(self) -> None:
        self._head: tuple[int, bytes] | None = None
        self._streams: dict[str, Loaded] = {}
        self.rules: Rules | None = None

    def as_of(self, txn: Txn) -> None:
        """Forget what others wrote to since; everything, where that cannot be told."""
        head = txn.head
        if head == self._head:
            return
        since = txn.grown(self._head) if self._head else None
        if since is None:
            self._streams.clear()
            self.rules = None
        for each in since or ():
            self._streams.pop(each.stream, None)
            if each.topic.startswith(RULING):
                self.rules = None
        self._head = head

    def take(self, stream: str, aggregate: Aggregate) -> Loaded | None:
        """A stream for an act, if it is known; it is no longer until the act is done."""
        loaded = self._streams.pop(stream, None)
        if loaded is None or loaded.aggregate is not aggregate:
            return None
        loaded.before = loaded.state
        return loaded

    def keep(self, head: tuple[int, bytes], streams: dict[str, Loaded], rules: Rules) -> None:
        """An act was done, and left the log at this head."""
        self._head, self.rules = head, rules
        for stream, loaded in streams.items():
            if loaded.version <= EVENTS_KEPT:
                self._streams[stream] = loaded
        while len(self._streams) > STREAMS_KEPT:
            del self._streams[next(iter(self._streams))]

"""The port of the log: what the engine and the views may ask of any store."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from whistle.domain.correction import Told
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.refusal import Unreachable
from whistle.domain.register import Entry
from whistle.domain.surroundings import Actor, OnRecord, UnitEntry
from whistle.log.rows import Identity, Recorded
from whistle.log.sites import Sited


class Stamp(NamedTuple):
    """What all events of one order share."""

    received_at: Instant
    command_id: bytes  # a UUID's 16 bytes
    command_digest: bytes  # SHA-256 of verb and arguments as the person gave them
    actor: Actor
    happened_at: Instant | None = None
    happened_why: str | None = None


class Draft(NamedTuple):
    """An event about to be recorded."""

    stream: str
    version: int
    event: Event
    correlation: str | None = None  # the incident
    causation_seq: int | None = None  # the event whose policy ordered it


class Named(NamedTuple):
    """A named thing as the register tables know it."""

    stream: str
    kind: str
    name: str | None
    correlation: str | None
    stage: str
    item: str | None
    place: str | None


class Attempt(NamedTuple):
    """An order that the rules refused, as it was put on record."""

    received_at: Instant
    verb: str
    name: str | None
    actor_unit: str | None
    actor_person: str | None
    behalf_unit: str | None
    rule: str
    because: str


class Lost(Unreachable):
    """The connection to the store broke: what was under way is recorded whole, or not at all."""


class Reader(Protocol):
    """What can be asked inside or outside a write."""

    def stream(self, stream: str) -> list[Told]: ...
    def rows_of(self, streams: Sequence[str]) -> list[Any]: ...
    def reply_of(self, command_id: bytes) -> tuple[bytes, bytes] | None: ...
    def units(self) -> Mapping[str, UnitEntry]: ...
    def adopted(self, kind: str) -> tuple[str, bytes] | None: ...
    def named(self, kind: str, text: str) -> list[Named]: ...
    def of_stream(self, stream: str) -> Named | None: ...
    def of_case(self, correlation: str) -> list[Named]: ...
    def calls(self, unit: str, stages: Sequence[str]) -> list[Named]: ...
    def called(self, stream: str) -> dict[str, str]: ...
    def waiting(self, kind: str, stages: Sequence[str]) -> list[Named]: ...
    def subjects(self, streams: Sequence[str]) -> dict[str, tuple[str, str]]: ...
    def at_site(self, site: str) -> list[Sited]: ...
    def open_since(self, item: str, since: Instant) -> list[Sited]: ...
    def due_before(self, at: Instant, limit: int) -> list[str]: ...
    def stream_of(self, seq: int) -> str | None: ...
    def beside(self, seq: int) -> list[OnRecord]: ...
    def last_by(self, unit: str, person: str) -> int | None: ...
    def attempts(self) -> list[Attempt]: ...


class Txn(Reader, Protocol):
    """A write in progress: it holds the lock, and commits or rolls back whole."""

    @property
    def head(self) -> tuple[int, bytes]: ...
    def next_number(self, series: str) -> int: ...
    def take_number(self, series: str, number: int) -> None: ...
    def append(self, drafts: Sequence[Draft], stamp: Stamp) -> list[int]: ...
    def enter(self, entry: Entry, before: Entry | None = None) -> None: ...
    def keep_reply(self, stamp: Stamp, body: bytes) -> None: ...
    def known_source(self, source: str, event_ids: Sequence[str]) -> dict[str, bytes]: ...
    def keep_sources(self, lines: Sequence[tuple[str, str, bytes]]) -> None: ...
    def versions(self, streams: Sequence[str]) -> dict[str, int]: ...


class Log(Protocol):
    """A store's log."""

    identity: Identity

    def writing(self) -> AbstractContextManager[Txn]: ...
    def reading(self) -> AbstractContextManager[Reader]: ...
    def page(self, after: int, limit: int) -> list[Recorded]: ...
    def rows(self, after: int = 0) -> Iterator[Any]: ...
    def size(self) -> int: ...
    def wait_beyond(self, seq: int, timeout_s: float) -> bool: ...
    def attempt(self, stamp: Stamp, verb: str, name: str, rule: str, because: str) -> None: ...

"""The reply to an order, kept as facts so that a repeat can be answered with the very same."""

import msgspec

from whistle import codec
from whistle.domain.moment import Instant


class RecordedEvent(msgspec.Struct, frozen=True):
    """An event that the order recorded."""

    seq: int
    topic: str


class ClockMoved(msgspec.Struct, frozen=True):
    """A clock that the order started or stopped."""

    call: str
    clock: str
    action: str
    due: Instant
    provisional: bool = False  # counted without the year's calendar


class NextStep(msgspec.Struct, frozen=True):
    """Who owes what next."""

    unit: str
    verb: str
    name: str
    due: Instant | None = None
    event: int | None = None  # to be named with --event


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What an order did."""

    id: str
    stream: str
    version: int
    stage: str
    events: tuple[RecordedEvent, ...]
    clocks: tuple[ClockMoved, ...] = ()
    next: tuple[NextStep, ...] = ()
    unfilled: tuple[str, ...] = ()  # places of the catalogue that no unit of the town fills
    replayed: bool = False

    def encode(self) -> bytes:
        """The bytes that are kept."""
        return msgspec.json.encode(self)


_replies = msgspec.json.Decoder(Reply)


def decode(body: bytes) -> Reply:
    """A kept reply, marked as a repeat; Broken when it is damaged."""
    kept = codec.read(_replies, body)
    return msgspec.structs.replace(kept, replayed=True)

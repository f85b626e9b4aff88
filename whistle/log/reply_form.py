"""The form in which a reply is kept: packed facts, from which the very same reply is told again.

A reply is kept for ever, one for each order; as JSON it took more room than the events did. What
stands in the events (their topics) is read from there, and a name that the reply's own name begins
is kept by its end. Replies of earlier programs are JSON objects and stay as they are.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from whistle import codec

CLOCKS: Final = ("ack", "arrive", "feedback", "dispose")
"""Clocks are kept by their place here: what is added comes last."""

STARTED: Final = 1
PROVISIONAL: Final = 2


class KeptClock(msgspec.Struct, array_like=True, frozen=True):
    """A clock that started or stopped."""

    call: str  # ended by `short`
    clock: int  # its place in CLOCKS
    how: int  # STARTED | PROVISIONAL
    due: int


class KeptStep(msgspec.Struct, array_like=True, frozen=True):
    """Who owes what next."""

    unit: str
    verb: str
    name: str  # ended by `short`
    due: int | None
    event: int | None


class KeptReply(msgspec.Struct, array_like=True, frozen=True):
    """What an order did."""

    runs: tuple[int, ...]  # the seqs of its events: first, how many, first, how many, ...
    id: str
    stream: str
    version: int
    stage: str
    clocks: tuple[KeptClock, ...]
    next: tuple[KeptStep, ...]
    unfilled: tuple[str, ...]


class _Told(msgspec.Struct):
    seq: int


class _Json(msgspec.Struct):
    """What the reply of an import, and that of an earlier program to any order, says of events."""

    events: tuple[_Told, ...] = ()
    recorded: int = 0


_packed = msgspec.msgpack.Decoder(KeptReply)
_json = msgspec.json.Decoder(_Json)
encode = msgspec.msgpack.Encoder().encode


def is_json(body: bytes) -> bool:
    """Whether a reply was kept as JSON; a packed one begins with the mark of an array."""
    return body.startswith(b"{")


def decode(body: bytes) -> KeptReply:
    """A packed reply; Broken when it is damaged."""
    return codec.read(_packed, body)


def named(body: bytes) -> tuple[list[int], int]:
    """The events that a kept reply names by their seqs, or how many it only counts."""
    if is_json(body):
        told = codec.read(_json, body)
        return [event.seq for event in told.events], told.recorded
    return list(seqs(decode(body).runs)), 0


def runs(numbers: Iterable[int]) -> tuple[int, ...]:
    """Rising numbers as runs without a gap: first, how many, first, how many, ..."""
    made: list[int] = []
    for number in numbers:
        if made and number == made[-2] + made[-1]:
            made[-1] += 1
        else:
            made += [number, 1]
    return tuple(made)


def seqs(made: Sequence[int]) -> Iterator[int]:
    """The numbers that runs stand for."""
    for first, many in zip(made[::2], made[1::2], strict=True):
        yield from range(first, first + many)


def short(name: str, of: str) -> str:
    """A name as it is kept beside another: nothing if it is the same, /END if it goes on so."""
    if name == of:
        return ""
    if name.startswith(f"{of}/"):
        return name[len(of) :]
    return f":{name}"


def whole(kept: str, of: str) -> str:
    """The name that `short` kept."""
    return kept[1:] if kept.startswith(":") else f"{of}{kept}"

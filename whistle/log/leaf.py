"""The leaf of an event: one hash over the stored bytes and everything that says who, when and why.

    leaf = SHA-256(0x00 || "whistle-leaf/v1" || fields)     node = SHA-256(0x01 || left || right)

Each field is its length (u32, big-endian) and its bytes; an absent field is the length 0xFFFFFFFF.
Numbers are ASCII decimals. A field is hashed in the very form in which `events list` prints it, so
an outsider can recompute the leaf from that listing alone.
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

PREFIX = b"\x00whistle-leaf/v1"
ABSENT = b"\xff\xff\xff\xff"


class Sealed(NamedTuple):
    """Everything a leaf covers, in the order in which it is hashed."""

    store_id: str
    epoch: int
    seq: int
    stream: str
    version: int
    topic: str
    recorded_at: int
    received_at: int
    happened_at: int | None
    happened_why: str | None
    command_id: str
    command_digest: str
    actor_unit: str | None
    actor_person: str | None
    actor_role: str | None
    behalf_unit: str | None
    correlation_id: str | None
    causation_seq: int | None
    units: str | None  # code:unit_seq, sorted, joined by ;
    state: bytes


def leaf(sealed: Sealed) -> bytes:
    """The 32 bytes that stand for an event in the tree."""
    return hashlib.sha256(PREFIX + b"".join(map(_field, sealed))).digest()


def _field(value: str | int | bytes | None) -> bytes:
    if value is None:
        return ABSENT
    if not isinstance(value, bytes):
        value = str(value).encode()
    return len(value).to_bytes(4, "big") + value


def leaves(rows: Iterable[Sealed]) -> Iterable[bytes]:
    """As `leaf` for many rows: fields that repeat from row to row are packed once."""
    packed: dict[str | int | None, bytes] = {None: ABSENT}
    known, sha256 = packed.get, hashlib.sha256
    for row in rows:
        parts = [PREFIX]
        for value in row[:19]:
            field = known(value)
            if field is None:
                text = str(value).encode()
                field = len(text).to_bytes(4, "big") + text
                if value.__class__ is str and len(packed) < 50_000:
                    packed[value] = field
            parts.append(field)
        state = row.state
        parts.append(len(state).to_bytes(4, "big"))
        parts.append(state)
        yield sha256(b"".join(parts)).digest()

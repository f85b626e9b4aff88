"""The leaf of an event: one hash over the stored bytes and everything that says who, when and why.

    leaf = SHA-256(0x00 || "whistle-leaf/v1" || fields)     node = SHA-256(0x01 || left || right)

Each field is its length (u32, big-endian) and its bytes; an absent field is the length 0xFFFFFFFF.
Numbers are ASCII decimals. A field is hashed in the very form in which `events list` prints it, so
an outsider can recompute the leaf from that listing alone.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

PREFIX = b"\x00whistle-leaf/v1"
ABSENT = b"\xff\xff\xff\xff"
NAMES_KEPT = 50_000  # packed names kept at a time, so that a long log is hashed in little memory
_LENGTHS = [length.to_bytes(4, "big") for length in range(32)]


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


def uuid_of(octets: bytes) -> str:
    """A command's id as it is hashed and listed: a sixth of the time that a UUID takes to be made.

    Raises ValueError when it has not 16 bytes.
    """
    if len(octets) != 16:
        raise ValueError(octets)
    digits = octets.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def leaf(sealed: Sealed) -> bytes:
    """The 32 bytes that stand for an event in the tree."""
    return hashlib.sha256(PREFIX + b"".join(map(_field, sealed))).digest()


def _field(value: str | int | bytes | None) -> bytes:
    if value is None:
        return ABSENT
    if not isinstance(value, bytes):
        value = str(value).encode()
    return len(value).to_bytes(4, "big") + value


def leaves(rows: Iterable[Sealed]) -> Iterator[bytes]:
    """As `leaf` for many rows, at a third of the cost."""
    return (hashlib.sha256(octets).digest() for octets in packed(rows))


def packed(rows: Iterable[Sealed]) -> Iterator[bytes]:
    """The bytes that a leaf is the hash of, for each row; another tree hashes the same.

    Rows of one order share what stands between `received_at` and `behalf_unit`: it is packed once
    for all of them. Names that come back (streams, topics, units) are packed once, too.
    """
    names: dict[str | None, bytes] = {None: ABSENT}
    store: tuple[str | int | bytes | None, ...] = ()
    shared: tuple[str | int | bytes | None, ...] = ()
    store_block = shared_block = b""
    for row in rows:
        if row[:2] != store:
            store = row[:2]
            store_block = PREFIX + b"".join([_field(value) for value in store])
        if row[7:16] != shared:
            shared = row[7:16]
            shared_block = b"".join([_field(value) for value in shared])
        if len(names) > NAMES_KEPT:
            names = {None: ABSENT}
        state = row.state
        yield b"".join(
            (
                store_block,
                _number(row.seq),
                names.get(row.stream) or _named(row.stream, names),
                _number(row.version),
                names.get(row.topic) or _named(row.topic, names),
                _number(row.recorded_at),
                shared_block,
                names.get(row.correlation_id) or _named(row.correlation_id, names),
                ABSENT if row.causation_seq is None else _number(row.causation_seq),
                ABSENT if row.units is None else _field(row.units),
                len(state).to_bytes(4, "big"),
                state,
            )
        )


def _number(value: int) -> bytes:
    digits = b"%d" % value
    return _LENGTHS[len(digits)] + digits


def _named(value: str | None, names: dict[str | None, bytes]) -> bytes:
    """A name that is met for the first time."""
    field = names[value] = _field(value)
    return field

"""What a person asks of the engine: one or more orders that stand or fall together."""

import hashlib
import os
from collections.abc import Sequence
from uuid import UUID, uuid4, uuid5

import msgspec

from whistle.domain.message import Order
from whistle.domain.moment import Instant
from whistle.domain.surroundings import Actor
from whistle.log.port import Stamp


def new_stream() -> str:
    """An opaque id for something that is about to be; its name is given when it is recorded."""
    return os.urandom(12).hex()  # as `secrets` does, without its imports


class Given(msgspec.Struct, frozen=True):
    """An order and the stream that it is given to."""

    stream: str
    order: Order


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One act of a person: the orders it stands for, and who asked, when, and under which key."""

    verb: str
    orders: tuple[Given, ...]
    actor: Actor
    received_at: Instant
    command_id: bytes
    command_digest: bytes
    name: str = ""  # what the person named, for the attempts table
    happened_at: Instant | None = None
    happened_why: str | None = None
    expect: int | None = None  # the version of the first stream that the caller saw
    dry_run: bool = False

    @property
    def stamp(self) -> Stamp:
        """What every event of this act shares."""
        return Stamp(
            self.received_at,
            self.command_id,
            self.command_digest,
            self.actor,
            self.happened_at,
            self.happened_why,
        )


def command_id(store_id: str, unit: str, key: str | None) -> bytes:
    """The 16 bytes of a command's UUID: version 5 of store, unit and key, or a new one."""
    return uuid5(UUID(store_id), f"{unit}\0{key}").bytes if key else uuid4().bytes


def digest(words: Sequence[str]) -> bytes:
    """The digest of what the person typed, before defaults and relative times are resolved."""
    return hashlib.sha256(msgspec.json.encode(list(words))).digest()

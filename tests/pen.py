"""Writing to a log directly, below the engine."""

from uuid import uuid4

from tests.town import actor, at
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.whistle.events import WhistleEnded
from whistle.log.port import Draft, Stamp
from whistle.log.transaction import SQLTxn


def stamp(received_at: Instant | None = None) -> Stamp:
    """The stamp of an order nobody gave."""
    when = at("09:00") if received_at is None else received_at
    return Stamp(when, uuid4().bytes, bytes(32), actor("town"))


def draft(stream: str = "s", version: int = 1, event: Event | None = None) -> Draft:
    """Some event."""
    return Draft(stream, version, event or WhistleEnded(at=1))


def write(txn: SQLTxn, stream: str = "s", version: int = 1) -> int:
    """Record one event; its number."""
    stamped = stamp()
    (seq,) = txn.append([draft(stream, version)], stamped)
    txn.keep_reply(stamped, b'{"recorded":1}')
    return seq

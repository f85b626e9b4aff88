"""Rows of the log as they are read: the event with everything that was recorded beside it."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise
from operator import itemgetter
from typing import Any

import msgspec

from whistle import codec
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.refusal import Broken, _
from whistle.log.faults import RESTORE
from whistle.log.leaf import Sealed, uuid_of

SELECT = """
SELECT seq, stream, version, topic, recorded_at, received_at, happened_at, happened_why, command_id,
  command_digest, actor_unit, actor_person, actor_role, behalf_unit, correlation_id, causation_seq,
  units, state, leaf FROM record
"""
"""All that a leaf covers, and the leaf."""

TOLD = """
SELECT seq, stream, version, topic, state, recorded_at, received_at, happened_at, happened_why,
  actor_unit, actor_person, behalf_unit, correlation_id, causation_seq
FROM record
"""
"""What views are told of an event: a third less than what its leaf covers."""


class Identity(msgspec.Struct, frozen=True):
    """Which store a log is, and the epoch it is in (a restored copy opens a new one)."""

    store_id: str
    epoch: int
    """The one in which it goes on."""
    schema_version: int
    begun: tuple[tuple[int, int], ...] = ((1, 1),)
    """Each epoch of the record as (the seq that begins it, its number)."""

    def epoch_of(self, seq: int) -> int:
        """The epoch in which an event was recorded."""
        return self.begun[bisect_right(self.begun, seq, key=itemgetter(0)) - 1][1]

    def last_of(self, epoch: int) -> int | None:
        """The last event that is left of an epoch; None while it goes on.

        LookupError when this record holds no such epoch.
        """
        following = {before[1]: after[0] for before, after in pairwise(self.begun)}
        return None if epoch == self.epoch else following[epoch] - 1


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """One event of the log, decoded, with who, when and why."""

    seq: int
    stream: str
    version: int
    event: Event
    recorded_at: Instant
    received_at: Instant
    happened_at: Instant | None
    happened_why: str | None
    actor_unit: str | None
    actor_person: str | None
    behalf_unit: str | None
    correlation_id: str | None
    causation_seq: int | None

    @property
    def topic(self) -> str:
        """The name under which the event is stored."""
        return self.event.topic


def sealed(rows: Iterable[Any], identity: Identity) -> Iterator[tuple[Sealed, bytes]]:
    """Rows of SELECT as what their leaf covers, and the leaf that stands in the ledger."""
    store_id, epoch = identity.store_id, identity.begun[0][1]
    several = len(identity.begun) > 1
    command: tuple[bytes, bytes] | None = None
    command_id = command_digest = ""
    for row in rows:
        if row[8:10] != command:  # a batch repeats its command: format it once
            command = row[8:10]
            command_id, command_digest = uuid_of(row[8]), row[9].hex()
        if several:
            epoch = identity.epoch_of(row[0])
        yield (
            Sealed._make((store_id, epoch, *row[:8], command_id, command_digest, *row[10:18])),
            row[18],
        )


def recorded(row: Any) -> Recorded:
    """A row of SELECT with its event decoded."""
    return Recorded(
        seq=row[0],
        stream=row[1],
        version=row[2],
        event=codec.decode(row[3], row[17]),
        recorded_at=row[4],
        received_at=row[5],
        happened_at=row[6],
        happened_why=row[7],
        actor_unit=row[10],
        actor_person=row[11],
        behalf_unit=row[13],
        correlation_id=row[14],
        causation_seq=row[15],
    )


def told(row: Any) -> Recorded:
    """A row of TOLD with its event decoded."""
    topic, state = row[3], row[4]
    return Recorded(row[0], row[1], row[2], codec.decode(topic, state), *row[5:])


def listed(row: Any, identity: Identity) -> dict[str, object]:
    """A row as `events list` prints it: the leaf's own fields, the state as an object."""
    try:
        ((row_sealed, leaf),) = sealed([row], identity)
        digits = leaf.hex()
    except (TypeError, ValueError, AttributeError) as error:  # a value of another type, by hand
        raise Broken(
            _("The event at {seq} is not the one that was recorded."), hint=RESTORE, seq=row[0]
        ) from error
    fields: dict[str, object] = row_sealed._asdict()
    fields["state"] = msgspec.Raw(row_sealed.state)
    fields["leaf"] = digits
    return fields

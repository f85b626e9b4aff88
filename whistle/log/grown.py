"""What others recorded since a log was last looked at, proved by the tree to be all there is."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from whistle.log.tree import Frontier

GROWN_MAX: Final = 200
"""Events that are followed; after more than these it is as quick to read everything anew."""
GROWN: Final = f"""
SELECT l.leaf, s.stream, t.topic, l.units FROM ledger l JOIN events e ON e.position = l.seq
  JOIN streams s ON s.id = e.originator_id JOIN topics t ON t.id = e.topic
WHERE l.seq > ? ORDER BY l.seq LIMIT {GROWN_MAX}
"""
Head = tuple[int, bytes]
"""Size and frontier of the tree."""


class Grown(msgspec.Struct, frozen=True):
    """An event that somebody recorded meanwhile."""

    leaf: bytes
    stream: str
    topic: str
    units: str | None


def grown(before: Head, now: Frontier, rows: Sequence[Sequence[Any]]) -> list[Grown] | None:
    """The events by which a log grew from one head to another; None unless these rows are they.

    The frontier of before with their leaves must come to that of now: then nothing that was known
    before has changed but in the streams that these events are of.
    """
    if not 0 < len(rows) == now.size - before[0]:
        return None
    found = [Grown(bytes(row[0]), *row[1:]) for row in rows]
    tree = Frontier(*before)
    for each in found:
        tree.add(each.leaf)
    return found if tree.hashes == now.hashes else None

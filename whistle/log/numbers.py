"""Streams and topics by number: a name that comes back stands once in the store.

Beside them the numbers of the units' own records, remembered by the same rule.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from eventsourcing.persistence import StoredEvent

from whistle.log.grown import Grown, Head

TEXTS_KEPT = 50_000  # so that a long import is numbered in little memory
PART = 500  # texts of one question

_FIND: Final = {
    "streams": "SELECT stream, id FROM streams WHERE stream IN ({marks})",
    "topics": "SELECT topic, id FROM topics WHERE topic IN ({marks})",
}
_AND_LAST: Final = " UNION ALL SELECT NULL, COALESCE(MAX(id), 0) FROM {table}"
"""One question, for a server is far: the number given last goes by no name."""

EventRow = tuple[int, int, int, int, bytes]
"""Position, number of the stream, version in it, number of the topic, state."""


class Numbers:
    """What a log remembers of its numbers, good for as long as nobody else has written.

    A number never changes once it is committed; but one that was given in a write which failed, or
    in a store that was put back meanwhile, will be given again. The head of the log tells.
    """

    def __init__(self) -> None:
        self._head: Head | None = None
        self._known: dict[str, dict[str, int]] = {"streams": {}, "topics": {}}
        self.counted: dict[str, int] = {}
        """Units by code: how many events are counted to the record of each."""

    @property
    def size(self) -> int | None:
        """How long the log was when the last write left it; none if that is not known."""
        return self._head[0] if self._head else None

    def as_of(self, head: Head, grown: Callable[[Head], Sequence[Grown] | None]) -> None:
        """A write begins: forget everything, unless the log stands where the last one left it.

        What others recorded since is followed: they only count units on.
        """
        before, self._head = self._head, None  # until it is committed
        if before is None or len(self._known["streams"]) > TEXTS_KEPT:
            self.forget()
        elif head != before:
            since = grown(before)
            if since is None:
                self.forget()
            for each in since or ():
                self._count(each.units or "")

    def _count(self, units: str) -> None:
        for numbered in filter(None, units.split(";")):
            unit, _colon, number = numbered.rpartition(":")
            self.counted[unit] = int(number)

    def keep(self, head: Head) -> None:
        """The write was committed, and left the log at this head."""
        self._head = head

    def forget(self) -> None:
        """What was numbered since may have been undone."""
        for known in self._known.values():
            known.clear()
        self.counted.clear()

    def of(self, cursor: Any, table: str, texts: Iterable[str]) -> dict[str, int]:
        """Numbers of texts, in which those asked for stand; new ones are entered in the store."""
        known = self._known[table]
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            last = 0
            for at in range(0, len(missing), PART):
                part = missing[at : at + PART]
                question = _FIND[table].format(marks=",".join("?" * len(part)))
                cursor.execute(question + _AND_LAST.format(table=table), part)
                found = dict(cursor.fetchall())
                last = found.pop(None)
                known.update(found)
            new = [text for text in missing if text not in known]
            rows = list(enumerate(new, last + 1))
            if rows:
                cursor.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows)
                known.update((text, number) for number, text in rows)
        return known


def rows_of(
    cursor: Any, numbers: Numbers, stored: Sequence[StoredEvent], first: int
) -> list[EventRow]:
    """Rows of `events` for what the library hands over, from a position on."""
    streams = numbers.of(cursor, "streams", [str(each.originator_id) for each in stored])
    topics = numbers.of(cursor, "topics", [each.topic for each in stored])
    return [
        (at, streams[str(one.originator_id)], one.originator_version, topics[one.topic], one.state)
        for at, one in enumerate(stored, first)
    ]

"""What is proved of some events in a row, and how two such stretches are joined.

A long record is cut where a subtree of its tree begins, and each stretch is proved by itself: its
leaves, and that its numbers and instants go on. What has to meet is looked at where two are joined;
the grouping of the joins carries no meaning. No length of the record makes it need more memory.
"""

from collections.abc import Callable
from typing import NamedTuple

from whistle.domain.moment import Instant
from whistle.domain.refusal import Broken, _
from whistle.log.faults import RESTORE
from whistle.log.tree import Subtrees

GAP = _("the numbering jumps from {before} to {seq}")
BACKWARDS = _("the event at {seq} is recorded before the one in front of it")
VERSION = _("the stream of the event at {seq} misses a version")
UNIT = _("the record of a unit named at {seq} misses a number")

REMEMBERED = 20_000  # streams; twice as many at most
STRETCH = 1 << 14  # events at most that one reading takes something from: so much is in memory


class Numbering:
    """The numbers 1, 2, 3 that each name has; of a stretch they begin wherever it begins."""

    def __init__(self, *, from_one: bool) -> None:
        self.last: dict[str, int] = {}
        self._first: dict[str, int] = {}  # where it is another than 1
        self._from_one = from_one

    def goes_on(self, name: str, number: int) -> bool:
        """Whether this is the next number of the name, which it has from now on."""
        known = self.last.get(name)
        self.last[name] = number
        return number == known + 1 if known is not None else self._begins(name, number)

    def _begins(self, name: str, number: int) -> bool:
        if number != 1:
            self._first[name] = number
        return number == 1 or not self._from_one

    def join(self, after: "Numbering") -> bool:
        """Take the numbers of the stretch that follows; whether each goes on where it stood."""
        for name, last in after.last.items():
            first, known = after._first.get(name, 1), self.last.get(name)
            if not (first == known + 1 if known is not None else self._begins(name, first)):
                return False
            self.last[name] = last
        return True


Before = Callable[[str, int], tuple[int, int]]
"""How many events of a stream stand before a place in the log, and the highest version of them."""


class Versions:
    """The versions of streams, of which there may be very many: the store is asked about those that
    were not met for long, or not yet.
    """

    def __init__(self) -> None:
        self._lately: dict[str, int] = {}
        self._earlier: dict[str, int] = {}

    def goes_on(self, stream: str, version: int, seq: int, before: Before) -> bool:
        """Whether this is the next version of the stream, which it has from now on."""
        known = self._lately.get(stream) or self._earlier.get(stream)
        if len(self._lately) >= REMEMBERED:
            self._earlier, self._lately = self._lately, {}
        self._lately[stream] = version
        if known is None:
            many, known = before(stream, seq)
            return many == known and version == known + 1
        return version == known + 1


class Stretch(NamedTuple):
    """What was proved of some events in a row."""

    tree: Subtrees
    first_at: Instant  # when the first one was recorded
    last_at: Instant
    units: Numbering  # of each unit's own record

    def joined(self, after: "Stretch") -> "Stretch":
        """Both as one, for which they are used up; Broken when they do not meet."""
        seq = self.tree.end + 1
        if after.tree.begin != self.tree.end:
            raise broken(GAP, after.tree.begin + 1, before=self.tree.end, first_bad=seq)
        if after.first_at <= self.last_at:
            raise broken(BACKWARDS, seq)
        if not self.units.join(after.units):
            raise broken(UNIT, seq)
        self.tree.join(after.tree)
        return self._replace(last_at=after.last_at)


def broken(text: str, seq: int, **words: object) -> Broken:
    """The record does not prove itself at an event."""
    return Broken(text, rule="audit.verify", hint=RESTORE, seq=seq, **words)

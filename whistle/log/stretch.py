"""What is proved of some events in a row, and how two such stretches are joined.

A long record is cut where a subtree of its tree begins, and each stretch is proved by itself: its
leaves, and that its numbers and instants go on. What has to meet is looked at where two are joined;
the grouping of the joins carries no meaning.
"""

from typing import NamedTuple

from whistle.domain.moment import Instant
from whistle.domain.refusal import Broken, _
from whistle.log.faults import RESTORE
from whistle.log.tree import Subtrees

GAP = _("the numbering jumps from {before} to {seq}")
BACKWARDS = _("the event at {seq} is recorded before the one in front of it")
VERSION = _("the stream of the event at {seq} misses a version")
UNIT = _("the record of a unit named at {seq} misses a number")
HEAD = _("the head names {size} events and another root than the leaves give")


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


class Stretch(NamedTuple):
    """What was proved of some events in a row."""

    tree: Subtrees
    first_at: Instant  # when the first one was recorded
    last_at: Instant
    versions: Numbering  # of the streams
    units: Numbering  # of each unit's own record
    begun: dict[str, str]
    """The topic that each stream of Whistle's own begins with; imported ones have no line."""

    def joined(self, after: "Stretch") -> "Stretch":
        """Both as one, for which they are used up; Broken when they do not meet."""
        seq = self.tree.end + 1
        if after.tree.begin != self.tree.end:
            raise broken(GAP, after.tree.begin + 1, before=self.tree.end, first_bad=seq)
        if after.first_at <= self.last_at:
            raise broken(BACKWARDS, seq)
        if not self.versions.join(after.versions):
            raise broken(VERSION, seq)
        if not self.units.join(after.units):
            raise broken(UNIT, seq)
        self.tree.join(after.tree)
        self.begun.update(after.begun)
        return self._replace(last_at=after.last_at)


def broken(text: str, seq: int, **words: object) -> Broken:
    """The record does not prove itself at an event."""
    return Broken(text, rule="audit.verify", hint=RESTORE, seq=seq, **words)

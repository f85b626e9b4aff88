"""Very many lengths of time in little memory: how often each occurs, in ascending order.

What is asked of them is asked by rank, so that nothing is rounded. A few thousand different seconds
stand for the millions of times that units took.
"""

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final, overload

LATELY: Final = 512  # values that wait to be counted, or as many as were counted before


class Spans(Sequence[int]):
    """Whole seconds in ascending order, as if each stood there by itself."""

    def __init__(self, seconds: Iterable[int] = ()) -> None:
        self._values = array("q")  # ascending, each once
        self._upto = array("q")  # how many are at or below each
        self._lately = array("q", seconds)
        self.total = sum(self._lately)

    def add(self, other: "Spans") -> None:
        """Add others; they stay as they are."""
        self._lately.extend(other._lately)
        self.total += other.total
        if other._values:
            self._count(other._counted())
        elif len(self._lately) > max(LATELY, len(self._values)):
            self._count(Counter())

    def at_most(self, seconds: int) -> int:
        """How many are at or below a length."""
        at = bisect_right(self._values, seconds)
        counted = self._upto[at - 1] if at else 0
        return counted + sum(each <= seconds for each in self._lately)

    def __len__(self) -> int:
        return (self._upto[-1] if self._upto else 0) + len(self._lately)

    @overload
    def __getitem__(self, rank: int) -> int: ...
    @overload
    def __getitem__(self, rank: slice) -> list[int]: ...
    def __getitem__(self, rank: int | slice) -> int | list[int]:
        self._settle()
        if isinstance(rank, slice):
            return [self[each] for each in range(*rank.indices(len(self)))]
        if rank < 0:
            rank += len(self)
        return self._values[bisect_right(self._upto, rank)]

    def _settle(self) -> None:
        if self._lately:
            self._count(Counter())

    def _count(self, more: Counter[int]) -> None:
        more += self._counted()
        more.update(self._lately)
        self._values = array("q", sorted(more))
        self._upto = array("q", accumulate(map(more.__getitem__, self._values)))
        self._lately = array("q")

    def _counted(self) -> Counter[int]:
        found, below = Counter[int](), 0
        for value, upto in zip(self._values, self._upto, strict=True):
            found[value] = upto - below
            below = upto
        return found

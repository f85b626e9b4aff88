"""What is odd in the ledger's rows, each named by its label: nothing is repaired silently."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from operator import itemgetter

from whistle.domain.ledger import Assignment
from whistle.domain.measures import Shape
from whistle.domain.moment import Instant

Span = tuple[str, Instant, str, Instant | None]
"""When an assignment of a unit began, its label, and when it was finished."""

Ordering = Callable[[Iterable[Span]], Iterable[Span]]
"""Puts spans in the order of unit, beginning and label."""


def in_memory(spans: Iterable[Span]) -> list[Span]:
    """The ordering of as many as memory holds."""
    return sorted(spans, key=itemgetter(0, 1, 2))


def quality(assignments: Iterable[Assignment], ordering: Ordering = in_memory) -> Shape:
    """The labels of the odd rows by what is odd, sorted, and the `counts` of each.

    `overlapping_assignments` are pairs of one unit that was whistled again before it had finished.
    Equal instants are in order, and only counted. Rows are read once, and what is not odd of them
    is not kept; the spans lie wherever the ordering puts them.
    """
    odd: dict[str, list[str]] = {name: [] for name in _ODD}
    same: Counter[str] = Counter()

    def spans() -> Iterator[Span]:
        for row in assignments:
            for name, is_odd in _ODD.items():
                if is_odd(row):
                    odd[name].append(row.label)
            same["whistle_and_ack"] += row.whistled == row.acknowledged is not None
            same["ack_and_arrival"] += row.acknowledged == row.arrived is not None
            yield row.unit, row.whistled or 0, row.label, row.finished

    overlapping = _overlapping(ordering(spans()))
    found: Shape = {name: sorted(labels) for name, labels in odd.items()}
    found["overlapping_assignments"] = overlapping
    found |= {f"same_instant_{name}": same[name] for name in ("whistle_and_ack", "ack_and_arrival")}
    counts = {name: len(v) if isinstance(v, list) else v for name, v in found.items()}
    return {**found, "counts": counts}


def _before(first: Instant | None, second: Instant | None) -> bool:
    return first is not None and second is not None and first < second


_ODD: dict[str, Callable[[Assignment], bool]] = {
    "missing_ack": lambda row: row.acknowledged is None,
    "missing_arrival": lambda row: row.arrived is None,
    "missing_finish": lambda row: row.finished is None,
    "arrival_without_ack": lambda row: row.arrived is not None and row.acknowledged is None,
    "arrived_before_ack": lambda row: _before(row.arrived, row.acknowledged),
    "arrived_before_whistle": lambda row: _before(row.arrived, row.whistled),
    "finished_before_arrival": lambda row: _before(row.finished, row.arrived),
    "finished_before_whistle": lambda row: _before(row.finished, row.whistled),
}


def _overlapping(ordered: Iterable[Span]) -> list[list[str]]:
    return sorted(
        [earlier[2], later[2]]
        for earlier, later in pairwise(ordered)
        if earlier[0] == later[0] and _before(later[1], earlier[3])
    )

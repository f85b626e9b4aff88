"""What is odd in the ledger's rows, each named by its label: nothing is repaired silently."""

from collections.abc import Callable, Iterable
from itertools import pairwise
from operator import attrgetter

from whistle.domain.ledger import Assignment
from whistle.domain.measures import Shape, grouped
from whistle.domain.moment import Instant


def quality(assignments: Iterable[Assignment]) -> Shape:
    """The labels of the odd rows by what is odd, sorted, and the `counts` of each.

    `overlapping_assignments` are pairs of one unit that was whistled again before it had finished.
    Equal instants are in order, and only counted.
    """
    rows = list(assignments)
    odd: Shape = {
        name: sorted(row.label for row in rows if is_odd(row)) for name, is_odd in _ODD.items()
    }
    odd["overlapping_assignments"] = _overlapping(rows)
    odd["same_instant_whistle_and_ack"] = sum(
        row.whistled == row.acknowledged is not None for row in rows
    )
    odd["same_instant_ack_and_arrival"] = sum(
        row.acknowledged == row.arrived is not None for row in rows
    )
    counts = {name: len(v) if isinstance(v, list) else v for name, v in odd.items()}
    return {**odd, "counts": counts}


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


def _overlapping(rows: Iterable[Assignment]) -> list[list[str]]:
    pairs = []
    for mine in grouped(rows, attrgetter("unit")).values():
        mine.sort(key=lambda row: (row.whistled or 0, row.label))
        for earlier, later in pairwise(mine):
            if _before(later.whistled, earlier.finished):
                pairs.append([earlier.label, later.label])
    return sorted(pairs)

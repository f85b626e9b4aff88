"""How things stood at an instant, and when most units were out at once."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator

from whistle.domain.ledger import Assignment, IncidentKey
from whistle.domain.measures import Shape
from whistle.domain.moment import Instant, rfc3339

Change = tuple[Instant, int]
"""One assignment more, or one less."""

Ordering = Callable[[Iterable[Change]], Iterable[Change]]
"""Puts changes in their order."""


class Standing:
    """How many assignments were in each state at an instant, and how many incidents were open.

    Finished goes before arrived, arrived before acknowledged; a row whistled later is in no
    state. An incident is open when it was reported by then and any of its rows, also one still to
    be whistled, was not finished; one whose report is unknown counts from its first whistle.
    """

    def __init__(self, at: Instant) -> None:
        self._at = at
        self._counts: Counter[str] = Counter()
        self._open: set[IncidentKey] = set()

    def counted(self, assignments: Iterable[Assignment]) -> Iterator[Assignment]:
        """The same rows, counted as they are handed on."""
        for row in assignments:
            self._count(row)
            yield row

    def _count(self, row: Assignment) -> None:
        at = self._at
        finished = row.finished is not None and row.finished <= at
        begun = row.whistled if row.reported is None else row.reported
        if not finished and begun is not None and begun <= at:
            self._open.add(row.incident)
        if row.whistled is None or row.whistled > at:
            return
        if finished:
            self._counts["finished"] += 1
        elif row.arrived is not None and row.arrived <= at:
            self._counts["on_scene"] += 1
        elif row.acknowledged is not None and row.acknowledged <= at:
            self._counts["acknowledged"] += 1
        else:
            self._counts["whistled"] += 1

    def shape(self) -> Shape:
        """The answer, as far as rows were counted."""
        return {
            "as_of": rfc3339(self._at),
            **{state: self._counts[state] for state in
               ("whistled", "acknowledged", "on_scene", "finished")},
            "incidents_with_unfinished_unit": len(self._open),
        }  # fmt: skip


def as_of(assignments: Iterable[Assignment], at: Instant) -> Shape:
    """How things stood at an instant, as `Standing` counts."""
    standing = Standing(at)
    deque(standing.counted(assignments), maxlen=0)
    return standing.shape()


def concurrency(
    assignments: Iterable[Assignment], at: Instant, ordering: Ordering = sorted
) -> Shape:
    """The most assignments that were active at once up to an instant, and when that was first so.

    An assignment is active from its whistle up to, not including, its finish; one of which no
    finish after the whistle is on record is left out. At one instant ends go before starts.
    Rows are read once; their beginnings and ends lie wherever the ordering puts them.
    """
    active = peak = counted = 0
    reached: Instant | None = None
    for moment, step in ordering(_changes(assignments, at)):
        active += step
        counted += 1
        if active > peak:
            peak, reached = active, moment
    return {
        "peak_active_assignments": peak,
        "first_reached_at": None if reached is None else rfc3339(reached),
        "rows_counted": counted // 2,
    }


def _changes(assignments: Iterable[Assignment], at: Instant) -> Iterator[Change]:
    for row in assignments:
        start, end = row.whistled, row.finished
        if start is not None and end is not None and start < end and start <= at:
            yield start, 1
            yield end, -1

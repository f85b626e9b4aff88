"""How things stood at an instant, and when most units were out at once."""

from collections.abc import Iterable

from whistle.domain.ledger import Assignment
from whistle.domain.measures import Shape
from whistle.domain.moment import Instant, rfc3339


def as_of(assignments: Iterable[Assignment], at: Instant) -> Shape:
    """How many assignments were in each state at an instant, and how many incidents were open.

    Finished goes before arrived, arrived before acknowledged; a row whistled later is in no
    state. An incident is open when it was reported by then and any of its rows, also one still to
    be whistled, was not finished; one whose report is unknown counts from its first whistle.
    """
    counts = {"whistled": 0, "acknowledged": 0, "on_scene": 0, "finished": 0}
    still_open = set()
    for row in assignments:
        finished = row.finished is not None and row.finished <= at
        begun = row.whistled if row.reported is None else row.reported
        if not finished and begun is not None and begun <= at:
            still_open.add(row.incident)
        if row.whistled is None or row.whistled > at:
            continue
        if finished:
            counts["finished"] += 1
        elif row.arrived is not None and row.arrived <= at:
            counts["on_scene"] += 1
        elif row.acknowledged is not None and row.acknowledged <= at:
            counts["acknowledged"] += 1
        else:
            counts["whistled"] += 1
    return {
        "as_of": rfc3339(at),
        **counts,
        "incidents_with_unfinished_unit": len(still_open),
    }


def concurrency(assignments: Iterable[Assignment], at: Instant) -> Shape:
    """The most assignments that were active at once up to an instant, and when that was first so.

    An assignment is active from its whistle up to, not including, its finish; one of which no
    finish after the whistle is on record is left out. At one instant ends go before starts.
    """
    changes: list[tuple[Instant, int]] = []
    for row in assignments:
        start, end = row.whistled, row.finished
        if start is not None and end is not None and start < end and start <= at:
            changes += [(start, 1), (end, -1)]
    active = peak = 0
    reached: Instant | None = None
    for moment, step in sorted(changes):
        active += step
        if active > peak:
            peak, reached = active, moment
    return {
        "peak_active_assignments": peak,
        "first_reached_at": None if reached is None else rfc3339(reached),
        "rows_counted": len(changes) // 2,
    }

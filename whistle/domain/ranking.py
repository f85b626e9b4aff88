"""Units in order of how often they were on time."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from fractions import Fraction
from operator import attrgetter

from whistle.domain.ledger import Assignment
from whistle.domain.measures import (
    At,
    Shape,
    grouped,
    is_running,
    known,
    on_time_by_own_due,
    rate,
    tallied,
)
from whistle.domain.percentiles import nearest

_Standing = tuple[tuple[Fraction, bool, int, str], int, int, int | None]
"""What a unit is put in order by, how often it was on time, of how many, and its median."""


def rank(
    assignments: Iterable[Assignment],
    metric: str,
    limit_s: int | None,
    min_n: int,
    at: At = None,
) -> Shape:
    """The ranking of units with at least `min_n` assignments, by on_time / assignments.

    The rate is compared as an exact fraction, descending; equal rates go by the median (nearest
    rank) of the metric, none last, then by unit code. `competition_rank_on_rate` gives equal rates
    equal places (1, 2, 2, 4). Without a limit each assignment is held to its own due, and those
    that have none are not ranked; nor are those still running `at` the instant it stands at, of
    which `n_running` says how many there are. Raises NotFound for a metric that does not exist.
    """
    known(metric)
    standings = []
    running = 0
    for unit, rows in grouped(assignments, attrgetter("unit")).items():
        ranked = rows
        if limit_s is None:
            owed = [row for row in rows if metric in row.dues]
            ranked = [row for row in owed if not is_running(row, metric, at)]
            running += len(owed) - len(ranked)
        if ranked and len(ranked) >= min_n:
            standings.append(_standing(unit, ranked, metric, limit_s))
    standings.sort()
    return {
        "min_assignments": min_n,
        **({"n_running": running} if running else {}),
        "ranking": _places(standings),
    }


def _places(standings: Sequence[_Standing]) -> list[Shape]:
    rates = [standing[0][0] for standing in standings]
    return [
        {
            "rank": place,
            "competition_rank_on_rate": rates.index(order[0]) + 1,
            "unit": order[3],
            "on_time": on_time,
            "assignments": count,
            "rate_all": rate(on_time, count),
            "p50_nearest_s": median,
        }
        for place, (order, on_time, count, median) in enumerate(standings, 1)
    ]


def _standing(
    unit: str, ranked: Sequence[Assignment], metric: str, limit_s: int | None
) -> _Standing:
    ordered = tallied(ranked, metric).ordered
    if limit_s is not None:
        on_time = bisect_right(ordered, limit_s)
    else:
        on_time = sum(on_time_by_own_due(row, metric) for row in ranked)
    median = nearest(ordered, 50) if ordered else None
    order = (-Fraction(on_time, len(ranked)), median is None, median or 0, unit)
    return order, on_time, len(ranked), median

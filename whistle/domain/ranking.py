"""Units in order of how often they were on time."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from operator import attrgetter

from whistle.domain.ledger import Assignment
from whistle.domain.measures import (
    At,
    Shape,
    Tally,
    grouped,
    is_running,
    known,
    on_time_by_own_due,
    rate,
    tallied,
)
from whistle.domain.percentiles import nearest
from whistle.domain.spans import Spans

_Standing = tuple[tuple[Fraction, bool, int, str], int, int, int | None]
"""What a unit is put in order by, how often it was on time, of how many, and its median."""


class Ranking:
    """The ranking of units by a metric, of rows that come a part at a time.

    Without a limit each assignment is held to its own due, and those that have none are not ranked;
    nor are those still running `at` the instant they stand at, which are counted.
    """

    def __init__(self, metric: str, limit_s: int | None) -> None:
        """Raises NotFound for a metric that does not exist."""
        self._metric = known(metric)
        self._limit_s = limit_s
        self._units: dict[str, Tally] = {}
        self._running = 0

    def take(self, rows: Iterable[Assignment], at: At = None) -> None:
        """Add rows."""
        metric, limit_s = self._metric, self._limit_s
        for unit, mine in grouped(rows, attrgetter("unit")).items():
            ranked = mine
            if limit_s is None:
                owed = [row for row in mine if metric in row.dues]
                ranked = [row for row in owed if not is_running(row, metric, at)]
                self._running += len(owed) - len(ranked)
            if ranked:
                tally = tallied(ranked, metric)
                tally.limited = len(ranked)
                if limit_s is not None:
                    tally.on_time = tally.ordered.at_most(limit_s)
                else:
                    tally.on_time = sum(on_time_by_own_due(row, metric) for row in ranked)
                self._units.setdefault(unit, Tally(Spans())).add(tally)

    def shape(self, min_n: int) -> Shape:
        """The units with at least `min_n` assignments in their order."""
        standings = sorted(
            _standing(unit, tally) for unit, tally in self._units.items() if tally.limited >= min_n
        )
        return {
            "min_assignments": min_n,
            **({"n_running": self._running} if self._running else {}),
            "ranking": _places(standings),
        }


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
    equal places (1, 2, 2, 4). Limits and running ones are as in `Ranking`: `n_running` says how
    many there are. Raises NotFound for a metric that does not exist.
    """
    ranking = Ranking(metric, limit_s)
    ranking.take(assignments, at)
    return ranking.shape(min_n)


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


def _standing(unit: str, tally: Tally) -> _Standing:
    median = nearest(tally.ordered, 50) if tally.ordered else None
    order = (-Fraction(tally.on_time, tally.limited), median is None, median or 0, unit)
    return order, tally.on_time, tally.limited, median

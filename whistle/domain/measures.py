"""What the ledger's rows add up to: counts, percentiles and on-time rates of the intervals.

Intervals are whole seconds, the rest of a second cut off. One is missing when either end is, and
negative when it ends before it starts; both are counted and left out of everything else. On time
means at or before the limit. The definitions are those of the San Francisco answers in
`tests/data/sf_fire/README.md`. A live call that is held to its own dues counts once one has run out
or was met, as rates of the trade are over what was due (应办结; Lianyungang's monthly bulletin).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple, get_args

from whistle.domain.history import Kind
from whistle.domain.ledger import Assignment, IncidentKey
from whistle.domain.moment import SECOND, Instant
from whistle.domain.percentiles import linear, nearest, rounded
from whistle.domain.refusal import NotFound, _

METRICS: Mapping[str, tuple[str, str]] = {
    "call_to_whistle": ("reported", "whistled"),
    "ack": ("whistled", "acknowledged"),
    "travel": ("acknowledged", "arrived"),
    "arrival": ("whistled", "arrived"),
    "total_response": ("reported", "arrived"),
    "disposal": ("arrived", "finished"),
    "commitment": ("whistled", "finished"),
}
"""Each metric is the time from one kind of fact to another of the same assignment."""

_KINDS = get_args(Kind)

Limits = Mapping[str, int]
"""Seconds by metric, the same for everyone."""

At = Instant | Callable[[Assignment], Instant | None] | None
"""The instant at which the record stands; of several records, that of a row's own."""

Shape = dict[str, Any]
"""An answer as `--json` prints it."""


class Tally(NamedTuple):
    """One metric over some assignments. `limited` of them have a limit, `limit_s` if the same."""

    ordered: list[int]  # the valid intervals, ascending seconds
    missing: int
    negative: int
    on_time: int = 0
    limited: int = 0
    limited_valid: int = 0
    limit_s: frozenset[int] = frozenset()
    running: int = 0  # of those with a due of their own: it has not run out, the act has not come


class Measured(NamedTuple):
    """The tallies of a group of assignments."""

    assignments: int
    incidents: set[IncidentKey]
    tallies: dict[str, Tally]


def summary(
    assignments: Iterable[Assignment], limits: Limits | None = None, at: At = None
) -> Shape:
    """The ledger: `overall` and `per_unit`, by unit code, as it stands `at` an instant.

    With `limits` each named metric has `limit_s`, `on_time`, `rate_valid` (of the valid ones) and
    `rate_all` (of all: who never came was not on time). Without, an assignment is held to its own
    dues: the rates are over the `n_limited` assignments that have one, and `limit_s` is given if
    it is the same for all of them. A live one whose due is still to come and whose act has not
    come counts as `n_running`, in no rate; without `at` every due has passed.
    Raises NotFound for a metric that does not exist.
    """
    for metric in limits or {}:
        known(metric)
    by_unit = grouped(assignments, attrgetter("unit"))
    measured = {unit: measure(rows, limits, at) for unit, rows in by_unit.items()}
    fixed = limits is not None
    return {
        "overall": _shape(_together(measured.values()), fixed=fixed),
        "per_unit": {unit: _shape(one, fixed=fixed) for unit, one in measured.items()},
    }


def groups(
    assignments: Iterable[Assignment],
    by: Callable[[Assignment], str | None],
    limits: Limits | None = None,
    at: At = None,
) -> Shape:
    """The same measures for each value of `by`; rows for which it gives None are in no group.

    Raises NotFound for a metric that does not exist.
    """
    for metric in limits or {}:
        known(metric)
    return {
        name: _shape(measure(rows, limits, at), fixed=limits is not None)
        for name, rows in grouped(assignments, by).items()
    }


def grouped(
    assignments: Iterable[Assignment], by: Callable[[Assignment], str | None]
) -> dict[str, list[Assignment]]:
    """The assignments by a key, the keys in order of their code points."""
    found: dict[str, list[Assignment]] = {}
    for row in assignments:
        key = by(row)
        if key is not None:
            found.setdefault(key, []).append(row)
    return dict(sorted(found.items()))


def measure(rows: Sequence[Assignment], limits: Limits | None = None, at: At = None) -> Measured:
    """The tallies of these assignments, held to `limits` or else to their own dues."""
    owing = [row for row in rows if row.dues] if limits is None else []
    instants = {kind: [*map(attrgetter(kind), rows)] for kind in _KINDS}
    tallies = {}
    for metric, (start, end) in METRICS.items():
        tally = _intervals(instants[start], instants[end])
        if limits is not None and metric in limits:
            tally = _within(tally, len(rows), limits[metric])
        elif owing:
            tally = _by_own_dues(tally, owing, metric, at)
        tallies[metric] = tally
    return Measured(len(rows), {row.incident for row in rows}, tallies)


def known(metric: str) -> str:
    """The metric's name; raises NotFound if there is none."""
    if metric not in METRICS:
        raise NotFound(
            _("there is no metric {metric}; there are {metrics}"),
            metric=metric,
            metrics=", ".join(METRICS),
        )
    return metric


def tallied(rows: Sequence[Assignment], metric: str) -> Tally:
    """The intervals of a metric, without any limit."""
    start, end = METRICS[metric]
    return _intervals([*map(attrgetter(start), rows)], [*map(attrgetter(end), rows)])


def _intervals(starts: Sequence[Instant | None], ends: Sequence[Instant | None]) -> Tally:
    values = [
        (end - start) // SECOND
        for start, end in zip(starts, ends, strict=True)
        if start is not None and end is not None and start <= end
    ]
    missing = sum(map(_either_missing, starts, ends)) if None in starts else ends.count(None)
    values.sort()
    return Tally(values, missing, len(starts) - missing - len(values))


def _either_missing(start: Instant | None, end: Instant | None) -> bool:
    return start is None or end is None


def on_time_by_own_due(row: Assignment, metric: str) -> bool:
    """Whether the interval is valid and ended at or before the assignment's own due."""
    start, end = attrgetter(*METRICS[metric])(row)
    return start is not None and end is not None and start <= end <= row.dues[metric]


def is_running(row: Assignment, metric: str, at: At) -> bool:
    """Whether a live call has until later: its own due is not past and the act has not come.

    At the very due instant there is still time. History is never running: nobody goes on with it.
    """
    at = at(row) if callable(at) else at
    if at is None or row.key[0] or metric not in row.dues:
        return False
    return getattr(row, METRICS[metric][1]) is None and row.dues[metric] >= at


def _within(tally: Tally, rows: int, limit_s: int) -> Tally:
    return tally._replace(
        on_time=bisect_right(tally.ordered, limit_s),
        limited=rows,
        limited_valid=len(tally.ordered),
        limit_s=frozenset((limit_s,)),
    )


def _by_own_dues(tally: Tally, owing: Iterable[Assignment], metric: str, at: At) -> Tally:
    owed = [row for row in owing if metric in row.dues]
    limited = [row for row in owed if not is_running(row, metric, at)]
    starts = attrgetter(METRICS[metric][0])
    return tally._replace(
        on_time=sum(on_time_by_own_due(row, metric) for row in limited),
        limited=len(limited),
        limited_valid=len(tallied(limited, metric).ordered),
        limit_s=frozenset(
            (row.dues[metric] - starts(row)) // SECOND for row in limited if starts(row) is not None
        ),
        running=len(owed) - len(limited),
    )


def _together(parts: Iterable[Measured]) -> Measured:
    """The tallies of disjoint groups as those of their union; nothing is computed twice."""
    parts = list(parts)
    return Measured(
        sum(part.assignments for part in parts),
        set().union(*(part.incidents for part in parts)),
        {metric: _added([part.tallies[metric] for part in parts]) for metric in METRICS},
    )


def _added(tallies: Sequence[Tally]) -> Tally:
    return Tally(
        sorted(chain.from_iterable(tally.ordered for tally in tallies)),
        sum(tally.missing for tally in tallies),
        sum(tally.negative for tally in tallies),
        sum(tally.on_time for tally in tallies),
        sum(tally.limited for tally in tallies),
        sum(tally.limited_valid for tally in tallies),
        frozenset().union(*(tally.limit_s for tally in tallies)),
        sum(tally.running for tally in tallies),
    )


def _shape(measured: Measured, *, fixed: bool) -> Shape:
    return {
        "assignments": measured.assignments,
        "incidents": len(measured.incidents),
        "metrics": {
            metric: _tally_shape(tally, fixed=fixed) for metric, tally in measured.tallies.items()
        },
    }


def _tally_shape(tally: Tally, *, fixed: bool) -> Shape:
    ordered = tally.ordered
    shape: Shape = {
        "n_valid": len(ordered),
        "n_missing": tally.missing,
        "n_negative": tally.negative,
    }
    if ordered:
        total = sum(ordered)
        shape |= {"min": ordered[0], "max": ordered[-1], "sum": total}
        shape["mean"] = rounded(total, len(ordered), 6)
        for percent in (50, 90, 95):
            shape[f"p{percent}_nearest"] = nearest(ordered, percent)
            shape[f"p{percent}_linear"] = linear(ordered, percent)
    if tally.running:
        shape["n_running"] = tally.running
    if tally.limited or tally.limit_s or tally.running:
        if len(tally.limit_s) == 1:
            shape["limit_s"] = min(tally.limit_s)
        if not fixed:
            shape["n_limited"] = tally.limited
        shape["on_time"] = tally.on_time
        shape["rate_valid"] = rate(tally.on_time, tally.limited_valid)
        shape["rate_all"] = rate(tally.on_time, tally.limited)
    return shape


def rate(part: int, whole: int) -> float | None:
    """A share to nine decimals; None of nothing."""
    return rounded(part, whole, 9) if whole else None

"""What the ledger's rows add up to: counts, percentiles and on-time rates of the intervals.

Intervals are whole seconds, the rest of a second cut off. One is missing when either end is, and
negative when it ends before it starts; both are counted and left out of everything else. On time
means at or before the limit. The definitions are those of the San Francisco answers in
`tests/data/sf_fire/README.md`. A live call that is held to its own dues counts once one has run out
or was met, as rates of the trade are over what was due (应办结; Lianyungang's monthly bulletin).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, get_args

import msgspec

from whistle.domain.history import Kind
from whistle.domain.ledger import Assignment
from whistle.domain.moment import SECOND, Instant
from whistle.domain.percentiles import linear, nearest, rounded
from whistle.domain.refusal import NotFound, _
from whistle.domain.spans import Spans

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


class Tally(msgspec.Struct):
    """One metric over some assignments. `limited` of them have a limit, `limit_s` if the same."""

    ordered: Spans  # the valid intervals, ascending seconds
    missing: int = 0
    negative: int = 0
    on_time: int = 0
    limited: int = 0
    limited_valid: int = 0
    limit_s: frozenset[int] = frozenset()  # the least and the greatest
    running: int = 0  # of those with a due of their own: it has not run out, the act has not come

    def add(self, other: "Tally") -> None:
        """Add the tally of other assignments."""
        self.ordered.add(other.ordered)
        self.missing += other.missing
        self.negative += other.negative
        self.on_time += other.on_time
        self.limited += other.limited
        self.limited_valid += other.limited_valid
        self.limit_s = _ends(self.limit_s | other.limit_s)
        self.running += other.running


class Measured:
    """The tallies of a group of assignments."""

    def __init__(self) -> None:
        self.assignments = 0
        self.incidents = 0
        self.tallies = {metric: Tally(Spans()) for metric in METRICS}

    def add(self, rows: Sequence[Assignment], limits: Limits | None, at: At) -> None:
        """Add assignments, all that an incident has in this group; `limits`, or else their dues."""
        self.assignments += len(rows)
        self.incidents += len({row.incident for row in rows})
        owing = [row for row in rows if row.dues] if limits is None else []
        instants = {kind: [*map(attrgetter(kind), rows)] for kind in _KINDS}
        for metric, (start, end) in METRICS.items():
            tally = _intervals(instants[start], instants[end])
            if limits is not None and metric in limits:
                _within(tally, len(rows), limits[metric])
            elif owing:
                _by_own_dues(tally, owing, metric, at)
            self.tallies[metric].add(tally)


class Measures:
    """The ledger's measures by groups, of rows that come some whole incidents at a time.

    How many come makes no difference to the memory: times are counted, not kept.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        """Raises NotFound for a metric that does not exist."""
        for metric in limits or {}:
            known(metric)
        self._limits = limits
        self._groups: dict[str, Measured] = {}
        self._incidents = 0

    def take(
        self,
        rows: Sequence[Assignment],
        by: Callable[[Assignment], str | None] = attrgetter("unit"),
        at: At = None,
    ) -> None:
        """Add the rows of some whole incidents; those for which `by` gives None are in no group."""
        self._incidents += len({row.incident for row in rows})
        for name, mine in grouped(rows, by).items():
            self._groups.setdefault(name, Measured()).add(mine, self._limits, at)

    def groups(self) -> Shape:
        """The measures of each group, by its name."""
        fixed = self._limits is not None
        return {name: _shape(one, fixed=fixed) for name, one in sorted(self._groups.items())}

    def overall(self) -> Shape:
        """The measures of all groups together, which share no assignment."""
        whole = Measured()
        for part in self._groups.values():
            whole.assignments += part.assignments
            for metric, tally in whole.tallies.items():
                tally.add(part.tallies[metric])
        whole.incidents = self._incidents
        return _shape(whole, fixed=self._limits is not None)


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
    measures = Measures(limits)
    measures.take([*assignments], at=at)
    return {"overall": measures.overall(), "per_unit": measures.groups()}


def groups(
    assignments: Iterable[Assignment],
    by: Callable[[Assignment], str | None],
    limits: Limits | None = None,
    at: At = None,
) -> Shape:
    """The same measures for each value of `by`; rows for which it gives None are in no group.

    Raises NotFound for a metric that does not exist.
    """
    measures = Measures(limits)
    measures.take([*assignments], by, at)
    return measures.groups()


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
    return Tally(Spans(values), missing, len(starts) - missing - len(values))


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


def _within(tally: Tally, rows: int, limit_s: int) -> None:
    tally.on_time = tally.ordered.at_most(limit_s)
    tally.limited = rows
    tally.limited_valid = len(tally.ordered)
    tally.limit_s = frozenset((limit_s,))


def _by_own_dues(tally: Tally, owing: Iterable[Assignment], metric: str, at: At) -> None:
    owed = [row for row in owing if metric in row.dues]
    limited = [row for row in owed if not is_running(row, metric, at)]
    starts = attrgetter(METRICS[metric][0])
    lengths = [
        (row.dues[metric] - begun) // SECOND
        for row in limited
        if (begun := starts(row)) is not None
    ]
    tally.on_time = sum(on_time_by_own_due(row, metric) for row in limited)
    tally.limited = len(limited)
    tally.limited_valid = len(tallied(limited, metric).ordered)
    tally.limit_s = _ends(lengths)
    tally.running = len(owed) - len(limited)


def _ends(lengths: Collection[int]) -> frozenset[int]:
    return frozenset((min(lengths), max(lengths))) if lengths else frozenset()


def _shape(measured: Measured, *, fixed: bool) -> Shape:
    return {
        "assignments": measured.assignments,
        "incidents": measured.incidents,
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
        total = ordered.total
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

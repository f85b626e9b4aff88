"""W4's answer: how 40 units did in each month and in the whole year, from the calls of a ledger.

A unit's calls, those signed within 120 seconds, those that were there within 900, and the median
and the ninth decile of the way there, linear between neighbours. Standard library only.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from bench.workload import Act, Line, ledger

ACK_LIMIT_S, ARRIVE_LIMIT_S = 120, 900
EAST_S = 8 * 3600  # of Greenwich: months are those of the town's wall
YEAR = 0  # where a month would stand


class Figure(NamedTuple):
    """One line of the answer."""

    unit: str
    month: int  # 202501; YEAR for all
    calls: int
    signed_in_time: int
    there_in_time: int
    median_s: float | None
    p90_s: float | None


class Call(NamedTuple):
    """What a figure is made of."""

    unit: str
    month: int
    ack_s: int | None
    arrive_s: int | None


def month_of(at_s: int) -> int:
    """The month in which a moment lies."""
    at = datetime.fromtimestamp(at_s, UTC) + timedelta(seconds=EAST_S)
    return at.year * 100 + at.month


def figures(calls: Iterable[Call]) -> list[Figure]:
    """The answer."""
    groups: dict[tuple[str, int], list[Call]] = {}
    for call in calls:
        for month in (call.month, YEAR):
            groups.setdefault((call.unit, month), []).append(call)
    return [figure(*key, group) for key, group in groups.items()]


def figure(unit: str, month: int, calls: list[Call]) -> Figure:
    """One line."""
    signed = sum(call.ack_s is not None and call.ack_s <= ACK_LIMIT_S for call in calls)
    ways = sorted(call.arrive_s for call in calls if call.arrive_s is not None)
    there = sum(way <= ARRIVE_LIMIT_S for way in ways)
    return Figure(unit, month, len(calls), signed, there, between(ways, 0.5), between(ways, 0.9))


def between(ordered: list[int], share: float) -> float | None:
    """The quantile, linear between neighbours."""
    if not ordered:
        return None
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def workload_figures(acts: Iterable[Act]) -> list[Figure]:
    """What the workload itself comes to."""
    done = list(acts)
    months = {act.whistle: month_of(act.at_s) for act in done if act.verb == "blow"}
    return figures(
        Call(line.unit, months[line.whistle], line.ack_s, line.arrive_s) for line in ledger(done)
    )


def digest(answer: Iterable[Figure] | Iterable[Line]) -> str:
    """An answer in 16 signs, whatever the order of its lines."""
    return hashlib.sha256("\n".join(sorted(map(rounded, answer))).encode()).hexdigest()[:16]


def rounded(line: Figure | Line) -> str:
    """A line as it is compared: fractions to three decimals, whole numbers as such."""
    return repr(tuple(round(each, 3) if isinstance(each, float) else each for each in line))

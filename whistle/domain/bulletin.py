"""The month's bulletin (通报), what it says of the units: facts, and no score.

On time means on time of what was due in the month (应办结): the on-time sign-in and closing rates
that Lianyungang publishes each month (sources S43 and R1 of docs/sources.md). A due belongs to the
month in which it runs out, so that a month that is over stays as it is; the figures of arrivals
belong to the month of the call's delivery.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from whistle.domain.bulletin_notes import APART, Note, Noted
from whistle.domain.ledger import Assignment
from whistle.domain.measures import is_running, on_time_by_own_due, rate, tallied
from whistle.domain.moment import Instant
from whistle.domain.month import Month
from whistle.domain.percentiles import nearest, rounded


class Due(msgspec.Struct, frozen=True):
    """What was due in the month, and how much of it was on time; the running ones still may be."""

    on_time: int
    due: int
    running: int
    rate: float | None  # of what was due; none of nothing


class Mean(msgspec.Struct, frozen=True):
    """The mean of marks, and of how many."""

    n: int
    mean: float | None


class UnitMonth(msgspec.Struct, frozen=True, kw_only=True):
    """A month of one unit, or of all."""

    calls: int  # delivered in the month, and counted
    signed: Due
    reported_in: Due
    finished: Due
    arrived: int  # of the calls
    median_arrival_s: int | None  # by nearest rank, from the delivery on
    declined: int
    left_early: int
    reworks: int
    overdue: int  # breaches that stand
    yellow: int
    red: int
    marks: Mean  # given by the town
    ratings: Mean  # given by the unit to the whistles that called it
    apart: dict[str, int]  # calls that are in no figure above, by the reason


class Units(NamedTuple):
    """The units' part of a bulletin."""

    overall: UnitMonth
    per_unit: dict[str, UnitMonth]


def units(
    month: Month, rows: Sequence[Assignment], notes: Sequence[Note], at: Instant | None
) -> Units:
    """The figures of a month, by unit code and of all: from the rows that count, as they stand
    `at` an instant, and the month's notes."""
    told = [row for row in rows if of_month(row, month)]
    codes = sorted({row.unit for row in told} | {note.unit for note in notes})
    per_unit = {
        code: _unit(
            month,
            [row for row in told if row.unit == code],
            [note for note in notes if note.unit == code],
            at,
        )
        for code in codes
    }
    return Units(_unit(month, told, notes, at), per_unit)


def of_month(row: Assignment, month: Month) -> bool:
    """Whether a row tells anything of a month: delivered in it, or with a due in it."""
    return month.holds(row.whistled) or any(month.holds(due) for due in row.dues.values())


def _unit(
    month: Month, rows: Sequence[Assignment], notes: Sequence[Note], at: Instant | None
) -> UnitMonth:
    delivered = [row for row in rows if month.holds(row.whistled)]
    arrivals = tallied(delivered, "arrival").ordered
    count = Counter(note.what for note in notes)
    return UnitMonth(
        calls=len(delivered),
        signed=_due(month, rows, "ack", at),
        reported_in=_due(month, rows, "arrival", at),
        finished=_due(month, rows, "commitment", at),
        arrived=len(arrivals),
        median_arrival_s=nearest(arrivals, 50) if arrivals else None,
        declined=count["declined"],
        left_early=count["left_early"],
        reworks=count["reworks"],
        overdue=count["overdue"],
        yellow=count["yellow"],
        red=count["red"],
        marks=mean([note.score for note in notes if note.what == "mark"]),
        ratings=mean([note.score for note in notes if note.what == "rating"]),
        apart=_apart(count),
    )


def _apart(count: Counter[Noted]) -> dict[str, int]:
    return {why: count[why] for why in APART if count[why]}


def _due(month: Month, rows: Sequence[Assignment], metric: str, at: Instant | None) -> Due:
    owed = [row for row in rows if metric in row.dues and month.holds(row.dues[metric])]
    due = [row for row in owed if not is_running(row, metric, at)]
    on_time = sum(on_time_by_own_due(row, metric) for row in due)
    return Due(on_time, len(due), len(owed) - len(due), rate(on_time, len(due)))


def mean(scores: Sequence[int]) -> Mean:
    """The mean of some marks, to six decimals; none of nothing."""
    return Mean(len(scores), rounded(sum(scores), len(scores), 6) if scores else None)

"""The ledger's rows gathered by incident: who came first, and when the last one left."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from whistle.domain.ledger import Assignment, IncidentKey
from whistle.domain.moment import SECOND, Instant


class IncidentRow(NamedTuple):
    """One incident; `first_response_s` is from the report to the first arrival."""

    source: str
    incident: str
    units: int
    reported: Instant | None
    first_whistle: Instant | None
    first_ack: Instant | None
    first_arrival: Instant | None
    last_arrival: Instant | None
    last_finish: Instant | None
    units_arrived: int
    units_unfinished: int
    first_arrival_unit: str | None
    first_response_s: int | None


def incidents(assignments: Iterable[Assignment]) -> list[IncidentRow]:
    """A row per incident, by source and number; the first to arrive counts.

    Of units that arrive at the same instant the one whistled first is named, then by unit code.
    """
    found: dict[IncidentKey, list[Assignment]] = {}
    for row in assignments:
        found.setdefault(row.incident, []).append(row)
    return [_gathered(key, rows) for key, rows in sorted(found.items())]


def groups(
    assignments: Iterable[Assignment], by: Callable[[Assignment], str | None]
) -> dict[IncidentKey, str]:
    """The value of `by` of each incident: that of its assignment whistled first which has one."""
    found: dict[IncidentKey, str] = {}
    for row in sorted(assignments, key=lambda row: (row.whistled or 0, row.label)):
        if (value := by(row)) is not None:
            found.setdefault(row.incident, value)
    return found


def _gathered(key: IncidentKey, rows: list[Assignment]) -> IncidentRow:
    arrivals = [
        (row.arrived, row.whistled or 0, row.unit) for row in rows if row.arrived is not None
    ]
    finishes = [row.finished for row in rows if row.finished is not None]
    first, _, first_unit = min(arrivals, default=(None, 0, None))
    reported = rows[0].reported
    return IncidentRow(
        *key,
        units=len(rows),
        reported=reported,
        first_whistle=_first(row.whistled for row in rows),
        first_ack=_first(row.acknowledged for row in rows),
        first_arrival=first,
        last_arrival=max(arrivals)[0] if arrivals else None,
        last_finish=max(finishes, default=None),
        units_arrived=len(arrivals),
        units_unfinished=len(rows) - len(finishes),
        first_arrival_unit=first_unit,
        first_response_s=(
            None if first is None or reported is None else (first - reported) // SECOND
        ),
    )


def _first(instants: Iterable[Instant | None]) -> Instant | None:
    return min((at for at in instants if at is not None), default=None)

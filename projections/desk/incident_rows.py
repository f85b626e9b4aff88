"""The ledger's incidents as a table for people, as facts for programs, as CSV for spreadsheets."""

from collections.abc import Sequence
from typing import Any

from projections.desk import times
from projections.desk.desk import Desk
from projections.desk.tables import length, sheet, table
from projections.desk.words import say
from whistle.domain import moment
from whistle.domain.by_incident import IncidentRow
from whistle.domain.moment import rfc3339
from whistle.domain.refusal import _
from whistle.engine.assessing import Assessed

COLUMNS = (
    "incident", "units", "reported", "first_whistle", "first_ack", "first_arrival",
    "last_arrival", "last_finish", "units_arrived", "units_unfinished", "first_arrival_unit",
    "first_response_s", "source",
)  # fmt: skip
TIMED = frozenset(COLUMNS[2:8])


def csv(desk: Desk, found: Assessed, rows: Sequence[IncidentRow]) -> bytes:
    """One line an incident, its times in the desk's zone with the offset."""
    return sheet(COLUMNS, ([_value(desk, found, row, name) for name in COLUMNS] for row in rows))


def _value(desk: Desk, found: Assessed, row: IncidentRow, name: str) -> object:
    value = getattr(row, name)
    if name in TIMED and value is not None:
        return moment.local(value, desk.zone).isoformat()
    return name_of(found, row) if name == "incident" else value


def name_of(found: Assessed, row: IncidentRow) -> str:
    """A live incident's name; an imported one goes by its source's number."""
    return row.incident if row.source else found.names.get(row.incident, row.incident)


def facts(found: Assessed, rows: Sequence[IncidentRow]) -> list[dict[str, Any]]:
    """The same for programs, times in UTC."""
    told = []
    for row in rows:
        fact: dict[str, Any] = row._asdict()
        fact |= {name: rfc3339(fact[name]) for name in TIMED if fact[name] is not None}
        told.append({**fact, "incident": name_of(found, row)})
    return told


def lines(desk: Desk, found: Assessed, rows: Sequence[IncidentRow]) -> list[str]:
    """The same for people."""
    head = [_("incident"), _("units"), _("reported"), _("first there"), _("after"), _("left")]
    shown = [
        (
            name_of(found, row),
            row.units,
            _shown(desk, row.reported),
            desk.unit_name(row.first_arrival_unit) if row.first_arrival_unit else None,
            length(row.first_response_s),
            _shown(desk, row.last_finish),
        )
        for row in rows
    ]
    return table([say(text) for text in head], shown)


def _shown(desk: Desk, at: moment.Instant | None) -> str | None:
    return None if at is None else times.shown(at, desk.zone)

"""The ledger's incidents as a table for people, as facts for programs, as CSV for spreadsheets."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from projections.desk import times
from projections.desk.desk import Desk
from projections.desk.tables import length, sheet, table
from projections.desk.words import say
from whistle.domain import moment
from whistle.domain.by_incident import IncidentRow
from whistle.domain.ledger import IncidentKey
from whistle.domain.moment import rfc3339
from whistle.domain.refusal import _
from whistle.engine.assessing import Assessed
from whistle.engine.towns import Towns

COLUMNS = (
    "incident", "units", "reported", "first_whistle", "first_ack", "first_arrival",
    "last_arrival", "last_finish", "units_arrived", "units_unfinished", "first_arrival_unit",
    "first_response_s", "source",
)  # fmt: skip
TIMED = frozenset(COLUMNS[2:8])


class Told(NamedTuple):
    """The incidents of an assessment, with the value of an attribute that was asked for."""

    desk: Desk
    found: Assessed | Towns
    attribute: str | None
    groups: Mapping[IncidentKey, str]

    def csv(self, rows: Sequence[IncidentRow]) -> bytes:
        """One line an incident, its times in the desk's zone with the offset."""
        own = (self.attribute,) if self.attribute is not None else ()
        body = (
            [
                self._value(row, COLUMNS[0]),
                *([self._group(row)] if own else []),
                *(self._value(row, name) for name in COLUMNS[1:]),
            ]
            for row in rows
        )
        return sheet((COLUMNS[0], *own, *COLUMNS[1:]), body)

    def facts(self, rows: Sequence[IncidentRow]) -> list[dict[str, Any]]:
        """The same for programs, times in UTC; the attribute's value is the `group`."""
        told = []
        for row in rows:
            fact: dict[str, Any] = row._asdict()
            fact |= {name: rfc3339(fact[name]) for name in TIMED if fact[name] is not None}
            fact |= {"group": self._group(row)} if self.attribute is not None else {}
            told.append({**fact, "incident": self._name(row)})
        return told

    def lines(self, rows: Sequence[IncidentRow]) -> list[str]:
        """The same for people."""
        head = [_("incident"), _("units"), _("reported"), _("first there"), _("after"), _("left")]
        shown = [
            (
                self._name(row),
                row.units,
                self._shown(row.reported),
                self.desk.unit_name(row.first_arrival_unit) if row.first_arrival_unit else None,
                length(row.first_response_s),
                self._shown(row.last_finish),
                *((self._group(row),) if self.attribute is not None else ()),
            )
            for row in rows
        ]
        own = (self.attribute,) if self.attribute is not None else ()
        return table([*(say(text) for text in head), *own], shown)

    def _value(self, row: IncidentRow, name: str) -> object:
        value = getattr(row, name)
        if name in TIMED and value is not None:
            return moment.local(value, self.desk.zone).isoformat()
        return self._name(row) if name == "incident" else value

    def _name(self, row: IncidentRow) -> str:
        """A live incident's name; an imported one goes by its source's number."""
        return row.incident if row.source else self.found.names.get(row.incident, row.incident)

    def _group(self, row: IncidentRow) -> str | None:
        return self.groups.get((row.source, row.incident))

    def _shown(self, at: moment.Instant | None) -> str | None:
        return None if at is None else times.shown(at, self.desk.zone)

"""The ledger's incidents as a table for people, as facts for programs, as CSV for spreadsheets."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from projections.desk import times
from projections.desk.desk import Desk
from projections.desk.tables import length, sheet_lines, table
from projections.desk.words import say
from whistle.domain import by_incident, moment
from whistle.domain.by_incident import IncidentRow
from whistle.domain.moment import rfc3339
from whistle.domain.refusal import _
from whistle.engine.assessing import Assessed
from whistle.engine.towns import Towns
from whistle.log.aside import in_order

COLUMNS = (
    "incident", "units", "reported", "first_whistle", "first_ack", "first_arrival",
    "last_arrival", "last_finish", "units_arrived", "units_unfinished", "first_arrival_unit",
    "first_response_s", "source",
)  # fmt: skip
TIMED = frozenset(COLUMNS[2:8])


class Listed(NamedTuple):
    """An incident with its name for people, and the value of an attribute that was asked for."""

    row: IncidentRow
    name: str  # an imported one goes by its source's number
    group: str | None


def listed(parts: Iterable[Assessed | Towns]) -> Iterator[Listed]:
    """The incidents of an assessment, by source and number."""
    rows = ((*each.row, each.name, each.group) for part in parts for each in _of(part))
    width = len(IncidentRow._fields)
    for each in in_order(rows, columns=width + 2, key=2):
        yield Listed(IncidentRow(*each[:width]), *each[width:])


def _of(part: Assessed | Towns) -> Iterator[Listed]:
    counted = part.assignments()
    groups = by_incident.groups(counted, part.group_of)
    for row in by_incident.incidents(counted):
        name = row.incident if row.source else part.names.get(row.incident, row.incident)
        yield Listed(row, name, groups.get((row.source, row.incident)))


class Told(NamedTuple):
    """How incidents are shown, with the attribute that was asked for."""

    desk: Desk
    attribute: str | None

    def csv(self, found: Iterable[Listed]) -> Iterator[bytes]:
        """One line an incident, its times in the desk's zone with the offset."""
        own = (self.attribute,) if self.attribute is not None else ()
        body = (
            [
                each.name,
                *([each.group] if own else []),
                *(self._value(each.row, name) for name in COLUMNS[1:]),
            ]
            for each in found
        )
        return sheet_lines((COLUMNS[0], *own, *COLUMNS[1:]), body)

    def facts(self, found: Iterable[Listed]) -> Iterator[dict[str, Any]]:
        """The same for programs, times in UTC; the attribute's value is the `group`."""
        for row, name, group in found:
            fact: dict[str, Any] = row._asdict()
            fact |= {name: rfc3339(fact[name]) for name in TIMED if fact[name] is not None}
            fact |= {"group": group} if self.attribute is not None else {}
            yield {**fact, "incident": name}

    def lines(self, found: Iterable[Listed]) -> list[str]:
        """The same for people."""
        head = [
            _("incident"),
            _("units"),
            _("reported"),
            _("first there"),
            _("after"),
            _("left at"),
        ]
        shown = [
            (
                name,
                row.units,
                self._shown(row.reported),
                self.desk.unit_name(row.first_arrival_unit) if row.first_arrival_unit else None,
                length(row.first_response_s),
                self._shown(row.last_finish),
                *((group,) if self.attribute is not None else ()),
            )
            for row, name, group in found
        ]
        own = (self.attribute,) if self.attribute is not None else ()
        return table([*(say(text) for text in head), *own], shown)

    def _value(self, row: IncidentRow, name: str) -> object:
        value = getattr(row, name)
        if name in TIMED and value is not None:
            return moment.local(value, self.desk.zone).isoformat()
        return value

    def _shown(self, at: moment.Instant | None) -> str | None:
        return None if at is None else times.shown(at, self.desk.zone)

"""The register tables proved: each of their lines must follow from the events alone."""

from collections.abc import Mapping
from functools import reduce

import msgspec

from whistle.domain.aggregates import BY_KIND, Aggregate
from whistle.domain.correction import Told, effective
from whistle.domain.refusal import Broken, _
from whistle.domain.register import Entry, entry
from whistle.log.reader import SQLReader

_LINE = _("the register's line of {name} does not follow from its events")
_UNITS = _("the register counts {kept} events of {name}, and the record holds {proved}")


def prove(reader: SQLReader, unit_numbers: Mapping[str, int]) -> None:
    """Rebuild every line from its stream and compare; Broken names the first that differs."""
    cursor = reader.cursor
    cursor.execute("SELECT unit, last FROM unit_series")
    for unit, kept in cursor.fetchall():
        if kept != unit_numbers.get(unit, 0):
            raise _broken(_UNITS, 0, name=unit, kept=kept, proved=unit_numbers.get(unit, 0))
    units = reader.units()  # before the next question: one cursor answers one at a time
    cursor.execute(
        "SELECT stream, kind, name, correlation_id, stage, due, item, place FROM names "
        "ORDER BY stream"
    )
    for stream, kind, *line in cursor.fetchall():
        history = reader.stream(stream)
        rebuilt = rebuild(stream, BY_KIND[kind], history)
        if rebuilt is None or line != _line(rebuilt) or reader.called(stream) != rebuilt.calls:
            raise _broken(_LINE, history[-1].seq if history else 0, name=line[0] or stream)
        if rebuilt.unit is not None and units.get(rebuilt.unit.code) != rebuilt.unit:
            raise _broken(_LINE, history[-1].seq, name=rebuilt.unit.code)


def rebuild(stream: str, aggregate: Aggregate, history: list[Told]) -> Entry | None:
    """The register's line of a stream, from its events alone."""
    told = effective(history)
    state = reduce(lambda state, each: aggregate.evolve(state, each.event), told, aggregate.start)
    return entry(stream, aggregate.kind, state, aggregate.next_due(state))


def _line(rebuilt: Entry) -> list[object]:
    fields = msgspec.structs.asdict(rebuilt)
    return [fields[key] for key in ("name", "correlation", "stage", "due", "item", "place")]


def _broken(text: str, seq: int, **words: object) -> Broken:
    return Broken(text, rule="audit.register", hint="whistle audit verify", seq=seq, **words)

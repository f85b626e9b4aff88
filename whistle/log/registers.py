"""The register tables proved: each of their lines must follow from the events alone."""

from collections.abc import Mapping
from functools import reduce

import msgspec

from whistle.domain.aggregates import BY_KIND, Aggregate
from whistle.domain.correction import Told, effective
from whistle.domain.refusal import Broken, _
from whistle.domain.register import Entry, entry
from whistle.domain.rulebook import STREAM as RULEBOOK
from whistle.domain.rulebook import CalendarAdopted, PlaybookAdopted
from whistle.log import sites
from whistle.log.faults import RESTORE
from whistle.log.reader import SQLReader
from whistle.log.verify import MISTYPED

_LINE = _("the register's line of {name} does not follow from its events")
_SERIES = _("the numbers given out do not follow from the names: {name}")
_IN_FORCE = _("the {name} in force is not the one that was adopted last")
_UNITS = _("the register counts {kept} events of {name}, and the record holds {proved}")


_ODD = _("the register holds a value that was never written there: {fault}")


def prove(reader: SQLReader, unit_numbers: Mapping[str, int]) -> None:
    """Rebuild every line from its stream and compare; Broken names the first that differs."""
    try:
        _prove(reader, unit_numbers)
    except (*MISTYPED, LookupError) as error:
        raise _broken(_ODD, 0, fault=str(error)) from error


def _prove(reader: SQLReader, unit_numbers: Mapping[str, int]) -> None:
    _prove_series(reader)
    _prove_in_force(reader)
    cursor = reader.cursor
    cursor.execute("SELECT unit, last FROM unit_series")
    for unit, kept in cursor.fetchall():
        if kept != unit_numbers.get(unit, 0):
            raise _broken(_UNITS, 0, name=unit, kept=kept, proved=unit_numbers.get(unit, 0))
    sited = sites.known(cursor)  # not in an old store that may only be read
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
        if sited and sites.of_stream(cursor, stream) != rebuilt.site:
            raise _broken(_LINE, history[-1].seq, name=line[0])
        if rebuilt.unit is not None and units.get(rebuilt.unit.code) != rebuilt.unit:
            raise _broken(_LINE, history[-1].seq, name=rebuilt.unit.code)


def rebuild(stream: str, aggregate: Aggregate, history: list[Told]) -> Entry | None:
    """The register's line of a stream, from its events alone."""
    told = effective(history)
    state = reduce(lambda state, each: aggregate.evolve(state, each.event), told, aggregate.start)
    return entry(stream, aggregate.kind, state, aggregate.next_due(state))


def _prove_series(reader: SQLReader) -> None:
    """The last number of each series is the highest that a name carries."""
    cursor = reader.cursor
    cursor.execute("SELECT name, number FROM names WHERE kind <> 'unit'")
    highest: dict[str, int] = {}
    for name, number in cursor.fetchall():
        if name is not None:  # a draft has no name yet
            series = name.rpartition("-")[0]
            highest[series] = max(number, highest.get(series, 0))
    cursor.execute("SELECT series, last FROM series")
    if dict(cursor.fetchall()) != highest:
        raise _broken(_SERIES, 0, name=", ".join(highest))


def _prove_in_force(reader: SQLReader) -> None:
    """The playbook and calendar in force are the ones adopted last."""
    adopted: dict[str, str] = {}
    for told in reader.stream(RULEBOOK):
        match told.event:
            case PlaybookAdopted(digest=digest):
                adopted["playbook"] = digest
            case CalendarAdopted(digest=digest):
                adopted["calendar"] = digest
            case _:
                pass
    for kind, digest in adopted.items():
        kept = reader.adopted(kind)
        if kept is None or kept[0] != digest:
            raise _broken(_IN_FORCE, 0, name=kind)


def _line(rebuilt: Entry) -> list[object]:
    fields = msgspec.structs.asdict(rebuilt)
    return [fields[key] for key in ("name", "correlation", "stage", "due", "item", "place")]


def _broken(text: str, seq: int, **words: object) -> Broken:
    return Broken(text, rule="audit.register", hint=RESTORE, seq=seq, **words)

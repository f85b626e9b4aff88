"""The register tables proved: each of their lines must follow from the events alone."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import msgspec

from whistle import codec
from whistle.domain.aggregate import Aggregate
from whistle.domain.aggregates import HOMES, of_kind
from whistle.domain.correction import Told, state_after
from whistle.domain.history import HistoryRecorded
from whistle.domain.refusal import Broken, _
from whistle.domain.register import Entry, number_of
from whistle.domain.rulebook import STREAM as RULEBOOK
from whistle.domain.rulebook import CalendarAdopted, PlaybookAdopted, TownFounded
from whistle.log import sites
from whistle.log.faults import MISTYPED, RESTORE
from whistle.log.reader import SQLReader

_LINE = _("the register's line of {name} does not follow from its events")
_MISSING = _("the register has lost its line of {name}")
_EXTRA = _("the register has a line of {name}, which no event tells of")
_SERIES = _("the numbers given out do not follow from the names: {name}")
_IN_FORCE = _("the {name} in force is not the one that was adopted last")
_UNITS = _("the register counts {kept} events of {name}, and the record holds {proved}")


_ODD = _("the register holds a value that was never written there: {fault}")


class Lines(NamedTuple):
    """Lines of the register, by their streams: those after one, up to another."""

    after: str | None = None  # none: from the first on
    upto: str | None = None  # none: all that follow

    @property
    def where(self) -> tuple[str, list[str]]:
        """Which these are, as SQL and its values."""
        bounds = {"stream > ?": self.after, "stream <= ?": self.upto}
        wanted = {condition: end for condition, end in bounds.items() if end is not None}
        return " AND ".join(wanted) or "TRUE", list(wanted.values())


EVERY = Lines()


def prove(
    reader: SQLReader,
    unit_numbers: Mapping[str, int],
    proved: Iterable[str] | None = None,
) -> None:
    """Rebuild every line from its stream and compare; Broken names the first that differs.

    `unit_numbers` says how many events of each unit's record there are. `proved` are the units
    whose lines `prove_lines` found, where all lines were proved elsewhere.
    """
    with _telling_odd_values():
        _prove_in_force(reader)
        _prove_unit_series(reader, unit_numbers)
        registered = prove_lines(reader) if proved is None else {*proved}
        for code in reader.units().keys() - registered:
            raise _broken(_EXTRA, 0, name=code)
        _prove_none_missing(reader)
        _prove_series(reader)


@contextmanager
def _telling_odd_values() -> Iterator[None]:
    try:
        yield
    except (*MISTYPED, LookupError, AssertionError) as error:  # or an event of another stream
        raise _broken(_ODD, 0, fault=str(error)) from error


def _prove_unit_series(reader: SQLReader, unit_numbers: Mapping[str, int]) -> None:
    """Each unit's last number is how many events of its record were proved, and none is missing."""
    reader.cursor.execute("SELECT unit, last FROM unit_series")
    kept = dict(reader.cursor.fetchall())
    for unit in sorted({*kept, *unit_numbers}, key=str):
        if kept.get(unit, 0) != unit_numbers.get(unit, 0):
            raise _broken(
                _UNITS, 0, name=unit, kept=kept.get(unit, 0), proved=unit_numbers.get(unit, 0)
            )


def cut(reader: SQLReader, lines: int) -> list[Lines]:
    """The register cut into parts of so many lines."""
    cursor = reader.cursor
    cursor.execute("SELECT 1 FROM names WHERE stream IS NULL")
    if cursor.fetchall():  # put in by hand: it stands on neither side of any bound
        return [EVERY]
    cursor.execute(
        "SELECT stream FROM (SELECT stream, ROW_NUMBER() OVER (ORDER BY stream) AS nr FROM names) "
        "AS numbered WHERE nr > 1 AND nr % ? = ? ORDER BY stream",
        (lines, 1 % lines),
    )
    ends = [row[0] for row in cursor.fetchall()]
    return [Lines(*each) for each in zip([None, *ends], [*ends, None], strict=True)]


def prove_lines(reader: SQLReader, part: Lines = EVERY) -> set[str]:
    """Rebuild lines of the register from their streams and compare; the units among them."""
    with _telling_odd_values():
        return _prove_lines(reader, part)


def _prove_lines(reader: SQLReader, part: Lines) -> set[str]:
    cursor = reader.cursor
    cursor.execute("SELECT code, stream FROM units")
    streams = dict(cursor.fetchall())
    units = reader.units()  # before the next question: one cursor answers one at a time
    where, bounds = part.where
    found = reader.scan(
        "SELECT stream, kind, name, number, correlation_id, stage, due, item, place FROM names "
        f"WHERE {where} ORDER BY stream",
        *bounds,
    )
    registered = set()
    for stream, kind, *line in found:
        history = reader.stream(stream)
        rebuilt = rebuild(stream, of_kind(kind), history) if history else None
        if rebuilt is None or line != _line(rebuilt) or reader.called(stream) != rebuilt.calls:
            raise _broken(_LINE, history[-1].seq if history else 0, name=line[0] or stream)
        if sites.of_stream(cursor, stream) != rebuilt.site:
            raise _broken(_LINE, history[-1].seq, name=line[0])
        if (unit := rebuilt.unit) is not None:
            registered.add(unit.code)
            if units.get(unit.code) != unit or streams.get(unit.code) != stream:
                raise _broken(_LINE, history[-1].seq, name=unit.code)
    return registered


def _prove_none_missing(reader: SQLReader) -> None:
    """A stream without a line is of a kind that has none; imported ones never have one."""
    lineless = reader.scan(
        "SELECT stream, topic FROM record WHERE version = 1 AND topic <> ? "
        "AND NOT EXISTS (SELECT 1 FROM names n WHERE n.stream = record.stream) ORDER BY seq",
        HistoryRecorded.topic,
    )
    for stream, topic in lineless:
        kind = topic.partition(".")[0]
        if kind in HOMES:
            history = reader.stream(stream)
            if rebuild(stream, of_kind(kind), history) is not None:
                raise _broken(_MISSING, history[0].seq, name=stream)
    for table in ("calls", "sites"):
        reader.cursor.execute(
            f"SELECT stream FROM {table} WHERE stream NOT IN (SELECT stream FROM names)"
        )
        for (stream,) in reader.cursor.fetchall():
            raise _broken(_EXTRA, 0, name=stream)


def rebuild(stream: str, aggregate: Aggregate, history: list[Told]) -> Entry | None:
    """The register's line of a stream, from its events alone."""
    state = state_after(history, aggregate.start, aggregate.evolve)
    return aggregate.line(stream, state, aggregate.next_due(state))


def fill_sites(reader: SQLReader) -> None:
    """Make the lines of `sites` for every incident that is on record."""
    cursor = reader.cursor
    cursor.execute("SELECT stream FROM names WHERE kind = 'incident'")
    for (stream,) in cursor.fetchall():
        line = rebuild(stream, of_kind("incident"), reader.stream(stream))
        if line is not None and line.site is not None:
            sites.put(cursor, stream, line.site)


def _prove_series(reader: SQLReader) -> None:
    """The last number of each series is the highest that a name carries."""
    cursor = reader.cursor
    highest: dict[str, int] = {}
    for name, number in reader.scan("SELECT name, number FROM names WHERE kind <> 'unit'"):
        if name is not None:  # a draft has no name yet
            series = name.rpartition("-")[0]
            highest[series] = max(number, highest.get(series, 0))
    cursor.execute("SELECT series, last FROM series")
    if dict(cursor.fetchall()) != highest:
        raise _broken(_SERIES, 0, name=", ".join(highest))


def _prove_in_force(reader: SQLReader) -> None:
    """The playbook and calendar in force are the ones adopted last."""
    adopted: dict[str, tuple[str, msgspec.Struct]] = {}
    for told in reader.stream(RULEBOOK):
        match told.event:
            case TownFounded(code=code) as founded:
                adopted["town"] = code, founded
            case PlaybookAdopted(digest=digest, playbook=playbook):
                adopted["playbook"] = digest, playbook
            case CalendarAdopted(digest=digest, calendar=calendar):
                adopted["calendar"] = digest, calendar
            case _:
                pass
    for kind, (digest, body) in adopted.items():
        kept = reader.adopted(kind)
        if kept is None or kept[0] != digest or _decoded(kept[1], body) != body:
            raise _broken(_IN_FORCE, 0, name=kind)


def _decoded(body: bytes, like: msgspec.Struct) -> msgspec.Struct:
    return codec.read(msgspec.json.Decoder(type(like)), body)


def _line(rebuilt: Entry) -> list[object]:
    fields = msgspec.structs.asdict(rebuilt)
    line = [fields[key] for key in ("name", "correlation", "stage", "due", "item", "place")]
    return [line[0], number_of(rebuilt), *line[1:]]


def _broken(text: str, seq: int, **words: object) -> Broken:
    return Broken(text, rule="audit.register", hint=RESTORE, seq=seq, **words)

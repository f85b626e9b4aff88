"""Column maps as people write them: TOML that says which column of a table tells what.

A map names the row's id, incident and unit, the column of each kind of event, the attributes to
group by, the deadlines, and how times are written (see `whistle/maps`).
"""

from collections.abc import Callable
from typing import Final, NamedTuple, TypeVar, get_args

from whistle.domain.history import BadLine, DueMetric, Kind, check_attribute
from whistle.domain.refusal import NotFound, _
from whistle.foreign_file import DELIMITERS
from whistle.table_file import Column, is_encoding
from whistle.toml_faults import Fault, Faults, FaultyFile, Table, parse
from whistle.wall_clock import RFC3339, compiled, contradiction, zone_of

M = TypeVar("M")

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
METRICS: Final[tuple[DueMetric, ...]] = get_args(DueMetric)
FOUND_OUT: Final = "auto"


class FaultyMap(FaultyFile):
    """A map that cannot be used, with all its faults at once (rule `map.file`)."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(_("This map cannot be used:\n{faults}"), "map.file", faults)


class EventColumn(NamedTuple):
    """Where a kind of event has its time, and of which columns its id is made."""

    kind: Kind
    at: Column
    ids: tuple[Column, ...]


class TableMap(NamedTuple):
    """Which column of a table tells what."""

    source: str  # names the system; its ids are unique in it
    zone: str  # of the wall clock: an IANA name or +08:00
    forms: tuple[str, ...]  # of the times, tried in this order
    encoding: str  # empty: found out
    delimiter: str  # empty: found out
    incident: Column
    unit: Column | None  # none: the table tells reports only
    events: tuple[EventColumn, ...]
    attributes: dict[str, Column]  # by the name they get; of the unit's assignment
    dues: dict[DueMetric, Column]  # until when each metric had to be over

    def wanted(self) -> list[Column]:
        """Every column that the map names."""
        own = [self.incident, *([self.unit] if self.unit else [])]
        times = [column for event in self.events for column in (event.at, *event.ids)]
        return [*own, *times, *self.attributes.values(), *self.dues.values()]


def read_map(text: str) -> TableMap:
    """The map of a table that a TOML text describes. Raises what `map_of` raises."""
    return map_of(text, _map)


def map_of(text: str, read: Callable[[Table], M]) -> M:
    """What `read` makes of a TOML text. Raises FaultyMap with every fault it has."""
    faults = Faults(text)
    table = Table(faults, "", parse(text, FaultyMap))
    found = read(table)
    table.nothing_else()
    if faults.found:
        raise FaultyMap(faults.in_order())
    return found


def shipped(name: str) -> str:
    """The text of a map that comes with the program; NotFound names those that there are."""
    from whistle import maps

    try:
        return maps.text(name)
    except FileNotFoundError as error:
        raise NotFound(
            _("There is no map {name}: write a file that ends in .toml, or one of {names}."),
            name=name,
            names=", ".join(maps.names()),
        ) from error


def _map(table: Table) -> TableMap:
    row_id = tuple((column,) for column in table.one_or_more("id"))
    events = _events(table.table("events"), row_id)
    unit = table.one_or_more("unit", needed=any(event.kind != "reported" for event in events))
    return TableMap(
        source=table.text("source"),
        zone=zone_told(table),
        forms=forms_told(table),
        encoding=encoding_told(table),
        delimiter=delimiter_told(table),
        incident=table.one_or_more("incident"),
        unit=unit or None,
        events=events,
        attributes=_attributes(table.table("attributes")),
        dues=_dues(table.table("dues")),
    )


def _events(table: Table, row_id: tuple[Column, ...]) -> tuple[EventColumn, ...]:
    found = []
    for name in table.keys:
        inside = table.table(name)
        kind = next((each for each in KINDS if each == name), None)
        if kind is None:
            table.say(name, _("no kind of event; there are {kinds}"), kinds=", ".join(KINDS))
            continue
        at = inside.one_or_more("at")
        ids = tuple((column,) for column in inside.one_or_more("id", needed=False))
        inside.nothing_else()
        found.append(EventColumn(kind, at, ids or row_id))
    if not table.keys:
        text = _("missing; write [events.whistled] and at = the column that has its time")
        table.say("", text)
    return tuple(sorted(found, key=lambda event: KINDS.index(event.kind)))


def _attributes(table: Table) -> dict[str, Column]:
    found = {name: table.one_or_more(name) for name in table.keys}
    for name, column in found.items():
        try:
            for each in (name, *column):
                check_attribute(each)
        except BadLine as bad:
            table.say(name, bad.text, **bad.words)
    return found


def _dues(table: Table) -> dict[DueMetric, Column]:
    for name in set(table.keys) - set(METRICS):
        text = _("no metric with a deadline; there are {metrics}")
        table.say(name, text, metrics=", ".join(METRICS))
    return {name: table.one_or_more(name) for name in METRICS if name in table}


def zone_told(table: Table) -> str:
    """The zone that a map names, or a fault."""
    zone = table.text("zone")
    try:
        zone_of(zone or "UTC")
    except ValueError:
        text = _("no zone {zone}; write an offset like +08:00 or a name like Europe/London")
        table.say("zone", text, zone=zone)
    return zone


def delimiter_told(table: Table) -> str:
    """The sign between two cells that a map names; empty when it is to be found out."""
    delimiter = table.text("delimiter", FOUND_OUT)
    if delimiter not in (FOUND_OUT, *DELIMITERS):
        table.say("delimiter", _("not one of {allowed}"), allowed=", ".join(DELIMITERS))
    return DELIMITERS.get(delimiter, "")


def encoding_told(table: Table) -> str:
    """The encoding that a map names; empty when it is to be found out."""
    encoding = table.text("encoding", FOUND_OUT)
    if encoding == FOUND_OUT:
        return ""
    if not is_encoding(encoding):
        text = _("no encoding {encoding}; write utf-8, gb18030 or leave it out")
        table.say("encoding", text, encoding=encoding)
    return encoding


def forms_told(table: Table, *, needed: bool = True) -> tuple[str, ...]:
    """The forms of times that a map names, none of which contradicts another."""
    forms = table.one_or_more("formats", needed=needed)
    good = [form for form in forms if _is_form(table, form)]
    if not forms and "formats" in table:
        table.say("formats", _("empty; write at least one form of a time"))
    if clash := contradiction(good):
        text = _("{first} and {second} read the same text as two times; keep one of them")
        table.say("formats", text, first=clash[0], second=clash[1])
    return forms


def _is_form(table: Table, form: str) -> bool:
    try:
        if form != RFC3339:
            compiled(form)
    except ValueError as error:
        text = _(
            "{form} cannot be read at {fault}: write year, month and day, and a clock, "
            "with %Y %y %m %d %b %H %I %p %M %S %f, or rfc3339"
        )
        table.say("formats", text, form=form, fault=str(error))
        return False
    return True

"""Statements that answer nothing, made few: what one order writes goes to the server as one.

Several rows for a table become lists, a list a column, and the tables of a write the parts of one
statement, which the server plans once for each set of tables. The rules of who writes what stay
where they are: a statement is written once, for one row, as SQLite runs it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

from whistle.log.postgres_values import BIGINT, BYTEA, TEXT, Value, listed, packed, typed
from whistle.log.schema import RECORD, SITES, TABLES

Waiting = tuple[str, Sequence[object]]
"""A statement with `?` for each value, and the values."""
_INSERT: Final = re.compile(r"\s*INSERT INTO (\w+) VALUES \([?, ]+\)(.*)", re.DOTALL)
_HEAD: Final = re.compile(r"UPDATE (\w+) SET [\w =?,]+")
_KEY: Final = re.compile(r"ON CONFLICT \((.*?)\)")
_TABLE: Final = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+) \((.*)\)", re.DOTALL)
_TYPES: Final = {"INTEGER": BIGINT, "TEXT": TEXT, "BLOB": BYTEA}
_NAMES: Final = {BIGINT: "bigint", TEXT: "text", BYTEA: "bytea"}


class Form(NamedTuple):
    """How a statement stands beside others."""

    table: str
    types: tuple[int, ...]  # of its columns; none: its values stand one by one
    listing: str  # the statement for any number of rows, a list of values for each column
    key: tuple[int, ...]  # the columns by which a row is found again
    whole: bool  # whether a row that comes later takes the whole place of one with its key

    def lists(self, rows: list[Sequence[object]]) -> list[Value]:
        """The values of several rows, a list for each column."""
        return [listed(*each) for each in zip(self.types, zip(*rows, strict=True), strict=True)]


class Group:
    """Statements that nobody can tell apart from one: a table each, and no row met twice."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[Form, list[Sequence[object]]]] = {}
        self._tables: set[str] = set()
        self._keys: dict[tuple[object, ...], int] = {}

    def takes(self, statement: str, form: Form, row: Sequence[object]) -> bool:
        """Take a row, unless it has to come after what is here."""
        if statement in self._rows:
            rows = self._rows[statement][1]
        elif form.table in self._tables:
            return False
        else:
            rows = list[Sequence[object]]()
        if form.whole or form.key:
            key = (form.table, *[row[at] for at in form.key])
            at = self._keys.setdefault(key, len(rows))
            if at < len(rows):
                if form.whole:
                    rows[at] = row
                return form.whole
        rows.append(row)
        self._tables.add(form.table)
        self._rows[statement] = form, rows
        return True

    def merged(self) -> tuple[str, list[Value]]:
        """The one statement, and its values; a row that is alone stands as it was given."""
        parts, values = list[str](), list[Value]()
        for statement, (form, rows) in self._rows.items():
            if len(rows) == 1:
                parts.append(statement)
                values += packed(rows[0])
            else:
                parts.append(form.listing)
                values += form.lists(rows)
        return _merged(tuple(parts)), values


def merged(waiting: Iterable[Waiting]) -> Iterator[tuple[str, tuple[int, ...], list[Value]]]:
    """What waits as few statements, each with its values and their types, in an order as good."""
    group: Group | None = None
    for statement, row in waiting:
        form = _form(statement)
        if group is not None and form is not None and group.takes(statement, form, row):
            continue
        if group is not None:
            yield _told(group)
            group = None
        if form is None:
            types, values = typed(row)
            yield numbered(statement), types, values
        else:
            group = Group()
            group.takes(statement, form, row)
    if group is not None:
        yield _told(group)


def _told(group: Group) -> tuple[str, tuple[int, ...], list[Value]]:
    statement, values = group.merged()
    return statement, (), values


@cache
def numbered(statement: str) -> str:
    """The statement with the server's own mark for each value."""
    parts = statement.split("?")
    marks = (f"${at}{part}" for at, part in enumerate(parts[1:], 1))
    return parts[0] + "".join(marks)


@cache
def _merged(parts: tuple[str, ...]) -> str:
    if len(parts) == 1:
        return numbered(parts[0])
    named = (f"part{at} AS ({part})" for at, part in enumerate(parts))
    return numbered(f"WITH {', '.join(named)} SELECT")


@cache
def _form(statement: str) -> Form | None:
    if found := _INSERT.fullmatch(statement):
        names, types = _columns()[found[1]]
        key = _KEY.search(found[2])
        wanted = key[1].split(", ") if key else ()
        lists = ", ".join(f"?::{_NAMES[kind]}[]" for kind in types)
        listing = f"INSERT INTO {found[1]} SELECT * FROM unnest({lists}){found[2]}"
        whole = [f"{name} = excluded.{name}" for name in names if name not in wanted]
        replaced = bool(key) and sorted(whole) == sorted(re.findall(r"\w+ = [\w.]+", found[2]))
        return Form(found[1], types, listing, tuple(map(names.index, wanted)), replaced)
    if found := _HEAD.fullmatch(statement):
        return Form(found[1], (), "", (), whole=True)  # the head: the last is how it stands
    return None


@cache
def _columns() -> dict[str, tuple[list[str], tuple[int, ...]]]:
    """The columns of each table of the record, by name and by type."""
    tables = {}
    for made in filter(None, map(_TABLE.search, (*RECORD, *TABLES, *SITES))):
        words = [each.split() for each in re.sub(r"\([^()]*\)", "", made[2]).split(",")]
        columns = [each for each in words if each[0] not in ("UNIQUE", "PRIMARY")]
        types = tuple(_TYPES[each[1]] for each in columns)
        tables[made[1]] = [each[0] for each in columns], types
    return tables

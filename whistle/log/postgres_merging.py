"""Statements that answer nothing, made few: what one order writes goes to the server as one.

Rows for a table become lists, a list a column, and the tables of a write the parts of one
statement, which the server plans once for each set of tables. The rules of who writes what stay
where they are: a statement is written once, for one row, as SQLite runs it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

from whistle.log.postgres_values import BIGINT, BYTEA, TEXT, Value, listed, typed
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
    rest: str  # what follows the rows
    key: tuple[int, ...]  # the columns by which a row is found again

    def sql(self, statement: str, first: int) -> str:
        """The statement, its values numbered from one on."""
        if not self.types:
            return numbered(statement, first)
        lists = (f"${at}::{_NAMES[kind]}[]" for at, kind in enumerate(self.types, first))
        return f"INSERT INTO {self.table} SELECT * FROM unnest({', '.join(lists)}){self.rest}"

    def values(self, rows: list[Sequence[object]]) -> list[Value]:
        """The values, a list for each column."""
        if not self.types:
            return typed(rows[0])[1]
        return [listed(*each) for each in zip(self.types, zip(*rows, strict=True), strict=True)]


class Group:
    """Statements that nobody can tell apart from one: a table each, and no row met twice."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, Form], list[Sequence[object]]] = {}
        self._tables: set[str] = set()
        self._keys: set[tuple[object, ...]] = set()

    def takes(self, statement: str, form: Form, row: Sequence[object]) -> bool:
        """Take a row, unless it has to come after what is here."""
        rows = self._rows.get((statement, form))
        if rows is None:
            if form.table in self._tables:
                return False
        elif not form.types:
            return False
        key = (form.table, *(row[at] for at in form.key))
        if form.key and key in self._keys:
            return False
        self._keys.add(key)
        self._tables.add(form.table)
        self._rows.setdefault((statement, form), []).append(row)
        return True

    def merged(self) -> tuple[str, list[Value]]:
        """The one statement, and its values."""
        values = [v for (_, form), rows in self._rows.items() for v in form.values(rows)]
        return _merged(tuple(self._rows)), values


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
def numbered(statement: str, first: int = 1) -> str:
    """The statement with the server's own mark for each value."""
    parts = statement.split("?")
    marks = (f"${at}{part}" for at, part in enumerate(parts[1:], first))
    return parts[0] + "".join(marks)


@cache
def _merged(statements: tuple[tuple[str, Form], ...]) -> str:
    parts, first = [], 1
    for statement, form in statements:
        parts.append(form.sql(statement, first))
        first += len(form.types) or statement.count("?")
    if len(parts) == 1:
        return parts[0]
    named = (f"part{at} AS ({part})" for at, part in enumerate(parts))
    return f"WITH {', '.join(named)} SELECT"


@cache
def _form(statement: str) -> Form | None:
    if found := _INSERT.fullmatch(statement):
        names, types = _columns()[found[1]]
        key = _KEY.search(found[2])
        wanted = key[1].split(", ") if key else ()
        return Form(found[1], types, found[2], tuple(map(names.index, wanted)))
    if found := _HEAD.fullmatch(statement):
        return Form(found[1], (), "", ())
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

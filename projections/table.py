"""The tables of a view: frozen rows, a column a field, read and written many at a time."""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from types import UnionType
from typing import Any, Final, Generic, TypeVar, Union, get_args, get_origin

import msgspec
import sqlalchemy as sa
from msgspec.structs import astuple

_encoder = msgspec.json.Encoder()  # keeps the order of keys: calls stand as they were summoned
_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")  # compared byte by byte
_BOOLEAN = sa.Boolean()
_SCALARS: dict[Any, sa.types.TypeEngine[Any]] = {
    int: sa.BigInteger(),
    str: _TEXT,
    bool: _BOOLEAN,
}
COPY_MIN: Final = 200  # rows from which on COPY is quicker than statements

_EMPTY: Final[dict[type, str]] = {tuple: "[]", dict: "{}"}  # most of what is no scalar is empty

Key = tuple[Any, ...]
Values = tuple[Any, ...]
"""A row as its columns hold it."""


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row of a view; the case decides what is loaded, parked and corrected together."""

    case_id: str


R = TypeVar("R", bound=Row)


class Table(Generic[R]):
    """A table of a view, with a column per field of its row; what is no scalar is JSON text."""

    def __init__(self, name: str, row: type[R], *key: str) -> None:
        self.name = name
        self.row = row
        self.key = ("case_id", *key)
        self.key_of = _key_of(key)
        fields = msgspec.structs.fields(row)
        self._columns = {field.name: _column(field.type) for field in fields}
        self._decoders = {
            field.name: msgspec.json.Decoder(field.type)
            for field in fields
            if self._columns[field.name] is None
        }
        self._json = [i for i, name in enumerate(self._columns) if name in self._decoders]
        self._flags = {i for i, kind in enumerate(self._columns.values()) if kind is _BOOLEAN}
        self._named: dict[str, sa.Table] = {}
        self._statements: dict[tuple[str, str, bool], str] = {}

    def sql(self, suffix: str = "") -> sa.Table:
        """The table for statements; a suffix names its twin that is built beside it."""
        if suffix not in self._named:
            columns = [
                sa.Column(name, kind or _TEXT, primary_key=name in self.key)
                for name, kind in self._columns.items()
            ]
            self._named[suffix] = sa.Table(
                self.name + suffix, sa.MetaData(), *columns, sqlite_with_rowid=False
            )
        return self._named[suffix]

    @property
    def c(self) -> sa.ColumnCollection[str, sa.Column[Any]]:
        """The columns, for a view's own queries."""
        return self.sql().c

    @property
    def columns(self) -> tuple[str, ...]:
        """Their names, in order."""
        return tuple(self._columns)

    @property
    def shape(self) -> str:
        """What the table looks like, so that a view of another shape is told apart."""
        return f"{self.name}{self.key}{msgspec.structs.fields(self.row)}"

    @property
    def named(self) -> bytes:
        """Its name, as a line of JSON."""
        return _encoder.encode(self.name) + b"\n"

    def values(self, rows: Iterable[R]) -> list[Values]:
        """Rows as their columns hold them, in their order."""
        found = map(astuple, rows)
        if not self._json:
            return list(found)
        made = []
        for row in found:
            values = list(row)
            for place in self._json:
                values[place] = _text(values[place])
            made.append(tuple(values))
        return made

    def plain(self, rows: Sequence[Values]) -> Sequence[Values]:
        """Rows as every driver gives them back when it is asked for numbers: what is true is 1."""
        if not self._flags:
            return rows
        flags = self._flags
        return [
            tuple(
                int(value) if nr in flags and value is not None else value
                for nr, value in enumerate(row)
            )
            for row in rows
        ]

    def read(self, rows: Iterable[Any]) -> list[R]:
        """Rows of a SELECT of all columns."""
        found = []
        for row in rows:
            values = dict(row._mapping)
            for name, decoder in self._decoders.items():
                values[name] = decoder.decode(values[name])
            found.append(self.row(**values))
        return found

    def select(self, tx: sa.Connection, *where: sa.ColumnElement[bool]) -> list[R]:
        """The rows that meet every condition."""
        return self.read(tx.execute(sa.select(self.sql()).where(*where)))

    def upsert(self, tx: sa.Connection, suffix: str, values: Sequence[Values]) -> None:
        """Write rows, new or changed, with one statement; many go to PostgreSQL by COPY."""
        if tx.dialect.name == "postgresql" and len(values) >= COPY_MIN:
            self._copy_over(tx, suffix, values)
        else:
            self._execute(tx, self._statement(tx.dialect, suffix, new=False), values)

    def insert(self, tx: sa.Connection, suffix: str, values: Sequence[Values]) -> None:
        """Write rows none of which is there yet."""
        if tx.dialect.name == "postgresql" and len(values) >= COPY_MIN:
            self._copy(tx, self.name + suffix, values)
        elif values:
            self._execute(tx, self._statement(tx.dialect, suffix, new=True), values)

    def _execute(self, tx: sa.Connection, statement: str, values: Sequence[Values]) -> None:
        """Straight to the driver, at twice the speed."""
        if tx.dialect.positional:
            tx.exec_driver_sql(statement, list(values))
        else:
            named = [dict(zip(self._columns, each, strict=True)) for each in values]
            tx.exec_driver_sql(statement, named)

    def _statement(self, dialect: sa.Dialect, suffix: str, *, new: bool) -> str:
        known = (dialect.name, suffix, new)
        if known not in self._statements:
            wanted = sa.insert(self.sql(suffix)) if new else self._upsert(dialect.name, suffix)
            self._statements[known] = str(wanted.compile(dialect=dialect))
        return self._statements[known]

    @property
    def _listed(self) -> str:
        return ", ".join(f'"{name}"' for name in self._columns)

    def _copy(self, tx: sa.Connection, target: str, values: Sequence[Values]) -> None:
        raw: Any = tx.connection.driver_connection
        into = f"COPY {target} ({self._listed}) FROM STDIN"
        with raw.cursor() as cursor, cursor.copy(into) as copy:
            for row in values:
                copy.write_row(row)

    def _copy_over(self, tx: sa.Connection, suffix: str, values: Sequence[Values]) -> None:
        """COPY knows no rows that are there already: by way of a table of this connection."""
        target, way = self.name + suffix, f"copied_{self.name}"
        tx.exec_driver_sql(
            f"CREATE TEMP TABLE IF NOT EXISTS {way} (LIKE {target}) ON COMMIT DELETE ROWS"
        )
        self._copy(tx, way, values)
        changed = [name for name in self._columns if name not in self.key]
        known = ", ".join(f'"{name}" = excluded."{name}"' for name in changed)
        tx.exec_driver_sql(
            f"INSERT INTO {target} ({self._listed}) SELECT {self._listed} FROM {way} "  # noqa: S608 - our own names
            f"ON CONFLICT ({', '.join(self.key)}) DO "
            + (f"UPDATE SET {known}" if changed else "NOTHING")
        )

    def _upsert(self, dialect: str, suffix: str) -> Any:
        statement: Any = _insert(dialect)(self.sql(suffix))
        changed = {name: statement.excluded[name] for name in self._columns if name not in self.key}
        if not changed:
            return statement.on_conflict_do_nothing()
        return statement.on_conflict_do_update(index_elements=self.key, set_=changed)


def _insert(dialect: str) -> Callable[[sa.Table], Any]:
    """The INSERT that may be an upsert; the dialect that is not used costs a desk a tenth."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert
    from sqlalchemy.dialects import sqlite

    return sqlite.insert


def _key_of(names: Sequence[str]) -> Callable[[Any], Key]:
    """The key of a row within its view."""
    get = attrgetter(*names)
    return get if len(names) > 1 else lambda row: (get(row),)


def _column(kind: Any) -> "sa.types.TypeEngine[Any] | None":
    """The column's type, or None for what is kept as JSON text."""
    parts = [part for part in get_args(kind) if part is not type(None)] if is_union(kind) else []
    return _SCALARS.get(parts[0] if len(parts) == 1 else kind)


def _text(value: Any) -> str:
    """What is no scalar, as it is kept."""
    empty = _EMPTY.get(type(value)) if not value else None
    return empty or _encoder.encode(value).decode()


def is_union(kind: Any) -> bool:
    """Whether a type is one of several."""
    return get_origin(kind) in (Union, UnionType)

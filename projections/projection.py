"""What every view is made of: tables of frozen rows, and one small handler per event.

A handler works on rows held in memory for a batch, and touches only rows of its own case (an
incident with all its whistles; an imported incident). So a case can be loaded in bulk, parked when
one of its events cannot be taken, and folded anew when one of them is corrected.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from operator import attrgetter
from types import UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from whistle.domain.message import Event
from whistle.log.rows import Recorded

_encoder = msgspec.json.Encoder()  # keeps the order of keys: calls stand as they were summoned
_SCALARS: dict[Any, sa.types.TypeEngine[Any]] = {
    int: sa.BigInteger(),
    str: sa.Text(),
    bool: sa.Boolean(),
}

Key = tuple[Any, ...]
Handler = Callable[["Rows", Recorded, Any], None]
AnyHandler = TypeVar("AnyHandler", bound=Callable[..., None])


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
        self._key_of = attrgetter(*key)
        self._single = len(key) == 1
        fields = msgspec.structs.fields(row)
        self._columns = {field.name: _column(field.type) for field in fields}
        self._decoders = {
            field.name: msgspec.json.Decoder(field.type)
            for field in fields
            if self._columns[field.name] is None
        }
        self._fields_of = attrgetter(*self._columns)
        self._json = [i for i, name in enumerate(self._columns) if name in self._decoders]
        self._named: dict[str, sa.Table] = {}

    def sql(self, suffix: str = "") -> sa.Table:
        """The table for statements; a suffix names its twin that is built beside it."""
        if suffix not in self._named:
            columns = [
                sa.Column(name, kind or sa.Text(), primary_key=name in self.key)
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
    def shape(self) -> str:
        """What the table looks like, so that a view of another shape is told apart."""
        return f"{self.name}{self.key}{msgspec.structs.fields(self.row)}"

    def key_of(self, row: R) -> Key:
        """The key of a row within its view."""
        key = self._key_of(row)
        return (key,) if self._single else key

    def values(self, row: R) -> list[Any]:
        """A row as its columns hold it, in their order."""
        values = list(self._fields_of(row))
        for place in self._json:
            values[place] = _encoder.encode(values[place]).decode()
        return values

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

    def upsert(self, tx: sa.Connection, suffix: str, rows: list[R]) -> None:
        """Write rows, new or changed, with one statement."""
        statement = self._upsert(tx.dialect.name, suffix)
        compiled = statement.compile(dialect=tx.dialect)
        values = map(self.values, rows)
        if tx.dialect.positional:  # straight to the driver, at twice the speed
            tx.exec_driver_sql(str(compiled), [tuple(each) for each in values])
        else:
            tx.execute(statement, [dict(zip(self._columns, each, strict=True)) for each in values])

    def _upsert(self, dialect: str, suffix: str) -> Any:
        insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
        statement: Any = insert(self.sql(suffix))
        changed = {name: statement.excluded[name] for name in self._columns if name not in self.key}
        if not changed:
            return statement.on_conflict_do_nothing()
        return statement.on_conflict_do_update(index_elements=self.key, set_=changed)


def _column(kind: Any) -> "sa.types.TypeEngine[Any] | None":
    """The column's type, or None for what is kept as JSON text."""
    parts = [part for part in get_args(kind) if part is not type(None)] if _is_union(kind) else []
    return _SCALARS.get(parts[0] if len(parts) == 1 else kind)


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType)


class Rows:
    """The rows of one view in memory: loaded by case, changed by handlers, written at the end."""

    def __init__(self, load: Callable[[Iterable[str]], dict[Table[Any], list[Any]]]) -> None:
        self._load = load
        self._cases: set[str] | None = set()
        self._held: dict[Table[Any], dict[Key, Any]] = defaultdict(dict)
        self._dirty: dict[Table[Any], dict[Key, str]] = defaultdict(dict)
        self._undo: list[tuple[Table[Any], Key, Any]] = []
        self._of_case: dict[str, set[tuple[Table[Any], Key]]] | None = None
        self.case_id = ""

    def __len__(self) -> int:
        return sum(map(len, self._held.values()))

    def all_held(self) -> None:
        """Every row that exists is here: nothing need be looked up in the store."""
        self._cases = None

    def expect(self, cases: set[str]) -> None:
        """Load the rows of the cases that a batch will touch, if they are not here yet."""
        if self._cases is None or not (missing := cases - self._cases):
            return
        for table, rows in self._load(missing).items():
            self._held[table].update((table.key_of(row), row) for row in rows)
        self._cases |= missing
        self._of_case = None  # it is made anew when it is needed

    def begin(self, case_id: str) -> None:
        """What follows belongs to an event of this case, and can be undone as one."""
        self.case_id = case_id
        self._undo.clear()

    def undo(self) -> None:
        """Take back what was done since `begin`."""
        for table, key, old in reversed(self._undo):
            if old is None:
                self._held[table].pop(key, None)
            else:
                self._held[table][key] = old
        self._undo.clear()
        self._of_case = None

    def get(self, table: Table[R], *key: Any) -> R | None:
        """The row, if there is one."""
        row: R | None = self._held[table].get(key)
        return row

    def need(self, table: Table[R], *key: Any) -> R:
        """The row; LookupError when there is none, which parks the case."""
        row = self.get(table, *key)
        if row is None:
            raise LookupError(f"{table.name} has no row {key}")
        return row

    def put(self, table: Table[R], row: R) -> None:
        """Keep a row, new or changed."""
        key = table.key_of(row)
        held = self._held[table]
        self._undo.append((table, key, held.get(key)))
        held[key] = row
        self._dirty[table][key] = row.case_id
        if self._of_case is not None:
            self._of_case.setdefault(row.case_id, set()).add((table, key))

    def change(self, table: Table[R], *key: Any, **changes: Any) -> None:
        """Change some fields of a row that must be there."""
        self.put(table, msgspec.structs.replace(self.need(table, *key), **changes))

    def delete(self, table: Table[R], *key: Any) -> None:
        """Drop a row, if there is one."""
        held = self._held[table]
        if key in held:
            self._undo.append((table, key, held[key]))
            self._dirty[table][key] = held.pop(key).case_id

    def changed(self, table: Table[R]) -> list[R]:
        """The rows of a table that are changed and not written yet."""
        held = self._held[table]
        return [held[key] for key in self._dirty[table] if key in held]

    def forget(self, case_id: str) -> None:
        """Drop every row of a case."""
        if self._of_case is None:  # from now on kept by `put`, for the next one
            self._of_case = {}
            for table, held in self._held.items():
                for key, row in held.items():
                    self._of_case.setdefault(row.case_id, set()).add((table, key))
        for table, key in self._of_case.pop(case_id, ()):
            self.delete(table, *key)

    def write(self, tx: sa.Connection, suffix: str) -> None:
        """Write what changed: one upsert and one delete for each table."""
        for table, dirty in self._dirty.items():
            held = self._held[table]
            if changed := [held[key] for key in dirty if key in held]:
                table.upsert(tx, suffix, changed)
            if gone := [(case, *key) for key, case in dirty.items() if key not in held]:
                sql = table.sql(suffix)
                same = [sql.c[name] == sa.bindparam(f"gone_{name}") for name in table.key]
                names = [f"gone_{name}" for name in table.key]
                keys = [dict(zip(names, key, strict=True)) for key in gone]
                tx.execute(sa.delete(sql).where(*same), keys)

    def written(self) -> None:
        """What was changed is in the store now."""
        self._dirty.clear()


class Projection:
    """A view: its tables, and what each event does to their rows.

    `version` is raised when a handler changes its mind; a view of another version is made anew.
    A `whole` view shows what was taken back too.
    """

    def __init__(
        self, name: str, *tables: Table[Any], version: int = 1, whole: bool = False
    ) -> None:
        self.whole = whole
        self.name = name
        self.tables = tables
        self.version = version
        self.handlers: dict[type[Event], Handler] = {}
        self.follows: tuple[Table[Any], Callable[[Rows, Any], None]] | None = None

    def after_batch(
        self, table: Table[R]
    ) -> Callable[[Callable[[Rows, R], None]], Callable[[Rows, R], None]]:
        """Register what follows from a row of a table once a batch of events has changed it.

        It is computed once however many events the batch had, and must follow from the row alone.
        """

        def register(follower: Callable[[Rows, R], None]) -> Callable[[Rows, R], None]:
            self.follows = (table, follower)
            return follower

        return register

    def when(self, handler: AnyHandler) -> AnyHandler:
        """Register a handler for the event (or union of events) that its annotation names."""
        *_told, kind = (k for name, k in handler.__annotations__.items() if name != "return")
        for each in get_args(kind) if _is_union(kind) else (kind,):
            if each in self.handlers:
                raise TypeError(f"{self.name} handles {each.__name__} twice")
            self.handlers[each] = handler
        return handler

    @property
    def events(self) -> frozenset[type[Event]]:
        """The events that this view shows."""
        return frozenset(self.handlers)

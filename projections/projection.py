"""What every view is made of: tables of frozen rows, and one small handler per event.

A handler works on rows held in memory for a batch, and touches only rows of its own case (an
incident with all its whistles; an imported incident). So a case can be loaded in bulk, parked when
one of its events cannot be taken, and folded anew when one of them is corrected.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, get_args

import msgspec
import sqlalchemy as sa

from projections.table import Key, R, is_union
from projections.table import Row as Row
from projections.table import Table as Table
from whistle.domain.message import Event
from whistle.log.rows import Recorded

Handler = Callable[["Rows", Recorded, Any], None]
AnyHandler = TypeVar("AnyHandler", bound=Callable[..., None])


class Rows:
    """The rows of one view in memory: loaded by case, changed by handlers, written at the end."""

    def __init__(self, load: Callable[[Iterable[str]], dict[Table[Any], list[Any]]]) -> None:
        self._load = load
        self._cases: set[str] | None = set()
        self._held: dict[Table[Any], dict[Key, Any]] = defaultdict(dict)
        self._dirty: dict[Table[Any], dict[Key, str]] = defaultdict(dict)
        self._undo: list[tuple[dict[Key, Any], Key, Any]] = []
        self._of_case: dict[str, set[tuple[Table[Any], Key]]] | None = None
        self.case_id = ""

    def __len__(self) -> int:
        return sum(map(len, self._held.values()))

    @property
    def whole(self) -> bool:
        """Whether every row that exists is here."""
        return self._cases is None

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
        for held, key, old in reversed(self._undo):
            if old is None:
                held.pop(key, None)
            else:
                held[key] = old
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
        self._undo.append((held, key, held.get(key)))
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
            self._undo.append((held, key, held[key]))
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

    def made(self, table: Table[Any]) -> list[Sequence[Any]]:
        """What a table is to hold where nothing was held before, in the order of its cases."""
        held = self._held[table]
        changed = sorted((case, key) for key, case in self._dirty[table].items() if key in held)
        return table.values(held[key] for _, key in changed)

    def write(self, tx: sa.Connection, suffix: str) -> None:
        """Write what changed: one upsert and one delete for each table."""
        for table, dirty in self._dirty.items():
            held = self._held[table]
            if rows := self.made(table):
                table.upsert(tx, suffix, rows)
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
        for each in get_args(kind) if is_union(kind) else (kind,):
            if each in self.handlers:
                raise TypeError(f"{self.name} handles {each.__name__} twice")
            self.handlers[each] = handler
        return handler

    @property
    def shape(self) -> str:
        """The digest of its code's version and of its tables."""
        tables = "".join(table.shape for table in self.tables)
        return hashlib.sha256(f"{self.version}{tables}".encode()).hexdigest()

    @property
    def events(self) -> frozenset[type[Event]]:
        """The events that this view shows."""
        return frozenset(self.handlers)

"""The rows of a view in memory, as its handlers see and change them."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from projections.table import Key, R, Table


class Rows:
    """The rows that a case has come to so far, where nothing was before."""

    def __init__(self) -> None:
        self._held: dict[Table[Any], dict[Key, Any]] = defaultdict(dict)
        self.case_id = ""

    def begin(self, case_id: str) -> None:
        """What follows belongs to this case."""
        self.case_id = case_id

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
        self._held[table][table.key_of(row)] = row

    def change(self, table: Table[R], *key: Any, **changes: Any) -> None:
        """Change some fields of a row that must be there."""
        self.put(table, msgspec.structs.replace(self.need(table, *key), **changes))

    def delete(self, table: Table[R], *key: Any) -> None:
        """Drop a row, if there is one."""
        self._held[table].pop(key, None)

    def changed(self, table: Table[R]) -> list[R]:
        """The rows of a table that are not written yet."""
        return list(self._held[table].values())

    def taken(self, table: Table[R]) -> list[R]:
        """The rows of a table in the order of their keys; they are let go."""
        if held := self._held.get(table):
            found = [held[key] for key in sorted(held)] if len(held) > 1 else [*held.values()]
            held.clear()
            return found
        return []


class Held(Rows):
    """Rows of a view that lies in a store: loaded by case, and written when they were changed.

    What an event has done to them can be undone.
    """

    def __init__(self, load: Callable[[Iterable[str]], dict[Table[Any], list[Any]]]) -> None:
        super().__init__()
        self._load = load
        self._cases: set[str] | None = set()
        self._dirty: dict[Table[Any], dict[Key, str]] = defaultdict(dict)
        self._undo: list[tuple[dict[Key, Any], Key, Any]] = []
        self._of_case: dict[str, set[tuple[Table[Any], Key]]] | None = None

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
        super().begin(case_id)
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

    def put(self, table: Table[R], row: R) -> None:
        """Keep a row, new or changed."""
        key = table.key_of(row)
        held = self._held[table]
        self._undo.append((held, key, held.get(key)))
        held[key] = row
        self._dirty[table][key] = row.case_id
        if self._of_case is not None:
            self._of_case.setdefault(row.case_id, set()).add((table, key))

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

    def made(self, table: Table[R]) -> list[R]:
        """The changed rows of a table, in the order of their cases and keys."""
        held = self._held[table]
        changed = sorted((case, key) for key, case in self._dirty[table].items() if key in held)
        return [held[key] for _, key in changed]

    def write(self, tx: sa.Connection, suffix: str) -> None:
        """Write what changed: one upsert and one delete for each table."""
        for table, dirty in self._dirty.items():
            held = self._held[table]
            if rows := self.made(table):
                table.upsert(tx, suffix, table.values(rows))
            if gone := [(case, *key) for key, case in dirty.items() if key not in held]:
                sql = table.sql(suffix)
                same = [sql.c[name] == sa.bindparam(f"gone_{name}") for name in table.key]
                names = [f"gone_{name}" for name in table.key]
                keys = [dict(zip(names, key, strict=True)) for key in gone]
                tx.execute(sa.delete(sql).where(*same), keys)

    def written(self) -> None:
        """What was changed is in the store now."""
        self._dirty.clear()

"""The views' own store beside the log: made from it at any time, so it may be thrown away.

It is stamped with the log's store id and epoch. Each view has its position in the log, the
digest of its code's shape, and a generation that changes when it is swapped for a rebuilt one.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any, NamedTuple, Protocol

import msgspec
import sqlalchemy as sa

from projections.projection import Projection, Table
from projections.room import Room
from projections.rows import Held
from projections.table import Values
from whistle.log.rows import Identity

BESIDE = "_beside"
"""What is added to the names of a view, and of its tables, while they are made anew."""

LAYOUT = 1  # of the tables below
_MARKS_MAX = 500  # values in one IN list

_metadata = sa.MetaData()
_stamp = sa.Table(
    "stamp",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("store_id", sa.Text, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("layout", sa.Integer, nullable=False),
)
_places = sa.Table(
    "places",
    _metadata,
    sa.Column("view", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("generation", sa.BigInteger, nullable=False),
    sa.Column("shape", sa.Text, nullable=False),
)
_parked = sa.Table(
    "parked",
    _metadata,
    sa.Column("view", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
)


class Place(NamedTuple):
    """How far a view has followed, and which of its generations this is."""

    position: int
    generation: int


class Parked(msgspec.Struct, frozen=True):
    """An event that a view could not take, or that follows one in the same case."""

    seq: int
    case_id: str
    because: str


class Batch(Protocol):
    """What a view made of some events, to be written whole."""

    rows: Held
    freed: set[str]  # cases that were folded anew: what was parked of them is forgotten
    untaken: list[Parked]


class ViewStore:
    """Where the views of one log are kept."""

    def __init__(self, room: Room, identity: Identity) -> None:
        """Open the views that lie in a room; another log's, or unreadable ones, are begun anew."""
        self._room = room
        self._identity = identity
        self._held: sa.Connection | None = None
        with ExitStack() as otherwise:
            otherwise.callback(room.close)
            if not self._is_ours():
                self.begin_anew()
            otherwise.pop_all()

    @property
    def kept(self) -> bool:
        """Whether what is folded is there for the next reader."""
        return self._room.kept

    def _is_ours(self) -> bool:
        try:
            with self.reading() as tx:
                known = sa.inspect(tx).has_table("stamp")
                stamped = tx.execute(sa.select(_stamp)).first() if known else None
        except sa.exc.DatabaseError as error:
            if self._room.damaged(error):
                return False
            raise
        ours = (self._identity.store_id, self._identity.epoch, LAYOUT)
        return stamped is not None and tuple(stamped)[1:] == ours

    def damaged(self, error: sa.exc.DatabaseError) -> bool:
        """Whether views are not as they were written; busy, full, forbidden are other errors."""
        return self._room.damaged(error)

    def begin_anew(self, *, damaged: bool = False) -> None:
        """Throw away what is there, unless it is sound and this log's after all."""
        with self.locked():
            if not damaged and self._is_ours():  # another reader was quicker
                return
            self._room.clear()
            of = {"store_id": self._identity.store_id, "epoch": self._identity.epoch}
            stamp = sa.insert(_stamp).values(id=1, **of, layout=LAYOUT)
            with self.writing() as tx:
                _metadata.create_all(tx)
                tx.execute(stamp)

    def locked(self) -> AbstractContextManager[None]:
        """The lock for what replaces views whole."""
        return self._room.locked()

    @contextmanager
    def holding(self) -> Iterator[None]:
        """All that is read and written meanwhile is one write, which holds the lock."""
        with self.writing() as tx:
            self._held = tx
            try:
                yield
            finally:
                self._held = None

    def reading(
        self, view: Projection | None = None, *suffixes: str
    ) -> AbstractContextManager[sa.Connection]:
        """A consistent view of all views at one moment.

        Who reads the rows of a view names it, so that its tables stay in their places meanwhile.
        """
        if self._held is not None:
            return nullcontext(self._held)
        tables = view.tables if view is not None else ()
        return self._room.reading(
            [each.name + suffix for suffix in suffixes or ("",) for each in tables]
        )

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A write, which holds the lock from its beginning."""
        return nullcontext(self._held) if self._held is not None else self._room.writing()

    def place(self, view: Projection, suffix: str = "") -> Place:
        """Where the view stands; one that is not there, or of another shape, starts at 0."""
        with self.reading() as tx:
            found = _found(tx, view.name + suffix)
        if found is None or found.shape != view.shape:
            self._begin(view, suffix, lambda known: known is None or known.shape != view.shape)
            return self.place(view, suffix)
        return Place(found.position, found.generation)

    def position(self, name: str, tx: sa.Connection | None = None) -> int:
        """How far a view of this name has followed; 0 when nobody has read it yet.

        With a transaction, how far as that one sees it.
        """
        with self.reading() if tx is None else nullcontext(tx) as seen:
            found = _found(seen, name)
        return found.position if found else 0

    def discard(self, view: Projection, suffix: str = "", stood: int | None = None) -> None:
        """Empty a view, to follow from the beginning; with `stood`, if it still stands there."""
        self._begin(view, suffix, lambda known: stood in (None, known and known.position))

    def _begin(self, view: Projection, suffix: str, wanted: Callable[[Any], bool]) -> None:
        name = view.name + suffix
        with self.writing() as tx:
            found = _found(tx, name)
            if not wanted(found):
                return
            generation = found.generation + 1 if found else 1
            for table in view.tables:
                table.sql(suffix).drop(tx, checkfirst=True)
                table.sql(suffix).create(tx)
            _forget(tx, name)
            new = {"view": name, "position": 0, "generation": generation, "shape": view.shape}
            tx.execute(sa.insert(_places).values(new))

    def load(
        self, view: Projection, suffix: str, cases: Iterable[str]
    ) -> dict[Table[Any], list[Any]]:
        """Every row of some cases."""
        wanted, found = sorted(cases), {table: list[Any]() for table in view.tables}
        with self.reading(view, suffix) as tx:
            for table, rows in found.items():
                sql = table.sql(suffix)
                for start in range(0, len(wanted), _MARKS_MAX):
                    some = sql.c.case_id.in_(wanted[start : start + _MARKS_MAX])
                    rows += table.read(tx.execute(sa.select(sql).where(some)))
        return found

    def advance(self, name: str, suffix: str, place: Place, to: int, batch: Batch) -> float | None:
        """Write a batch and the view's new position together, or nothing if somebody was first.

        Gives the seconds for which the lock was held, or None when the race was lost.
        """
        with self.writing() as tx:
            begun = time.perf_counter()
            same = _at(name + suffix, place)
            if tx.execute(sa.update(_places).where(same).values(position=to)).rowcount != 1:
                return None
            batch.rows.write(tx, suffix)
            for case_id in batch.freed:
                mine = sa.and_(_parked.c.view == name + suffix, _parked.c.case_id == case_id)
                tx.execute(sa.delete(_parked).where(mine))
            _park(tx, name + suffix, batch.untaken)
        return time.perf_counter() - begun

    def pour(
        self, view: Projection, suffix: str, rows: Sequence[Sequence[Values]], parked: list[Parked]
    ) -> None:
        """Write what some cases came to, of which nothing is there yet: rows of each table."""
        with self.writing() as tx:
            for table, values in zip(view.tables, rows, strict=True):
                table.insert(tx, suffix, values)
            _park(tx, view.name + suffix, parked)

    def filled(self, view: Projection, suffix: str, to: int) -> None:
        """A view that was empty holds all that is recorded up to a position."""
        with self.writing() as tx:
            mine = _places.c.view == view.name + suffix
            tx.execute(sa.update(_places).where(mine).values(position=to))

    def parked(self, name: str) -> list[Parked]:
        """What a view could not take, oldest first."""
        columns = (_parked.c.seq, _parked.c.case_id, _parked.c.because)
        with self.reading() as tx:
            mine = sa.select(*columns).where(_parked.c.view == name).order_by(_parked.c.seq)
            return [Parked(*row) for row in tx.execute(mine)]

    def all_parked(self) -> dict[str, list[Parked]]:
        """What was not taken, by view; a view that took everything is not named."""
        found: dict[str, list[Parked]] = {}
        with self.reading() as tx:
            for view, *row in tx.execute(sa.select(*_parked.c).order_by(_parked.c.seq)):
                found.setdefault(view, []).append(Parked(*row))
        return found

    def swap(self, view: Projection, live: Place, beside: Place) -> bool:
        """Put the view made beside in the place of the live one, if both still stand there."""
        name = view.name
        with self.writing() as tx:
            there = sa.select(sa.func.count()).where(
                sa.or_(_at(name, live), _at(name + BESIDE, beside))
            )
            if tx.execute(there).scalar() != 2:
                return False
            tx.execute(sa.delete(_places).where(_places.c.view == name + BESIDE))
            moved = sa.update(_places).where(_places.c.view == name)
            tx.execute(moved.values(position=beside.position, generation=live.generation + 1))
            for table in view.tables:
                table.sql().drop(tx)
                tx.exec_driver_sql(f"ALTER TABLE {table.name}{BESIDE} RENAME TO {table.name}")
            tx.execute(sa.delete(_parked).where(_parked.c.view == name))
            mine = _parked.c.view == name + BESIDE
            tx.execute(sa.update(_parked).where(mine).values(view=name))
        return True

    def close(self) -> None:
        """Let go of the room."""
        self._room.close()


def _found(tx: sa.Connection, name: str) -> Any:
    return tx.execute(sa.select(_places).where(_places.c.view == name)).first()


def _at(name: str, place: Place) -> sa.ColumnElement[bool]:
    return sa.and_(
        _places.c.view == name,
        _places.c.position == place.position,
        _places.c.generation == place.generation,
    )


def _park(tx: sa.Connection, name: str, untaken: Sequence[Parked]) -> None:
    if untaken:
        told = map(msgspec.structs.asdict, untaken)
        tx.execute(sa.insert(_parked), [{"view": name, **one} for one in told])


def _forget(tx: sa.Connection, name: str) -> None:
    for table in (_places, _parked):
        tx.execute(sa.delete(table).where(table.c.view == name))

"""Every read first lets its view follow the log to where it stands now.

A batch is folded in memory without any lock; then its rows and the view's new position are written
in one short transaction, if the view is still where the batch began. Who loses that race goes on
from the position the winner left. An event that a handler cannot take parks its case: it and
what follows in the case wait, told by `status`, and everything else goes on.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

import msgspec
import sqlalchemy as sa

from projections import VIEWS, digest, file, view
from projections.folding import Fold
from projections.projection import Projection, Rows
from projections.store import BESIDE, Parked, Place, ViewStore
from whistle.domain.refusal import NotFound, _
from whistle.log.faults import unreachable
from whistle.log.port import Log

HOLD_S = 0.05  # longest time for which a batch should hold the views' write lock
FIRST_BATCH = 500  # events; then by the time that the lock was held
BATCH_MIN, BATCH_MAX = 50, 5_000
HELD_MAX = 300_000  # rows kept in memory between batches
PRIVATE = 0o600  # rights of the views of a store whose own rights cannot be seen

Answer = TypeVar("Answer")


class Status(msgspec.Struct, frozen=True):
    """How a view stands to its log."""

    name: str
    position: int
    size: int
    behind: int
    parked: tuple[Parked, ...]


class Rebuilt(msgspec.Struct, frozen=True):
    """A view made anew: how long it took, what it holds, whether it differed from the old one."""

    name: str
    events: int
    seconds: float
    rows: int
    digest: str
    changed: bool


class Follower:
    """One view following its log: the live one, or one that is made beside it."""

    def __init__(
        self, log: Log, store: ViewStore, projection: Projection, suffix: str = ""
    ) -> None:
        self._log = log
        self._store = store
        self._view = projection
        self._suffix = suffix

    def catch_up(self) -> Place:
        """Follow to where the log stands when this is called; where the view stands then."""
        target = self._log.size()
        while True:
            place = self._store.place(self._view, self._suffix)
            if place.position > target and place.position > self._log.size():
                self._store.discard(self._view, self._suffix)  # ahead of its own log
            elif place.position >= target:
                return place
            else:
                self._follow(place, target)

    def _follow(self, place: Place, target: int) -> None:
        """Take batch after batch until the target is reached, or somebody else was quicker."""
        name, suffix = self._view.name, self._suffix
        parked = {each.case_id for each in self._store.parked(name + suffix)}
        fold = Fold(self._log, self._view, self._rows(place), parked)
        size = FIRST_BATCH
        while place.position < target:
            tail = self._log.rows(place.position)
            lines = list(islice(tail, min(size, target - place.position)))
            del tail  # ends its read
            untaken = fold.take(lines)
            to: int = lines[-1][0]
            held = self._store.advance(name, suffix, place, to, fold.rows, untaken)
            if held is None:
                return
            place = place._replace(position=to)
            size = next_size(size, held)
            if len(fold.rows) > HELD_MAX:
                fold.rows = self._rows(place)

    def _rows(self, place: Place) -> Rows:
        rows = Rows(lambda cases: self._store.load(self._view, self._suffix, cases))
        if place.position == 0:
            rows.all_held()
        return rows


def next_size(size: int, held_s: float) -> int:
    """How many events to take next, after a batch that held the lock for some seconds."""
    if held_s > HOLD_S:
        return max(size // 2, BATCH_MIN)
    return min(size * 2, BATCH_MAX) if held_s < HOLD_S / 3 else size


class Views:
    """The views of one log: whoever reads one first lets it catch up."""

    def __init__(self, log: Log, path: Path) -> None:
        self._log = log
        self._path = path
        self._opened: ViewStore | None = None

    def __enter__(self) -> "Views":
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @property
    def _store(self) -> ViewStore:
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def _open(self) -> ViewStore:
        rights = _rights(self._path)
        try:
            return ViewStore(self._path, self._log.identity, rights)
        except (sa.exc.OperationalError, OSError):  # no room for them, or something in their place
            return ViewStore(self._path, self._log.identity, rights, keep=False)

    @property
    def on_disk(self) -> bool:
        """Whether what is folded is kept; without the right to write it is folded each time."""
        return not self._store.in_memory

    @contextmanager
    def reading(self, projection: Projection) -> Iterator[sa.Connection]:
        """A transaction in which a view stands where the log stood when this was called."""
        self._follow(projection)
        with self._store.reading() as tx:
            yield tx

    def catch_up(self, *names: str) -> None:
        """Let views follow the log now; without a name, all of them."""
        for name in names or VIEWS:
            self._follow(_known(name))

    def status(self) -> list[Status]:
        """Where each view stands, without moving it, and what it could not take."""
        size = self._log.size()
        found = []
        for name in VIEWS:
            position = self._store.position(name)
            parked = tuple(self._store.parked(name))
            found.append(Status(name, position, size, max(size - position, 0), parked))
        return found

    def parked(self) -> dict[str, list[Parked]]:
        """What the views that were read could not take, by view."""
        found = self._opened.all_parked() if self._opened is not None else {}
        return {name: found[name] for name in VIEWS if name in found}

    def rebuild(self, name: str | None = None) -> list[Rebuilt]:
        """Make a view anew beside the live one, compare them, and swap them in one transaction.

        Without a name, all of them. NotFound when there is no such view, Unreachable when the disk
        has no room for it.
        """
        names = VIEWS if name is None else (name,)
        try:
            return [self._sound(partial(self._rebuild, _known(each))) for each in names]
        except sa.exc.OperationalError as error:
            raise unreachable(error.orig) from error

    def _rebuild(self, projection: Projection) -> Rebuilt:
        begun = time.perf_counter()
        store = self._store
        live, beside = self._follower(projection), self._follower(projection, BESIDE)
        with store.locked():
            store.discard(projection, BESIDE)  # a rebuild that was killed left it
            while True:
                new = beside.catch_up()
                first = store.position(projection.name) == 0
                old = store.place(projection) if first else live.catch_up()
                new = beside.catch_up()
                with store.reading() as tx:
                    made = digest.of(tx, projection, BESIDE)
                    was = made if first else digest.of(tx, projection)
                if (first or old.position == new.position) and store.swap(projection, old, new):
                    break
        took = time.perf_counter() - begun
        return Rebuilt(
            projection.name, new.position, took, made.rows, made.digest, changed=was != made
        )

    def _follower(self, projection: Projection, suffix: str = "") -> Follower:
        return Follower(self._log, self._store, projection, suffix)

    def _follow(self, projection: Projection) -> None:
        """Let a view follow the log; in memory when there is no room for it on the disk."""
        try:
            self._sound(lambda: self._follower(projection).catch_up())
        except sa.exc.OperationalError as error:
            if self._store.in_memory:
                raise unreachable(error.orig) from error
            self.close()
            self._opened = ViewStore(
                self._path, self._log.identity, _rights(self._path), keep=False
            )
            self._follower(projection).catch_up()

    def _sound(self, act: Callable[[], Answer]) -> Answer:
        """Do it; if the views turn out to be damaged, begin them anew and do it again."""
        try:
            return act()
        except sa.exc.DatabaseError as error:
            if not file.damaged(error):
                raise
            self._store.begin_anew(damaged=True)
            return act()


def _known(name: str) -> Projection:
    if name not in VIEWS:
        raise NotFound(
            _("There is no view called {name}; these are: {known}."),
            hint="whistle projection status",
            name=name,
            known=", ".join(VIEWS),
        )
    return view(name)


def _rights(path: Path) -> int:
    """The views are nobody's business who may not read the store."""
    store = path.with_name(path.name.removesuffix(".views"))
    return store.stat().st_mode & 0o777 if store.is_file() else PRIVATE

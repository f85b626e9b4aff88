"""Every read first lets its view follow the log to where it stands now.

An event that a handler cannot take parks its case: it and what follows in the case wait, told by
`status`, and everything else goes on.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
import sqlalchemy as sa

from projections import VIEWS, file, view
from projections.file import File, Memory
from projections.following import Follower, follow
from projections.projection import Projection
from projections.rebuilding import Rebuilt, rebuild
from projections.room import Room
from projections.store import Parked, ViewStore
from whistle.domain.moment import SECOND, Instant
from whistle.domain.refusal import NotFound, _
from whistle.log.faults import unreachable
from whistle.log.port import Log
from whistle.workers import ALONE, Workers

RECORDED_AT = 5  # column of a row of TOLD
PRIVATE = 0o600  # rights of the views of a store whose own rights cannot be seen

Answer = TypeVar("Answer")


class Status(msgspec.Struct, frozen=True):
    """How a view stands to its log."""

    name: str
    position: int
    size: int
    behind: int  # events
    parked: tuple[Parked, ...]
    since: Instant | None = None  # when the oldest event that it does not show was recorded

    def behind_s(self, now: Instant) -> int:
        """For how many seconds it has not shown all that is recorded."""
        return 0 if self.since is None else max(now - self.since, 0) // SECOND


class Views:
    """The views of one log: whoever reads one first lets it catch up."""

    def __init__(self, log: Log, where: Path | str | None) -> None:
        self._log = log
        self._where = where
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
        try:
            return ViewStore(self._room(), self._log.identity)
        except (sa.exc.OperationalError, OSError) as error:
            return self._in_memory(error)

    def _room(self) -> Room:
        """Where the views are kept; in memory for who may not write there."""
        where = self._where
        if isinstance(where, str):
            from projections import schema  # what PostgreSQL needs is imported for it alone

            name = schema.keeper(where)
            return Memory() if name is None else schema.Schema(where, name)
        if where is None or not file.writable(where):
            return Memory(where)
        return File(where, _rights(where))

    def _in_memory(self, error: sa.exc.OperationalError | OSError) -> ViewStore:
        """The views in memory, when there is no room for a file, or something in its place.

        Raises Unreachable for a database: who cannot reach its views cannot reach its record.
        """
        if isinstance(self._where, str):
            raise unreachable(getattr(error, "orig", error)) from error
        return ViewStore(Memory(self._where), self._log.identity)

    @property
    def kept(self) -> bool:
        """Whether what is folded is kept; without the right to write it is folded each time."""
        return self._store.kept

    @contextmanager
    def reading(self, projection: Projection) -> Iterator[sa.Connection]:
        """A transaction in which a view stands where the log stood when this was called.

        Raises Unreachable when the views cannot be read, or no longer while somebody reads them.
        """
        with _reached(), ExitStack() as entered:

            def there() -> sa.Connection:
                self._follow(projection)
                return entered.enter_context(self._store.reading(projection))

            yield self._sound(there)

    def catch_up(self, *names: str, most: int | None = None) -> None:
        """Let views follow the log now, together; without a name, all of them.

        With `most`, the one that is farthest behind takes no more events than that.
        """
        self._follow(*map(_known, names or VIEWS), most=most)

    def status(self) -> list[Status]:
        """Where each view stands, without moving it, and what it could not take.

        Raises Unreachable when the database of the views cannot be had.
        """
        size = self._log.size()
        with _reached():
            parked = self._store.all_parked()
            places = {name: self._store.position(name) for name in VIEWS}
        found = []
        for name, position in places.items():
            behind = max(size - position, 0)
            since = self._recorded_after(position) if behind else None
            mine = tuple(parked.get(name, ()))
            found.append(Status(name, position, size, behind, mine, since))
        return found

    def _recorded_after(self, position: int) -> Instant | None:
        rows = self._log.told(position, 1)
        return rows[0][RECORDED_AT] if rows else None

    def parked(self) -> dict[str, list[Parked]]:
        """What the views that were read could not take, by view."""
        found = self._opened.all_parked() if self._opened is not None else {}
        return {name: found[name] for name in VIEWS if name in found}

    def retry(self, name: str, seq: int | None = None) -> list[Parked]:
        """Fold what a view has parked anew, with today's handlers; what still cannot be taken.

        With a seq, only the case that this event belongs to. NotFound when there is no such view.
        """
        projection = _known(name)
        self._follow(projection)
        return self._follower(projection).anew(seq)

    def rebuild(self, name: str | None = None, workers: Workers = ALONE) -> list[Rebuilt]:
        """Make a view anew beside the live one, compare them, and swap them in one transaction.

        Without a name, all of them, with one reading of the log; `workers` share the folding, and
        what they come to is the same. NotFound when there is no such view, Unreachable when the
        disk has no room for it.
        """
        known = {each: _known(each) for each in (VIEWS if name is None else (name,))}
        wanted = {VIEWS[each]: view for each, view in known.items()}
        with _reached():
            return self._sound(lambda: rebuild(self._log, self._store, wanted, workers))

    def _follower(self, projection: Projection) -> Follower:
        return Follower(self._log, self._store, projection)

    def _follow(self, *projections: Projection, most: int | None = None) -> None:
        """Let views follow the log; in memory when there is no room for them on the disk."""
        size = self._log.size()

        def together() -> None:
            followers = [self._follower(each) for each in projections]
            last = min(each.place.position for each in followers)
            follow(self._log, followers, size if most is None else min(size, last + most))

        try:
            self._sound(together)
        except sa.exc.OperationalError as error:
            if not self._store.kept:
                raise unreachable(error.orig) from error
            self.close()
            self._opened = self._in_memory(error)
            together()

    def _sound(self, act: Callable[[], Answer]) -> Answer:
        """Do it; if the views turn out to be damaged, begin them anew and do it again."""
        for damaged in (False, True):  # another reader may have begun them anew already
            try:
                return act()
            except sa.exc.DatabaseError as error:
                if not self._store.damaged(error):
                    raise
                self._store.begin_anew(damaged=damaged)
        return act()


@contextmanager
def _reached() -> Iterator[None]:
    """Say in a sentence that the place of the views cannot be read or written."""
    try:
        yield
    except sa.exc.OperationalError as error:
        raise unreachable(error.orig) from error


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

"""A view made anew beside the live one, compared with it, and put in its place.

Readers and writers go on meanwhile. The last events are folded under the views' write lock, so that
the view that takes the place is never behind the one that a reader has just seen.
"""

import time
from collections.abc import Iterable, Mapping

import msgspec

from projections import digest, parts
from projections.digest import Digest, Sum
from projections.following import Follower, follow
from projections.making import Made
from projections.projection import Projection
from projections.store import BESIDE, ViewStore
from whistle.log.port import Log
from whistle.workers import ALONE, Workers


class Rebuilt(msgspec.Struct, frozen=True):
    """A view made anew: how long it took, what it holds, whether it differed from the old one.

    Of views that were made together each has its share of the reading.
    """

    name: str
    events: int
    seconds: float
    rows: int
    digest: str
    changed: bool


def rebuild(
    log: Log, store: ViewStore, views: Mapping[str, Projection], workers: Workers = ALONE
) -> list[Rebuilt]:
    """Make views (by module:attribute) anew, with one reading of the log; put each in its place."""
    with store.locked():
        for view in views.values():
            store.discard(view, BESIDE)  # a rebuild that was killed left it
        filled = _filled(log, store, views, workers)
        _follow_together(log, store, views.values())
        return [_put_in_place(log, store, each) for each in filled]


def _follow_together(log: Log, store: ViewStore, views: Iterable[Projection]) -> None:
    """Let the live views that anybody reads follow, with one reading, to be compared."""
    live = [Follower(log, store, view) for view in views]
    follow(log, [each for each in live if each.place.position], log.size())


class Filled:
    """A view made beside the live one, and what it came to where it stands."""

    def __init__(self, log: Log, store: ViewStore, view: Projection) -> None:
        self.view = view
        self.took_s = 0.0
        self._log = log
        self._store = store
        self._upto = 0
        self._sum = Sum()

    def pour(self, made: Made) -> None:
        """Write what some cases came to."""
        begun = time.perf_counter()
        self._store.pour(self.view, BESIDE, made.rows, made.untaken)
        self._sum.join(made.sum)
        self.took_s += made.took_s + time.perf_counter() - begun

    def stands(self, upto: int) -> None:
        """All cases are here, up to a place in the log."""
        self._store.filled(self.view, BESIDE, upto)
        self._upto = upto

    def follower(self) -> Follower:
        """Goes on from there."""
        return Follower(self._log, self._store, self.view, BESIDE)

    def digest(self) -> Digest:
        """Of its rows as they were made, or as they are read back if it has gone on since."""
        with self._store.reading(self.view, BESIDE) as tx:
            if self._store.position(self.view.name + BESIDE, tx) == self._upto:
                return self._sum.of(self.view)
            return digest.of(tx, self.view, BESIDE)


def _filled(
    log: Log, store: ViewStore, views: Mapping[str, Projection], workers: Workers
) -> list[Filled]:
    """Views that were empty with all that is recorded."""
    size, filled = log.size(), [Filled(log, store, view) for view in views.values()]
    for made in parts.fold(log, list(views), size, workers):
        with store.holding():
            for each, part in zip(filled, made, strict=True):
                each.pour(part)
    for each in filled:
        each.stands(size)
    return filled


def _put_in_place(log: Log, store: ViewStore, filled: Filled) -> Rebuilt:
    begun, view, beside = time.perf_counter(), filled.view, filled.follower()
    now, was = _compared(log, store, filled, beside)
    while True:
        beside.look()
        follow(log, [beside], store.position(view.name))
        with store.holding():
            live = store.place(view)
            follow(log, [beside], live.position)
            swapped = store.swap(view, live, beside.place)
        if swapped:
            break
    took_s = filled.took_s + time.perf_counter() - begun
    events = beside.place.position
    return Rebuilt(view.name, events, took_s, now.rows, now.digest, changed=was != now)


def _compared(
    log: Log, store: ViewStore, filled: Filled, beside: Follower
) -> tuple[Digest, Digest]:
    """The digests of the new view and of the live one, at one position of the log.

    The live one is looked at where it stands, and the new one, which nobody else moves, follows to
    there: however many readers move the live one on meanwhile, this ends. A live view that nobody
    has read yet is not made for the sake of it.
    """
    view = beside.view
    while (live := Follower(log, store, view)).place.position:
        follow(log, [live], beside.place.position)
        with store.reading(view) as tx:
            stood = store.position(view.name, tx)
            if stood < beside.place.position:  # somebody began the live one anew
                continue
            was = digest.of(tx, view)
        follow(log, [beside], stood)
        return filled.digest(), was
    made = filled.digest()
    return made, made

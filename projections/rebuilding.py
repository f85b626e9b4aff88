"""A view made anew beside the live one, compared with it, and put in its place.

Readers and writers go on meanwhile. The last events are folded under the views' write lock, so that
the view that takes the place is never behind the one that a reader has just seen.
"""

import time
from collections.abc import Iterable, Mapping

import msgspec

from projections import digest, parts
from projections.digest import Digest
from projections.following import Follower, follow
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
        took = _filled(log, store, views, workers)
        _follow_together(log, store, views.values())
        return [
            _put_in_place(log, store, Follower(log, store, view, BESIDE), took[view])
            for view in views.values()
        ]


def _follow_together(log: Log, store: ViewStore, views: Iterable[Projection]) -> None:
    """Let the live views that anybody reads follow, with one reading, to be compared."""
    live = [Follower(log, store, view) for view in views]
    follow(log, [each for each in live if each.place.position], log.size())


def _filled(
    log: Log, store: ViewStore, views: Mapping[str, Projection], workers: Workers
) -> dict[Projection, float]:
    """Fill empty views with all that is recorded; the seconds that were spent on each."""
    size, took = log.size(), dict.fromkeys(views.values(), 0.0)
    for made in parts.fold(log, list(views), size, workers):
        for view, part in zip(took, made, strict=True):
            begun = time.perf_counter()
            store.pour(view, BESIDE, part)
            took[view] += part.took_s + time.perf_counter() - begun
    for view in took:
        store.filled(view, BESIDE, size)
    return took


def _put_in_place(log: Log, store: ViewStore, beside: Follower, took_s: float) -> Rebuilt:
    begun, view = time.perf_counter(), beside.view
    now, was = _compared(log, store, beside)
    while True:
        beside.look()
        follow(log, [beside], store.position(view.name))
        with store.holding():
            live = store.place(view)
            follow(log, [beside], live.position)
            swapped = store.swap(view, live, beside.place)
        if swapped:
            break
    took_s += time.perf_counter() - begun
    events = beside.place.position
    return Rebuilt(view.name, events, took_s, now.rows, now.digest, changed=was != now)


def _compared(log: Log, store: ViewStore, beside: Follower) -> tuple[Digest, Digest]:
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
        return _of(store, beside), was
    made = _of(store, beside)
    return made, made


def _of(store: ViewStore, beside: Follower) -> Digest:
    with store.reading(beside.view, BESIDE) as tx:
        return digest.of(tx, beside.view, BESIDE)

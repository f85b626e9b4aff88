"""Views following their log: batch after batch, one reading of the log for all that go together.

A batch is folded in memory without any lock; then a view's rows and its new position are written
in one short transaction, if the view is still where the batch began. Who loses that race goes on
from the position the winner left.
"""

import gc
import time
from collections.abc import Sequence

from projections.folding import Batch, Fold, read
from projections.projection import Projection
from projections.rows import Held
from projections.store import Parked, Place, ViewStore
from whistle.log.port import Log

HOLD_S = 0.05  # longest time for which a batch should hold the views' write lock
FIRST_BATCH = 500  # events; then by the time that the lock was held
BATCH_MIN, BATCH_MAX = 250, 5_000
HELD_MAX = 10_000  # rows kept in memory between batches, of all views that go together: 10 MB


class Follower:
    """One view following its log: the live one, or one that is made beside it."""

    def __init__(self, log: Log, store: ViewStore, view: Projection, suffix: str = "") -> None:
        self.view = view
        self.took_s = 0.0  # what was spent on this view so far
        self.place = Place(-1, -1)
        self._log = log
        self._store = store
        self._suffix = suffix
        self._fold: Fold | None = None
        self.look()

    def look(self) -> Place:
        """Where the view stands now, which another program may have moved."""
        place = self._store.place(self.view, self._suffix)
        if place.position > self._log.size():
            self._store.discard(self.view, self._suffix, place.position)  # ahead of its own log
            place = self._store.place(self.view, self._suffix)
        if place != self.place:
            self.place, self._fold = place, None
        return place

    def take(self, batch: Batch, to: int) -> float:
        """Fold a batch up to a position and write it; the seconds for which the lock was held.

        When somebody else moved the view meanwhile, nothing is written, and it stands there.
        """
        begun = time.perf_counter()
        fold = self._folding()
        fold.take(batch)
        held = self._write(fold, to)
        self.took_s += time.perf_counter() - begun
        return held or 0.0

    def anew(self, seq: int | None = None) -> list[Parked]:
        """Fold the parked cases anew with today's handlers; what still cannot be taken.

        With a seq, only the case that this event belongs to.
        """
        while True:
            place = self.look()
            parked = self._store.parked(self.view.name + self._suffix)
            cases = {each.case_id for each in parked if seq in (None, each.seq)}
            self._fold = None  # other rows may have been held than those of the store
            fold = self._folding()
            for case_id in sorted(cases):
                fold.anew(case_id, place.position)
            untaken = fold.untaken
            if self._write(fold, place.position) is not None:
                return untaken

    def _write(self, fold: Fold, to: int) -> float | None:
        held = self._store.advance(self.view.name, self._suffix, self.place, to, fold)
        if held is None:
            self.look()
            return None
        fold.written()
        self.place = self.place._replace(position=to)
        return held

    def held(self) -> int:
        """How many rows are kept in memory for the next batch."""
        return len(self._fold.rows) if self._fold else 0

    def let_go(self) -> None:
        """Drop the rows in memory; what the next batch needs is loaded from the store."""
        if self._fold:
            self._fold.rows = self._rows()

    def _folding(self) -> Fold:
        if self._fold is None:
            parked = {each.case_id for each in self._store.parked(self.view.name + self._suffix)}
            self._fold = Fold(self._log, self.view, self._rows(), parked)
        return self._fold

    def _rows(self) -> Held:
        rows = Held(lambda cases: self._store.load(self.view, self._suffix, cases))
        if self.place.position == 0:
            rows.all_held()
        return rows


def follow(log: Log, followers: Sequence[Follower], target: int) -> None:
    """Let views follow to a position at least; those that stand together read the log once."""
    size = FIRST_BATCH
    while behind := [each for each in followers if each.place.position < target]:
        start = min(each.place.position for each in behind)
        together = [each for each in behind if each.place.position == start]
        ahead = [each.place.position for each in behind if each.place.position > start]
        to = min(start + size, target, *ahead)
        batch = _batch(log, start, to, together)
        held = max(each.take(batch, to) for each in together)
        size = next_size(size, held)
        if sum(each.held() for each in followers) > HELD_MAX:
            for each in followers:
                each.let_go()
        if to < target:  # a program that is to live for a moment does not look for cycles
            gc.collect(0)


def _batch(log: Log, after: int, to: int, followers: Sequence[Follower]) -> Batch:
    """Events of the log, read and decoded once for several views."""
    begun = time.perf_counter()
    batch = read(log.told(after, to - after), [each.view for each in followers])
    share = (time.perf_counter() - begun) / len(followers)
    for each in followers:
        each.took_s += share
    return batch


def next_size(size: int, held_s: float) -> int:
    """How many events to take next, after a batch that held the lock for some seconds."""
    if held_s > HOLD_S:
        return max(size // 2, BATCH_MIN)
    return min(size * 2, BATCH_MAX) if held_s < HOLD_S / 3 else size

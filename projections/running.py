"""Keeping every view warm: follow the log, wait until something is recorded, follow again.

It writes views and nothing else: no clock speaks here, so that it may run under an account that can
only read the record. Any number may run at once: of two that took the same batch one wins, and the
other goes on from where that one left the view.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import msgspec

from projections.catch_up import Status, Views
from projections.folding import FOLLOWS
from projections.store import Parked
from whistle.domain.refusal import Unreachable, _
from whistle.log.port import Log

SLICE = 20_000  # events a round takes at most, so that a stop is heard and the lag is told
LOOK_S = 1.0  # so often it is asked whether to stop while nothing is recorded
IDLE_S = 30.0  # so often a round is made although nothing is recorded
AGAIN_S = 5.0  # after the store or its views could not be reached


class Round(msgspec.Struct, frozen=True):
    """What one round came to: where the views stand, what is parked anew, what was out of reach."""

    status: tuple[Status, ...] = ()
    parked: tuple[tuple[str, Parked], ...] = ()  # view and event, since the round before
    fault: Unreachable | None = None

    @property
    def behind(self) -> int:
        """How many events the slowest view does not show yet."""
        return max((each.behind for each in self.status), default=0)


class Runner:
    """Keeps the views of a log warm until it is told to stop."""

    def __init__(self, log: Log, views: Views) -> None:
        self._log = log
        self._views = views
        self._stopped = threading.Event()
        self._known: frozenset[tuple[str, int]] = frozenset()

    @property
    def stopped(self) -> bool:
        """Whether it was told to stop."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Stop after the batch under way; a signal handler or another thread may ask for it."""
        self._stopped.set()

    def rounds(self, for_s: float = float("inf")) -> Iterator[Round]:
        """A round now, and one whenever something was recorded; the last one is up to date.

        It ends when it is stopped, which is not up to date, or when the time is over.
        """
        ends = time.monotonic() + for_s
        while True:
            made = self.round()
            yield made
            if self._stopped.is_set():
                return
            if made.fault is not None:
                self._stopped.wait(min(AGAIN_S, ends - time.monotonic()))
            elif not made.behind:
                with suppress(Unreachable):  # the next round meets it too, and tells it
                    self._wait(made, min(time.monotonic() + IDLE_S, ends))
            if time.monotonic() >= ends and not made.behind:
                return

    def round(self) -> Round:
        """Let every view follow the log, for a slice of it at most."""
        try:
            self._views.catch_up(most=SLICE)
            if not self._views.kept:
                raise Unreachable(_("There is no place that the views could be kept at."))
            status = self._views.status()
        except Unreachable as fault:
            self._views.close()  # opened again by the next round
            return Round(fault=fault)
        parked = {
            (each.name, one.seq): one
            for each in status
            for one in each.parked
            if one.because != FOLLOWS
        }
        new = tuple(
            (name, one) for (name, seq), one in parked.items() if (name, seq) not in self._known
        )
        self._known = frozenset(parked)
        return Round(tuple(status), new)

    def _wait(self, made: Round, until: float) -> None:
        """Wait until something is recorded, a stop is asked for, or it is time."""
        size = max((each.size for each in made.status), default=0)
        while not self._stopped.is_set() and (left := until - time.monotonic()) > 0:
            if self._log.wait_beyond(size, min(left, LOOK_S)):
                return

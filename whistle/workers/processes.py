"""Several processes of this machine."""

import gc
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from typing import Any

from whistle.workers import Part, Result

AHEAD = 2  # parts for each process that are out, or done and not asked for yet: memory is theirs


class Processes:
    """Several processes, each begun afresh and ended with the work.

    They are not forked: SQLite's connections and their locks must not be carried over.
    """

    def __init__(self, count: int) -> None:
        self.count = count

    def map(self, function: Callable[[Part], Result], parts: Sequence[Part]) -> Iterator[Result]:
        """What a function makes of each part; parts of a process that was killed are done here."""
        others = multiprocessing.active_children()
        afresh = multiprocessing.get_context("spawn")
        # they live for a moment: looking for cycles would cost them a tenth
        pool = ProcessPoolExecutor(min(self.count, len(parts) or 1), afresh, gc.disable)
        out: deque[tuple[Part, Future[Result] | None]] = deque()
        try:
            for part in parts:
                out.append((part, _handed_out(pool, function, part)))
                if len(out) > self.count * AHEAD:
                    yield _result(function, *out.popleft())
            while out:
                yield _result(function, *out.popleft())
        finally:  # whoever asks for no more, or was interrupted, waits for nobody
            for child in multiprocessing.active_children():
                if child not in others:
                    child.terminate()
            pool.shutdown(cancel_futures=True)


def _handed_out(
    pool: ProcessPoolExecutor, function: Callable[[Any], Result], part: Any
) -> Future[Result] | None:
    """A part as it is handed out; a process that begins for it leaves Ctrl-C to this one."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # children inherit it
    try:
        return pool.submit(function, part)
    except (BrokenExecutor, OSError):  # killed already, or no more processes to be had
        return None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _result(function: Callable[[Any], Result], part: Any, found: Future[Result] | None) -> Result:
    try:
        return found.result() if found else function(part)
    except BrokenExecutor:
        return function(part)

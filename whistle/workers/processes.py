"""Several processes of this machine."""

import gc
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from typing import Any

from whistle.workers import Part, Result


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
        try:
            for part, found in zip(parts, _handed_out(pool, function, parts), strict=True):
                yield _result(found, function, part)
        finally:  # whoever asks for no more, or was interrupted, waits for nobody
            for child in multiprocessing.active_children():
                if child not in others:
                    child.terminate()
            pool.shutdown(cancel_futures=True)


def _handed_out(
    pool: ProcessPoolExecutor, function: Callable[[Any], Result], parts: Sequence[Any]
) -> list[Future[Result] | None]:
    """The parts as they are handed out; the new processes leave Ctrl-C to this one."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # children inherit it
    futures: list[Future[Result] | None] = []
    try:
        for part in parts:
            try:
                futures.append(pool.submit(function, part))
            except (BrokenExecutor, OSError):  # killed already, or no more processes to be had
                futures.append(None)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return futures


def _result(found: Future[Result] | None, function: Callable[[Any], Result], part: Any) -> Result:
    try:
        return found.result() if found else function(part)
    except BrokenExecutor:
        return function(part)

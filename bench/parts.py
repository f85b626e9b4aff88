"""What proving and assessing cost an event, and what of it is shared among workers.

    .venv/bin/python bench/parts.py [FILE]

The half-year log of tests/data (160,973 event lines) or FILE is imported once; then it is read,
proved and assessed by one process, and by two workers. Processor seconds, for the wall depends on
who else is at work; the share that the joining process keeps for itself bounds what more workers
can save. It asserts nothing.
"""

import gc
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench.history import HALF_YEAR, WHISTLE
from whistle import clock
from whistle.engine.assessing import assess
from whistle.log.sqlite import SQLiteLog
from whistle.log.verify import nothing
from whistle.workers import ALONE
from whistle.workers.processes import Processes


class Run(NamedTuple):
    """One piece of work: processor seconds of this process and of its workers, peak MB of this."""

    name: str
    own_s: float
    theirs_s: float
    peak_mb: float


def timed(name: str, work: Callable[[], object]) -> Run:
    """Do it once."""
    gc.collect()
    own, theirs = time.process_time(), _children()
    work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Run(name, time.process_time() - own, _children() - theirs, peak)


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Print the table."""
    file = sys.argv[1] if len(sys.argv) > 1 else str(HALF_YEAR)
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder, "town.db")
        for words in (["init", "--town", "Benchtown", "--code", "BT"], ["import", "events", file]):
            command = [*WHISTLE, "--store", f"sqlite:///{store}", *words]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        log = SQLiteLog(store, clock.now)
        size = log.size()
        gc.disable()  # as a command does
        runs = [
            timed("read the rows", lambda: nothing(log.rows())),
            timed("verify", lambda: log.verify(ALONE)),
            timed("verify, two workers", lambda: log.verify(Processes(2))),
            timed("assess", lambda: assess(log, workers=ALONE)),
            timed("assess, two workers", lambda: assess(log, workers=Processes(2))),
        ]
        log.close()
    print(f"{size} events{'':13} {'own s':>8} {'theirs s':>9} {'µs/event':>9} {'peak MB':>8}")
    for one in runs:
        each = 1e6 * (one.own_s + one.theirs_s) / size
        print(f"{one.name:25} {one.own_s:8.2f} {one.theirs_s:9.2f} {each:9.1f} {one.peak_mb:8.0f}")


if __name__ == "__main__":
    main()

"""A second proof of the same record, on the machine's second processor while the first one runs.

What replies and lists of imports say is compared with the events apart from the leaves; on a long
record that is a third of the whole, and the two need nothing of each other.
"""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

WORTH_IT = 20_000
"""Events from which on a process of its own is the shorter way."""


class Beside:
    """A proof under way in a process of its own."""

    def __init__(self, proof: Callable[[], None], size: int) -> None:
        worth_it = size >= WORTH_IT and len(os.sched_getaffinity(0)) > 1
        # a fork copies no other thread, and so might copy a lock that nobody will open
        self._child = os.fork() if worth_it and threading.active_count() == 1 else None
        if self._child == 0:
            passed = 1
            try:
                proof()
                passed = 0
            finally:  # nothing of the parent's is closed, flushed or told twice
                os._exit(passed)

    def passed(self) -> bool:
        """Whether the proof held; not, where it has still to be made."""
        if self._child is None:
            return False
        child, self._child = self._child, None
        _, status = os.waitpid(child, 0)
        return status == 0

    def __enter__(self) -> "Beside":
        return self

    def __exit__(self, *_raised: object) -> None:
        if self._child is not None:  # the other proof has failed: this one is not asked any more
            with suppress(ProcessLookupError):
                os.kill(self._child, signal.SIGKILL)
            self.passed()

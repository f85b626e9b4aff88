"""The queue in front of a store's write lock: SQLite's own waiting is a lottery that some lose."""

import fcntl
import os
from pathlib import Path
from threading import Lock

from eventsourcing.persistence import OperationalError

from whistle.log.rights import open_beside


class Turns:
    """Writers of all processes, one after the other as they came; the kernel keeps the queue.

    The file stays open from one turn to the next. A lock of the kernel's belongs to the open file
    and would let all threads of this process in at once: they stand in a queue of their own.
    """

    def __init__(self, path: Path, store: Path) -> None:
        self._path = path
        self._store = store
        self._threads = Lock()
        self._handle: int | None = None

    def wait(self) -> None:
        """Wait until it is this writer's turn; OperationalError says why there is no queue."""
        self._threads.acquire()
        first = False
        try:
            fcntl.flock(self._opened(), fcntl.LOCK_EX)
            first = True
        except OSError as error:
            raise OperationalError(f"{error.strerror}: {self._path}") from error
        finally:
            if not first:  # no queue, or an interrupt while others write
                self._threads.release()

    def end(self) -> None:
        """Let the next one in."""
        if self._handle is not None:
            fcntl.flock(self._handle, fcntl.LOCK_UN)
        self._threads.release()

    def _opened(self) -> int:
        if self._handle is not None and not os.fstat(self._handle).st_nlink:
            self.close()  # somebody removed the file: a new one is where the others wait
        if self._handle is None:
            self._handle = open_beside(self._path, self._store)
        return self._handle

    def close(self) -> None:
        """Let go of the file."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

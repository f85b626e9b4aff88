"""Many processes that write to the same store at once; a program for test_log.py.

Usage: python -m tests.crowd ADDRESS PROCESSES. All are there before the first may start, and each
holds the lock for a moment. SQLite's own patience is cut to half a second, less than the crowd
takes together, so that only the queue in front of the lock lets everybody in. It ends with the
number of those who were turned away; their complaints are on standard error.
"""

import os
import sys
import time
from functools import partial

from tests.faults.child import fork
from tests.office import Office
from tests.pen import write
from tests.town import at
from whistle.log import recorder


def come(address: str, number: int, gate: int, opener: int) -> None:
    """Wait for the start, then write once."""
    os.close(opener)
    os.read(gate, 1)
    office = Office(address, at("09:00"))
    with office.log.writing() as txn:
        write(txn, stream=f"crowd-{number}")
        time.sleep(0.05)
    office.close()


def main(address: str, processes: int) -> int:
    """Let them all in at once; how many were turned away."""
    recorder.BUSY_TIMEOUT_S = 0.5  # type: ignore[assignment]  # the library takes seconds, whole or not
    gate, opener = os.pipe()
    for number in range(processes):
        fork(partial(come, address, number, gate, opener))
    os.close(opener)
    return sum(os.wait()[1] != 0 for _ in range(processes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))

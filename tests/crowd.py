"""One of many processes that write to the same store at once; a program for test_log.py.

Usage: python crowd.py ADDRESS NUMBER GO. It waits for the file GO to appear, so that all start
together, and holds the lock for a moment. SQLite's own patience is cut to half a second,
less than the crowd takes together, so that only the queue in front of the lock lets everybody in.
"""

import sys
import time
from pathlib import Path

from tests.office import Office
from tests.pen import write
from tests.town import at
from whistle.log import recorder


def main(address: str, number: str, go: Path) -> None:
    """Wait for the start, then write once."""
    recorder.BUSY_TIMEOUT_S = 0.5  # type: ignore[assignment]  # the library takes seconds, whole or not
    print("here", flush=True)
    while not go.exists():
        time.sleep(0.01)
    office = Office(address, at("09:00"))
    with office.log.writing() as txn:
        write(txn, stream=f"crowd-{number}")
        time.sleep(0.05)
    office.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))

"""One of a few processes that write orders to one store for a while; a program for tests.

Usage: python -m tests.pack ADDRESS NAME ORDERS [without-lock]. It says `here` and waits for a line
of its standard input, so that all begin together; then it reports ORDERS incidents, each under a
key, and takes the next when the one before is recorded. It prints a line for each: its key, the
seq, and whether the reply was a repeat. `without-lock` leaves out the lock of the log: that must
go wrong, or the tests that ask for it prove nothing.
"""

import sys
import time

from tests.office import Office
from tests.town import TOWN, at
from whistle.domain.incident.intake import ReportIncident
from whistle.log import postgres


def main(address: str, name: str, orders: int) -> None:
    """Wait for the start, then give the orders."""
    office = Office(address)
    print("here", flush=True)
    sys.stdin.readline()
    begun = time.monotonic_ns()
    for number in range(orders):
        office.clock.now = at("09:00") + (time.monotonic_ns() - begun) // 1000
        key = f"{name}-{number}"
        order = ReportIncident(item="street-vending", place=key)
        reply = office.ask((f"i-{key}", order), by=TOWN, key=key, words=[key])
        print(key, reply.events[0].seq, int(reply.replayed), flush=True)
    office.close()


if __name__ == "__main__":
    if sys.argv[4:] == ["without-lock"]:
        postgres._WRITE = postgres._NOTE  # type: ignore[misc]  # what the tests must notice
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

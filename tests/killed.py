"""A writer that is killed, and what its store says afterwards; a program for test_engine.py.

Usage: python killed.py STORE TIMES. A child obeys one order after another, each under a key of its
own, and tells each reply's last number once it has it; it is killed (SIGKILL) at some moment. Then
every key is sent again: what was told must come back the same, and what was sent and not told may
have been recorded or not, but once. Prints how many were killed with a reply untold.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from tests.office import Office
from tests.town import at
from whistle.domain.incident.intake import ReportIncident
from whistle.engine import Reply

SEND = ReportIncident(item="gas-leak", place="草桥路12号")


def send(office: Office, key: str) -> Reply:
    """Report an incident under a key."""
    return office.ask((f"stream-{key}", SEND), key=key)


def child(path: Path, cycle: int, out: int) -> None:
    """Obey until killed; a key is told before it is sent, a number after the reply."""
    office = Office(path, at("09:00"))
    for number in range(10_000):
        key = f"{cycle}-{number}"
        os.write(out, f"{key} ".encode())
        reply = send(office, key)
        os.write(out, f"{reply.events[-1].seq}\n".encode())


def cycle(path: Path, number: int, chance: random.Random) -> bool:
    """Kill one child; whether an order was under way."""
    here, there = os.pipe()
    pid = os.fork()
    if pid == 0:
        child(path, number, there)
        os._exit(0)
    os.close(there)
    told = os.read(here, 1)  # it is at work
    time.sleep(chance.random() / 200)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    while more := os.read(here, 65536):
        told += more
    os.close(here)
    return check(path, told.decode())


def check(path: Path, told: str) -> bool:
    """Send every key again."""
    office = Office(path, at("09:00"))
    *whole, last = told.split("\n")
    for line in whole:
        key, seq = line.split()
        again = send(office, key)
        assert (again.replayed, again.events[-1].seq) == (True, int(seq)), line
    key, _space, _seq = last.partition(" ")
    if key and _space:
        first = send(office, key)
        again = send(office, key)
        assert again.replayed
        assert (again.id, again.events) == (first.id, first.events)
    assert office.log.verify().ok
    office.close()
    return bool(key)


if __name__ == "__main__":
    chance = random.Random(7)  # noqa: S311 - moments to kill at, no secret
    untold = sum(cycle(Path(sys.argv[1]), n, chance) for n in range(int(sys.argv[2])))
    print(untold)

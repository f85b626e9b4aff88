"""A PostgreSQL server that crashes under eight writers, again and again; a program.

Usage: python -m tests.faults.crash_server CYCLES GUARD. In every other cycle the writers outlive
the crash: they wait for the server and go on. What was told before a crash must be there after it,
once, and a key that is sent again gets the same reply. GUARD is `on`, or names what is broken on
purpose. Prints {"cycles", "told", "untold", "wrong"}.
"""

import gc
import json
import random
import sys
import time

from tests.faults import broken
from tests.faults.child import in_child
from tests.faults.kill_writers import Loop
from tests.office import Office
from tests.postgres import Server
from whistle.log.stores import create

WRITERS = 8
ALIVE_S = (0.3, 0.9)  # how long they write before the crash
AFTER_S = 0.5  # and after it


def founded(url: str) -> None:
    """A town in an empty database."""
    create(url)
    office = Office(url)
    office.found()
    office.close()


def cycle(server: Server, loop: Loop, number: int) -> None:
    """Let eight write, crash the server, and start it again."""
    writers = loop.started(number)
    time.sleep(loop.chance.uniform(*ALIVE_S))
    server.crash()
    outlive = number % 2 == 1
    if not outlive:
        for slot, writer in enumerate(writers):
            loop.end(slot, writer)
    server.start()
    if outlive:
        time.sleep(AFTER_S)
        for slot, writer in enumerate(writers):
            loop.end(slot, writer)
    loop.wrong += in_child(loop.prove)


def main(cycles: int, guard: str) -> None:
    """Crash until it is enough, or something is wrong."""
    server = Server()
    try:
        url = server.fresh()
        in_child(lambda: founded(url))
        broken.break_(guard)
        gc.freeze()
        loop = Loop(url, random.Random(7), WRITERS)  # noqa: S311 - moments to crash at, no secret
        for number in range(cycles):
            cycle(server, loop, number)
            if loop.wrong:
                break
    finally:
        server.stop()
    done = {"cycles": number + 1, "told": len(loop.told), "untold": loop.untold}
    print(json.dumps({**done, "wrong": loop.wrong[:9]}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])

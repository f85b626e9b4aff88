"""Readers that are killed while they bring the views up to date; a program.

Usage: python -m tests.faults.kill_views STORE KILLS GUARD. Some readers at once let every view
follow the log, in batches of a few events, give orders and follow again (one gives orders first);
all are killed (SIGKILL) at some instant. After some dozen rounds the views must be what a rebuild
makes of the log, with nothing parked. GUARD is `on`, or names what is broken on purpose.
Prints {"kills", "events", "wrong"}.
"""

import gc
import importlib
import json
import os
import random
import signal
import sys
import time
from functools import partial
from itertools import count
from select import select

from projections import following, open_views
from tests import places
from tests.faults import broken
from tests.faults.child import fork, in_child, killed
from tests.faults.kill_writers import BEGUN, PATIENCE_S, Place, Writer, place_of, send
from tests.office import Office
from tests.town import at

READERS = 3
BATCH = 4


def alive_s(place: Place) -> float:
    """The longest that a reader lives after he has opened the views."""
    return 0.9 if isinstance(place, str) else 0.24


def proved_each(place: Place) -> int:
    """After how many rounds the views are proved; the kills of a server's readers are fewer."""
    return 10 if isinstance(place, str) else 40


def follow(place: Place, there: int, name: str) -> None:
    """Let the views follow, give orders, and let them follow again, until killed."""
    office = Office(place, at("09:00"))
    with open_views(office.log, places.views_at(office.address)) as views:
        os.write(there, b"open")
        for number in count():
            if number or name.endswith(".0"):
                for what in ("report", "blow"):
                    send(office, f"{name}.{number}-{what}")
            views.catch_up()


def start(place: Place, name: str) -> Writer:
    """Fork a reader."""
    here, there = os.pipe()
    pid = fork(partial(follow, place, there, name))
    os.close(there)
    return Writer(pid, here)


def end(reader: Writer) -> None:
    """Kill a reader, who may not have fallen over before."""
    os.kill(reader.pid, signal.SIGKILL)
    os.close(reader.here)
    if not killed(reader.pid):
        raise RuntimeError("a reader fell over: its traceback stands above")


def round_of(place: Place, number: int, chance: random.Random) -> None:
    """Let some readers read, and kill them one after another; some while they open the store."""
    for reader in [start(place, f"{number}.{slot}") for slot in range(READERS)]:
        if chance.random() < BEGUN:
            select([reader.here], [], [], PATIENCE_S)
        time.sleep(chance.random() * alive_s(place) / READERS)
        end(reader)


def proved(place: Place) -> dict[str, object]:
    """How many events there are, and what is wrong with the record or a view of it."""
    office = Office(place, at("09:00"))
    wrong = [] if office.log.verify().ok else ["the record does not prove itself"]
    with open_views(office.log, places.views_at(office.address)) as views:
        views.catch_up()
        wrong += [f"{each.name}: parked {each.parked}" for each in views.status() if each.parked]
        wrong += [
            f"{each.name} is not what it should be" for each in views.rebuild() if each.changed
        ]
    size = office.log.size()
    office.close()
    return {"events": size, "wrong": wrong}


def main(place: Place, kills: int, guard: str) -> None:
    """Kill until it is enough, or something is wrong."""
    following.FIRST_BATCH = following.BATCH_MAX = following.BATCH_MIN = BATCH
    chance = random.Random(5)  # noqa: S311 - moments to kill at, no secret
    importlib.import_module("projections.schema")  # else each reader would import its driver
    in_child(lambda: proved(place))
    gc.freeze()
    broken.break_(guard)
    found: dict[str, object] = {}
    for number in range(kills // READERS):
        round_of(place, number, chance)
        if (number + 1) % proved_each(place) == 0 or number + 1 == kills // READERS:
            found = in_child(lambda: proved(place))
            if found["wrong"]:
                break
    print(json.dumps({"kills": (number + 1) * READERS, **found}))


if __name__ == "__main__":
    main(place_of(sys.argv[1]), int(sys.argv[2]), sys.argv[3])

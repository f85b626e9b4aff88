"""`projection run`, killed again and again while eight writers write; a program.

Usage: python -m tests.faults.kill_runners STORE KILLS GUARD. The runner's batches are a few events,
so that a kill finds it in the middle of one; another takes its place at once. At the end the
writers are killed too, and the views must be what a rebuild makes of the log, with nothing parked.
GUARD is `on`, or names what is broken on purpose. Prints {"kills", "events", "wrong"}.
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

import cli
from projections import VIEWS, following, view
from tests.faults import broken
from tests.faults.child import fork, in_child, killed
from tests.faults.kill_views import proved
from tests.faults.kill_writers import Place, place_of, send
from tests.office import Office
from tests.town import at

WRITERS = 8
BATCH = 4
REST_S = 0.2  # of a writer, after an incident and its whistle
ALIVE_S = 0.3  # the longest that a runner lives
PROVED_EACH = 20  # kills


def write(place: Place, name: str) -> None:
    """Give orders until killed."""
    office = Office(place, at("09:00"))
    for number in count():
        for what in ("report", "blow"):
            send(office, f"{name}.{number}-{what}")
        time.sleep(REST_S)


def run(address: str) -> None:
    """The verb, as a service starts it."""
    cli.run(["--store", address, "-q", "projection", "run"])


def end(pids: list[int]) -> None:
    """Kill some; whoever had fallen over before has left a traceback."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    fates = [killed(pid) for pid in pids]
    if not all(fates):
        raise RuntimeError("one fell over: its traceback stands above")


def in_turns(place: Place, address: str, kills: int, chance: random.Random) -> None:
    """Some writers at work, and one runner after another."""
    writers = [fork(partial(write, place, f"{kills}.{slot}")) for slot in range(WRITERS)]
    for _ in range(PROVED_EACH):
        runner = fork(partial(run, address))
        time.sleep(chance.random() * ALIVE_S)
        end([runner])
    end(writers)


def main(place: Place, kills: int, guard: str) -> None:
    """Kill until it is enough, or something is wrong."""
    following.FIRST_BATCH = following.BATCH_MAX = following.BATCH_MIN = BATCH
    address = place if isinstance(place, str) else f"sqlite:///{place}"
    for name in VIEWS:  # what is imported here need not be imported by every child
        view(name)
    for module in ("projections.desk.keeping", "projections.running", "projections.schema"):
        importlib.import_module(module)
    in_child(lambda: proved(place))
    gc.freeze()
    broken.break_(guard)
    chance, done = random.Random(5), 0  # noqa: S311 - moments to kill at, no secret
    found: dict[str, object] = {}
    while done < kills and not found.get("wrong"):
        in_turns(place, address, done, chance)
        done += PROVED_EACH
        found = in_child(lambda: proved(place))
    print(json.dumps({"kills": done, **found}))


if __name__ == "__main__":
    main(place_of(sys.argv[1]), int(sys.argv[2]), sys.argv[3])

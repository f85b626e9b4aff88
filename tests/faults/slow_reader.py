"""Readers that lag behind writers, and two who bring the views up to date at once; a program.

Usage: python -m tests.faults.slow_reader STORE FOLDER ORDERS GUARD. Writers, each a process, give
orders: some are only tried, some refused, some writers are killed. Slow readers follow page by page
and must see every number once and in order, whatever is under way; two runners keep the views up to
date meanwhile, and the views must come out as a rebuild makes them. What they tell one another lies
in FOLDER. GUARD is `on`, or names what is broken on purpose. Prints {"events", "wrong"}.
"""

import json
import os
import random
import signal
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

from projections import following, open_views
from tests import places
from tests.faults import broken
from tests.faults.child import fork, in_child, killed
from tests.faults.kill_views import proved
from tests.faults.kill_writers import REPORT, Place, place_of, send
from tests.office import Office
from tests.town import at
from whistle.domain.incident.outcome import CloseIncident
from whistle.domain.refusal import Refused

WRITERS, READERS, RUNNERS, PAGE, BATCH = 3, 2, 2, 3, 5
NAP_S = 0.002


def write(place: Place, name: int, orders: int) -> None:
    """Give so many orders; between them what is rolled back."""
    office = Office(place, at("09:00"))
    for number in range(orders):
        case = f"{name}.{number}"
        office.ask((f"t-{case}", REPORT), dry_run=True)
        send(office, f"{case}-report")
        with suppress(Refused):  # it is not solved yet
            office.ask((f"i-{case}", CloseIncident()))
    office.close()


def cut_off(place: Place, name: int, orders: int) -> None:
    """Writers who are killed, one after another."""
    chance = random.Random(name)  # noqa: S311 - moments to kill at, no secret
    for number in range(orders):
        pid = fork(partial(write, place, name + number, 99))
        time.sleep(chance.random() * 0.05)
        os.kill(pid, signal.SIGKILL)
        if not killed(pid):
            raise RuntimeError("a writer fell over: its traceback stands above")


def read(place: Place, gate: Path) -> tuple[int, str]:
    """Follow page by page until the gate is shut and nothing follows; what was amiss."""
    office = Office(place, at("09:00"))
    seen = 0
    while True:
        over = gate.exists()
        page = [each.seq for each in office.log.page(seen, PAGE)]
        if page != list(range(seen + 1, seen + 1 + len(page))):
            return seen, f"after {seen} came {page}"
        if over and not page:
            return seen, ""
        seen += len(page)
        time.sleep(NAP_S)


def keep_up(place: Place, gate: Path) -> None:
    """Bring every view up to date, again and again."""
    office = Office(place, at("09:00"))
    with open_views(office.log, places.views_at(office.address)) as views:
        while not gate.exists():
            views.catch_up()
            time.sleep(NAP_S)
    office.close()


def followed(place: Place, gate: Path, told: Path) -> None:
    """Read, and tell what was seen."""
    told.write_text(json.dumps(read(place, gate)), encoding="utf-8")


def main(place: Place, folder: Path, orders: int, guard: str) -> None:
    """Let them all work at once, and look at the end."""
    following.FIRST_BATCH = following.BATCH_MAX = following.BATCH_MIN = BATCH
    broken.break_(guard)
    gate = folder / "over"
    told = [folder / f"reader-{number}" for number in range(READERS)]
    watching = [fork(partial(followed, place, gate, each)) for each in told]
    watching += [fork(partial(keep_up, place, gate)) for _ in range(RUNNERS)]
    writing = [fork(partial(write, place, name, orders)) for name in range(WRITERS)]
    writing.append(fork(partial(cut_off, place, WRITERS, orders // 2)))
    fell = sum(os.waitpid(pid, 0)[1] != 0 for pid in writing)
    gate.touch()
    fell += sum(os.waitpid(pid, 0)[1] != 0 for pid in watching)
    found = in_child(lambda: proved(place))
    seen = [json.loads(each.read_text("utf-8")) for each in told if each.exists()]
    wrong = [fault for _seen, fault in seen if fault] + found["wrong"]
    if fell:
        wrong.append(f"{fell} fell over: their tracebacks stand on standard error")
    if {size for size, _fault in seen} != {found["events"]}:
        wrong.append(f"of {found['events']} events {seen} were seen")
    print(json.dumps({"events": found["events"], "wrong": wrong}))


if __name__ == "__main__":
    main(place_of(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])

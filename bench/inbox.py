"""How long a desk waits for its inbox: 10,000 open calls, then 1,000 events to catch up with.

    .venv/bin/python bench/inbox.py [CALLS]

Whole processes, a bare `whistle` with its views up to date, and again after 1,000 more events by
other desks; wall and processor time, medians. The clocks are the machine's own, and no call is
late. It asserts nothing.
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from projections.desk.desk import Desk
from whistle.domain.incident.intake import AcceptIncident, ReportIncident
from whistle.domain.whistle.issue import BlowWhistle
from whistle.engine import Given, new_stream

WHISTLE = (sys.executable, str(Path(sys.executable).with_name("whistle")))
CALLS_OF_ONE = 5  # units that a gas leak calls
ROUNDS = 7
TAIL = 1_000


def run(words: list[str]) -> tuple[float, float]:
    """Wall and processor milliseconds of one process; a failure ends the benchmark aloud."""
    with Path(os.devnull).open("wb") as nowhere:
        begun = time.perf_counter()
        actions = [(os.POSIX_SPAWN_DUP2, nowhere.fileno(), 1)]
        child = os.posix_spawn(
            WHISTLE[0], [*WHISTLE, *words], dict(os.environ), file_actions=actions
        )
        _, status, usage = os.wait4(child, 0)
        wall = time.perf_counter() - begun
    if status:
        sys.exit(f"{' '.join(words)}: exit {os.waitstatus_to_exitcode(status)}")
    return wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def blow(desk: Desk, number: int) -> int:
    """One gas leak in one stroke; how many events that was."""
    incident = new_stream()
    orders = [
        Given(incident, ReportIncident(item="gas-leak", place=f"{number} Caoqiao Rd")),
        Given(incident, AcceptIncident()),
        Given(new_stream(), BlowWhistle(incident=incident)),
    ]
    return len(desk.ask("blow", orders).events)


def main() -> None:
    """Fill a store, and print how long its desk waits."""
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        store = ["--store", f"sqlite:///{folder}/town.db"]
        run([*store, "init", "--town", "Benchtown", "--code", "BT"])
        desk = Desk({"store": store[1], "speaker": "TZ"}, words=())
        for number in range(calls // CALLS_OF_ONE):
            blow(desk, number)
        run([*store, "inbox"])  # the views are made
        waits = {"bare whistle": [run(store) for _ in range(ROUNDS)]}
        behind = []
        for _ in range(3):
            told = 0
            while told < TAIL:
                told += blow(desk, told)
            behind.append(run(store))
        waits[f"and {TAIL} events behind"] = behind
    print(f"{'':24} {'wall ms':>8} {'cpu ms':>8}   ({calls} calls, load {os.getloadavg()[0]:.1f})")
    for name, took in waits.items():
        print(f"{name:24} {median(w for w, _ in took):8.0f} {median(c for _, c in took):8.0f}")


if __name__ == "__main__":
    main()

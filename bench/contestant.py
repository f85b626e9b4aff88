"""One contestant in a process of its own: it does what it is told, and says what that took.

    python -m bench.contestant NAME FOLDER

A line of JSON in, a line out: ["do", orders, callers], ["answer"], ["bytes"]. Standard library
only, until the contestant itself is imported: peers run in environments of their own.
"""

import ctypes
import importlib
import json
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from bench.workload import Act, Line, acts, digest


class Contestant(Protocol):
    """What every contestant can do."""

    def order(self, act: Act) -> int:
        """Do one order of the workload, durably; how many events it came to."""

    def ledger(self) -> list[Line] | None:
        """The answer from what is stored; none from what only stores."""

    def bytes(self) -> int:
        """The size of what is stored."""

    def close(self) -> None:
        """Let go of it."""


MADE: dict[str, tuple[str, str, dict[str, Any]]] = {
    "whistle": ("bench.ours", "Ours", {"limits": True}),
    "whistle-plain": ("bench.ours", "Ours", {"limits": False}),
    "whistle-together": ("bench.ours", "Ours", {"limits": True, "together": True}),
    "raw1": ("bench.limits", "Raw1", {}),
    "raw5": ("bench.limits", "Raw5", {}),
    "eventsourcing": ("bench.peers.bare_eventsourcing", "Peer", {}),
    "sqlalchemy": ("bench.peers.sqlalchemy_audit", "Peer", {}),
    "spiff": ("bench.peers.spiff_process", "Peer", {}),
    "viewflow": ("bench.peers.viewflow_tasks", "Peer", {}),
    "dbos": ("bench.peers.dbos_workflows", "Peer", {}),
    "protean": ("bench.peers.protean_messages", "Peer", {}),
    "pg1": ("bench.postgres_limits", "Pg1", {}),
    "pg5": ("bench.postgres_limits", "Pg5", {}),
    "pg5-eight": ("bench.postgres_limits", "Pg5", {}),
    "eventsourcing-postgres": ("bench.peers.bare_eventsourcing_postgres", "Peer", {}),
    "eventsourcing-postgres-eight": ("bench.peers.bare_eventsourcing_postgres", "Peer", {}),
    "whistle-postgres": ("bench.postgres_ours", "OursThere", {}),
    "whistle-postgres-together": ("bench.postgres_ours", "OursThere", {"together": True}),
    "whistle-postgres-processes": ("bench.postgres_ours", "OursApart", {}),
}
"""By name: module, class, and how it is set."""


def make(name: str, folder: Path) -> Contestant:
    """The contestant, on a folder of its own."""
    module, kind, how = MADE[name]
    made: Contestant = getattr(importlib.import_module(module), kind)(folder, **how)
    return made


def syncs() -> int:
    """How often this process has waited for the disk; 0 where the counter is not preloaded."""
    counter = getattr(ctypes.CDLL(None), "syncs", None)
    return int(counter()) if counter else 0


def call(contestant: Contestant, share: list[Act]) -> list[tuple[int, float]]:
    """One caller's orders, one after the other; the events and the seconds of each."""
    done = []
    for act in share:
        begun = time.perf_counter()
        events = contestant.order(act)
        done.append((events, time.perf_counter() - begun))
    return done


def do(contestant: Contestant, slice_: list[Act], callers: int) -> dict[str, Any]:
    """Do a slice of the workload, by one caller or by several at once."""
    shares = [[act for act in slice_ if act.whistle % callers == nth] for nth in range(callers)]
    before, cpu, wall = syncs(), time.process_time(), time.perf_counter()
    if callers == 1:
        done = call(contestant, slice_)
    else:
        with ThreadPoolExecutor(callers) as pool:
            calls = pool.map(lambda share: call(contestant, share), shares)
            done = [each for share in calls for each in share]
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    took = sorted(seconds for _events, seconds in done)
    return {
        "orders": len(slice_),
        "events": sum(events for events, _seconds in done),
        "wall_s": wall,
        "cpu_s": cpu,
        "syncs": syncs() - before,
        "p50_s": took[len(took) // 2],
        "p99_s": took[len(took) * 99 // 100],
    }


def main() -> None:
    """Answer until nobody asks."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("it took too long"))
    name, folder = sys.argv[1:]
    contestant = make(name, Path(folder))
    try:
        answer(contestant)
    finally:
        contestant.close()


def answer(contestant: Contestant) -> None:
    """Do what is asked, line for line."""
    workload = acts()
    for line in sys.stdin:
        word, *rest = json.loads(line)
        said: Any
        if word == "do":
            orders, callers = rest
            said = do(contestant, list(islice(workload, orders)), callers)
        elif word == "answer":
            lines = contestant.ledger()
            said = None if lines is None else digest(lines)
        else:
            said = contestant.bytes()
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()

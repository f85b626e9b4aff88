"""One reading of the year in a process of its own, as a peer's environment or ours runs it.

    python -m bench.reader NAME FOLDER ledger|assess
    python -m bench.reader NAME FOLDER fill EVENTS

A line of JSON: seconds, peak memory, the digest of the answer. What is imported, and what makes
the answer comparable, is outside the clock. Standard library only, but for the reader.
"""

import importlib
import json
import resource
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bench.figures import digest


class Made(NamedTuple):
    """How a reader comes to be."""

    module: str
    how: Mapping[str, Any]
    environment: str = ""  # of a peer; ours, where there is none
    filled_by: str = ""  # whose file it reads, if not one of its own


MADE: dict[str, Made] = {
    "duckdb": Made("bench.peers.duckdb_tables", {"form": "typed"}, "duckdb", "duckdb"),
    "duckdb-json": Made("bench.peers.duckdb_tables", {"form": "json"}, "duckdb", "duckdb"),
    "duckdb-attached": Made(
        "bench.peers.duckdb_tables", {"form": "attached"}, "duckdb-attached", "by-hand"
    ),
    "polars": Made("bench.peers.polars_frames", {}, "polars", "duckdb"),
    "pm4py": Made("bench.peers.pm4py_frames", {}, "pm4py", "duckdb"),
    "by-hand": Made("bench.by_hand", {}, "", "by-hand"),
    "eventsourcing": Made("bench.peers.notification_log", {}, "eventsourcing", "eventsourcing"),
    "whistle": Made("bench.ours_read", {}, "", "whistle"),
    "whistle, two processes": Made("bench.ours_read", {"workers": 2}, "", "whistle"),
    "whistle, not proved": Made("bench.ours_read", {"proved": False}, "", "whistle"),
}
"""By name, in the order of the table."""


def memory() -> tuple[float, float]:
    """Megabytes that this process has now, and has had at most.

    The kernel's own figure for a process just begun is that of whoever began it, so it is read
    where it is known of this program alone.
    """
    try:
        told = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return peak, peak
    sizes = dict(line.split(":", 1) for line in told.splitlines() if line.startswith("Vm"))
    now, most = (int(sizes[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return now, most


def spent() -> float:
    """Processor seconds of this process and of those that it has waited for."""
    own, theirs = (resource.getrusage(who) for who in (0, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + theirs.ru_utime + theirs.ru_stime


def read(name: str, folder: Path, asked: str) -> dict[str, Any]:
    """Read the year once."""
    made = MADE[name]
    reader: Any = importlib.import_module(made.module).Reader(folder, **made.how)
    begun_mb = memory()[0]
    cpu, wall = spent(), time.perf_counter()
    answer = getattr(reader, asked)()
    wall, cpu = time.perf_counter() - wall, spent() - cpu
    peak_mb = memory()[1]
    told = (reader.lines if asked == "ledger" else reader.figures)(answer)
    return {
        "wall_s": wall,
        "cpu_s": cpu,
        "peak_mb": peak_mb,
        "above_mb": peak_mb - begun_mb,
        "answer": digest(told),
    }


def main() -> None:
    """Do what is asked, and say so."""
    name, folder, asked, *events = sys.argv[1:]
    if asked == "fill":
        begun = time.perf_counter()
        importlib.import_module(MADE[name].module).fill(Path(folder), *map(int, events))
        print(json.dumps({"wall_s": time.perf_counter() - begun}))
    else:
        print(json.dumps(read(name, Path(folder), asked)))


if __name__ == "__main__":
    main()

"""How long a half year of history takes, and how much memory: import, assessment, verification.

    .venv/bin/python bench/history.py [FILE]

Whole processes on the half-year log of tests/data (160,973 event lines) or on FILE, each run once;
the import is run a second time to show what a resumed one costs. Memory is the peak of resident
pages that the kernel reports for the process. It asserts nothing.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

WHISTLE = (sys.executable, str(Path(sys.executable).with_name("whistle")))
HALF_YEAR = Path(__file__).parent.parent / "tests/data/sf_fire/sf_ne2018_h1_events.jsonl.gz"
LIMITS = "ack=60s,arrival=300s,total_response=480s,disposal=3600s"


class Run(NamedTuple):
    """One process: wall and processor seconds, peak memory in MB."""

    name: str
    wall_s: float
    cpu_s: float
    peak_mb: float


MEASURING = """
import json, os, sys, time
out = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
to = [(os.POSIX_SPAWN_DUP2, out, 1)]
begun = time.perf_counter()
child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ, file_actions=to)
_, status, usage = os.wait4(child, 0)
wall = time.perf_counter() - begun
took = (wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
print(json.dumps((os.waitstatus_to_exitcode(status), *took)))
"""
"""A small program that runs another. The kernel counts the memory of whoever begins a process as a
peak of that process, so a large one must not begin what is to be measured."""


def run(name: str, words: list[str], output: Path) -> Run:
    """Run one command to its end; a failure ends the benchmark aloud."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    measuring = [sys.executable, "-I", "-S", "-c", MEASURING, str(output)]
    done = subprocess.run(
        [*measuring, *WHISTLE, *words],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    code, wall, cpu, peak = json.loads(done.stdout)
    if code:
        sys.exit(f"{' '.join(words)}: exit {code}, {output}")
    kilobyte = 1 if sys.platform != "darwin" else 1024  # macOS reports bytes
    return Run(name, wall, cpu, peak / 1024 / kilobyte)


def main() -> None:
    """Print the table."""
    path = str(Path(sys.argv[1]) if len(sys.argv) > 1 else HALF_YEAR)
    with tempfile.TemporaryDirectory() as folder:
        store = ["--store", f"sqlite:///{folder}/town.db"]
        said = Path(folder, "said.json")
        run("init", [*store, "init", "--town", "Benchtown", "--code", "BT"], said)
        runs = [
            run("import events", [*store, "import", "events", path, "--json"], said),
            run("import it again", [*store, "import", "events", path, "--json"], said),
            run("audit verify", [*store, "audit", "verify", "--json"], said),
            run(
                "assess ledger, proved",
                [*store, "assess", "ledger", "--limits", LIMITS, "--json"],
                said,
            ),
            run("replay, proved", [*store, "replay", "--until", "-1m", "--json"], said),
        ]
        size = Path(folder, "town.db").stat().st_size
    print(f"{'command':24} {'wall s':>8} {'cpu s':>8} {'peak MB':>8}")
    for one in runs:
        print(f"{one.name:24} {one.wall_s:8.2f} {one.cpu_s:8.2f} {one.peak_mb:8.0f}")
    verify, ledger = runs[2], runs[3]
    print(f"\nthe ledger on top of the proof: {ledger.wall_s - verify.wall_s:.2f} s")
    print(f"the store: {size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()

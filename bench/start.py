"""How long a verb takes from the shell's point of view, against a click hello world.

    .venv/bin/python -m bench start

Whole processes, interleaved (hello, library, help, report, blow, ack, hello, ...), so that a noisy
neighbour hits all alike; medians. `library` is a program that imports the bare event-sourcing
library under our log and saves once. Ratios carry over to another machine, milliseconds do not.
It asserts nothing.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from operator import truediv
from pathlib import Path
from statistics import median
from typing import Any

from bench import report

WHISTLE = (sys.executable, str(Path(sys.executable).with_name("whistle")))
HELLO = """\
import click

@click.command()
@click.option("--name", default="world")
def hello(name):
    click.echo(f"hello {name}")

hello()
"""
LIBRARY = """\
import sys
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate

class Town(Application):
    pass

env = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": sys.argv[1]}
Town(env).save(Aggregate())
"""
ROUNDS_MIN = 9
HEAVY = ("sqlalchemy", "psycopg")  # a verb that writes one order must start without these


def environment() -> dict[str, str]:
    """Ours, with bytecode: without it each start would measure the compiler."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def run(command: Sequence[str]) -> tuple[float, str]:
    """Milliseconds of wall time and what it printed; a failure ends the benchmark aloud."""
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    took = (time.perf_counter() - begun) * 1000
    if done.returncode:
        sys.exit(f"{' '.join(command)}\nexit {done.returncode}\n{done.stdout}{done.stderr}")
    return took, done.stdout


def ack_of(reply: str) -> list[str]:
    """The words that acknowledge the whistle a `blow --json` replied with, as its first unit."""
    written: dict[str, Any] = json.loads(reply)["data"]
    unit = next(step["unit"] for step in written["next"] if step["verb"] == "ack")
    return ["ack", str(written["id"]), "--as", unit, "-t", "25m", "--json"]


def measure(rounds: int, desk: list[str], hello: Path) -> dict[str, list[float]]:
    """Wall times by name, in the order of the table."""
    names = ("hello", "library", "--help", "report", "blow", "ack")
    times: dict[str, list[float]] = {name: [] for name in names}
    library = hello.with_name("library.py")
    library.write_text(LIBRARY, encoding="utf-8")
    for number in range(rounds + 1):
        place = f"{number + 1} Caoqiao Rd"
        first, _ = run([sys.executable, str(hello)])
        saved, _ = run([sys.executable, str(library), str(hello.with_name("library.db"))])
        helped, _ = run([*WHISTLE, "--help"])
        reported, _ = run([*desk, "report", "street-vending", place, "--json"])
        blew, reply = run([*desk, "blow", "-e", "gas-leak", place, "--json"])
        acked, _ = run([*desk, *ack_of(reply)])
        if number:  # the first round only warms the disk and writes bytecode
            all_took = (first, saved, helped, reported, blew, acked)
            for name, took in zip(times, all_took, strict=True):
                times[name].append(took)
    return times


def imported(desk: list[str]) -> list[tuple[str, int]]:
    """Modules that `blow` imports, with the microseconds of each by itself."""
    words = [sys.executable, "-X", "importtime", *desk[1:], "blow", "-e", "gas-leak", "1 Import Rd"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment())
    lines = re.findall(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$", done.stderr, re.MULTILINE)
    return [(name, int(alone)) for alone, name in lines]


def told(rounds: int) -> tuple[list[list[str]], list[tuple[str, int]]]:
    """The rows of the table, and what `blow` imports."""
    with tempfile.TemporaryDirectory() as folder:
        hello = Path(folder, "hello.py")
        hello.write_text(HELLO, encoding="utf-8")
        desk = [*WHISTLE, "--store", f"sqlite:///{folder}/town.db"]
        run([*desk, "init", "--town", "Benchtown", "--code", "BT", "--json"])
        times = measure(rounds, desk, hello)
        modules = imported(desk)
    rows = []
    for name, took in times.items():
        pairs = [median(map(truediv, took, times[base])) for base in ("hello", "library")]
        rows.append([name, f"{median(took):.0f}", *(f"{pair:.2f}" for pair in pairs)])
    return rows, modules


def main(rounds: int = ROUNDS_MIN, *, write: bool = False) -> None:
    """Print the table of times and what `blow` imports."""
    rows, modules = told(rounds)
    heavy = [name for name, _ in modules if name.partition(".")[0] in HEAVY]
    slowest = sorted(modules, key=lambda module: -module[1])[:5]
    said = [
        f"{report.machine()}; {rounds} rounds.",
        f"`blow` imports {len(modules)} modules, {sum(t for _, t in modules) / 1000:.0f} ms; "
        f"of {', '.join(HEAVY)}: {', '.join(heavy) or 'none'}. The slowest by themselves: "
        + ", ".join(f"{name} {alone / 1000:.1f} ms" for name, alone in slowest)
        + ".",
    ]
    heads = ("process", "median ms", "x click hello", "x library")
    report.tell("start", "\n".join(said) + "\n\n" + report.table(heads, rows), write=write)


if __name__ == "__main__":
    main(max(ROUNDS_MIN, int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS_MIN))

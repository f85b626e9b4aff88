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
import time
from collections.abc import Sequence
from operator import truediv
from pathlib import Path
from statistics import median
from typing import Any

from bench import report
from bench.place import place

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
NAMES = ("hello", "library", "--help", "report", "blow", "ack")
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


def programs(folder: Path) -> dict[str, list[str]]:
    """What ours is compared with: a click hello, and the library importing and saving once."""
    hello, library = folder / "hello.py", folder / "library.py"
    hello.write_text(HELLO, encoding="utf-8")
    library.write_text(LIBRARY, encoding="utf-8")
    return {"hello": [str(hello)], "library": [str(library), str(folder / "library.db")]}


def measure(rounds: int, desk: list[str], beside: dict[str, list[str]]) -> dict[str, list[float]]:
    """Wall times by name, in the order of the table."""
    times: dict[str, list[float]] = {name: [] for name in NAMES}
    for number in range(rounds + 1):
        place = f"{number + 1} Caoqiao Rd"
        first, _ = run([sys.executable, *beside["hello"]])
        saved, _ = run([sys.executable, *beside["library"]])
        helped, _ = run([*WHISTLE, "--help"])
        reported, _ = run([*desk, "report", "street-vending", place, "--json"])
        blew, reply = run([*desk, "blow", "-e", "gas-leak", place, "--json"])
        acked, _ = run([*desk, *ack_of(reply)])
        if number:  # the first round only warms the disk and writes bytecode
            all_took = (first, saved, helped, reported, blew, acked)
            for name, took in zip(times, all_took, strict=True):
                times[name].append(took)
    return times


def imported(words: Sequence[str]) -> list[tuple[str, int]]:
    """Modules that a program imports, with the microseconds of each by itself."""
    command = [sys.executable, "-X", "importtime", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    lines = re.findall(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$", done.stderr, re.MULTILINE)
    return [(name, int(alone)) for alone, name in lines]


def modules_of(desk: list[str], beside: dict[str, list[str]]) -> dict[str, list[tuple[str, int]]]:
    """What each of them imports, counted once: that does not depend on the machine."""
    _, reply = run([*desk, "blow", "-e", "gas-leak", "1 Import Rd", "--json"])
    verbs = {
        "--help": ["--help"],
        "report": ["report", "street-vending", "2 Import Rd"],
        "blow": ["blow", "-e", "gas-leak", "3 Import Rd"],
        "ack": ack_of(reply),
    }
    counted = beside | {name: [*desk[1:], *words] for name, words in verbs.items()}
    return {name: imported(words) for name, words in counted.items()}


def told(rounds: int) -> tuple[list[list[str]], list[tuple[str, int]]]:
    """The rows of the table, and what `blow` imports."""
    with place(memory=False) as folder:
        beside = programs(folder)
        desk = [*WHISTLE, "--store", f"sqlite:///{folder}/town.db"]
        run([*desk, "init", "--town", "Benchtown", "--code", "BT", "--json"])
        times = measure(rounds, desk, beside)
        modules = modules_of(desk, beside)
    rows = []
    for name, took in times.items():
        pairs = [median(map(truediv, took, times[base])) for base in ("hello", "library")]
        cells = [len(modules[name]), f"{median(took):.0f}", *(f"{pair:.2f}" for pair in pairs)]
        rows.append([name, *map(str, cells)])
    return rows, modules["blow"]


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
    heads = ("process", "imported modules", "median ms", "x click hello", "x library")
    report.tell("start", "\n".join(said) + "\n\n" + report.table(heads, rows), write=write)


if __name__ == "__main__":
    main(max(ROUNDS_MIN, int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS_MIN))

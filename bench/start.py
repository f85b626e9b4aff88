"""How long a verb takes from the shell's point of view, against a click hello world.

    .venv/bin/python bench/start.py [ROUNDS]

Whole processes, interleaved (hello, help, report, blow, ack, hello, ...), so that a noisy
neighbour hits all alike; medians. Ratios carry over to another machine, milliseconds do not. It
asserts nothing.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

WHISTLE = (sys.executable, str(Path(sys.executable).with_name("whistle")))
HELLO = """\
import click

@click.command()
@click.option("--name", default="world")
def hello(name):
    click.echo(f"hello {name}")

hello()
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
    times: dict[str, list[float]] = {
        name: [] for name in ("hello", "--help", "report", "blow", "ack")
    }
    for number in range(rounds + 1):
        place = f"{number + 1} Caoqiao Rd"
        first, _ = run([sys.executable, str(hello)])
        helped, _ = run([*WHISTLE, "--help"])
        reported, _ = run([*desk, "report", "street-vending", place, "--json"])
        blew, reply = run([*desk, "blow", "-e", "gas-leak", place, "--json"])
        acked, _ = run([*desk, *ack_of(reply)])
        if number:  # the first round only warms the disk and writes bytecode
            for name, took in zip(times, (first, helped, reported, blew, acked), strict=True):
                times[name].append(took)
    return times


def imported(desk: list[str]) -> list[tuple[str, int]]:
    """Modules that `blow` imports, with the microseconds of each by itself."""
    words = [sys.executable, "-X", "importtime", *desk[1:], "blow", "-e", "gas-leak", "1 Import Rd"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment())
    lines = re.findall(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$", done.stderr, re.MULTILINE)
    return [(name, int(alone)) for alone, name in lines]


def main() -> None:
    """Print the table of times and what `blow` imports."""
    rounds = max(ROUNDS_MIN, int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS_MIN)
    with tempfile.TemporaryDirectory() as folder:
        hello = Path(folder, "hello.py")
        hello.write_text(HELLO, encoding="utf-8")
        desk = [*WHISTLE, "--store", f"sqlite:///{folder}/town.db"]
        run([*desk, "init", "--town", "Benchtown", "--code", "BT", "--json"])
        times = measure(rounds, desk, hello)
        modules = imported(desk)
    base = median(times["hello"])
    print(f"{'command':10} {'median ms':>10} {'x hello':>8} {'min ms':>8}   ({rounds} rounds)")
    for name, took in times.items():
        middle = median(took)
        print(f"{name:10} {middle:10.1f} {middle / base:8.2f} {min(took):8.1f}")
    heavy = [name for name, _ in modules if name.partition(".")[0] in HEAVY]
    print(f"\nblow imports {len(modules)} modules, {sum(t for _, t in modules) / 1000:.1f} ms")
    print(f"of {', '.join(HEAVY)}: {', '.join(heavy) or 'none'}")
    for name, alone in sorted(modules, key=lambda module: -module[1])[:10]:
        print(f"{alone / 1000:8.1f} ms  {name}")


if __name__ == "__main__":
    main()

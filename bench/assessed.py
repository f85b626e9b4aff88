"""W4 and the columns of W3: one year read by each in turn, from what is recorded to the answer.

Every reading is a process of its own, in its peer's environment; what it answers must be what the
workload itself comes to.
"""

import json
import os
import subprocess
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from bench import report
from bench.arena import HOUSE, NEEDS, Out, python_of, reason
from bench.figures import digest, workload_figures
from bench.place import place
from bench.reader import MADE
from bench.workload import acts, ledger

NAMES = tuple(MADE)
BASE, HAND = "duckdb", "by-hand"
LEDGER = ("by-hand", "duckdb", "duckdb-json", "duckdb-attached", "polars")
HEADS = ("reader", "wall s", "CPU s", "wall ÷ duckdb", "CPU ÷ duckdb", "CPU ÷ by hand", "peak MB",
         "above start MB")  # fmt: skip
PATIENCE_S = 3600

Took = dict[str, Any]


def run(name: str, folder: Path, *words: str) -> Took:
    """One process of a reader; Out when it fails."""
    made = MADE[name]
    python = python_of(made.environment)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(HOUSE)
    command = [python, "-m", "bench.reader", name, str(folder), *words]
    try:
        done = subprocess.run(
            command,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
    except subprocess.TimeoutExpired as why:
        raise Out(f"not done after {PATIENCE_S} seconds") from why
    if done.returncode:
        raise Out(f"failed: {reason(done.stderr)}")
    took: Took = json.loads(done.stdout.splitlines()[-1])
    return took


class Readers:
    """Who reads one year, in one folder."""

    def __init__(self, names: Sequence[str], folder: Path, events: int) -> None:
        self.folder = folder
        self.names = list(names)
        self.out: dict[str, str] = {}
        self.filled = dict[str, float]()
        for name in dict.fromkeys(MADE[each].filled_by for each in names):
            report.progress(f"{name}: {events:,} events are put there")
            try:
                self.filled[name] = run(name, folder, "fill", str(events))["wall_s"]
            except Out as why:
                for each in [each for each in self.names if MADE[each].filled_by == name]:
                    self.leaves(each, why)

    def leaves(self, name: str, why: Out) -> None:
        """Somebody is out; if it is one of ours, the benchmark ends aloud."""
        if MADE[name].environment not in NEEDS:
            raise SystemExit(f"{name} {why}") from why
        self.out[name] = str(why)
        self.names.remove(name)

    def rounds(
        self, asked: str, rounds: int, right: str, names: Sequence[str]
    ) -> dict[str, list[Took]]:
        """Each in turn, in every round; the first warms the disk."""
        took: dict[str, list[Took]] = {name: [] for name in names if name in self.names}
        for number in range(rounds + 1):
            report.progress(f"{asked}, round {number} of {rounds}")
            turn = list(took)
            begins = number % max(1, len(turn))
            for name in turn[begins:] + turn[:begins]:
                try:
                    one = run(name, self.folder, asked)
                    if one["answer"] != right:
                        raise Out(f"answers {one['answer']}, and the workload comes to {right}")
                except Out as why:
                    self.leaves(name, why)
                    del took[name]
                else:
                    took[name] += [one] if number else []
        return took


def table(took: dict[str, list[Took]], out: dict[str, str]) -> str:
    """The rows, and those that are out."""
    rows = []
    for name, rounds in took.items():
        cells = [
            name,
            *(f"{median(each[what] for each in rounds):.2f}" for what in ("wall_s", "cpu_s")),
        ]
        pairs = ((BASE, "wall_s"), (BASE, "cpu_s"), (HAND, "cpu_s"))
        cells += [beside(rounds, took.get(other), what) for other, what in pairs]
        cells += [
            f"{median(each[what] for each in rounds):.0f}" for what in ("peak_mb", "above_mb")
        ]
        rows.append(cells)
    rows += [[name, why] + [""] * (len(HEADS) - 2) for name, why in out.items()]
    return report.table(HEADS, rows)


def beside(own: list[Took], other: list[Took] | None, what: str) -> str:
    """How many times the other's own takes: the median of the ratios of the same round."""
    if other is None:
        return "-"
    return f"{median(a[what] / b[what] for a, b in zip(own, other, strict=True)):.2f}"


def main(names: Sequence[str], rounds: int, events: int, *, write: bool) -> None:
    """Fill every form once; then the figures, and the ledger by columns."""
    year = list(islice(acts(), events))
    with place(memory=False) as folder:
        readers = Readers(names, folder, events)
        figures = digest(workload_figures(year))
        assessed = readers.rounds("assess", rounds, figures, names)
        said = (
            f"{report.machine()}; {rounds} rounds, {events:,} events. "
            f"The same figures ({figures}) came out of all. "
            f"Put there once, in seconds: {filled(readers)}."
        )
        report.tell("assess", f"{said}\n\n{table(assessed, readers.out)}", write=write)
        columns = [name for name in LEDGER if name in names]
        if columns:
            lines = digest(ledger(year))
            rebuilt = readers.rounds("ledger", rounds, lines, columns)
            said = (
                f"{report.machine()}; {rounds} rounds, {events:,} events. "
                f"The same ledger ({lines}) came out of all."
            )
            out = {name: why for name, why in readers.out.items() if name in LEDGER}
            report.tell("columns", f"{said}\n\n{table(rebuilt, out)}", write=write)


def filled(readers: Readers) -> str:
    """What it took to make each form."""
    return ", ".join(f"{name} {seconds:.0f}" for name, seconds in readers.filled.items())

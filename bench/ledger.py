"""W3: the ledger made anew from a log: the view, by hand, and by a loop over a notification log.

Every round gives the same log to each road in turn, in a process of its own; a ratio is the median
of the ratios within a round. The rows must be the same, or the benchmark ends.
"""

import json
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from bench import report
from bench.arena import HOUSE, Out, python_of, reason
from bench.place import place
from bench.rebuilt import ROADS
from bench.views import history


def child(road: str, folder: Path, *words: str, told: str = "") -> str:
    """One process of a road; what it said. Out when it failed."""
    done = subprocess.run(
        [python_of(road), "-m", "bench.rebuilt", road, str(folder), *words],
        env={**os.environ, "PYTHONPATH": str(HOUSE)},
        input=told,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Out(f"{road} failed: {reason(done.stderr)}")
    return done.stdout


def measured(folder: Path, events: int, rounds: int) -> dict[str, list[dict[str, Any]]]:
    """What each road took, round by round; a peer that cannot be had is left out, aloud."""
    facts = "\n".join(
        json.dumps((each.incident, each.unit, each.kind, each.at))
        for each in islice(history(), events)
    )
    took: dict[str, list[dict[str, Any]]] = {}
    for road in ROADS:
        try:
            child(road, folder, "fill", told=facts)
            took[road] = []
        except Out as why:
            if road in ("views", "by-hand"):
                raise SystemExit(str(why)) from why
            report.progress(str(why))
    for number in range(rounds + 1):
        report.progress(f"round {number} of {rounds}")
        names = list(took)
        begins = number % len(names)
        for road in names[begins:] + names[:begins]:
            said = json.loads(child(road, folder))
            if number:  # the first is warm-up
                took[road].append(said)
    if len({each["answer"] for rounds_ in took.values() for each in rounds_}) != 1:
        raise SystemExit(f"the roads do not come to the same ledger: {took}")
    return took


def main(events: int, rounds: int, *, write: bool) -> None:
    """A row a road."""
    with place(memory=False) as folder:
        took = measured(folder, events, rounds)

    def ratio(road: str, other: str, what: str) -> str:
        if other not in took:
            return "-"
        pairs = zip(took[road], took[other], strict=True)
        return f"{median(theirs[what] / own[what] for own, theirs in pairs):.2f}"

    rows = [
        [
            road,
            f"{median(events / each['cpu_s'] for each in each_round):,.0f}",
            *(ratio(road, other, what) for what in ("cpu_s", "wall_s") for other in
              ("by-hand", "eventsourcing")),
            f"{max(each['above_mb'] for each in each_round):.0f}",
        ]
        for road, each_round in took.items()
    ]  # fmt: skip
    heads = [
        "road",
        "events/s of CPU",
        "speed by CPU, x by hand",
        "x eventsourcing",
        "by wall, x by hand",
        "x eventsourcing",
        "MB above start",
    ]
    said = (
        f"{report.machine()}; {events:,} imported facts, {rounds} rounds. The same ledger came "
        f"out of {', '.join(took)}."
    )
    report.tell("ledger", f"{said}\n\n{report.table(heads, rows)}", write=write)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000, 7, write=False)

"""Whistle as a reader: its log, imported through its own door, assessed as `whistle assess` does.

Every leaf is proved on the way, which nobody else does; `proved=False` leaves that out, and is
offered to nobody: it shows what the proof costs.
"""

import subprocess
from itertools import chain, islice
from pathlib import Path
from typing import Any

from bench import recorded
from bench.figures import ACK_LIMIT_S, ARRIVE_LIMIT_S, YEAR, Figure, month_of
from bench.history import WHISTLE
from bench.workload import Line
from whistle import clock
from whistle.domain.ledger import Assignment
from whistle.domain.measures import Measures
from whistle.domain.moment import SECOND
from whistle.engine.assessing import Assessed, Gathered, gather
from whistle.engine.shares import Question, Share
from whistle.log.sqlite import SQLiteLog
from whistle.log.stretch import STRETCH
from whistle.workers import ALONE
from whistle.workers.processes import Processes

LIMITS = {"ack": ACK_LIMIT_S, "arrival": ARRIVE_LIMIT_S}


def fill(folder: Path, events: int) -> None:
    """Found a town and import the history."""
    lines = folder / "history.jsonl"
    recorded.history(lines, events)
    for words in (
        ["init", "--town", "Benchtown", "--code", "BT"],
        ["import", "events", str(lines)],
    ):
        store = f"sqlite:///{folder / 'town.db'}"
        command = [*WHISTLE, "--store", store, *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    lines.unlink()


class Reader:
    """One store."""

    def __init__(self, folder: Path, *, proved: bool = True, workers: int = 1) -> None:
        self.log = SQLiteLog(folder / "town.db", clock.now)
        self.proved = proved
        self.workers = ALONE if workers == 1 else Processes(workers)

    def gathered(self) -> Gathered:
        """What is told in the log."""
        if self.proved:
            return gather(self.log, Question(), self.workers)
        found, rows = Gathered(Question()), self.log.rows()
        for first in rows:
            found.append(Share(Question()).take(chain([first], islice(rows, STRETCH - 1))))
        return found

    def ledger(self) -> Assessed:
        """What counts in the log, all of it at once."""
        return self.gathered().whole()

    def assess(self) -> list[dict[str, Any]]:
        """The ledger's measures by unit and month, and by unit."""
        by_month_, by_unit_ = Measures(LIMITS), Measures(LIMITS)
        for part in self.gathered().parts():
            rows = part.assignments()
            by_month_.take(rows, by_month)
            by_unit_.take(rows, by_unit)
        return [by_month_.groups(), by_unit_.groups()]

    def lines(self, found: Assessed) -> list[Line]:
        """The ledger as all give it."""
        return [
            Line(int(row.incident[1]), row.unit, *map(since(row), (
                row.acknowledged, row.arrived, row.finished
            )))
            for row in found.assignments()
        ]  # fmt: skip

    def figures(self, answer: list[dict[str, Any]]) -> list[Figure]:
        """The figures as all give them."""
        return [
            Figure(
                unit,
                int(month),
                of["assignments"],
                of["metrics"]["ack"]["on_time"],
                of["metrics"]["arrival"]["on_time"],
                of["metrics"]["arrival"].get("p50_linear"),
                of["metrics"]["arrival"].get("p90_linear"),
            )
            for groups in answer
            for (unit, month), of in ((name.split(), of) for name, of in groups.items())
        ]


def by_month(row: Assignment) -> str:
    """The group of a call."""
    assert row.whistled is not None
    return f"{row.unit} {month_of(row.whistled // SECOND)}"


def by_unit(row: Assignment) -> str:
    """The group of a call in the whole year."""
    return f"{row.unit} {YEAR}"


def since(row: Assignment) -> Any:
    """Seconds since a call's whistle."""
    begun = row.whistled
    assert begun is not None
    return lambda at: None if at is None else (at - begun) // SECOND

"""W3, W5, W6: views made anew, proof and ledger over longer and longer logs, in whole processes.

One store is filled further and further, and read at each size. Beside the readings stand the
limits of the same rows: read out of SQLite, and read and decoded. Memory is told above that of the
same command on an empty store.
"""

import os
import time
from pathlib import Path

from bench import report
from bench.history import LIMITS, Run, run
from bench.place import place
from bench.views import Filling
from whistle import clock
from whistle.log.rows import recorded
from whistle.log.sqlite import SQLiteLog

SECONDS_TO_SYNC = 1.0
READINGS = {
    "all views made anew": ["projection", "rebuild", "--json"],
    "audit verify": ["audit", "verify", "--json"],
    "ledger of the proved log": ["assess", "ledger", "--limits", LIMITS, "--json"],
}
SCANNED, DECODED = "rows out of SQLite (limit)", "rows read and decoded (limit)"
STEP = 100_000  # events between two lines of progress

Took = dict[str, tuple[float, float | None]]  # processor seconds, and MB above an empty store


def syncs_a_second(folder: Path) -> float:
    """How often a second the disk takes a page: the limit of one commit after another."""
    done, page = 0, b"x" * 4096
    with (folder / "synced").open("wb") as file:
        begun = time.perf_counter()
        while (took := time.perf_counter() - begun) < SECONDS_TO_SYNC:
            file.write(page)
            file.flush()
            os.fdatasync(file.fileno())
            done += 1
    return done / took


class Growing:
    """A store that grows."""

    def __init__(self, folder: Path) -> None:
        store, self.said = folder / "town.db", folder / "said.json"
        self.words = ["--store", f"sqlite:///{store}"]
        run("init", [*self.words, "init", "--town", "Benchtown", "--code", "BT"], self.said)
        self.log = SQLiteLog(store, clock.now)
        self.filling = Filling(self.log)
        self.empty_mb = {name: took.peak_mb for name, took in self._readings()}

    def at(self, events: int) -> Took:
        """What each reading takes when there are so many events."""
        for upto in (*range(self.filling.events + STEP, events, STEP), events):
            self.filling.upto(upto)
            report.progress(f"filled: {upto:,} of {events:,} events")
        took = dict(self._limits())
        for name, each in self._readings():
            took[name] = each.cpu_s, each.peak_mb - self.empty_mb[name]
        return took

    def _limits(self) -> Took:
        begun = time.process_time()
        for _row in self.log.rows():
            pass
        scanned = time.process_time()
        for row in self.log.rows():
            recorded(row)
        decoded = time.process_time()
        return {SCANNED: (scanned - begun, None), DECODED: (decoded - scanned, None)}

    def _readings(self) -> list[tuple[str, Run]]:
        took = []
        for name, words in READINGS.items():
            report.progress(f"{name}, {self.filling.events:,} events")
            took.append((name, run(name, [*self.words, *words], self.said)))
        return took


def main(sizes: list[int], *, write: bool) -> None:
    """One column a size, told as soon as it is there: the last one may take an hour."""
    columns: list[Took] = []
    with place(memory=False) as folder:
        synced = syncs_a_second(folder)
        growing = Growing(folder)
        for nth, events in enumerate(sizes):
            columns.append(growing.at(events))
            said = (
                f"{report.machine()}; once each, in processor seconds, whole processes; memory is "
                f"the peak above that on an empty store "
                f"({', '.join(f'{name} {peak:.0f} MB' for name, peak in growing.empty_mb.items())})"
                f"; the disk took {synced:,.0f} single pages a second."
            )
            text = f"{said}\n\n{table(sizes[: nth + 1], columns)}"
            report.tell("growth", text, write=write)
        growing.log.close()


def table(sizes: list[int], columns: list[Took]) -> str:
    """A row a reading; in brackets how often the time of the size before, for each tenfold."""
    rows = []
    for name in columns[0]:
        cells = [name]
        for nth, column in enumerate(columns):
            seconds, above = column[name]
            grown = seconds / columns[nth - 1][name][0] if nth else 0
            tenfold = grown * 10 * sizes[nth - 1] / sizes[nth] if nth else 0
            times = f" (x {tenfold:.1f} per tenfold)" if nth else ""
            memory = f", + {above:.0f} MB" if above is not None else ""
            cells.append(f"{seconds:.2f} s{times}, {sizes[nth] / seconds:,.0f}/s{memory}")
        rows.append(cells)
    return report.table(["imported facts", *(f"{size:,} events" for size in sizes)], rows)

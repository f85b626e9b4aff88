"""W3, W5, W6: views made anew, proof and ledger over longer and longer logs, in whole processes.

Beside them the limits of the same rows: read out of SQLite, and read and decoded.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from bench import report
from bench.history import LIMITS, Run, run
from bench.place import place
from bench.views import fill
from projections import open_views, views_path
from whistle.log.rows import recorded
from whistle.log.sqlite import SQLiteLog

SECONDS_TO_SYNC = 1.0


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


def measured(folder: Path, events: int) -> Iterator[tuple[str, float, float | None]]:
    """Name, seconds and peak MB (of a process of its own) of each reading of one log."""
    store = folder / f"{events}.db"
    words, said = ["--store", f"sqlite:///{store}"], folder / "said.json"
    run("init", [*words, "init", "--town", "Benchtown", "--code", "BT"], said)
    log = SQLiteLog(store, time.time_ns)
    fill(log, events)
    begun = time.process_time()
    for _row in log.rows():
        pass
    scanned = time.process_time()
    for row in log.rows():
        recorded(row)
    decoded = time.process_time()
    yield "rows out of SQLite (limit)", scanned - begun, None
    yield "rows read and decoded (limit)", decoded - scanned, None
    with open_views(log, views_path(store)) as views:
        views.rebuild()
    yield "all views made anew", time.process_time() - decoded, None
    log.close()
    for name, asked in (
        ("audit verify", ["audit", "verify", "--json"]),
        ("ledger of the proved log", ["assess", "ledger", "--limits", LIMITS, "--json"]),
    ):
        took: Run = run(name, [*words, *asked], said)
        yield name, took.cpu_s, took.peak_mb


def main(sizes: list[int], *, write: bool) -> None:
    """One column a size; the growth from the size before in brackets."""
    columns: list[dict[str, tuple[float, float | None]]] = []
    with place(memory=False) as folder:
        synced = syncs_a_second(folder)
        for events in sizes:
            found = measured(folder, events)
            columns.append({name: (seconds, peak) for name, seconds, peak in found})
    rows = []
    for name in columns[0]:
        cells = [name]
        for nth, column in enumerate(columns):
            seconds, peak = column[name]
            grown = f" (x {seconds / columns[nth - 1][name][0]:.1f})" if nth else ""
            memory = f", {peak:.0f} MB" if peak else ""
            cells.append(f"{seconds:.2f} s{grown}, {sizes[nth] / seconds:,.0f}/s{memory}")
        rows.append(cells)
    said = (
        f"{report.machine()}; once each, in processor seconds, whole processes with their "
        f"peak memory; the disk took {synced:,.0f} single pages a second."
    )
    heads = ["imported facts", *(f"{size:,} events" for size in sizes)]
    report.tell("growth", f"{said}\n\n{report.table(heads, rows)}", write=write)

"""The ledger as ours: the view of that name made anew beside nothing, compared and put in place."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.rebuilt import Fact
from bench.views import Filling
from projections import ledger, open_views, views_path
from projections.catch_up import Views
from whistle import clock
from whistle.log.sqlite import SQLiteLog, create

STORE = "town.db"


class Ours:
    """The view."""

    def fill(self, folder: Path, facts: Iterable[Fact]) -> None:
        """Record the facts, once; they are those of `bench.views` in any case."""
        create(folder / STORE)
        log = SQLiteLog(folder / STORE, clock.now)
        Filling(log).upto(sum(1 for _fact in facts))
        log.close()

    def prepare(self, folder: Path) -> Views:
        """The views of the log, of which there is none yet."""
        path = views_path(folder / STORE)
        for ending in ("", "-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        views = open_views(SQLiteLog(folder / STORE, clock.now), path)
        views.status()  # opens them
        return views

    def rebuild(self, prepared: Any) -> None:
        """By one process, as every road here."""
        prepared.rebuild("ledger")

    def rows(self, folder: Path) -> Iterable[tuple[Any, ...]]:
        """Incident, unit, and when each step was taken."""
        log = SQLiteLog(folder / STORE, clock.now)
        with open_views(log, views_path(folder / STORE)) as views:
            for row in ledger.assignments(views):
                steps = (row.whistled, row.acknowledged, row.arrived, row.finished)
                yield row.incident[1], row.unit, *steps


ROAD = Ours()

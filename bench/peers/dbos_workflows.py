"""Durable execution: an order is a workflow of one step, its input and output kept by DBOS.

DBOS on SQLite, on a file that was set to WAL first; it keeps steps and results, and no rules of
ours: a whistle's orders are not held against one another here, as they are by the others.
"""

import sqlite3
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSConfig

from bench.stored import stored
from bench.workload import Act, Line, ledger


@DBOS.step()
def recorded(body: dict[str, Any]) -> dict[str, Any]:
    """The one thing that is done."""
    return body


@DBOS.workflow()
def handle(body: dict[str, Any]) -> dict[str, Any]:
    """An order."""
    return recorded(body)


class Peer:
    """One file and the runtime on it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "dbos.db"
        with sqlite3.connect(self.path) as database:
            database.execute("PRAGMA journal_mode = WAL")
        database.close()
        config: DBOSConfig = {
            "name": "bench",
            "system_database_url": f"sqlite:///{self.path}",
            "run_admin_server": False,
            "log_level": "ERROR",
        }
        DBOS(config=config)
        DBOS.launch()
        self._done = list[Act]()

    def order(self, act: Act) -> int:
        """Run a workflow to its end."""
        if handle(act.body) != act.body:
            raise ValueError(act)
        self._done.append(act)
        return 1

    def ledger(self) -> list[Line]:
        """The answer, from what each workflow returned."""
        kept = sorted(str(each.output) for each in DBOS.list_workflows(load_input=False))
        if kept != sorted(str(act.body) for act in self._done):
            raise ValueError("what was returned is not what was asked")
        return ledger(self._done)

    def bytes(self) -> int:
        """The size of the file, with all that stands in its log."""
        return stored(self.path)

    def close(self) -> None:
        """Let go of the file."""
        DBOS.destroy()

"""Office work on Django: a process of django-viewflow 2.4, each order one of its tasks.

SQLite (WAL, FULL, `BEGIN IMMEDIATE`), Django 5.2. A task is loaded, run and saved with those that
follow it in one transaction; the file's own lock stands for viewflow's lock of a process. Which
process a whistle is, is remembered here: to look that up would be one more query.
"""

from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from bench.stored import stored
from bench.workload import Act, Line

MS = 1000
STEPS = ("ack", "arrive", "finish")
APPS = ("django.contrib.contenttypes", "django.contrib.auth", "viewflow", "viewflow.workflow",
        "bench.peers")  # fmt: skip
DURABLE = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"


def begin(path: Path) -> None:
    """Django with one file, and its tables in it."""
    file = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {"init_command": DURABLE, "transaction_mode": "IMMEDIATE"},
    }
    settings.configure(
        DATABASES={"default": file},
        INSTALLED_APPS=APPS,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    django.setup()
    call_command("migrate", verbosity=0)


class Peer:
    """One file of processes and tasks."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "viewflow.db"
        begin(self.path)
        from viewflow.workflow.models import Process, Task  # once Django is set up

        from bench.peers.viewflow_whistle import WhistleFlow

        self.flow: Any = WhistleFlow
        self.processes, self.tasks = Process.objects, Task.objects
        self._known = dict[int, tuple[int, list[str]]]()

    def order(self, act: Act) -> int:
        """Load the task, run it, save it and those that follow."""
        if act.verb == "blow":
            process = self.flow.blow.run(body=act.body)
            self._known[act.whistle] = (process.pk, act.body["units"])
            return 1
        process, units = self._known[act.whistle]
        lane = f"_{units.index(act.unit)}" if act.unit else ""
        node = getattr(self.flow, f"{act.verb}{lane}")
        node.run(self.tasks.get(process=process, flow_task=node, status="NEW"), body=act.body)
        return 1

    def ledger(self) -> list[Line]:
        """The answer, from the tasks as they stand."""
        told: dict[tuple[int, str], int] = {
            (process, str(body["unit"]) + str(node.name)[:-2]): body["at"]
            for process, node, body in self.tasks.values_list("process", "flow_task", "data")
            if "unit" in body
        }
        lines = []
        for process, body in self.processes.values_list("pk", "data"):
            for unit in body["units"]:
                said = [told.get((process, unit + step)) for step in STEPS]
                times = [None if at is None else (at - body["at"]) // MS for at in said]
                lines.append(Line(int(body["whistle"], 16), unit, *times))
        return lines

    def bytes(self) -> int:
        """The size of the file, with all that stands in its log."""
        return stored(self.path)

    def close(self) -> None:
        """Let go of the file."""
        connection.close()

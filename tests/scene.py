"""A published case played at the desk it happened at: a time, a line typed, then the score.

A Scene is a town on the day of its case. Its lines are typed one after another by the fewest people
that the trade allows, at the times the newspaper gave. A test marks a time that no source gives
with the word `invented`.
"""

import json
import shlex
from pathlib import Path
from typing import Any

from tests.shell import Said, Shell
from whistle.domain.moment import HOUR, MINUTE, SECOND, Instant, local, parse


class Scene:
    """One town, the day of its case, and one clerk at its desk."""

    def __init__(self, folder: Path, town: str, code: str, day: str) -> None:
        self.shell = Shell(folder)
        self.day = day
        self.shell.now = parse(f"{day}T00:00:00+08:00")
        self.shell.founded(town, code)

    def at(self, when: str, line: str) -> Said:
        """A line that is typed at `13:52`, or on another day at `06-02 03:30`; it must be done."""
        self.shell.now = self._instant(when) - SECOND
        return self.shell.json(*shlex.split(line))

    def refused(self, when: str, line: str) -> list[str]:
        """The rules that turn a line away; what the clocks had to say beside it is left out."""
        self.shell.now = self._instant(when) - SECOND
        said = self.shell.json(*shlex.split(line), code=5).rules
        return [rule for rule in said if rule != "clock.found"]

    def due(self, said: Said, unit: str, clock: str) -> str:
        """When a clock of a unit falls due, by the wall clock: `10-28 09:00`."""
        (due,) = (
            each["due"]
            for each in said.facts["clocks"]
            if (each["clock"], each["call"].partition("/")[2]) == (clock, unit)
        )
        return local(parse(due)).strftime("%m-%d %H:%M")

    def took(self, metric: str, unit: str) -> list[int]:
        """Minutes of a metric of the ledger for a unit: the fewest and the most."""
        found = self.shell.json("assess", "ledger").facts["per_unit"][unit]["metrics"][metric]
        assert found["n_missing"] == 0
        return sorted({found["min"] // 60, found["max"] // 60})

    def late(self) -> dict[str, list[str]]:
        """Who is overdue, and at which clocks."""
        rows = self.view("assess")["rows"]
        return {row["unit"]: sorted(row["overdue"]) for row in rows if row["overdue"]}

    def marks(self) -> dict[str, int]:
        """The marks that the town gave."""
        return {
            row["unit"]: row["marks_sum"] for row in self.view("assess")["rows"] if row["marks"]
        }

    def incident(self, number: int = 1) -> Any:
        """The row of an incident, as it stands for who inspects."""
        return self.view("inspect")["rows"][number - 1]

    def hours_open(self) -> float:
        """From the report to the closing, of the one incident."""
        row = self.incident()
        return (parse(row["closed_at"]) - parse(row["reported_at"])) / HOUR

    def found_to(self, what: str) -> int:
        """Minutes from the report to something done on the scene."""
        (did,) = (state["at"] for state in self._told("whistle.acted/1") if state["act"] == what)
        (found,) = (state["at"] for state in self._told("incident.reported/1"))
        return (did - found) // MINUTE  # type: ignore[no-any-return]  # JSON has no types

    def view(self, name: str) -> Any:
        """A view: its rows and its counts."""
        return self.shell.json("view", name).facts

    def counts(self, *names: str) -> list[int]:
        """Some counts of the view for who commands."""
        counts = self.view("command")["counts"]
        return [counts[name] for name in names]

    def acts(self, what: str) -> int:
        """How often something was done on the scene."""
        return sum(state["act"] == what for state in self._told("whistle.acted/1"))

    def proved(self) -> bool:
        """The record proves itself, and every view is what the record makes anew."""
        anew = self.shell.json("projection", "rebuild").facts
        whole = self.shell.json("audit", "verify").facts["ok"]
        return whole is True and not any(view["changed"] for view in anew)

    def _told(self, topic: str) -> list[Any]:
        lines = self.shell("events", "list", "--jsonl").text.splitlines()
        told = (json.loads(line) for line in lines if topic in line)
        return [each["state"] for each in told if each["topic"] == topic]

    def _instant(self, when: str) -> Instant:
        day, _space, hour = when.rpartition(" ")
        year = self.day.partition("-")[0]
        return parse(f"{f'{year}-{day}' if day else self.day}T{hour}:00+08:00")

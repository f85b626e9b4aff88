"""The library under our log, used as its own tutorial does: class aggregates, save, repository.

`eventsourcing` 9.5 on its SQLite recorder (WAL, FULL by its own choice), nothing else.
"""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from bench.stored import stored
from bench.workload import Act, Line

SPACE = UUID(int=0)
MS = 1000


class Whistle(Aggregate):
    """A whistle with the same rules as every peer: signed, then there, then finished, once each."""

    @event("Blown")
    def __init__(self, whistle: str, town: str, kind: str, place: str, units: list[str], by: str,
                 at: int) -> None:  # fmt: skip
        self.whistle = whistle
        self.blown = at
        self.calls: dict[str, dict[str, int]] = {unit: {} for unit in units}
        self.evaluated = False

    @staticmethod
    def create_id(whistle: str) -> UUID:
        """One stream a whistle."""
        return uuid5(SPACE, whistle)

    @event("Acknowledged")
    def ack(self, unit: str, by: str, at: int) -> None:
        """Sign."""
        self._step(unit, "ack", at, after=None)

    @event("ArrivedThere")
    def arrive(self, unit: str, by: str, at: int) -> None:
        """Be there."""
        self._step(unit, "arrive", at, after="ack")

    @event("FinishedWork")
    def finish(self, unit: str, by: str, result: str, at: int) -> None:
        """Be done."""
        self._step(unit, "finish", at, after="arrive")

    @event("Evaluated")
    def evaluate(self, by: str, scores: dict[str, int], at: int) -> None:
        """The town's marks."""
        if self.evaluated or any("finish" not in call for call in self.calls.values()):
            raise ValueError("evaluated")
        self.evaluated = True

    def _step(self, unit: str, verb: str, at: int, after: str | None) -> None:
        call = self.calls[unit]
        if self.evaluated or verb in call or (after is not None and after not in call):
            raise ValueError(verb)
        call[verb] = at


class Town(Application[UUID]):
    """The application."""


class Peer:
    """One file and the application on it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "es.db"
        env = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(self.path)}
        self.town = Town(env)

    def order(self, act: Act) -> int:
        """Load, decide, save."""
        body: dict[str, Any] = dict(act.body)
        if act.verb == "blow":
            self.town.save(Whistle(**body))
            return 1
        name = body.pop("whistle")
        whistle: Any = self.town.repository.get(Whistle.create_id(name))
        getattr(whistle, act.verb)(**body)
        self.town.save(whistle)
        return 1

    def ledger(self) -> list[Line]:
        """The answer, from the repository."""
        lines, at = [], 0
        while page := self.town.recorder.select_notifications(at + 1, 1_000):
            at = page[-1].id
            for each in page:
                if each.originator_version == 1:
                    lines += self._lines(UUID(str(each.originator_id)))
        return lines

    def _lines(self, key: UUID) -> list[Line]:
        whistle: Any = self.town.repository.get(key)
        number, blown = int(whistle.whistle, 16), whistle.blown
        return [
            Line(number, unit, *(
                (call[verb] - blown) // MS if verb in call else None
                for verb in ("ack", "arrive", "finish")
            ))
            for unit, call in whistle.calls.items()
        ]  # fmt: skip

    def bytes(self) -> int:
        """The size of the file, with all that stands in its log."""
        return stored(self.path)

    def close(self) -> None:
        """Let go of the file."""
        self.town.close()

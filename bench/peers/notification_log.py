"""The bare library's own way through a history: its notification log, its mapper, a fold.

Its repository, aggregate by aggregate, takes several times as long.
"""

from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from bench.figures import Call, Figure, figures, month_of
from bench.peers.bare_eventsourcing import Town, Whistle
from bench.workload import Line, acts

MS = 1000
PAGE = 1_000
SAVED = 2_000  # acts at a time
STEPS = {"Acknowledged": 0, "ArrivedThere": 1, "FinishedWork": 2}

Held = dict[UUID, tuple[str, int, dict[str, list[int | None]]]]


def town(folder: Path) -> Town:
    """The application on its file."""
    path = str(folder / "notifications.db")
    return Town({"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": path})


def fill(folder: Path, events: int) -> None:
    """Save the aggregates."""
    whistles: dict[int, Any] = {}
    application, told = town(folder), islice(acts(), events)
    while page := list(islice(told, SAVED)):
        for act in page:
            body = dict(act.body)
            if act.verb == "blow":
                whistles[act.whistle] = Whistle(**body)
            else:
                del body["whistle"]
                getattr(whistles[act.whistle], act.verb)(**body)
        touched = {act.whistle for act in page}
        application.save(*(whistles[each] for each in touched))
        whistles = {each: kept for each, kept in whistles.items() if not kept.evaluated}
    application.close()


class Reader:
    """The application."""

    def __init__(self, folder: Path) -> None:
        self.town = town(folder)

    def ledger(self) -> Held:
        """Every whistle with each unit's times."""
        held: Held = {}
        at, opened = 0, self.town.mapper.to_domain_event
        while page := self.town.recorder.select_notifications(at + 1, PAGE):
            at = page[-1].id
            for each in page:
                event: Any = opened(each)
                step = STEPS.get(type(event).__name__)
                if step is not None:
                    _name, begun, calls = held[event.originator_id]
                    calls[event.unit][step] = (event.at - begun) // MS
                elif type(event).__name__ == "Blown":
                    calls = {unit: [None, None, None] for unit in event.units}
                    held[event.originator_id] = (event.whistle, event.at, calls)
        return held

    def assess(self) -> list[Figure]:
        """The year's figures."""
        return figures(
            Call(unit, month_of(begun // MS), ack, arrive)
            for _name, begun, units in self.ledger().values()
            for unit, (ack, arrive, _finish) in units.items()
        )

    def lines(self, held: Held) -> list[Line]:
        """The ledger as all give it."""
        return [
            Line(int(name, 16), unit, *times)
            for name, _begun, calls in held.values()
            for unit, times in calls.items()
        ]

    def figures(self, answer: list[Figure]) -> list[Figure]:
        """The figures as all give them."""
        return answer

"""Read by hand: rows out of sqlite3, the fields that count by msgspec, a dict, nothing else.

What a good programmer would write for this one question, and nothing for any other.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench import recorded
from bench.figures import Call, Figure, figures, month_of
from bench.workload import Line

MS = 1000
STEPS = {"ack": 0, "arrive": 1, "finish": 2}


class Blown(msgspec.Struct, gc=False):
    """What counts of a blow."""

    whistle: str
    units: list[str]
    at: int


class Done(msgspec.Struct, gc=False):
    """What counts of a unit's act."""

    whistle: str
    unit: str
    at: int


Held = tuple[int, dict[str, list[int | None]]]  # when it was blown, and each unit's times


def fill(folder: Path, events: int) -> None:
    """Put the rows there."""
    recorded.rows(folder / "rows.db", events)


class Reader:
    """One file of rows."""

    def __init__(self, folder: Path) -> None:
        self.database = sqlite3.connect(folder / "rows.db")

    def ledger(self) -> dict[str, Held]:
        """Every whistle with each unit's times."""
        blown, done = msgspec.json.Decoder(Blown).decode, msgspec.json.Decoder(Done).decode
        held: dict[str, Held] = {}
        for topic, state in self.database.execute("SELECT topic, state FROM events ORDER BY seq"):
            step = STEPS.get(topic)
            if step is not None:
                act = done(state)
                begun, calls = held[act.whistle]
                calls[act.unit][step] = (act.at - begun) // MS
            elif topic == "blow":
                blow = blown(state)
                held[blow.whistle] = (blow.at, {unit: [None, None, None] for unit in blow.units})
        return held

    def assess(self) -> list[Figure]:
        """The year's figures."""
        return figures(calls(self.ledger()))

    def lines(self, held: dict[str, Held]) -> list[Line]:
        """The ledger as all give it."""
        return [
            Line(int(name, 16), unit, *times)
            for name, (_begun, calls) in held.items()
            for unit, times in calls.items()
        ]

    def figures(self, answer: list[Figure]) -> list[Figure]:
        """The figures as all give them."""
        return answer


def calls(held: dict[str, Held]) -> Iterator[Call]:
    """What figures are made of."""
    for begun, units in held.values():
        month = month_of(begun // MS)
        for unit, (ack, arrive, _finish) in units.items():
            yield Call(unit, month, ack, arrive)

"""The same orders on a file and on PostgreSQL: the same events, leaves, replies, refusals, views.

The play is that of test_wild.py: every order there is, in any order, many of them refused, with a
clock that steps back; both towns get the same ids and the same clock. Whatever the engine answers,
to an order or to its repeat, is compared to the word.
"""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from projections import open_views
from tests.conftest import Often
from tests.played import play as play_facts
from tests.same_ids import same_ids
from tests.wild import Wild, play
from whistle.domain.refusal import WhistleError
from whistle.engine import Asked, Reply
from whistle.log.store_log import StoreLog

KEPT = {
    "store": "store_id",
    "ledger_head": "id",
    "commands": "id",
    "replies": "command",
    "streams": "id",
    "topics": "id",
    "attempts": "id",
    "sources": "source, event_id",
    "names": "stream",
    "calls": "stream, unit",
    "series": "series",
    "unit_series": "unit",
    "units": "code",
    "sites": "stream",
    "adopted": "kind",
}


def kept(log: StoreLog) -> dict[str, list[Any]]:
    """Every row of every table, in an order that both stores have."""
    with log.reading() as reader:
        tables = {
            table: [tuple(row) for row in reader.scan(f"SELECT * FROM {table} ORDER BY {key}")]
            for table, key in KEPT.items()
        }
    return {"events": [tuple(row) for row in log.rows()], **tables}


def viewed(log: StoreLog) -> dict[str, tuple[int, str]]:
    """How many rows each view has, and the digest of what they say."""
    with open_views(log, None) as views:
        return {each.name: (each.rows, each.digest) for each in views.rebuild()}


class Door:
    """The engine's door, where somebody writes down what is asked and answered.

    By chance an order is given once more, with the same key or with another body under it, or
    under a version that the caller could not have seen.
    """

    def __init__(self, obey: Callable[[Asked], Reply], seed: int) -> None:
        self._obey = obey
        self._chance = random.Random(seed)  # noqa: S311 - a game, no secret
        self.told: list[str] = []

    def obey(self, asked: Asked) -> Reply:
        """What the engine does; and what it says to the same again."""
        if self._chance.random() < 0.1:
            self._answered(msgspec.structs.replace(asked, expect=999))
        try:
            reply = self._obey(asked)
        except WhistleError as error:
            self.told.append(f"{type(error).__name__}: {error}")
            raise
        self.told.append(repr(reply))
        if self._chance.random() < 0.3:
            self._answered(asked)
        if self._chance.random() < 0.1:
            self._answered(msgspec.structs.replace(asked, command_digest=b"another body"))
        return reply

    def _answered(self, asked: Asked) -> None:
        try:
            self.told.append(repr(self._obey(asked)))
        except WhistleError as error:
            self.told.append(f"{type(error).__name__}: {error}")


def played(place: Path | str, seed: int, acts: int) -> tuple[Any, ...]:
    """A town in which all this happened."""
    with same_ids(seed):
        town = Wild(place, seed)
        door = Door(town.engine.obey, seed)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(town.engine, "obey", door.obey)
            for _ in range(4):
                play(town, acts // 8)
                play_facts(town, acts // 8, seed)
        found = kept(town.log), viewed(town.log), town.log.verify(), door.told
        town.close()
    return found


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_orders_leave_the_same_record_on_both_stores(
    tmp_path: Path, database: str, seed: int, often: Often
) -> None:
    acts = often(80, 160, 4000)
    here, here_seen, here_proved, here_told = played(tmp_path / "town.db", seed, acts)
    there, there_seen, there_proved, there_told = played(database, seed, acts)
    assert here_proved.ok
    assert len(here["events"]) > acts
    assert here["attempts"], "some of it is refused"
    for table, rows in here.items():
        assert there[table] == rows, table
    assert there_seen == here_seen
    assert there_proved == here_proved
    assert there_told == here_told
    text = "\n".join(here_told)
    for said in ("replayed=True", "Conflict: ", "Refused: ", "NotAllowed: ", "replayed=False"):
        assert said in text, said
    topics = " ".join(row[3] for row in here["events"])
    kinds = ("record.", "team.", "patrol.", "history.", "clock.")
    assert sum(kind in topics for kind in kinds) >= 4, "by chance one may be missing"


def test_a_seed_is_all_that_a_play_depends_on(tmp_path: Path) -> None:
    first, again, other = (
        played(tmp_path / f"{nth}.db", seed, 16) for nth, seed in enumerate((7, 7, 8))
    )
    assert first == again
    assert first != other

"""What a log tells is put aside by case and read back some cases at a time: in little memory."""

import pickle
import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.desk.answer import Answer, LongList
from tests import places
from tests.parts import Sent, canonical
from tests.played import Played, play
from whistle.domain.moment import DAY, HOUR
from whistle.domain.percentiles import linear, nearest
from whistle.domain.refusal import Unreachable
from whistle.domain.spans import LATELY, Spans
from whistle.engine import gathering
from whistle.engine.assessing import Gathered, gather
from whistle.engine.shares import Question, Share
from whistle.log import proving, spread
from whistle.log.aside import Aside, in_order
from whistle.log.store_log import StoreLog
from whistle.workers import ALONE


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town whose clock went astray."""
    path = tmp_path_factory.mktemp("gathered") / "played.db"
    played = Played(path)
    for seed, moved in enumerate((-2 * HOUR, 40 * DAY, -41 * DAY, 3 * DAY)):
        play(played, 25, seed)
        played.now += moved
    play(played, 25, seed=9)
    played.close()
    return path


@pytest.fixture
def log(store: Path) -> Iterator[StoreLog]:
    opened = places.opened(store)
    yield opened
    opened.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(chance=st.randoms(use_true_random=False), known=st.floats(0, 1), until=st.floats(0, 1))
def test_no_cutting_and_no_order_carries_meaning(
    log: StoreLog, chance: random.Random, known: float, until: float
) -> None:
    rows = list(log.rows())
    first, last = rows[0][4], rows[-1][4]
    stop, learnt = (first + int((last - first) * part * 1.2) for part in (until, known))
    asked = Question(stop, learnt, attribute="battalion", heard=frozenset({"whistle.blown/1"}))
    expected = canonical(gathered_of(asked, [rows]).whole())
    ends = [0, *sorted(chance.choices(range(len(rows)), k=chance.randrange(12))), len(rows)]
    stretches = [rows[a:b] for a, b in pairwise(ends)]
    chance.shuffle(stretches)
    assert canonical(gathered_of(asked, stretches).whole()) == expected


def gathered_of(asked: Question, stretches: list[Any]) -> Gathered:
    """What stretches tell, taken in turn."""
    gathered = Gathered(asked)
    for rows in stretches:
        gathered.append(Share(asked).take(rows))
    return gathered


def test_cases_that_are_folded_one_by_one_come_to_what_all_come_to_at_once(
    log: StoreLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "AT_ONCE", 1)
    asked = Question(heard=frozenset({"whistle.blown/1"}))
    found = gather(log, asked, ALONE)
    whole, parts = found.whole(), list(found.parts())
    assert len(parts) > 10
    for each in ("assignments", "unwhistled", "extras"):
        rows = [row for part in parts for row in getattr(part, each)()]
        assert sorted(map(repr, rows)) == sorted(map(repr, getattr(whole, each)()))
    for each in ("delays", "unreached", "heard"):
        assert sorted(row for part in parts for row in getattr(part, each)) == [
            *getattr(whole, each)
        ]
    assert {key: why for part in parts for key, why in part.kept_out.items()} == whole.kept_out
    assert {key: name for part in parts for key, name in part.names.items()} == whole.names


def test_however_long_the_log_no_more_than_some_cases_are_in_memory(
    log: StoreLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (proving, spread):
        monkeypatch.setattr(module, "STRETCH", 64)
    monkeypatch.setattr(spread, "LEAST", 8)
    for workers in (ALONE, Sent(2)):
        taken = log.proved(_counted, list[int], workers).taken
        assert max(taken) <= 64
        assert sum(taken) == log.size()
    monkeypatch.setattr(gathering, "AT_ONCE", 100)
    found = gather(log, Question(), ALONE)
    most = max(len(found_of_one.ledger) for found_of_one in _one_by_one(found, monkeypatch))
    assert (
        max(len(part.ledger) for part in found.parts()) < 100 + 2 * most < len(found.whole().ledger)
    )


def _counted(rows: Iterator[Any]) -> int:
    return sum(1 for _row in rows)


def _one_by_one(found: Gathered, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    with monkeypatch.context() as patch:
        patch.setattr(gathering, "AT_ONCE", 1)
        return list(found.parts())


@given(st.lists(st.lists(st.integers(0, 40), max_size=30), max_size=12), st.integers(-1, 41))
def test_times_that_are_counted_say_what_times_that_are_kept_say(
    runs: list[list[int]], limit: int
) -> None:
    kept = sorted(each for run in runs for each in run)
    one, whole = Spans(), Spans()
    for run in runs:
        one.add(Spans(run))
        whole.add(one)
        one = Spans()
    assert whole.at_most(limit) == sum(each <= limit for each in kept)
    assert (len(whole), whole.total, list(whole)) == (len(kept), sum(kept), kept)
    assert whole.at_most(limit) == sum(each <= limit for each in kept)
    again = Spans([7])
    again.add(whole)
    assert list(again) == sorted([*kept, 7])
    for percent in (1, 50, 90, 95, 100) if kept else ():
        assert nearest(whole, percent) == nearest(kept, percent)
        assert linear(whole, percent) == linear(kept, percent)


def test_ten_times_the_times_are_counted_in_the_same_room() -> None:
    chance, spans, rooms = random.Random(7), Spans(), []  # noqa: S311 - a game, no secret
    for _ in range(10):
        for _ in range(100):
            spans.add(Spans(chance.randrange(2 * LATELY) for _ in range(100)))
        assert spans[0] == 0
        rooms.append(len(pickle.dumps(spans)))
    assert len(spans) == 100_000
    assert rooms[9] <= rooms[0] * 1.01


def test_rows_put_aside_come_back_in_the_order_of_their_keys() -> None:
    rows = [
        ("b", 2, "x"),
        ("\U0001f6a8", 0, "y"),
        ("b", 1, None),
        ("\uffee", 5, "z"),
        ("b", 2, "a"),
    ]
    assert list(in_order(rows, columns=3, key=2)) == [rows[2], rows[0], rows[4], rows[3], rows[1]]


def test_a_disk_without_room_for_them_is_told_in_a_sentence() -> None:
    full = Aside(columns=2, key=1)
    full._file.execute("PRAGMA max_page_count = 40")
    with pytest.raises(Unreachable, match="no place: database or disk is full"):
        full.put((number, "x" * 1000) for number in range(1000))


def test_a_long_list_is_printed_as_a_short_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"seq": number, "say": "吹哨"} for number in range(500)]
    short = b"".join(Answer(data={"rows": rows, "n": {"m": 1}}).envelope())
    monkeypatch.setattr(LongList, "MEMORY", 1000)
    pieces = list(Answer(data={"rows": LongList(iter(rows)), "n": {"m": 1}}).envelope())
    assert b"".join(pieces) == short
    assert max(map(len, pieces)) <= 1000
    for few in ([], rows[:1], rows):
        assert b"".join(Answer(data=LongList(few)).envelope()) == b"".join(
            Answer(data=few).envelope()
        )

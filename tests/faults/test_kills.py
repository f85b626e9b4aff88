"""Whoever is killed at any instant: what was told is there, once, and the views come out right."""

from pathlib import Path

import pytest

from tests.conftest import Often
from tests.faults.conftest import Harmed
from tests.postgres import STORES
from tests.town import UNITS

NOTICED_BY = 8_000  # kills, at the latest: it ends as soon as something is wrong


@pytest.fixture(params=STORES)
def kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


FILE = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
"""Of a test that has its like on a server in test_server_crashes.py."""


@FILE
def test_four_thousand_killed_writers_lose_and_double_nothing(
    store: Path, harmed: Harmed, often: Often
) -> None:
    # P1: none told is lost, none is there twice, no number missing, a repeat is told the same
    kills = often(400, 4_400, 1_000_000)
    found = harmed("kill_writers", store, kills, "on")
    assert found["wrong"] == []
    assert found["kills"] == kills
    assert found["told"] > kills / 20, "many had a reply, and it must be kept"
    assert found["untold"] > 0, "some were killed while an order was under way"


@FILE
@pytest.mark.parametrize("guard", ["reply", "early"])
def test_the_suite_notices_a_writer_without_its_guard(
    store: Path, harmed: Harmed, guard: str
) -> None:
    # without the look-up of the reply an order is obeyed twice; told before the commit it is lost
    assert harmed("kill_writers", store, NOTICED_BY, guard, falls=True)["wrong"] != []


def test_hundreds_of_killed_readers_leave_the_views_that_a_rebuild_makes(
    store: Path | str, kind: str, harmed: Harmed, often: Often
) -> None:
    # P10: each event is taken once, whatever reader was killed in the middle of a batch
    kills = often(60, 240, 100_000) if kind == "sqlite" else often(15, 60, 10_000)
    found = harmed("kill_views", store, kills, "on")
    assert found["wrong"] == []
    assert found["kills"] == kills
    assert found["events"] > len(UNITS), "they had something to follow"


def test_a_runner_that_is_killed_while_eight_write_leaves_the_views_that_a_rebuild_makes(
    store: Path | str, harmed: Harmed, often: Often
) -> None:
    # P10: `projection run`, in the middle of a batch
    kills = often(20, 60, 10_000)
    found = harmed("kill_runners", store, kills, "on")
    assert found["wrong"] == []
    assert found["kills"] == kills
    assert found["events"] > len(UNITS), "they had something to follow"


@pytest.mark.parametrize("program", ["kill_views", "kill_runners"])
def test_the_suite_notices_a_view_whose_position_is_written_apart(
    store: Path | str, kind: str, harmed: Harmed, program: str
) -> None:
    guard = "apart" if kind == "sqlite" else "apart-there"
    assert harmed(program, store, NOTICED_BY, guard, falls=True)["wrong"] != []


def test_a_restore_that_is_killed_at_any_call_leaves_the_old_store_or_the_new_one(
    ram: Path, harmed: Harmed, often: Often
) -> None:
    found = harmed("kill_restore", ram, often(8, 3, 1), "on")
    assert found["wrong"] == []
    assert found["cases"] > often(20, 50, 150)
    assert min(found["old"], found["none"], found["new"]) > 0, "each of them was met"


def test_the_suite_notices_an_old_file_that_loses_what_lies_beside_it(
    ram: Path, harmed: Harmed
) -> None:
    assert harmed("kill_restore", ram, 1, "aside")["wrong"] != []

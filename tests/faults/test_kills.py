"""Whoever is killed at any instant: what was told is there, once, and the views come out right."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import Often
from tests.faults.conftest import Harmed
from tests.town import UNITS

NOTICED_BY = 8_000  # kills, at the latest: it ends as soon as something is wrong


@pytest.fixture
def store(ram: Path, founded: Path) -> Path:
    return Path(shutil.copy(founded, ram / "town.db"))


def test_four_thousand_killed_writers_lose_and_double_nothing(
    store: Path, harmed: Harmed, often: Often
) -> None:
    # P1: none told is lost, none is there twice, no number missing, a repeat is told the same
    kills = often(400, 4_400, 1_000_000)
    found = harmed("kill_writers", store, kills, "on")
    assert found["wrong"] == []
    assert found["kills"] == kills
    assert found["told"] > 0
    assert found["untold"] > 0, "some were killed while an order was under way"


@pytest.mark.parametrize("guard", ["reply", "early"])
def test_the_suite_notices_a_writer_without_its_guard(
    store: Path, harmed: Harmed, guard: str
) -> None:
    # without the look-up of the reply an order is obeyed twice; told before the commit it is lost
    assert harmed("kill_writers", store, NOTICED_BY, guard, falls=True)["wrong"] != []


def test_six_hundred_killed_readers_leave_the_views_that_a_rebuild_makes(
    store: Path, harmed: Harmed, often: Often
) -> None:
    # P10: each event is taken once, whatever reader was killed in the middle of a batch
    kills = often(60, 600, 100_000)
    found = harmed("kill_views", store, kills, "on")
    assert found["wrong"] == []
    assert found["kills"] == kills
    assert found["events"] > len(UNITS), "they had something to follow"


def test_the_suite_notices_a_view_whose_position_is_written_apart(
    store: Path, harmed: Harmed
) -> None:
    assert harmed("kill_views", store, NOTICED_BY, "apart")["wrong"] != []

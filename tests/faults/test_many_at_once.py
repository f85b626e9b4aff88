"""Many at one store: all are served, nobody hears of a lock, and who lags behind misses nothing."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import Often
from tests.faults.conftest import Harmed


def test_a_thousand_desks_that_type_at_the_same_instant_are_all_served(
    ram: Path, harmed: Harmed, often: Often
) -> None:
    # P7: SQLite's own patience is cut short, so that only the queue lets everybody through
    desks = often(60, 1_000, 1_000)
    found = harmed("thousand", ram, desks, "forked", "impatient")
    assert found["wrong"] == []
    assert found["asked"] == desks + 1


def test_desks_that_are_started_as_a_shell_starts_them_are_all_served(
    ram: Path, harmed: Harmed, often: Often
) -> None:
    desks = often(4, 40, 1_000)
    assert harmed("thousand", ram, desks, "started", "on")["wrong"] == []


def test_the_suite_notices_a_store_without_its_queue(ram: Path, harmed: Harmed) -> None:
    assert harmed("thousand", ram, 80, "forked", "queue")["wrong"] != []


@pytest.fixture
def store(ram: Path, founded: Path) -> Path:
    return Path(shutil.copy(founded, ram / "town.db"))


def test_who_reads_slowly_misses_no_number_and_two_runners_take_each_event_once(
    store: Path, harmed: Harmed, often: Often
) -> None:
    # P9, P10: beside writers that commit, are refused, only try, or are killed
    found = harmed("slow_reader", store, often(8, 80, 10_000), "on")
    assert found["wrong"] == []


def test_the_suite_notices_a_write_that_takes_its_lock_late(store: Path, harmed: Harmed) -> None:
    assert harmed("slow_reader", store, 20, "lock", falls=True)["wrong"] != []

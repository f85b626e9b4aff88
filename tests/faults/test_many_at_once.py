"""Many at one store: all are served, nobody hears of a lock, and who lags behind misses nothing."""

from pathlib import Path

import pytest

from tests.conftest import Often
from tests.faults.conftest import Harmed
from tests.postgres import STORES


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


@pytest.fixture(params=STORES)
def kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


def test_who_reads_slowly_misses_no_number_and_two_runners_take_each_event_once(
    store: Path | str, kind: str, ram: Path, harmed: Harmed, often: Often
) -> None:
    # P9, P10: beside writers that commit, are refused, only try, or are killed
    orders = often(8, 80, 10_000) if kind == "sqlite" else often(4, 24, 2_000)
    found = harmed("slow_reader", store, ram, orders, "on")
    assert found["wrong"] == []


def test_the_suite_notices_a_write_without_its_lock(
    store: Path | str, kind: str, ram: Path, harmed: Harmed
) -> None:
    guard = "lock" if kind == "sqlite" else "lock-there"
    assert harmed("slow_reader", store, ram, 20, guard, falls=True)["wrong"] != []

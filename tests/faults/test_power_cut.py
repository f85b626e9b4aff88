"""A power cut at any moment, with whatever the disk had not got yet: what was answered is there."""

from pathlib import Path

from tests.conftest import Often
from tests.faults.conftest import Harmed


def test_no_power_cut_loses_what_was_answered(ram: Path, harmed: Harmed, often: Often) -> None:
    # P3: unsynced sectors are lost, or some of them, or none; names too; then the store is opened
    found = harmed("power_cut", ram, often(150, 1_500, 100_000), "on")
    assert (found["lost"], found["damaged"]) == ([], [])
    assert found["records"] > 40, "cuts fell between all the orders"


def test_the_explorer_sees_what_is_lost_by_a_log_that_is_not_synced(
    ram: Path, harmed: Harmed
) -> None:
    # with synchronous=NORMAL a record is never damaged, and forgets what was acknowledged
    found = harmed("power_cut", ram, 150, "sync")
    assert found["lost"] != []

"""A full disk: it is said, what is there can be read, and a line does it once there is room."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Often
from tests.faults.conftest import HOUSE, Harmed

ALONE = (["unshare", "--mount"], ["unshare", "--map-root-user", "--mount"])
"""Ways to a mount that nobody else sees: root's, and everybody else's."""
MOUNTED = """
mount -t tmpfs -o size=1m none "$0" && exec "$1" -m tests.faults.full_disk "$0" on mounted 16m
"""


def test_a_disk_that_is_full_at_any_byte_loses_nothing_and_stops_no_reader(
    ram: Path, harmed: Harmed, often: Often
) -> None:
    # P13
    chance = random.Random(7)  # noqa: S311 - how much room, no secret
    rooms = [chance.randrange(300_000) for _ in range(often(2, 24, 2_000))]
    found = harmed("full_disk", ram, "on", 0, *rooms)
    assert found["wrong"] == []
    assert found["disks"] == len(rooms) + 1


@pytest.fixture(scope="module")
def alone() -> list[str]:
    """How a process of this account gets a file system of its own."""
    for words in ALONE:
        tried = subprocess.run(
            [*words, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True
        )
        if tried.returncode == 0:
            return words
    return pytest.skip("no file system can be mounted here: a really full one is not tried")


def test_a_small_file_system_that_is_full_goes_on_once_it_is_larger(
    alone: list[str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [*alone, "sh", "-c", MOUNTED, str(tmp_path), sys.executable],
        env={**os.environ, "PYTHONPATH": str(HOUSE)},
        cwd=HOUSE,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["wrong"] == []


def test_the_suite_notices_a_reader_that_wants_room(ram: Path, harmed: Harmed) -> None:
    assert harmed("full_disk", ram, "room", 0)["wrong"] != []

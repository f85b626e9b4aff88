"""What the fault suites share: a folder in memory, and the programs that do harm in it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.postgres import Server

HOUSE = Path(__file__).resolve().parent.parent.parent
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it

Harmed = Callable[..., Any]
"""`harmed("kill_writers", STORE, 400, "on")`: what it found; it may say nothing else."""


@pytest.fixture
def ram(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where a machine has one: a kill or a recorded cut needs no real disk."""
    place = MEMORY if os.access(MEMORY, os.W_OK) else tmp_path
    with TemporaryDirectory(prefix="whistle-", dir=place) as folder:
        yield Path(folder)


@pytest.fixture
def store(
    kind: str, ram: Path, founded: Path, request: pytest.FixtureRequest
) -> Iterator[Path | str]:
    """The store of a town that was founded and has done nothing yet: a file, or a database."""
    if kind == "sqlite":
        yield Path(shutil.copy(founded, ram / "town.db"))
        return
    server: Server = request.getfixturevalue("postgres")
    url = server.fresh(request.getfixturevalue("founded_there"))
    yield url
    server.drop(url)


@pytest.fixture(scope="session")
def harmed() -> Harmed:
    """Run a program of this folder, and give what it prints."""

    def run(program: str, *words: Any, falls: bool = False) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", f"tests.faults.{program}", *map(str, words)],
            env={**os.environ, "PYTHONPATH": str(HOUSE)},
            cwd=HOUSE,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        assert falls or done.stderr == b"", done.stderr.decode()
        return json.loads(done.stdout)

    return run

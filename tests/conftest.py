"""What holds for every test: in CI nothing is skipped, and hypothesis draws the same each time."""

import os
import shutil
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings

CI = bool(os.environ.get("CI"))

# A deadline is a timing, and no test of ours asserts one.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if CI else "desk")

# A run that a shell started in the background ignores SIGINT, and so would every child of it.
signal.signal(signal.SIGINT, signal.default_int_handler)

pytest.register_assert_rewrite("tests.story")

from projections.desk.words import speak  # noqa: E402
from tests.office import Office  # noqa: E402 - after its helpers are made to explain themselves
from tests.postgres import Server  # noqa: E402
from tests.town import at  # noqa: E402
from whistle.log.sqlite import create  # noqa: E402

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def _insist(report: Report) -> Report:
    if CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"nothing may be skipped in CI: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test proves nothing, so CI counts it as failed."""
    return _insist((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a file that skips itself whole."""
    return _insist((yield))


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a town that was founded and has done nothing yet; copied, never written."""
    path = tmp_path_factory.mktemp("founded") / "town.db"
    create(path)
    office = Office(path)
    office.found()
    office.close()
    return path


@pytest.fixture
def office(founded: Path, tmp_path: Path) -> Iterator[Office]:
    """The office of that town, at nine on a working day."""
    path = tmp_path / "town.db"
    shutil.copy(founded, path)
    opened = Office(path, at("09:00"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server that lives as long as the tests of this process."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def database(postgres: Server) -> Iterator[str]:
    """The address of an empty database."""
    url = postgres.fresh()
    yield url
    postgres.drop(url)


@pytest.fixture(autouse=True)
def _english() -> None:
    """A test that spoke Chinese leaves the next one English."""
    speak("en")

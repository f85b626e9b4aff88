"""What holds for every test: in CI nothing is skipped, and hypothesis draws the same each time."""

import os
import shutil
import signal
from collections.abc import Callable, Generator, Iterator
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

from projections import open_views  # noqa: E402
from projections.catch_up import Views  # noqa: E402
from projections.desk.words import speak  # noqa: E402
from tests import places  # noqa: E402
from tests.office import Office  # noqa: E402 - after its helpers are made to explain themselves
from tests.played import Played  # noqa: E402
from tests.postgres import STORES, Server, database_of, roomy  # noqa: E402
from tests.reached import comes_to_a_store  # noqa: E402
from tests.shell import Shell, evening_at  # noqa: E402
from tests.town import at  # noqa: E402
from whistle.log.stores import create  # noqa: E402

# A store of a test waits for no disk where there is memory; what a disk owes is shown by the calls
# upon it (tests/faults), and not by the time that they take.
if (_memory := roomy()) is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_memory))

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
    """Where the store of a town lies that was founded and has done nothing yet; to be copied."""
    path = tmp_path_factory.mktemp("founded") / "town.db"
    create(places.address(path, lasting=True))
    office = Office(path)
    office.found()
    office.close()
    return path


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


@pytest.fixture(scope="session")
def founded_there(postgres: Server) -> str:
    """The name of the database with the store of that town; copied, never written."""
    url = postgres.fresh()
    create(url)
    office = Office(url)
    office.found()
    office.close()
    return database_of(url)


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of store that a test is run on; a file that is run on both says so itself."""
    chosen: str = request.config.getoption("--store")
    return chosen


@pytest.fixture
def office(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """The office of that town, at nine on a working day."""
    if kind == "sqlite":
        path = tmp_path / "town.db"
        shutil.copy(request.getfixturevalue("founded"), path)
        opened = Office(path, at("09:00"))
        yield opened
        opened.close()
    else:
        yield request.getfixturevalue("office_there")


@pytest.fixture
def office_there(postgres: Server, founded_there: str) -> Iterator[Office]:
    """The same office on PostgreSQL, whatever store is chosen."""
    url = postgres.fresh(founded_there)
    opened = Office(url, at("09:00"))
    yield opened
    opened.close()
    postgres.drop(url)


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Two emergencies sound, a third incident is accepted, a fourth only reported."""
    return evening_at(tmp_path_factory.mktemp("evening"))


@pytest.fixture
def desk(evening: Shell, tmp_path: Path) -> Shell:
    """A desk of its own over that evening's store."""
    return Shell(tmp_path).copy_of(evening)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Played]:
    """A town whose acts a test chooses, or chance."""
    played = Played(tmp_path / "town.db")
    yield played
    played.close()


@pytest.fixture
def views(town: Played) -> Iterator[Views]:
    """Its views, in the file beside its store."""
    with open_views(town.log, town.views_at) as opened:
        yield opened


Often = Callable[[int, int, int], int]
"""How often a loop runs: at a desk, in CI, and with --long."""


@pytest.fixture(scope="session")
def often(request: pytest.FixtureRequest) -> Often:
    """How often a loop runs; the one place that knows --long."""
    long = bool(request.config.getoption("--long"))
    return lambda desk, ci, at_length: at_length if long else ci if CI else desk


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long`: loops at full length; `--store postgresql`: the suite on the other store."""
    parser.addoption("--long", action="store_true", help="loops of the fault suites at full length")
    parser.addoption("--store", choices=STORES, default="sqlite", help="the store to run on")


@pytest.fixture(autouse=True, scope="session")
def _places(request: pytest.FixtureRequest) -> None:
    """With --store postgresql every store of a test lies on the server."""
    if request.config.getoption("--store") == "postgresql":
        places.move_to(request.getfixturevalue("postgres"))


@pytest.fixture(autouse=True, scope="module")
def _cleared() -> Iterator[None]:
    yield
    places.clear()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that comes to a store unseen would never be run on the other one."""
    places.expected = comes_to_a_store(item)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is about the embedded store's file, or about no store, is no test of the other one."""
    on_server = config.getoption("--store") == "postgresql"
    left = [item for item in items if _left_out(item, on_server=on_server)]
    config.hook.pytest_deselected(items=left)
    gone = set(map(id, left))
    items[:] = [item for item in items if id(item) not in gone]


def _left_out(item: pytest.Item, *, on_server: bool) -> bool:
    of_file = item.get_closest_marker("sqlite") is not None
    if "kind" in vars(item.module):  # type: ignore[attr-defined]  # every test of ours is in a file
        # it says itself on which stores it is run, each time
        chosen = getattr(item, "callspec", None)
        there = chosen is not None and chosen.params.get("kind") == "postgresql"
        return on_server or (of_file and there)
    asks = "postgres" in item.fixturenames  # type: ignore[attr-defined]  # run on a server each time
    return on_server and (of_file or asks or not comes_to_a_store(item))


@pytest.fixture(autouse=True)
def _english() -> None:
    """A test that spoke Chinese leaves the next one English."""
    speak("en")

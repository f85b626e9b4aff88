"""Views made anew in parts, by one or by many: what comes out is what following leads to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections import open_views, parts, views_path
from projections.catch_up import Views
from projections.rebuilding import Rebuilt
from tests.parts import Sent
from tests.played import Played, play
from tests.poison import poison
from tests.shell import Shell
from tests.town import TOWN
from whistle import clock
from whistle.domain.skipping import STREAM, RuleSkip
from whistle.domain.whistle.events import Arrived
from whistle.log import spread
from whistle.log.port import Log
from whistle.log.sqlite import SQLiteLog
from whistle.workers import ALONE, Workers
from whistle.workers.processes import Processes

pytestmark = pytest.mark.sqlite(
    "views in files beside it are compared; a rebuild in a database is in test_rebuilding.py"
)

FEW = settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
WEEK = Path(__file__).parent / "data/sf_fire/sf_week_a_events.jsonl.gz"

Said = list[tuple[str, int, str, tuple[object, ...]]]


def said(views: Views, rebuilt: list[Rebuilt]) -> Said:
    """What must be equal between two ways to the same views: rows, and what is parked."""
    parked = {each.name: each.parked for each in views.status()}
    return [(each.name, each.rows, each.digest, parked[each.name]) for each in rebuilt]


def made(log: Log, path: Path, workers: Workers) -> Said:
    """Every view made anew, where nothing was before."""
    path.unlink(missing_ok=True)
    with open_views(log, path) as views:
        return said(views, views.rebuild(workers=workers))


def ill_town(folder: Path, seed: int, patch: pytest.MonkeyPatch) -> Played:
    """A town's days, with corrections and imported lines; a view stumbles over some arrivals, and
    one of these is left out by the town's word."""
    town = Played(folder / "town.db")
    play(town, 25, seed)
    arrivals = [
        told.seq for told in town.log.page(0, town.log.size()) if isinstance(told.event, Arrived)
    ]
    ill = {seq for seq in arrivals if seq % 3}
    poison(patch, lambda told: told.seq in ill)
    for seq in sorted(ill)[:1]:
        order = RuleSkip(view="coordinate", seq=seq, skip=True, why="told twice")
        assert town.order(TOWN, STREAM, order)
    play(town, 5, seed + 1)
    return town


@FEW
@given(seed=st.integers(0, 10_000), length=st.integers(1, 200), count=st.integers(1, 3))
def test_parts_of_any_length_come_to_what_following_leads_to(
    tmp_path_factory: pytest.TempPathFactory, seed: int, length: int, count: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        town = ill_town(tmp_path_factory.mktemp("town"), seed, patch)
        patch.setattr(parts, "LENGTH", length)
        with open_views(town.log, views_path(town.path)) as views:
            views.catch_up()
            followed = {each.name: each.parked for each in views.status()}
            rebuilt = views.rebuild(workers=Sent(count, seed))
            assert [each.name for each in rebuilt if each.changed] == []
            assert {each.name: each.parked for each in views.status()} == followed
            in_parts = said(views, rebuilt)
        patch.setattr(parts, "LENGTH", town.log.size() + 1)
        assert in_parts == made(town.log, town.path.with_name("whole.views"), ALONE)
        town.close()


def test_what_shares_a_case_or_a_stream_is_in_one_part(
    town: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(town, 60, seed=4)
    monkeypatch.setattr(parts, "LENGTH", 1)
    size = town.log.size()
    with town.log.reading() as reader:
        found = [reader.told_of(part.streams, part.upto) for part in parts.cut(reader, size)]
    assert len(found) > 10
    assert sorted(row[0] for rows in found for row in rows) == list(range(1, size + 1))
    part_of = {row[0]: nr for nr, rows in enumerate(found) for row in rows}
    together: dict[str, int] = {}
    for told in town.log.page(0, size):
        for name in (told.stream, told.correlation_id or told.stream):
            assert together.setdefault(name, part_of[told.seq]) == part_of[told.seq], told


def test_cases_that_are_torn_apart_come_to_something_else(
    town: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard of the test above: without it the views would be wrong, and would be seen to be."""
    for _ in range(3):
        town.blow(town.report(), "xf", "rq")
    monkeypatch.setattr(parts, "LENGTH", 1)
    with open_views(town.log, views_path(town.path)) as views:
        views.catch_up()
        monkeypatch.setattr(parts, "_bound", lambda _links: {})
        assert any(each.changed for each in views.rebuild())


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SQLiteLog]:
    """A real week of imported history, beside the acts of a played day."""
    shell = Shell(tmp_path_factory.mktemp("week"))
    shell.json("demo", "--keep", str(shell.store))
    shell.json("import", "events", str(WEEK))
    log = SQLiteLog(shell.store, clock.now)
    yield log
    log.close()


def test_processes_make_of_a_real_week_what_one_makes(week: SQLiteLog, tmp_path: Path) -> None:
    alone = made(week, tmp_path / "alone.views", ALONE)
    assert made(week, tmp_path / "several.views", Processes(2)) == alone
    assert sum(rows for _name, rows, *_rest in alone) > week.size()
    with open_views(week, tmp_path / "followed.views") as views:
        views.catch_up()
        assert [each.name for each in views.rebuild() if each.changed] == []


def test_the_command_line_shares_the_work(week: SQLiteLog) -> None:
    shell = Shell(week.path.parent)
    one, two = (shell.json("projection", "rebuild", "--workers", nr).facts for nr in "12")
    assert [each["digest"] for each in one] == [each["digest"] for each in two]
    assert [each["changed"] for each in two] == [False] * len(two)
    assert week.size() == two[0]["events"]


def test_the_ledger_of_a_real_week_is_the_same_to_the_byte(week: SQLiteLog) -> None:
    shell = Shell(week.path.parent)
    limits = "ack=60s,arrival=300s,total_response=480s,disposal=3600s"
    asked = ("assess", "ledger", "--limits", limits, "--json", "--workers")
    one, two = (shell(*asked, nr) for nr in "12")
    assert one.code == 0
    assert len(spread.cut(week.size(), spread.length_of(week.size(), 2))) > 1
    assert one.out == two.out

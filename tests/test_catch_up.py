"""Views follow the log: batch by batch, through kills, races, poison and thrown-away files."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections import assess, command, following, ledger, open_views, views_path
from projections.catch_up import Views
from projections.following import next_size
from projections.rebuilding import Rebuilt
from tests.played import Played, play, until
from tests.town import TOWN
from whistle.domain.moment import HOUR
from whistle.domain.whistle.call import Acknowledge
from whistle.log.port import Log

FEW = settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])

CHILD = """
import sys
from pathlib import Path
from projections import following, open_views
from whistle.log.stores import open_log
following.FIRST_BATCH = following.BATCH_MAX = 3
log = open_log(sys.argv[1], lambda: 0)
print("ready", flush=True)
with open_views(log, Path(sys.argv[2]) if sys.argv[2].startswith("/") else sys.argv[2]) as views:
    views.catch_up()
log.close()
"""


def said(rebuilt: list[Rebuilt]) -> list[tuple[str, int, str]]:
    """What must be equal between two ways to the same views."""
    return [(each.name, each.rows, each.digest) for each in rebuilt]


def made_anew(town: Played, log: Log | None = None) -> list[tuple[str, int, str]]:
    """Every view of the log, where nothing was before."""
    with open_views(log or town.log, None) as views:
        return said(views.rebuild())


@FEW
@given(
    seed=st.integers(0, 10_000),
    batch=st.integers(3, 60),
    cuts=st.lists(st.floats(0, 1), max_size=3),
)
def test_following_in_batches_of_any_size_is_the_same_as_making_anew(
    tmp_path_factory: pytest.TempPathFactory, seed: int, batch: int, cuts: list[float]
) -> None:
    town = Played(tmp_path_factory.mktemp("town") / "town.db")
    play(town, 15, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(following, "FIRST_BATCH", batch)
        patch.setattr(following, "BATCH_MAX", batch)
        patch.setattr(following, "HELD_MAX", 3)
        for cut in sorted(cuts):
            size = int(town.log.size() * cut)
            with open_views(until(town.log, size), town.views_at) as views:
                views.catch_up()
        with open_views(town.log, town.views_at) as views:
            views.catch_up()
            rebuilt = views.rebuild()
    assert [each.name for each in rebuilt if each.changed] == []
    assert said(rebuilt) == made_anew(town)
    town.close()


def test_a_reader_killed_at_any_moment_leaves_what_a_fresh_one_would_make(town: Played) -> None:
    play(town, 40, seed=7)
    chance = random.Random(11)  # noqa: S311 - when to kill, no secret
    path = town.views_at
    killed = 0
    for _ in range(10):
        with subprocess.Popen(
            [sys.executable, "-c", CHILD, town.address, str(path)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        ) as reader:
            assert reader.stdout is not None
            assert reader.stdout.readline() == b"ready\n"
            time.sleep(chance.random() * 0.5)
            reader.send_signal(signal.SIGKILL)
            killed += reader.wait() == -signal.SIGKILL
    assert killed
    with open_views(town.log, path) as views:
        views.catch_up()
        rebuilt = views.rebuild()
    assert [each.name for each in rebuilt if each.changed] == []
    assert said(rebuilt) == made_anew(town)


def test_two_readers_at_once_see_the_same_and_fold_each_event_once(
    town: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(town, 30, seed=3)
    monkeypatch.setattr(following, "FIRST_BATCH", 5)
    monkeypatch.setattr(following, "BATCH_MAX", 5)
    seen = []

    def read() -> None:
        log = town.log.again()
        with open_views(log, town.views_at) as views:
            seen.append((command.counts(views), assess.units(views)))
        log.close()

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(seen) == 3
    assert seen[0] == seen[1] == seen[2]
    with open_views(town.log, town.views_at) as views:
        assert [each.name for each in views.rebuild() if each.changed] == []


def test_views_of_another_store_are_thrown_away(town: Played, tmp_path: Path) -> None:
    other = Played(tmp_path / "other.db")
    other.blow(other.report(), "xf")
    path = town.views_at
    with open_views(other.log, path) as views:
        assert command.counts(views).whistles == 1
    with open_views(town.log, path) as views:
        assert command.counts(views).whistles == 0
    other.close()


def test_views_ahead_of_their_log_are_thrown_away(town: Played) -> None:
    before = town.log.size()
    town.blow(town.report(), "xf")
    path = town.views_at
    with open_views(town.log, path) as views:
        assert command.counts(views).whistles == 1
    with open_views(until(town.log, before), path) as views:
        assert command.counts(views).whistles == 0


def test_a_view_of_another_version_is_made_anew(
    town: Played, views: Views, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.blow(town.report(), "xf")
    views.catch_up("command")
    monkeypatch.setattr(command.command, "version", 2)
    assert [each.position for each in views.status() if each.name == "command"] != [0]
    monkeypatch.setattr(command.command, "handlers", {})
    assert command.counts(views).whistles == 0


@pytest.mark.sqlite("a file of views, and its rights")
@pytest.mark.parametrize("left", [b"", b"no database at all, but long enough to be read" * 50])
def test_views_that_cannot_be_read_are_made_anew(town: Played, left: bytes) -> None:
    town.blow(town.report(), "xf")
    path = views_path(town.path)
    path.write_bytes(left)
    with open_views(town.log, path) as views:
        assert command.counts(views).whistles == 1


@pytest.mark.sqlite("a file of views, and its rights")
def test_the_views_file_may_be_deleted_at_any_time(town: Played) -> None:
    town.blow(town.report(), "xf")
    path = views_path(town.path)
    for _ in range(2):
        with open_views(town.log, path) as views:
            assert command.counts(views).whistles == 1
        path.unlink()


@pytest.mark.sqlite("a file of views, and its rights")
def test_the_views_are_readable_by_whom_the_store_is(town: Played) -> None:
    town.path.chmod(0o640)
    with open_views(town.log, town.views_at) as views:
        views.catch_up("command")
    assert views_path(town.path).stat().st_mode & 0o777 == 0o640


@pytest.mark.sqlite("a file of views, and its rights")
def test_without_the_right_to_write_the_missing_tail_is_folded_in_memory(
    town: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.blow(town.report(), "xf")
    path = views_path(town.path)
    with open_views(town.log, path) as views:
        views.catch_up("command")
    town.blow(town.report(), "xf")
    monkeypatch.setattr("projections.file.writable", lambda _path: False)
    with open_views(town.log, path) as views:
        assert not views.kept
        assert command.counts(views).whistles == 2
        assert ledger.counts(views).whistles == 2
    monkeypatch.undo()
    with open_views(town.log, path) as views:
        (status,) = (each for each in views.status() if each.name == "command")
        assert status.behind > 0


def test_a_rebuild_tells_that_the_live_view_was_wrong_and_mends_it(
    town: Played, views: Views
) -> None:
    town.blow(town.report(), "xf")
    before = command.whistles(views)
    with views._store.writing() as tx:
        tx.exec_driver_sql("UPDATE command_whistles SET overdue = 9")
    assert command.whistles(views) != before
    (rebuilt,) = views.rebuild("command")
    assert (rebuilt.changed, rebuilt.rows, rebuilt.events) == (True, 1, town.log.size())
    assert command.whistles(views) == before
    assert [each.changed for each in views.rebuild("command")] == [False]


def test_a_view_goes_on_after_it_was_rebuilt(town: Played, views: Views) -> None:
    town.blow(town.report(), "xf")
    views.rebuild()
    town.import_facts([("F1", "E1", "whistled", HOUR)])
    town.order(TOWN, town.report(), Acknowledge(unit="xf"))
    counts = command.counts(views)
    assert (counts.whistles, counts.imported_calls) == (1, 1)
    assert [each.name for each in views.rebuild() if each.changed] == []


def test_a_batch_that_held_the_lock_too_long_is_followed_by_a_smaller_one() -> None:
    assert next_size(1000, held_s=0.06) == 500
    assert next_size(1000, held_s=0.03) == 1000
    assert next_size(1000, held_s=0.001) == 2000
    assert next_size(following.BATCH_MIN, held_s=1.0) == following.BATCH_MIN

"""Views made anew and followed by several at once, while others write and read; kills included."""

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from projections import VIEWS, command, coordinate, digest, following, open_views, store, view
from projections.catch_up import Views
from projections.store import ViewStore
from tests.counting import NAMED, heard_table, heard_view
from tests.played import Played, play
from tests.postgres import STORES
from tests.shell import HOUSE
from whistle.domain.whistle.call import Arrive

PATIENCE_S = 30
ROUNDS = 2  # of kills, three each


@pytest.fixture(params=STORES)
def where(town: Played, request: pytest.FixtureRequest) -> Path | str:
    """Where the views lie: in a file beside the store, or in a database."""
    if request.param == "sqlite":
        return town.views_at
    url: str = request.getfixturevalue("database")
    return url


def arrivals(town: Played, whistles: int) -> None:
    """So many whistles, to each of which two units came."""
    for _ in range(whistles):
        whistle = town.blow(town.report(), "xf", "rq")
        for unit in ("xf", "rq"):
            town.call(whistle, Arrive(unit=unit))


def heard(views: Views) -> dict[str, int]:
    """How often each whistle's units came, as the view that only adds up has it."""
    with views.reading(heard_view) as tx:
        return {row.whistle: row.times for row in heard_table.select(tx)}


@pytest.mark.parametrize("guarded", [True, False])
def test_of_two_that_take_the_same_batch_one_wins(
    town: Played, where: Path | str, monkeypatch: pytest.MonkeyPatch, *, guarded: bool
) -> None:
    """With the comparison of positions taken out, an event is counted twice."""
    arrivals(town, 3)
    if not guarded:
        monkeypatch.setattr(store, "_at", lambda name, _place: store._places.c.view == name)
    with open_views(town.log, where) as views:
        one, other = (views._follower(heard_view) for _ in range(2))
        middle = town.log.size() // 2
        following.follow(town.log, [one], town.log.size())
        other.take(following._batch(town.log, 0, middle, [other]), middle)
        following.follow(town.log, [views._follower(heard_view)], town.log.size())
        right = dict.fromkeys(town.whistles, 2)
        assert (heard(views) == right) is guarded


def test_what_was_made_is_what_is_read_back(town: Played, where: Path | str) -> None:
    """A rebuild sums its rows up as it makes them; who reads them comes to the same."""
    play(town, 60, seed=7)
    with open_views(town.log, where) as views:
        made = {each.name: (each.rows, each.digest) for each in views.rebuild()}
        for name, (rows, of_made) in made.items():
            with views.reading(view(name)) as tx:
                assert digest.of(tx, view(name)) == (rows, of_made), name
        with views._store.writing() as tx:
            calls = coordinate.calls_table.sql()
            tx.execute(sa.update(calls).values(stage="nowhere"))
        changed = {each.name for each in views.rebuild() if each.changed}
        assert changed == {"coordinate"}


@pytest.mark.parametrize("guarded", [True, False])
def test_a_view_made_anew_is_never_behind_the_one_that_was_just_read(
    town: Played, where: Path | str, monkeypatch: pytest.MonkeyPatch, *, guarded: bool
) -> None:
    """The last events are folded under the lock; without that a reader sees the past."""
    arrivals(town, 1)
    seen: list[int] = []
    holding = ViewStore.holding

    @contextmanager
    def late(self: ViewStore) -> Iterator[None]:
        """Somebody writes, and reads, in the moment before the lock is taken."""
        if not seen:
            arrivals(town, 1)
            with open_views(town.log, where) as reader:
                seen.append(command.counts(reader).whistles)
            if not guarded:
                monkeypatch.setattr("projections.rebuilding.follow", lambda *_given: None)
        with holding(self):
            yield

    with open_views(town.log, where) as views:
        views.catch_up()
        monkeypatch.setattr(ViewStore, "holding", late)
        views.rebuild("command")
        position = views._store.position("command")
        assert (position == town.log.size()) is guarded
    assert seen == [2]


def test_writers_and_readers_go_on_while_views_are_made_anew(
    town: Played, where: Path | str
) -> None:
    arrivals(town, 4)
    done, faults = threading.Event(), list[str]()

    def reading() -> None:
        log = town.log.again()
        last = 0
        while not done.is_set():
            with open_views(log, where) as views:
                known = log.size()
                count = command.counts(views).whistles
                position = views._store.position("command")
            if count < last or position < known:
                faults.append(f"{count} whistles after {last}, {position} of {known}")
            last = count
        log.close()

    def rebuilding() -> None:
        log = town.log.again()
        with open_views(log, where) as views:
            for _ in range(3):
                faults.extend(each.name for each in views.rebuild("command") if each.changed)
        log.close()

    readers = [threading.Thread(target=reading) for _ in range(2)]
    builders = [threading.Thread(target=rebuilding) for _ in range(2)]
    for thread in (*readers, *builders):
        thread.start()
    while any(builder.is_alive() for builder in builders):
        arrivals(town, 1)
    done.set()
    for thread in (*readers, *builders):
        thread.join()
    assert faults == []
    with open_views(town.log, where) as views:
        assert command.counts(views).whistles == len(town.whistles)
        assert not views.rebuild("command")[0].changed


def test_runners_and_rebuilds_killed_at_any_moment_leave_every_event_counted_once(
    town: Played, where: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(VIEWS, "heard", NAMED["heard"])
    chance = random.Random(5)  # noqa: S311 - when to kill, no secret
    kills = 0
    for _ in range(ROUNDS):
        children = [child(town, where, what) for what in ("run", "run", "rebuild")]
        for each in children:
            assert each.stdout is not None
            assert each.stdout.readline() == b"begun\n"
        arrivals(town, 2)
        time.sleep(chance.random() * 0.2)
        for each in chance.sample(children, len(children)):
            each.send_signal(signal.SIGKILL)
            arrivals(town, 1)
        for each in children:
            with each:
                kills += each.wait(PATIENCE_S) == -signal.SIGKILL
    assert kills
    with open_views(town.log, where) as views:
        assert heard(views) == dict.fromkeys(town.whistles, 2)
        assert views.parked() == {}
        assert not views.rebuild("command")[0].changed
        assert not views.rebuild("heard")[0].changed


def child(town: Played, where: Path | str, what: str) -> "subprocess.Popen[bytes]":
    """A process that keeps the views warm, or makes them anew again and again."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.following", town.address, str(where), what],
        cwd=HOUSE,
        stdout=subprocess.PIPE,
    )

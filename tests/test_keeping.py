"""`projection run`: every view kept warm, alarms told at once, a clean end; any number at once."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from projections import VIEWS, command, open_views, running
from projections.catch_up import Status
from tests import places
from tests.poison import poison
from tests.shell import HOUSE, Shell, evening_at
from whistle.domain.moment import SECOND

PATIENCE_S = 30


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    """Two whistles sound."""
    return evening_at(tmp_path)


def behind(desk: Shell) -> int:
    """How far the slowest view is behind; nothing is moved by asking."""
    return max(int(view["behind"]) for view in desk.json("projection", "status").facts)


@contextmanager
def running_beside(desk: Shell, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A runner in a process of its own, that has caught up once."""
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "projection", "run", *words],
        env=desk.whole_env,
        cwd=HOUSE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            warm(desk)
            yield process
        finally:
            process.kill()


def warm(desk: Shell) -> None:
    """Wait until every view shows all that is recorded."""
    deadline = time.monotonic() + PATIENCE_S
    while behind(desk):
        assert time.monotonic() < deadline, "no view was kept warm"
        time.sleep(0.05)


def test_what_is_recorded_is_shown_without_anybody_reading(desk: Shell) -> None:
    assert behind(desk)
    with running_beside(desk) as runner:
        desk.json("report", "shop-noise", "Yuyuan Rd")
        warm(desk)
        runner.send_signal(signal.SIGTERM)
        assert runner.wait(PATIENCE_S) == 0
        assert runner.communicate() == (b"", b""), "it is quiet on a pipe"


def test_ctrl_c_ends_it_with_130(desk: Shell) -> None:
    with running_beside(desk) as runner:
        runner.send_signal(signal.SIGINT)
        assert runner.wait(PATIENCE_S) == 130


def test_what_happens_is_told_on_standard_error_to_who_asks(desk: Shell) -> None:
    with running_beside(desk, "--log-level", "info", "--log-format", "json") as runner:
        runner.send_signal(signal.SIGTERM)
        told = [json.loads(line) for line in runner.communicate()[1].splitlines()]
    assert {each["view"] for each in told} == set(VIEWS)
    assert all(each.keys() >= {"behind", "behind_s"} for each in told)


def test_once_catches_up_and_ends_quietly_as_cron_wants_it(desk: Shell) -> None:
    said = desk.child("projection", "run", "--once")
    assert (said.returncode, said.stdout, said.stderr) == (0, b"", b"")
    assert behind(desk) == 0


def test_no_clock_speaks_because_views_are_kept_warm(desk: Shell) -> None:
    desk.now += 5 * 3600 * SECOND
    before = desk.record()
    desk.json("投影", "运行", "--一次")
    assert desk.record() == before


def test_an_event_that_a_view_cannot_take_is_told_while_it_runs(
    desk: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison(monkeypatch, lambda _told: True)
    unit = next(row["unit"] for row in desk.json("inbox", "--all").facts if row["verb"] == "ack")
    desk.json("arrive", "1", "--as", unit)
    said = desk("projection", "run", "--for", "0s")
    assert said.code == 1
    assert said.told.startswith("View coordinate cannot take event")
    assert "no room for it" in said.told
    assert desk("projection", "run", "--once").code == 1


@pytest.mark.sqlite("a file of views, and its rights")
def test_where_no_views_can_be_kept_it_says_so_and_goes_on_when_they_can(
    desk: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = places.opened(desk.store)
    monkeypatch.setattr(running, "AGAIN_S", 0.01)
    with open_views(log, desk.views_at) as views, monkeypatch.context() as patch:
        patch.setattr("projections.file.writable", lambda _path: False)
        rounds = running.Runner(log, views).rounds()
        assert next(rounds).fault is not None
        assert next(rounds).fault is not None
        patch.undo()
        monkeypatch.setattr(running, "AGAIN_S", 0.01)
        made = next(rounds)
        assert (made.fault, made.behind) == (None, 0)
    log.close()
    desk.store.chmod(0o400)
    if os.geteuid():
        assert desk("projection", "run", "--once").code == 10


def test_a_long_way_is_gone_in_slices_so_that_a_stop_is_heard(
    desk: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "SLICE", 5)
    log = places.opened(desk.store)
    with open_views(log, desk.views_at) as views:
        runner = running.Runner(log, views)
        rounds = runner.rounds()
        assert next(rounds).behind == log.size() - 5
        runner.stop()
        assert list(rounds) == []
        rounds = running.Runner(log, views).rounds(0.0)
        assert [made.behind for made in rounds][-1] == 0
        assert command.counts(views).whistles == 2
    log.close()


def test_the_lag_is_told_in_events_and_in_seconds() -> None:
    view = Status("ledger", 5, 9, 4, (), since=10 * SECOND)
    assert view.behind_s(70 * SECOND) == 60
    assert view.behind_s(0) == 0
    assert Status("ledger", 9, 9, 0, ()).behind_s(70 * SECOND) == 0

"""A hundred processes at one store: nothing is lost, nothing doubled, nobody hears of a lock."""

import json
import subprocess
import sys
from itertools import groupby
from typing import Any

import pytest

from projections import VIEWS
from tests.shell import HOUSE, Shell
from whistle import clock
from whistle.domain.moment import MINUTE

WHISTLES = 5


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Five gas leaks were whistled for a minute ago, by the machine's clock."""
    shell = Shell(tmp_path_factory.mktemp("rush"))
    shell.now = clock.now() - MINUTE
    shell.founded()
    for number in range(WHISTLES):
        shell.json("blow", "-e", "gas-leak", f"{number + 1} Caoqiao Rd")
    return shell


@pytest.fixture(scope="module")
def rush(town: Shell) -> list[dict[str, Any]]:
    """What a hundred desks were answered, line by line."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.rush", str(WHISTLES)],
        env=town.whole_env,
        cwd=HOUSE,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    desks = json.loads(done.stdout)
    assert len(desks) == 100
    return [answer for desk in desks for answer in desk]


def test_a_hundred_desks_at_once_are_all_served_and_none_hears_of_a_lock(
    rush: list[dict[str, Any]],
) -> None:
    # H5
    assert [each for each in rush if each["code"] != 0] == []
    assert [each["err"] for each in rush if each["err"]] == []
    for each in rush:
        assert json.loads(each["out"])["status"] == "done"
        assert "locked" not in each["out"]


def test_what_was_asked_twice_is_on_record_once(town: Shell, rush: list[dict[str, Any]]) -> None:
    told = [
        (each["line"], json.loads(each["out"])["data"]) for each in rush if "--key" in each["line"]
    ]
    recorded: list[int] = []
    for line, pair in groupby(sorted(told, key=lambda each: each[0]), key=lambda each: each[0]):
        replies = [reply for _line, reply in pair]
        assert sorted(reply["replayed"] for reply in replies) == [False, True][: len(replies)], line
        assert len({(r["id"], tuple(e["seq"] for e in r["events"])) for r in replies}) == 1
        recorded += [event["seq"] for event in replies[0]["events"]]
    assert len(recorded) == len(set(recorded))
    assert len({line for line, _reply in told}) < len(told), "some were nervous"
    on_record = {seq for (seq,) in town.rows("ledger", "seq")}
    assert set(recorded) <= on_record
    assert on_record == set(range(1, len(on_record) + 1))


def test_every_number_is_given_once_and_none_is_left_out(
    town: Shell, rush: list[dict[str, Any]]
) -> None:
    given = {json.loads(each["out"])["data"]["id"] for each in rush if "--key" in each["line"]}
    for kind, reported in (("I", "incident"), ("W", "whistle")):
        names = [name for (name,) in town.rows("names", "name", f"WHERE kind = '{reported}'")]
        assert sorted(names) == [f"{kind}-WY26-{nr:05}" for nr in range(1, len(names) + 1)]
        assert {name for name in given if name[0] == kind} <= set(names)


def test_the_record_proves_itself_and_the_views_are_what_it_makes_anew(
    town: Shell, rush: list[dict[str, Any]]
) -> None:
    assert rush
    town.now = clock.now()
    town.json("status")
    assert town.json("audit", "verify").facts["ok"] is True
    assert [view["changed"] for view in town.json("projection", "rebuild").facts] == [False] * len(
        VIEWS
    )
    assert [view["parked"] for view in town.json("projection", "status").facts] == [[]] * len(VIEWS)

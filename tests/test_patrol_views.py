"""Patrols in the four views and the ledger; whistles and calls stay what they are."""

from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections import VIEWS as VIEW_NAMES
from projections import (
    assess,
    command,
    coordinate,
    inspect,
    ledger,
    open_views,
    patrols,
)
from tests.played import Played, play
from tests.shell import Shell
from tests.test_cli_patrol import PLAN, morning
from tests.walked import walk
from whistle.domain.correction import effective
from whistle.domain.moment import HOUR, MINUTE
from whistle.domain.patrol import PATROL, START
from whistle.domain.patrol.state import Patrol

VIEWS = ("inspect", "command", "coordinate", "ledger")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Shell]:
    yield Shell(tmp_path).founded()


def seen(desk: Shell, view: str) -> Any:
    """What a view tells of patrols."""
    return desk.json("view", view).facts["patrols"]


def test_inspect_tells_stops_findings_and_what_became_whistles(desk: Shell) -> None:
    morning(desk)
    desk.json("accept", "2")
    desk.json("blow", "2")
    desk.json("refuse", "1", "--category", "not-ours", "-m", "the next town's")
    desk.json("report", "shop-noise", "Yuyuan Rd", "--channel", "12345")
    told = seen(desk, "inspect")
    assert told["counts"] == {
        "patrols": 1,
        "patrols_planned": 1,
        "patrols_started": 1,
        "patrols_done": 1,
        "patrols_missed": 0,
        "patrols_called_off": 0,
        "stops": 3,
        "stops_checked": 2,
        "findings": 2,
        "findings_whistled": 1,
        "findings_refused": 1,
    }
    assert [row["incident_name"] for row in told["findings"]] == ["I-WY26-00001", "I-WY26-00002"]
    assert "P-WY26-00001" in desk("view", "inspect").text


def test_command_tells_which_patrol_is_out_and_which_should_be(desk: Shell) -> None:
    desk.json(*PLAN)  # its slot began half an hour ago
    desk.json("patrol", "plan", "Dyke", "--slot", "14:00-16:00")
    assert [(row["name"], row["stage"]) for row in seen(desk, "command")] == [
        ("P-WY26-00001", "planned")
    ]
    desk.json("patrol", "start", "1", "--as", "UM")
    assert [row["stage"] for row in seen(desk, "command")] == ["out"]
    desk.now += 8 * HOUR
    assert [(row["name"], row["stage"]) for row in seen(desk, "command")] == [
        ("P-WY26-00001", "out"),
        ("P-WY26-00002", "missed"),
    ]


def test_coordinate_tells_who_came_of_units_that_walk_together(desk: Shell) -> None:
    desk.json(*PLAN)
    desk.json("patrol", "plan", "Dyke", "--slot", "09:00-16:00", "--who", "UM")
    desk.json("patrol", "start", "1", "--as", "UM")
    told = seen(desk, "coordinate")
    there = {(row["patrol_name"], row["unit"]): row["there_at"] is not None for row in told}
    assert there == {("P-WY26-00001", "UM"): True, ("P-WY26-00001", "TP"): False}
    desk.now += 10 * MINUTE
    desk.json("patrol", "start", "1", "--as", "FR")
    told = seen(desk, "coordinate")
    assert {row["unit"]: row["planned"] for row in told} == {"UM": True, "TP": True, "FR": False}


def test_the_ledger_has_attendance_and_findings_apart_from_the_calls(desk: Shell) -> None:
    morning(desk)
    desk.json("accept", "2")
    desk.json("blow", "2")
    view = desk.json("view", "ledger").facts
    told = view["patrols"]
    assert [(row["unit"], row["planned"]) for row in told["attendance"]] == [
        ("TP", True),
        ("UM", True),
    ]
    assert [row["there_at"] for row in told["attendance"]] == [
        "2026-10-14T01:30:06.000000Z",  # at the market, half an hour later
        "2026-10-14T01:00:03.000000Z",  # at the start, whatever came after
    ]
    found_at = [row["found_at"] for row in told["findings"]]
    assert found_at == sorted(found_at)
    counted = desk.json("assess", "ledger").facts["overall"]["assignments"]
    assert len(view["rows"]) == counted == view["counts"]["calls"], "patrols are no calls"


def test_the_views_of_a_town_that_does_not_patrol_say_nothing_of_it(desk: Shell) -> None:
    for view in VIEWS:
        assert desk("view", view).text.count("\n\n") == 0


def test_a_rebuild_of_the_patrols_holds_what_was_followed(desk: Shell) -> None:
    morning(desk)
    seen(desk, "inspect")
    desk.json("correct", "29", "--set", "at=2026-10-14T01:00:02.5Z", "--why", "by the radio's log")
    before = desk.json("patrol", "coverage").facts
    rebuilt = desk.json("projection", "rebuild", "patrols").facts
    assert rebuilt["changed"] is False
    assert desk.json("patrol", "coverage").facts == before


@given(seed=st.integers(0, 2**32))
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_walked_the_views_and_the_register_follow_from_the_record(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    town = Played(tmp_path_factory.mktemp("walked") / "town.db")
    play(town, 10, seed)
    with open_views(town.log, town.views_at) as views:
        begun, found = [], 0
        for part in range(4):
            begun += walk(town, 20, seed + part)
            views.catch_up()
        for incident in town.incidents:
            town.blow(incident)
        walked = {row.patrol: row for row in patrols.walks(views)}
        with town.log.reading() as reader:
            for stream in begun:
                told = effective(reader.stream(stream))
                state = reduce(lambda state, each: PATROL.evolve(state, each.event), told, START)
                if isinstance(state, Patrol):  # the rules allowed it to begin
                    row = walked.pop(stream)
                    assert (row.checked, row.stage) == (state.checked, state.stage)
                    found += row.findings
        made = patrols.findings(views)
        assert walked == {}
        assert len({row.incident for row in made}) == len(made) == found
        counted = [each.counts(views) for each in (inspect, command, coordinate, assess, ledger)]
        assert len({(each.whistles, each.calls) for each in counted}) == 1
        assert [each.parked for each in views.status()] == [()] * len(VIEW_NAMES)
        assert [each.name for each in views.rebuild() if each.changed] == []
    assert town.log.verify().ok
    town.close()

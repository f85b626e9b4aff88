"""A call whose time has not run out is neither on time nor late: rates are over what was due."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.played import Played
from tests.shell import Shell
from whistle.domain.ledger import Assignment
from whistle.domain.measures import METRICS, summary
from whistle.domain.moment import MINUTE, SECOND, rfc3339
from whistle.domain.ranking import rank
from whistle.domain.whistle.call import Acknowledge, Arrive
from whistle.engine.assessing import assess

NOW = 1000
UNITS = ("jj", "xf", "rq")


def call(
    unit: str, nr: int, due_s: int, *, arrived_s: int | None = None, source: str = ""
) -> Assignment:
    """A call that was delivered at 0 and owes to report in by `due_s`."""
    arrived = None if arrived_s is None else arrived_s * SECOND
    key = (source, f"W{nr}", unit)
    dues = {"arrival": due_s * SECOND}
    return Assignment(key, (source, f"I{nr}"), unit, unit, None, 0, None, arrived, None, dues)


def arrival(rows: list[Assignment], at: int | None = NOW) -> dict[str, Any]:
    stands = None if at is None else at * SECOND
    figures: dict[str, Any] = summary(rows, None, stands)["overall"]["metrics"]["arrival"]
    return figures


def test_a_call_that_still_has_time_is_in_no_rate_and_is_told_apart() -> None:
    rows = [call("jj", 1, 300, arrived_s=200), call("jj", 2, 2000)]
    figures = arrival(rows)
    assert (figures["on_time"], figures["n_limited"], figures["n_running"]) == (1, 1, 1)
    assert (figures["rate_all"], figures["rate_valid"]) == (1.0, 1.0)
    ranking = rank(rows, "arrival", None, 1, NOW * SECOND)
    assert ranking["n_running"] == 1
    assert [(each["unit"], each["rate_all"]) for each in ranking["ranking"]] == [("jj", 1.0)]


def test_the_very_due_instant_still_belongs_to_the_unit() -> None:
    assert arrival([call("jj", 1, NOW)])["n_running"] == 1
    late = arrival([call("jj", 1, NOW - 1)])
    assert (late["n_limited"], late["on_time"], "n_running" in late) == (1, 0, False)


def test_who_came_early_counts_at_once() -> None:
    figures = arrival([call("jj", 1, 2000, arrived_s=60)])
    assert (figures["n_limited"], figures["on_time"], "n_running" in figures) == (1, 1, False)


def test_history_and_given_limits_are_as_they_were() -> None:
    imported = [call("E1", 1, 2000, source="sf")]
    assert arrival(imported) == arrival(imported, at=None)
    live = [call("jj", 1, 2000)]
    given_limit = summary(live, {"arrival": 300}, NOW * SECOND)
    assert given_limit == summary(live, {"arrival": 300})
    assert rank(live, "arrival", 300, 1, NOW * SECOND)["ranking"][0]["rate_all"] == 0.0


CALLS = st.builds(
    lambda unit, nr, due, came: call(unit, nr, due, arrived_s=came),
    st.sampled_from(UNITS),
    st.integers(1, 50),
    st.integers(0, 2 * NOW),
    st.none() | st.integers(0, 2 * NOW),
)
RUNNING = st.builds(
    lambda unit, nr, due: call(unit, nr, due),
    st.sampled_from(UNITS),
    st.integers(51, 99),
    st.integers(NOW, 3 * NOW),
)
RATES = ("n_limited", "on_time", "rate_all", "rate_valid")


def rates(rows: list[Assignment]) -> dict[tuple[str, str], Any]:
    """What every unit is judged by, where anything of it was due."""
    per_unit = summary(rows, None, NOW * SECOND)["per_unit"]
    figures = {
        (unit, metric): tuple(one["metrics"][metric].get(name) for name in RATES)
        for unit, one in per_unit.items()
        for metric in METRICS
    }
    return {key: told for key, told in figures.items() if told[0]}


@given(st.lists(CALLS), st.lists(RUNNING))
def test_adding_only_running_calls_changes_no_rate(
    rows: list[Assignment], more: list[Assignment]
) -> None:
    assert rates([*rows, *more]) == rates(rows)
    places = [rank(each, "arrival", None, 1, NOW * SECOND) for each in (rows, [*rows, *more])]
    assert places[0]["ranking"] == places[1]["ranking"]
    assert places[1].get("n_running", 0) == places[0].get("n_running", 0) + len(more)


@pytest.fixture
def town(tmp_path: Path) -> Any:
    played = Played(tmp_path / "town.db")
    yield played
    played.close()


def test_an_assessment_stands_at_the_logs_own_last_instant_and_never_later(town: Played) -> None:
    called = town.blow(town.report())
    blown = town.now
    assert town.call(called, Arrive(unit="xf"))
    found = assess(town.log)
    assert found.stands_at == town.log.page(town.log.size() - 1, 1)[0].recorded_at
    assert assess(town.log, until=blown).stands_at == blown
    assert assess(town.log, known_at=blown).stands_at == blown
    assert assess(town.log, until=town.now + 90 * MINUTE).stands_at == found.stands_at


def test_a_call_is_late_for_its_rate_once_its_own_due_has_passed(town: Played) -> None:
    called = town.blow(town.report())
    delivered = town.now
    assert town.call(called, Acknowledge(unit="rq"))

    def of(unit: str) -> dict[str, Any]:
        found = assess(town.log)
        per_unit = summary(found.assignments(), None, found.stands_at)["per_unit"]
        figures: dict[str, Any] = per_unit[unit]["metrics"]["ack"]
        return figures

    assert of("xf")["n_running"] == 1
    assert (of("rq")["on_time"], of("rq")["rate_all"]) == (1, 1.0)
    town.now = delivered + 6 * MINUTE  # an emergency is answered within five
    town.engine.tick()
    late = of("xf")
    assert (late["n_limited"], late["on_time"], late["rate_all"]) == (1, 0, 0.0)
    assert "n_running" not in late


def test_a_fresh_whistle_ranks_nobody_last(tmp_path: Path) -> None:
    desk = Shell(tmp_path).founded()
    desk.json("blow", "-e", "gas-leak", "12 Caoqiao Rd")
    blown = desk.now
    ranked = desk.json("assess", "rank").facts
    assert ranked["ranking"] == []
    assert ranked["n_running"] > 1
    said = desk("assess", "rank").text
    assert f"{ranked['n_running']} calls still have time" in said
    figures = desk.json("assess", "ledger").facts["overall"]["metrics"]["arrival"]
    assert (figures["n_limited"], figures["rate_all"]) == (0, None)
    assert "0.0%" not in desk("assess", "ledger").text
    desk.now += 31 * MINUTE
    late = desk.json("assess", "rank").facts
    assert [each["on_time"] for each in late["ranking"]] == [0] * ranked["n_running"]
    then = desk.json("assess", "rank", "--until", rfc3339(blown)).facts
    assert then["ranking"] == []


@pytest.mark.sqlite("a file that may only be read; such accounts are in test_postgres_roles.py")
def test_whoever_may_only_read_is_told_that_the_clocks_were_not_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Shell(tmp_path).founded()
    desk.json("blow", "-e", "gas-leak", "12 Caoqiao Rd")
    monkeypatch.setattr("whistle.log.sqlite.may_write", lambda _path: False)
    desk.now += 31 * MINUTE
    said = desk.json("assess", "rank")
    assert "store.read_only" in said.rules
    assert said.facts["ranking"] == []

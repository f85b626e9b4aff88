"""A patrol that did not set out in its slot is missed, whoever looks (decision 0008)."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests import places
from tests.office import Office
from tests.story import Story
from tests.test_patrol import CG, EIGHT, JJ, NAME, NINE, PLAN, PLANNED, STARTED, TEN, planned
from tests.town import around, at
from whistle.domain.message import HearClock, Order
from whistle.domain.moment import Instant
from whistle.domain.patrol import PATROL, SLOT
from whistle.domain.patrol.coverage import by_grid, by_unit, whole, within
from whistle.domain.patrol.events import (
    MissVoided,
    PatrolCalledOff,
    PatrolFinished,
    PatrolMissed,
    PatrolPlanned,
    PatrolStarted,
    Stop,
    StopSkipped,
    StopVisited,
)
from whistle.domain.patrol.planning import CallPatrolOff, StartPatrol
from whistle.domain.patrol.walking import VisitStop
from whistle.domain.refusal import NotAllowed, Refused

UNITS = ("cg", "jj")
MISSED = PatrolMissed(at=TEN, units=UNITS, rule=SLOT)
NOON, NIGHT = at("12:00"), at("23:00")


def test_a_slot_that_is_over_is_told_with_its_end_and_once() -> None:
    story = planned().hear(TEN).then()
    story.hear(TEN + 1).then(MISSED).hear(NIGHT).then()
    assert story.state.stage == "missed"


def test_a_start_at_the_last_instant_is_in_time() -> None:
    story = planned().given(PatrolStarted(at=TEN, unit="cg")).hear(NIGHT).then()
    assert PATROL.next_due(story.state) is None


def test_a_start_after_the_slot_leaves_the_miss_on_record() -> None:
    story = planned().given(MISSED).when(StartPatrol(), by="cg", at=NOON)
    story.then_topics("patrol.started/1").hear(NIGHT).then()
    assert (story.state.stage, story.state.missed) == ("out", TEN)


def test_a_start_received_in_time_and_recorded_late_takes_the_miss_back() -> None:
    story = planned().given(MISSED, STARTED).hear(NOON)
    story.then(MissVoided(at=NOON, units=UNITS, due=TEN, rule=SLOT))
    assert story.state.missed is None


def test_a_start_set_right_to_after_the_slot_makes_it_missed() -> None:
    story = planned().given(PatrolStarted(at=TEN + 1, unit="cg"))
    story.hear(NOON).then(MISSED)


OFF = CallPatrolOff(reason="暴雨红色预警")
CALLED_OFF = PatrolCalledOff(at=NINE, units=UNITS, reason="暴雨红色预警")


def test_a_patrol_that_the_town_called_off_is_never_missed() -> None:
    story = planned().when(OFF, by="town", at=NINE).then(CALLED_OFF)
    assert (story.state.stage, PATROL.next_due(story.state)) == ("called_off", None)
    story.hear(NIGHT).then()
    line = whole([story.state])
    assert (line.planned, line.called_off, line.missed, line.stops, line.walkers) == (1, 1, 0, 0, 0)


def test_a_call_off_received_in_time_and_recorded_late_takes_the_miss_back() -> None:
    story = planned().given(MISSED).when(OFF, by="town", at=TEN)
    story.hear(NOON).then(MissVoided(at=NOON, units=UNITS, due=TEN, rule=SLOT))
    assert (story.state.stage, story.state.missed) == ("called_off", None)


def test_only_the_town_calls_off_before_the_slot_is_over_and_says_why() -> None:
    planned().when(OFF, by="cg", at=NINE).then_refused("patrol.call_off_town", NotAllowed)
    silent = CallPatrolOff(reason=" ")
    planned().when(silent, by="town", at=NINE).then_refused("patrol.call_off_reason")
    planned().given(MISSED).when(OFF, by="town", at=NOON).then_refused("patrol.missed")
    planned().given(STARTED).when(OFF, by="town", at=NINE).then_refused("patrol.out")
    off = planned().given(CALLED_OFF)
    off.when(OFF, by="town", at=NINE).then_refused("patrol.called_off")
    off.when(StartPatrol(), by="cg", at=NINE).then_refused("patrol.called_off")


ACTS = st.sampled_from(
    [
        (StartPatrol(), "cg"),
        (StartPatrol(), "jj"),
        (VisitStop(stop="1"), "cg"),
        (OFF, "town"),
    ]
)
WHEN = st.one_of(st.integers(EIGHT, NOON), st.sampled_from([TEN - 1, TEN, TEN + 1]))
STEPS = st.lists(st.tuples(ACTS, WHEN), max_size=4)
TICKS = st.lists(st.lists(st.integers(EIGHT, NIGHT).map(int), max_size=3), max_size=5)


def standing(steps: list[tuple[tuple[Order, str], Instant]], ticks: list[list[Instant]]) -> int:
    """How many misses stand in the end, with the clock heard at any instants in between."""
    story = Story(PATROL).given(PLANNED)
    for place, ((order, by), when) in enumerate([*steps, ((HearClock(), "town"), NIGHT)]):
        for tick in ticks[place] if place < len(ticks) else []:
            story.hear(tick)
        before = list(story.told)
        try:
            story.given(*PATROL.owed(story.state, when))
            story.given(*PATROL.decide(story.state, order, around(by, when)))
            story.given(*PATROL.owed(story.state, when))
            story.given(*PATROL.settle(story.state, when))
        except Refused:
            story.told[:] = before
    voided = sum(isinstance(each, MissVoided) for each in story.told)
    missed = [each for each in story.told if isinstance(each, PatrolMissed)]
    assert all(each == MISSED for each in missed)
    return len(missed) - voided


@given(STEPS, TICKS)
@example([((StartPatrol(), "cg"), TEN)], [[NOON]])
@example([((StartPatrol(), "cg"), TEN + 1)], [])
@example([((OFF, "town"), TEN)], [[NOON]])
@example([((OFF, "town"), TEN + 1), ((OFF, "town"), TEN)], [])
def test_any_schedule_of_ticks_tells_the_same_miss(
    steps: list[tuple[tuple[Order, str], Instant]], ticks: list[list[Instant]]
) -> None:
    wanted = next(
        (
            int(when > TEN)
            for (order, _by), when in steps
            if isinstance(order, StartPatrol) or (order is OFF and when <= TEN)
        ),
        1,
    )
    assert standing(steps, []) == standing(steps, ticks) == wanted


@pytest.mark.parametrize("looked", [[], ["09:59", "10:00", "10:01", "11:00"]])
def test_a_store_tells_a_miss_once_however_often_somebody_looks(
    tmp_path: Path, looked: list[str]
) -> None:
    places.made(tmp_path / "town.db")
    office = Office(tmp_path / "town.db", at("07:00"))
    office.found()
    office.ask(("p1", PLAN))
    for time in [*looked, "23:00"]:
        office.clock.now = at(time)
        office.engine.tick()
    told = [each.event for each in office.told() if each.stream == "p1"]
    assert told == [PLANNED, MISSED]
    with office.log.reading() as reader:
        named = reader.of_stream("p1")
        assert named is not None
        assert (named.kind, named.name, named.stage) == ("patrol", NAME, "missed")
        assert reader.called("p1") == {"cg": "to_walk", "jj": "to_walk"}
    office.close()


STOPS = tuple(Stop(name=f"s{nr}", grid=f"g{nr % 3}") for nr in range(6))
VISITS = st.lists(st.sampled_from(STOPS), max_size=12)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 6), VISITS, VISITS)
def test_coverage_is_the_distinct_stops_seen_of_those_on_the_route(
    length: int, seen: list[Stop], skipped: list[Stop]
) -> None:
    route = STOPS[:length]
    plan = PatrolPlanned(at=EIGHT, name=NAME, route=route, walkers=(CG, JJ), begins=EIGHT, ends=TEN)
    story = Story(PATROL).given(plan, STARTED)
    story.given(*(StopSkipped(at=NINE, unit="cg", stop=each.name, reason="x") for each in skipped))
    story.given(*(StopVisited(at=NINE, unit="cg", stop=each.name) for each in seen))
    story.given(PatrolFinished(at=TEN, unit="cg"))
    distinct = {each.name for each in seen} & {each.name for each in route}
    coverage = story.state.coverage
    assert 0 <= coverage <= 1
    assert coverage * length == len(distinct) == story.state.checked
    lines = by_grid([story.state])
    assert sum(line.checked for line in lines) == len(distinct)
    assert sum(line.stops for line in lines) == length
    assert all(line.coverage is None or 0 <= line.coverage <= 1 for line in lines)
    assert whole([story.state]).coverage == coverage


def test_a_unit_that_stayed_away_neither_started_nor_finished() -> None:
    story = planned().given(PatrolStarted(at=EIGHT, unit="cg"), PatrolFinished(at=TEN, unit="cg"))
    by_code = {line.key: line for line in by_unit([story.state])}
    assert (by_code["cg"].started, by_code["cg"].done, by_code["cg"].attended) == (1, 1, 1)
    assert (by_code["jj"].planned, by_code["jj"].started, by_code["jj"].done) == (1, 0, 0)
    assert by_code["jj"].attendance == 0
    assert whole([story.state]).walkers == 2


def test_a_patrol_counts_in_the_period_of_its_slot() -> None:
    state = planned().state
    assert within(state, EIGHT, TEN)
    assert within(state, None, None)
    assert not within(state, None, EIGHT)
    assert not within(state, EIGHT + 1, None)

"""Clocks say the same whoever listens and how often: one whistle, any ticks (decision 0008).

An act at the very due instant is in time; a warning comes when a fifth of the limit is left; the
rungs of the ladder follow the breach. An act received in time and recorded late takes back what
the clock had said meanwhile.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests import places
from tests.blown import CLOCKS, SOUNDING
from tests.office import Office
from tests.story import Story
from tests.town import around, at
from whistle.domain.message import Event, HearClock, Order
from whistle.domain.moment import MINUTE, Instant
from whistle.domain.refusal import Refused
from whistle.domain.whistle import WHISTLE
from whistle.domain.whistle.call import Acknowledge, Act, Arrive, Decline, Finish
from whistle.domain.whistle.closing import OrderRework
from whistle.domain.whistle.events import (
    Acknowledged,
    Arrived,
    DueSoon,
    Finished,
    Overdue,
    OverdueVoided,
    Supervised,
)

NINE = at("09:00")
END = at("2026-10-20 09:00")  # long after every rung
DUES = sorted({owed.due for clock in CLOCKS for owed in clock.owed})

Standing = set[tuple[str, str, str, str, Instant]]


class Step(NamedTuple):
    """An act as it is recorded: `received` may lie before what was recorded in front of it."""

    order: Order
    by: str
    received: Instant


def standing(events: Iterable[Event]) -> Standing:
    """What the clocks said and nothing took back: (unit, clock, level, rule, due)."""
    stands: dict[tuple[str, str, str, Instant], str] = {}
    for event in events:
        match event:
            case DueSoon():
                stands[event.unit, event.clock, "warn", event.at] = event.rule
            case Overdue():
                stands[event.unit, event.clock, "overdue", event.at] = event.rule
            case Supervised():
                stands[event.unit, event.clock, event.level, event.at] = event.rule
            case OverdueVoided():
                del stands[event.unit, event.clock, event.level, event.due]
    return {(unit, clock, level, rule, due) for (unit, clock, level, due), rule in stands.items()}


def play(steps: list[Step], ticks: list[list[Instant]]) -> list[Event]:
    """The steps in the order of recording, with ticks in front of each and at the end, as the
    engine does it: what is owed, the decision, what is owed now, what follows by itself."""
    story = Story(WHISTLE).given(*SOUNDING)
    for place, step in enumerate([*steps, Step(HearClock(), "town", END)]):
        for tick in [*(ticks[place] if place < len(ticks) else []), None]:
            heard = step if tick is None else Step(HearClock(), "town", tick)
            obey(story, heard)
    return story.told


def obey(story: Story, step: Step) -> None:
    """One act; what is refused is rolled back whole."""
    before = list(story.told)
    try:
        story.given(*WHISTLE.owed(story.state, step.received))
        story.given(*WHISTLE.decide(story.state, step.order, around(step.by, step.received)))
        story.given(*WHISTLE.owed(story.state, step.received))
        story.given(*WHISTLE.settle(story.state, step.received))
    except Refused:
        story.told[:] = before


UNITS = st.sampled_from(["rq", "xf"])
INSTANTS = st.one_of(
    st.sampled_from(DUES).flatmap(lambda due: st.sampled_from([due - 1, due, due + 1])),
    st.integers(NINE, at("10:30")),
    st.integers(NINE, END),
)
ACTS = st.one_of(
    st.builds(lambda unit, when: Step(Acknowledge(unit=unit), unit, when), UNITS, INSTANTS),
    st.builds(lambda unit, when: Step(Arrive(unit=unit), unit, when), UNITS, INSTANTS),
    st.builds(lambda unit, when: Step(Act(unit=unit, act="x"), unit, when), UNITS, INSTANTS),
    st.builds(lambda unit, when: Step(Finish(unit=unit), unit, when), UNITS, INSTANTS),
    st.builds(
        lambda unit, when: Step(Decline(unit=unit, reason="not-our-duty"), unit, when),
        UNITS,
        INSTANTS,
    ),
    st.builds(lambda when: Step(OrderRework(), "town", when), INSTANTS),
)
ORDERLY = st.lists(ACTS, max_size=9).map(lambda acts: sorted(acts, key=lambda act: act.received))
ANY_ORDER = st.lists(ACTS, max_size=9)


TICKS = st.lists(st.lists(INSTANTS, max_size=3).map(sorted), max_size=10)
"""Ticks in front of each act: few, many, none, at the due instants."""

LATE = [
    Step(Acknowledge(unit="rq"), "rq", at("09:05")),
    Step(Arrive(unit="rq"), "rq", at("09:30")),
    Step(Finish(unit="rq"), "rq", at("10:00")),
]


@settings(max_examples=300)
@given(steps=ORDERLY, ticks=TICKS)
@example(steps=LATE, ticks=[[END], [END], [END], [END]])
def test_ticks_change_nothing_of_what_the_clocks_say(
    steps: list[Step], ticks: list[list[Instant]]
) -> None:
    assert standing(play(steps, ticks)) == standing(play(steps, []))


@settings(max_examples=300)
@given(steps=ANY_ORDER, ticks=TICKS)
@example(steps=LATE[::-1], ticks=[[END], [], [at("09:05"), at("09:30")]])
def test_ticks_change_nothing_when_acts_are_recorded_late_and_out_of_order(
    steps: list[Step], ticks: list[list[Instant]]
) -> None:
    assert standing(play(steps, ticks)) == standing(play(steps, []))


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=ANY_ORDER, ticks=TICKS)
@example(steps=LATE, ticks=[[END], [END], [END], [END]])
def test_the_engine_says_the_same_for_any_schedule_of_ticks(
    founded: Path, tmp_path: Path, steps: list[Step], ticks: list[list[Instant]]
) -> None:
    assert on_disk(founded, tmp_path, steps, ticks) == on_disk(founded, tmp_path, steps, [])


@pytest.mark.sqlite("a trigger in SQLite's words")
def test_a_stream_that_stays_due_though_nothing_is_owed_is_heard_once(
    founded: Path, tmp_path: Path
) -> None:
    places.copy(founded, tmp_path / "town.db")
    office = Office(tmp_path / "town.db", NINE)
    office.blow()
    with office.behind() as tool:
        tool.execute(
            "CREATE TRIGGER stuck AFTER UPDATE ON names WHEN NEW.stream = 'w1' "
            "BEGIN UPDATE names SET due = 1 WHERE stream = 'w1'; END"
        )
        tool.execute("UPDATE names SET due = 1 WHERE stream = 'w1'")
    assert office.engine.tick() == []
    office.clock.now = END
    assert office.engine.tick(), "what is owed is heard all the same"
    office.close()


def on_disk(founded: Path, shelf: Path, steps: list[Step], ticks: list[list[Instant]]) -> Standing:
    """What the clocks said according to a store."""
    path = shelf / "played.db"
    places.copy(founded, path)
    office = Office(path, NINE)
    office.blow()
    for place, step in enumerate([*steps, Step(HearClock(), "town", END)]):
        for tick in ticks[place] if place < len(ticks) else []:
            office.clock.now = tick
            office.engine.tick()
        office.clock.now = max(step.received, office.clock.now)
        try:
            office.ask(("w1", step.order), by=step.by, received_at=step.received)
        except Refused:
            continue
    office.clock.now = END
    assert office.engine.tick() == []
    said = standing(each.event for each in office.told())
    office.close()
    path.unlink(missing_ok=True)
    return said


def test_nothing_but_ticks_and_the_clocks_say_all_they_owe() -> None:
    owed = {
        (unit, clock.clock, each.level, each.rule, each.due)
        for unit in ("rq", "xf")
        for clock in CLOCKS
        for each in clock.owed
    }
    assert standing(play([], [])) == owed
    assert standing(play([], [DUES])) == owed


def test_what_is_owed_is_said_in_due_order_with_the_nominal_time() -> None:
    story = Story(WHISTLE).given(*SOUNDING).hear(at("09:25"))
    rule, ladder = "kinds.emergency.ack", "ladder.yellow"
    warned, due = at("09:04"), at("09:05")
    story.then(
        DueSoon(at=warned, unit="rq", clock="ack", rule=rule),
        DueSoon(at=warned, unit="xf", clock="ack", rule=rule),
        Overdue(at=due, unit="rq", clock="ack", rule=rule),
        Supervised(at=due, unit="rq", clock="ack", level="yellow", rule=ladder),
        Overdue(at=due, unit="xf", clock="ack", rule=rule),
        Supervised(at=due, unit="xf", clock="ack", level="yellow", rule=ladder),
        DueSoon(at=at("09:24"), unit="rq", clock="arrive", rule="kinds.emergency.arrive"),
        DueSoon(at=at("09:24"), unit="xf", clock="arrive", rule="kinds.emergency.arrive"),
    )
    story.hear(at("09:25")).then()


@pytest.mark.parametrize(("late", "stands"), [(-1, False), (0, False), (1, True)])
def test_an_act_at_the_very_due_instant_is_in_time(late: int, stands: bool) -> None:
    due = at("09:05")
    for ticks in ([], [[due]], [[due + 1]], [[END]]):
        said = standing(play([Step(Acknowledge(unit="rq"), "rq", due + late)], ticks))
        assert any(each[:3] == ("rq", "ack", "overdue") for each in said) is stands


def test_a_tick_at_the_very_due_instant_says_nothing_yet() -> None:
    story = Story(WHISTLE).given(*SOUNDING)
    story.hear(at("09:04")).then()
    story.hear(at("09:04") + 1).then_topics("whistle.due_soon/1", "whistle.due_soon/1")


def test_the_warning_comes_when_a_fifth_of_the_limit_is_left() -> None:
    warned = {each[1]: each[4] for each in standing(play([], [])) if each[2] == "warn"}
    assert warned == {
        "ack": at("09:05") - 1 * MINUTE,
        "arrive": at("09:30") - 6 * MINUTE,
        "dispose": at("10:00") - 12 * MINUTE,
    }


def test_a_warned_act_that_comes_in_time_keeps_its_warning() -> None:
    said = standing(play([Step(Acknowledge(unit="rq"), "rq", at("09:05"))], []))
    assert {each[2] for each in said if each[:2] == ("rq", "ack")} == {"warn"}


def test_the_rungs_follow_the_breach_until_the_act_comes() -> None:
    # yellow at the breach, red at the close of the next working day, unless the unit came before
    steps = [
        Step(Arrive(unit="rq"), "rq", at("2026-10-16 18:00")),
        Step(Arrive(unit="xf"), "xf", at("2026-10-16 18:00") + 1),
    ]
    said = standing(play(steps, []))
    levels = {
        unit: {each[2] for each in said if each[:2] == (unit, "arrive")} for unit in ("rq", "xf")
    }
    assert levels == {
        "rq": {"warn", "overdue", "yellow"},
        "xf": {"warn", "overdue", "yellow", "red"},
    }


def test_a_late_act_leaves_the_breach_standing() -> None:
    story = Story(WHISTLE).given(*SOUNDING).hear(at("09:10"))
    story.given(Acknowledged(at=at("09:10"), unit="rq")).hear(at("09:11")).then()
    assert any(each[:3] == ("rq", "ack", "overdue") for each in standing(story.told))


def test_an_act_received_in_time_and_recorded_late_takes_the_breach_back() -> None:
    story = Story(WHISTLE).given(*SOUNDING).hear(at("09:10"))
    story.given(Acknowledged(at=at("09:05"), unit="rq")).hear(at("09:05"))
    rule, due = "kinds.emergency.ack", at("09:05")
    story.then(
        OverdueVoided(at=due, unit="rq", clock="ack", level="overdue", due=due, rule=rule),
        OverdueVoided(at=due, unit="rq", clock="ack", level="yellow", due=due, rule=rule),
    )
    story.hear(END)
    assert {each[2] for each in standing(story.told) if each[:2] == ("rq", "ack")} == {"warn"}


def test_work_done_over_runs_against_the_first_limit() -> None:
    done = (Arrived(at=at("09:10"), unit="rq"), Finished(at=at("09:40"), unit="rq", result="fixed"))
    story = Story(WHISTLE).given(*SOUNDING, *done).hear(at("10:30"))
    assert not any(each[:2] == ("rq", "dispose") for each in standing(story.told))
    story.when(OrderRework(), at=at("10:30")).hear(at("10:30"))
    assert ("rq", "dispose", "overdue", "items.0502.dispose", at("10:00")) in standing(story.told)


def test_the_next_due_instant_is_known_and_none_when_all_is_said() -> None:
    story = Story(WHISTLE).given(*SOUNDING)
    assert WHISTLE.next_due(story.state) == at("09:04")
    story.hear(at("09:06"))
    assert WHISTLE.next_due(story.state) == at("09:24")
    story.hear(END)
    assert WHISTLE.next_due(story.state) is None
    assert WHISTLE.next_due(Story(WHISTLE).state) is None

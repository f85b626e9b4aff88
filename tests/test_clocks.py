"""Which act answers which clock, and that a clock that was answered in time keeps silent."""

import msgspec
import pytest

from tests.blown import CLOCKS, blown, delivered
from tests.story import Story
from tests.town import at
from whistle.domain.message import Event
from whistle.domain.whistle import WHISTLE
from whistle.domain.whistle.events import (
    Acknowledged,
    Acted,
    Arrived,
    ClockStarted,
    Declined,
    Departed,
    Finished,
    LeftEarly,
    ReworkOrdered,
)

FEEDBACK = msgspec.structs.replace(CLOCKS[2], clock="feedback", rule="kinds.emergency.feedback")
ALL_FOUR: tuple[ClockStarted, ...] = (*CLOCKS, FEEDBACK)
SOUNDING = (blown(), delivered("rq", ALL_FOUR), delivered("xf", ALL_FOUR))
WHEN = at("09:03")
EVERY = {"ack", "arrive", "feedback", "dispose"}


def stopped(*events: Event, unit: str = "rq") -> set[str]:
    """The clocks of a unit's call that run no more."""
    clocks = Story(WHISTLE).given(*SOUNDING, *events).state.calls[unit].clocks
    return {name for name, clock in clocks.items() if clock.stopped is not None}


@pytest.mark.parametrize(
    ("event", "answered"),
    [
        (Acknowledged(at=WHEN, unit="rq"), {"ack"}),
        (Departed(at=WHEN, unit="rq"), set()),
        (Arrived(at=WHEN, unit="rq"), {"ack", "arrive"}),
        (Acted(at=WHEN, unit="rq", act="关阀"), {"feedback"}),
        (Finished(at=WHEN, unit="rq", result="fixed"), EVERY),
        (Declined(at=WHEN, unit="rq", reason="not-our-duty"), EVERY),
        (LeftEarly(at=WHEN, unit="rq", reason="另有火警"), set()),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Event) else "",
)
def test_an_act_stops_the_clocks_that_it_answers_and_no_other_units(
    event: Event, answered: set[str]
) -> None:
    assert stopped(event) == answered
    assert stopped(event, unit="xf") == set()


def test_rework_runs_the_clock_of_the_work_and_not_those_of_coming() -> None:
    came = Arrived(at=WHEN, unit="rq")
    done = Finished(at=at("09:20"), unit="rq", result="fixed")
    assert stopped(came, done, ReworkOrdered(at=at("09:30"), unit="rq")) == {"ack", "arrive"}


def test_the_first_act_that_answers_counts() -> None:
    events = (
        Arrived(at=at("09:20"), unit="rq"),
        Acknowledged(at=at("09:04"), unit="rq"),
        Finished(at=at("09:50"), unit="rq", result="fixed"),
    )
    clocks = Story(WHISTLE).given(*SOUNDING, *events).state.calls["rq"].clocks
    assert (clocks["ack"].stopped, clocks["arrive"].stopped) == (at("09:04"), at("09:20"))


def test_a_clock_answered_at_the_very_due_instant_never_says_it_ran_out() -> None:
    story = Story(WHISTLE).given(*SOUNDING, Acknowledged(at=at("09:05"), unit="rq"))
    story.hear(at("2026-10-20 09:00"))
    said = [
        event.topic
        for event in story.told
        if getattr(event, "clock", "") == "ack" and getattr(event, "unit", "") == "rq"
    ]
    assert said == ["whistle.due_soon/1"]

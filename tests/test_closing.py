"""After the work: released together, worked over, evaluated by the town, rated by the units."""

import pytest

from tests.blown import SOUNDING
from tests.story import Story
from tests.town import at
from whistle.domain.message import Event, Order
from whistle.domain.refusal import NotAllowed, NotFound, Refused
from whistle.domain.whistle import WHISTLE
from whistle.domain.whistle.closing import EvaluateUnit, OrderRework, RateWhistle, ReleaseUnits
from whistle.domain.whistle.events import (
    Acknowledged,
    Arrived,
    Declined,
    Departed,
    Finished,
    Released,
    ReworkOrdered,
    UnitEvaluated,
    WhistleEnded,
    WhistleRated,
)

TEN = at("10:00")


def worked(unit: str) -> tuple[Event, ...]:
    """A unit that signed, came and finished in time."""
    return (
        Acknowledged(at=at("09:02"), unit=unit),
        Arrived(at=at("09:18"), unit=unit),
        Finished(at=at("09:40"), unit=unit, result="fixed"),
    )


BOTH = (*SOUNDING, *worked("rq"), *worked("xf"), WhistleEnded(at=at("09:40")))


@pytest.mark.parametrize(
    "order",
    [
        ReleaseUnits(),
        OrderRework(),
        EvaluateUnit(unit="rq", score=9),
        RateWhistle(unit="rq", score=9),
    ],
    ids=lambda order: type(order).__name__,
)
def test_a_whistle_that_never_sounded_knows_none_of_this(order: Order) -> None:
    Story(WHISTLE).when(order).then_refused("", NotFound)


def test_all_finished_units_are_released_together() -> None:
    story = Story(WHISTLE).given(*SOUNDING, *worked("rq")).when(ReleaseUnits(), at=TEN)
    story.then(Released(at=TEN, unit="rq"))
    story.when(ReleaseUnits(), at=TEN).then()


def test_rework_sends_every_finished_or_released_unit_back_and_the_whistle_sounds_again() -> None:
    story = Story(WHISTLE).given(*BOTH, Released(at=at("09:41"), unit="rq"))
    story.when(OrderRework(reason="仍漏"), at=TEN).then(
        ReworkOrdered(at=TEN, unit="rq", reason="仍漏"),
        ReworkOrdered(at=TEN, unit="xf", reason="仍漏"),
    )
    assert not story.state.ended
    assert {c.stage for c in story.state.calls.values()} == {"on_scene"}
    assert {c.reworks for c in story.state.calls.values()} == {1}


def test_rework_leaves_who_declined_and_who_is_still_at_it_alone() -> None:
    declined = Declined(at=at("09:20"), unit="xf", reason="not-our-duty")
    story = Story(WHISTLE).given(*SOUNDING, *worked("rq")[:2], declined)
    story.when(OrderRework(), at=TEN).then()


@pytest.mark.parametrize("speaker", ["rq", "xf", "town>rq"])
def test_only_the_town_marks_a_unit(speaker: str) -> None:
    story = Story(WHISTLE).given(*BOTH)
    story.when(EvaluateUnit(unit="rq", score=90), by=speaker)
    story.then_refused("rate.town_only", NotAllowed)


ACK = Acknowledged(at=at("09:02"), unit="rq")
CAME = Arrived(at=at("09:18"), unit="rq")


@pytest.mark.parametrize(
    ("stage", "way"),
    [
        ("called", ()),
        ("acknowledged", (ACK,)),
        ("on_way", (ACK, Departed(at=at("09:03"), unit="rq"))),
        ("on_scene", (ACK, CAME)),
    ],
)
def test_a_unit_is_marked_when_its_part_is_done(stage: str, way: tuple[Event, ...]) -> None:
    story = Story(WHISTLE).given(*SOUNDING, *way)
    story.when(EvaluateUnit(unit="rq", score=90)).then_refused(f"call.{stage}", Refused)


@pytest.mark.parametrize(
    "way",
    [
        worked("rq"),
        (*worked("rq"), Released(at=at("09:41"), unit="rq")),
        (ACK, CAME, Declined(at=at("09:20"), unit="rq", reason="not-our-duty")),
    ],
    ids=["finished", "released", "declined"],
)
def test_a_done_unit_gets_one_mark(way: tuple[Event, ...]) -> None:
    story = Story(WHISTLE).given(*SOUNDING, *way)
    story.when(EvaluateUnit(unit="rq", score=90, note="及时"), at=TEN)
    story.then(UnitEvaluated(at=TEN, unit="rq", score=90, note="及时"))
    story.when(EvaluateUnit(unit="rq", score=95)).then_refused("rate.once")


@pytest.mark.parametrize("score", [-1, 101])
def test_a_mark_lies_within_the_playbooks_scale(score: int) -> None:
    story = Story(WHISTLE).given(*BOTH)
    story.when(EvaluateUnit(unit="rq", score=score)).then_refused("rate.range")
    story.when(RateWhistle(unit="rq", score=score), by="rq").then_refused("rate.range")


@pytest.mark.parametrize("score", [0, 100])
def test_both_ends_of_the_scale_are_marks(score: int) -> None:
    story = Story(WHISTLE).given(*BOTH)
    story.when(RateWhistle(unit="rq", score=score), by="rq", at=TEN)
    story.then(WhistleRated(at=TEN, unit="rq", score=score))


@pytest.mark.parametrize("speaker", ["xf", "town"])
def test_only_the_called_unit_rates_the_whistle(speaker: str) -> None:
    story = Story(WHISTLE).given(*SOUNDING)
    story.when(RateWhistle(unit="rq", score=50), by=speaker).then_refused("rate.own", NotAllowed)


@pytest.mark.parametrize("way", [(), (ACK,), worked("rq")], ids=["called", "ack", "finished"])
def test_a_unit_may_rate_the_whistle_at_any_time(way: tuple[Event, ...]) -> None:
    story = Story(WHISTLE).given(*SOUNDING, *way).when(RateWhistle(unit="rq", score=50), by="rq")
    story.then_topics("whistle.rated/1")
    assert story.state.calls["rq"].rating == 50


def test_who_was_not_called_neither_rates_nor_is_marked() -> None:
    story = Story(WHISTLE).given(*BOTH)
    story.when(RateWhistle(unit="jj", score=50), by="jj").then_refused("", NotFound)
    story.when(EvaluateUnit(unit="jj", score=50)).then_refused("", NotFound)

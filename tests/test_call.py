"""One unit's call: sign for it, come, act, finish, and stay until the commander lets go."""

import pytest

from tests.blown import NAME, SOUNDING, blown, delivered
from tests.story import Story
from tests.town import around, at
from whistle.domain.message import Event, Order
from whistle.domain.refusal import NotAllowed, NotFound, Refused
from whistle.domain.whistle import WHISTLE
from whistle.domain.whistle.call import (
    Acknowledge,
    Act,
    Arrive,
    Decline,
    Depart,
    Finish,
    Leave,
    Release,
)
from whistle.domain.whistle.events import (
    Acknowledged,
    Acted,
    Arrived,
    Assembled,
    Declined,
    Departed,
    Finished,
    LeftEarly,
    Released,
    WhistleEnded,
)

TEN = at("10:00")
ACK = Acknowledged(at=at("09:02"), unit="rq", eta=at("09:20"))
DEPARTED = Departed(at=at("09:03"), unit="rq")
ARRIVED = Arrived(at=at("09:18"), unit="rq")
FINISHED = Finished(at=at("09:50"), unit="rq", result="fixed")
RELEASED = Released(at=at("09:55"), unit="rq")
DAILY = (blown("daily"), delivered("rq"), delivered("xf"))

WAY_TO: dict[str, tuple[Event, ...]] = {
    "called": DAILY,
    "acknowledged": (*DAILY, ACK),
    "on_way": (*DAILY, ACK, DEPARTED),
    "on_scene": (*DAILY, ACK, ARRIVED),
    "finished": (*DAILY, ACK, ARRIVED, FINISHED),
    "released": (*DAILY, ACK, ARRIVED, FINISHED, RELEASED),
    "declined": (*DAILY, Declined(at=at("09:02"), unit="rq", reason="not-our-duty")),
}

SIGNED = Acknowledged(at=TEN, unit="rq")
CAME = Arrived(at=TEN, unit="rq", evidence=("e" * 64,))
DECLINED = Declined(at=TEN, unit="rq", reason="not-our-duty", proposed="cg", note="市容")
LEFT = LeftEarly(at=TEN, unit="rq", reason="另有火警")

# every order, and the stages in which it is allowed with what follows there
TABLE: list[tuple[Order, str, dict[str, tuple[Event, ...]]]] = [
    (
        Acknowledge(unit="rq", eta=at("10:25")),
        "rq",
        {"called": (Acknowledged(at=TEN, unit="rq", eta=at("10:25")),)},
    ),
    (
        Decline(unit="rq", reason="not-our-duty", proposed="城管", note="市容"),
        "rq",
        dict.fromkeys(("called", "acknowledged", "on_way", "on_scene"), (DECLINED,)),
    ),
    (
        Depart(unit="rq"),
        "rq",
        {
            "called": (SIGNED, Departed(at=TEN, unit="rq")),
            "acknowledged": (Departed(at=TEN, unit="rq"),),
        },
    ),
    (
        Arrive(unit="rq", evidence=("e" * 64,)),
        "rq",
        {
            "called": (Acknowledged(at=TEN, unit="rq", by_arrival=True), CAME),
            "acknowledged": (CAME,),
            "on_way": (CAME,),
        },
    ),
    (
        Act(unit="rq", act="关阀"),
        "rq",
        {"on_scene": (Acted(at=TEN, unit="rq", act="关阀"),)},
    ),
    (
        Finish(unit="rq", result="partly", note="换管"),
        "rq",
        {"on_scene": (Finished(at=TEN, unit="rq", result="partly", note="换管"),)},
    ),
    (Release(unit="rq"), "town", {"finished": (Released(at=TEN, unit="rq"),)}),
    (
        Leave(unit="rq", reason="另有火警"),
        "rq",
        {"on_scene": (LEFT,), "finished": (LEFT,)},
    ),
]
ROWS = [(*row, stage) for row in TABLE for stage in WAY_TO]


@pytest.mark.parametrize(
    ("order", "by", "allowed", "stage"),
    ROWS,
    ids=[f"{type(row[0]).__name__}-{row[3]}" for row in ROWS],
)
def test_every_order_is_allowed_only_where_the_table_says(
    order: Order, by: str, allowed: dict[str, tuple[Event, ...]], stage: str
) -> None:
    story = Story(WHISTLE).given(*WAY_TO[stage]).when(order, by=by, at=TEN)
    if stage in allowed:
        story.then(*allowed[stage])
    else:
        story.then_refused(f"call.{stage}", Refused)


@pytest.mark.parametrize("stage", WAY_TO)
def test_a_call_stands_where_its_events_brought_it(stage: str) -> None:
    calls = Story(WHISTLE).given(*WAY_TO[stage]).state.calls
    assert (calls["rq"].stage, calls["xf"].stage) == (stage, "called")


@pytest.mark.parametrize(
    "order",
    [order for order, by, _allowed in TABLE if by == "rq"],
    ids=lambda order: type(order).__name__,
)
def test_nobody_else_acts_for_a_unit(order: Order) -> None:
    story = Story(WHISTLE).given(*SOUNDING)
    for stranger in ("xf", "town", "rq>xf"):
        story.when(order, by=stranger).then_refused("call.own", NotAllowed)


def test_an_act_told_by_phone_is_the_units_own() -> None:
    story = Story(WHISTLE).given(*SOUNDING).when(Acknowledge(unit="rq"), by="town>rq")
    story.then(Acknowledged(at=at("09:00"), unit="rq"))


def test_a_unit_that_was_not_called_has_no_call() -> None:
    story = Story(WHISTLE).given(*SOUNDING)
    story.when(Acknowledge(unit="jj"), by="jj").then_refused("", NotFound)
    Story(WHISTLE).when(Acknowledge(unit="rq"), by="rq").then_refused("", NotFound)


@pytest.mark.parametrize("speaker", ["rq", "xf", "town>rq"])
def test_only_the_commander_releases(speaker: str) -> None:
    story = Story(WHISTLE).given(*SOUNDING, ARRIVED, FINISHED)
    story.when(Release(unit="rq"), by=speaker).then_refused("release.commander", NotAllowed)


def test_in_an_emergency_a_unit_comes_first_and_objects_on_the_spot() -> None:
    decline = Decline(unit="rq", reason="not-our-duty")
    story = Story(WHISTLE).given(*SOUNDING)
    rule = "kinds.emergency.decline_only_on_scene"
    story.when(decline, by="rq").then_refused(rule)
    story.given(ACK, DEPARTED).when(decline, by="rq").then_refused(rule)
    story.given(ARRIVED).when(decline, by="rq").then_topics("whistle.declined/1")


def test_declining_gives_a_known_reason_and_a_known_owner() -> None:
    story = Story(WHISTLE).given(*DAILY)
    story.when(Decline(unit="rq", reason="tired"), by="rq").then_refused("decline.reason")
    elsewhere = Decline(unit="rq", reason="not-our-duty", proposed="气象台")
    story.when(elsewhere, by="rq").then_refused("", NotFound)


def test_assembled_when_the_last_required_unit_is_there_and_only_once() -> None:
    story = Story(WHISTLE).given(*SOUNDING, ACK, ARRIVED)
    story.when(Arrive(unit="xf"), by="xf", at=TEN).then(
        Acknowledged(at=TEN, unit="xf", by_arrival=True),
        Arrived(at=TEN, unit="xf"),
        Assembled(at=TEN),
    )
    assert story.state.assembled


def test_who_declined_is_not_waited_for() -> None:
    story = Story(WHISTLE).given(*DAILY)
    story.when(Decline(unit="xf", reason="not-our-duty"), by="xf", at=TEN)
    story.when(Arrive(unit="rq"), by="rq", at=TEN)
    story.then(
        Acknowledged(at=TEN, unit="rq", by_arrival=True),
        Arrived(at=TEN, unit="rq"),
        Assembled(at=TEN),
    )


def test_leaving_early_says_why_is_on_record_and_leaves_the_call_open() -> None:
    story = Story(WHISTLE).given(*SOUNDING, ACK, ARRIVED)
    story.when(Leave(unit="rq"), by="rq").then_refused("leave.reason")
    story.when(Leave(unit="rq", reason="另有火警"), by="rq", at=TEN).then(LEFT)
    call = story.state.calls["rq"]
    assert (call.stage, call.left_early, call.done) == ("on_scene", TEN, False)
    story.when(Leave(unit="rq", reason="再走"), by="rq").then_refused("call.on_scene")


def test_a_whistle_ends_when_every_call_is_done_and_not_before() -> None:
    story = Story(WHISTLE).given(*DAILY, ACK, ARRIVED, FINISHED)
    assert not story.hear(at=at("09:51")).state.ended
    story.given(Declined(at=at("09:52"), unit="xf", reason="not-our-duty"))
    story.hear(at=at("09:53"))
    assert story.told[-1] == WhistleEnded(at=at("09:53"))
    assert story.state.ended
    story.hear(at=at("09:54")).then()


def test_the_first_act_on_the_spot_counts_as_the_feedback() -> None:
    story = Story(WHISTLE).given(*WAY_TO["on_scene"])
    story.when(Act(unit="rq", act="关阀"), by="rq", at=at("09:20"))
    story.when(Act(unit="rq", act="通风"), by="rq", at=at("09:30"))
    assert story.state.calls["rq"].acted == at("09:20")


def test_a_refusal_names_the_call_and_what_may_follow() -> None:
    state = Story(WHISTLE).given(*DAILY).state
    with pytest.raises(Refused) as caught:
        WHISTLE.decide(state, Finish(unit="rq"), around("rq"))
    refusal = caught.value
    assert str(refusal) == f"{NAME}/rq is called."
    assert refusal.hint.format(**refusal.words).endswith(f"whistle arrive {NAME}/rq")

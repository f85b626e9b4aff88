"""More units for a whistle that sounds, calls for more, and whistles that are set for later."""

import msgspec
import pytest

from tests.blown import (
    CLOCKS,
    LATER,
    NAME,
    ON_SCENE,
    SOUNDING,
    THREE,
    WHY,
    blown,
    delivered,
)
from tests.story import Story
from tests.town import INCIDENT as INCIDENT_BRIEF
from tests.town import LEADER, at
from whistle.domain.duties import TOWN, Duty
from whistle.domain.message import Event, Order
from whistle.domain.policies import Reaction, react
from whistle.domain.refusal import NotAllowed, NotFound
from whistle.domain.whistle import WHISTLE
from whistle.domain.whistle.changes import (
    CallWithdrawn,
    CameDue,
    NeedRaised,
    UnitAdded,
    WhistleWithdrawn,
)
from whistle.domain.whistle.changing import (
    AddUnits,
    CallForMore,
    WithdrawWhistle,
)
from whistle.domain.whistle.events import (
    Acknowledged,
    Arrived,
    Declined,
    Finished,
    LeftEarly,
)
from whistle.domain.whistle.issue import SoundWhistle

TEN = at("10:00")
XF_THERE = (Acknowledged(at=at("09:02"), unit="xf"), Arrived(at=at("09:11"), unit="xf"))


def test_a_unit_is_added_with_clocks_of_its_own_from_when_it_could_read_the_call() -> None:
    story = Story(WHISTLE).given(*SOUNDING).when(AddUnits(units=("交警",)), at=TEN)
    added = UnitAdded(
        at=TEN, unit="jj", name=NAME, incident="i1", incident_name="I-WY26-00001", duty="assist"
    )
    story.then_topics("whistle.unit_added/1", "whistle.call_delivered/1")
    assert story.told[3] == added
    clocks = story.state.calls["jj"].clocks
    assert {name: clock.started.due for name, clock in clocks.items()} == {
        "ack": at("10:05"), "arrive": at("10:30"), "dispose": at("11:00"),
    }  # fmt: skip
    assert story.state.calls["rq"].clocks["ack"].started == CLOCKS[0], "others keep theirs"


@pytest.mark.parametrize(
    ("order", "rule"),
    [
        (AddUnits(units=("xf",)), "add.called"),
        (AddUnits(units=("town",)), "blow.not_self"),
        (AddUnits(units=("jj",), duty="lead"), "add.lead"),
    ],
)
def test_who_is_called_already_the_town_itself_and_a_second_lead_are_not_added(
    order: Order, rule: str
) -> None:
    Story(WHISTLE).given(*SOUNDING).when(order).then_refused(rule)


def test_another_unit_leads_when_the_first_was_excused() -> None:
    story = Story(WHISTLE).given(*SOUNDING, CallWithdrawn(at=TEN, unit="rq", reason=WHY))
    story.when(AddUnits(units=("jj",), duty="lead"), at=TEN)
    assert story.state.calls["jj"].duty == "lead"


def test_in_an_emergency_a_unit_on_the_scene_has_more_sent_at_once() -> None:
    more = CallForMore(what="水带", quantity=20, wanted="jj", note="东门")
    story = Story(WHISTLE).given(*SOUNDING, *ON_SCENE).when(more, by="rq", at=TEN)
    story.then_topics("whistle.need_raised/1", "whistle.unit_added/1", "whistle.call_delivered/1")
    raised = story.told[-3]
    assert isinstance(raised, NeedRaised)
    assert (raised.unit, raised.nr, raised.what, raised.quantity) == ("rq", 1, "水带", 20)
    assert raised.concerns() == ("rq", "jj")
    assert story.state.needs[1].answered


DAILY = (blown("daily"), delivered("rq"), delivered("xf"), *ON_SCENE)


def test_otherwise_the_town_is_asked_and_adds_the_unit() -> None:
    more = CallForMore(what="拖车", wanted="jj")
    story = Story(WHISTLE).given(*DAILY).when(more, by="rq", at=TEN)
    story.then_topics("whistle.need_raised/1")
    assert Duty(TOWN, "call add", NAME) in WHISTLE.duties(story.state)
    story.when(AddUnits(units=("jj",)), at=TEN)
    added = story.told[-2]
    assert isinstance(added, UnitAdded)
    assert added.need == 1
    assert Duty(TOWN, "call add", NAME) not in WHISTLE.duties(story.state)


def test_the_commander_who_names_a_unit_has_it_called_at_once() -> None:
    story = Story(WHISTLE).given(*DAILY).when(CallForMore(what="拖车", wanted="jj"), at=TEN)
    story.then_topics("whistle.need_raised/1", "whistle.unit_added/1", "whistle.call_delivered/1")


def test_more_of_a_unit_that_is_called_already_is_told_to_it() -> None:
    story = Story(WHISTLE).given(*SOUNDING, *ON_SCENE)
    story.when(CallForMore(what="云梯", wanted="xf"), by="rq").then_topics("whistle.need_raised/1")
    (theirs,) = [duty for duty in WHISTLE.duties(story.state) if duty.unit == "xf"]
    assert theirs.changed


@pytest.mark.parametrize(
    ("order", "by", "rule"),
    [
        (CallForMore(what=" "), "rq", "need.what"),
        (CallForMore(what="水带", quantity=0), "rq", "need.quantity"),
        (CallForMore(what="水带"), "xf", "call.called"),
    ],
)
def test_who_is_on_the_scene_calls_for_something(order: Order, by: str, rule: str) -> None:
    story = Story(WHISTLE).given(*SOUNDING, *ON_SCENE).when(order, by=by)
    story.then_refused(rule)
    story.when(CallForMore(what="水带"), by="cg").then_refused("", NotFound)


def test_what_the_scene_told_by_phone_only_the_town_types() -> None:
    story = Story(WHISTLE).given(*SOUNDING, *ON_SCENE)
    story.when(CallForMore(what="水带"), by="xf>rq").then_refused("call.behalf", NotAllowed)
    story.when(CallForMore(what="水带"), by="town>rq").then_topics("whistle.need_raised/1")


def test_a_scheduled_whistle_sounds_when_the_clock_is_heard_and_counts_from_there() -> None:
    story = Story(WHISTLE).given(*LATER)
    assert WHISTLE.owed(story.state, THREE) == []
    assert WHISTLE.owed(story.state, THREE + 1) == [CameDue(at=THREE)]
    story.given(CameDue(at=THREE))
    order = SoundWhistle(incident="i1")
    assert react(WHISTLE, CameDue(at=THREE), "w1", story.state) == [Reaction("w1", order)]
    # nobody listened for twenty minutes: the units are not charged with them
    heard = at("15:20")
    story.when(order, by="", at=heard)
    story.then_topics("whistle.blown/1", "whistle.call_delivered/1", "whistle.call_delivered/1")
    assert story.state.calls["cg"].delivered == heard
    assert story.state.calls["cg"].clocks["ack"].started.due == at("16:20")


def test_a_scheduled_whistle_does_not_sound_for_an_incident_that_is_over() -> None:
    over = msgspec.structs.replace(INCIDENT_BRIEF, stage="closed")
    story = Story(WHISTLE).given(*LATER, CameDue(at=THREE))
    story.when(SoundWhistle(incident="i1"), by="", at=THREE + 1, incident=over)
    story.then(WhistleWithdrawn(at=THREE + 1, reason="", rule="schedule.incident_over"))


def test_a_scheduled_whistle_is_not_sounded_by_hand() -> None:
    story = Story(WHISTLE).given(*LATER).when(SoundWhistle(incident="i1"), by=LEADER)
    story.then_refused("approve.nothing")


def test_a_scheduled_whistle_is_withdrawn_before_its_time() -> None:
    story = Story(WHISTLE).given(*LATER).when(WithdrawWhistle(reason="改期"), at=TEN)
    story.then(WhistleWithdrawn(at=TEN, reason="改期"))
    assert (WHISTLE.next_due(story.state), WHISTLE.duties(story.state)) == (None, [])


@pytest.mark.parametrize(
    ("before", "wanted", "by", "rule"),
    [
        ((), "town", "rq", "need.other_unit"),
        ((), "rq", "rq", "need.other_unit"),
        ((Declined(at=at("09:20"), unit="xf", reason="not-our-duty"),), "xf", "rq", "need.over"),
        ((*XF_THERE, Finished(at=at("09:40"), unit="xf", result="fixed")), "xf", "rq", "need.over"),
        ((*XF_THERE, LeftEarly(at=at("09:40"), unit="xf", reason="x")), "xf", "rq", "need.over"),
    ],
)
def test_nobody_is_asked_for_whose_part_is_over_or_who_would_ask_itself(
    before: tuple[Event, ...], wanted: str, by: str, rule: str
) -> None:
    story = Story(WHISTLE).given(*SOUNDING, *ON_SCENE, *before)
    story.when(CallForMore(what="水带", wanted=wanted), by=by, at=TEN).then_refused(rule)
    story.when(CallForMore(what="水带"), by=by, at=TEN).then_topics("whistle.need_raised/1")

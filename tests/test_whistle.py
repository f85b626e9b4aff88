"""Blowing a whistle: who may, at whom, with whose approval, and which clocks it starts."""

from datetime import date

import msgspec
import pytest

from tests.blown import CLOCKS, REQUESTED, SOUNDING, blown, delivered
from tests.story import Story
from tests.town import CALENDAR, CLERK, INCIDENT, LEADER, PLAYBOOK, TOWN, UNITS, around, at
from whistle.domain.calendar import Calendar, Holiday, Notice
from whistle.domain.limit import parse_limit
from whistle.domain.message import Event, Order
from whistle.domain.refusal import NotAllowed, NotFound, Refused
from whistle.domain.surroundings import UnitEntry
from whistle.domain.whistle import WHISTLE
from whistle.domain.whistle.approval import ApproveWhistle, TurnWhistleDown
from whistle.domain.whistle.events import (
    ApprovalRefused,
    ClockStarted,
    Summons,
    WhistleBlown,
    WhistleRequested,
)
from whistle.domain.whistle.issue import BlowWhistle

NINE = at("09:00")
DAILY = msgspec.structs.replace(INCIDENT, item="0101", place="榆苑路")
TURNED_DOWN = ApprovalRefused(at=at("08:59"), reason="先自办")


def clocks_of(story: Story) -> dict[str, ClockStarted]:
    """The clocks of the lead's call."""
    call = next(iter(story.state.calls.values()))
    return {name: clock.started for name, clock in call.clocks.items()}


def test_an_emergency_sounds_at_once_at_every_unit_of_the_item() -> None:
    story = Story(WHISTLE).when(BlowWhistle(incident="i1"))
    story.then(*SOUNDING)
    assert clocks_of(story) == {clock.clock: clock for clock in CLOCKS}


def test_a_daily_whistle_waits_for_the_leader() -> None:
    order = BlowWhistle(incident="i1", assists=("交警",), note="请支援")
    story = Story(WHISTLE).when(order, by=CLERK, at=at("08:59"), incident=DAILY)
    story.then(REQUESTED)


def test_the_leader_approves_and_the_whistle_sounds() -> None:
    story = Story(WHISTLE).given(REQUESTED).when(ApproveWhistle(), by=LEADER)
    story.then_topics("whistle.blown/1", "whistle.call_delivered/1", "whistle.call_delivered/1")
    sounded = story.told[1]
    assert isinstance(sounded, WhistleBlown)
    assert (sounded.approved_by, sounded.at, sounded.note) == ("李镇长", NINE, "请支援")
    assert sounded.summons == REQUESTED.summons


def test_the_leader_turns_a_whistle_down_with_a_reason() -> None:
    story = Story(WHISTLE).given(REQUESTED)
    story.when(TurnWhistleDown(reason=" "), by=LEADER).then_refused("approve.reason")
    story.when(TurnWhistleDown(reason="先自办"), by=LEADER)
    story.then(ApprovalRefused(at=NINE, reason="先自办", by_person="李镇长"))


@pytest.mark.parametrize("order", [ApproveWhistle(), TurnWhistleDown(reason="x")])
def test_a_clerk_does_not_approve(order: Order) -> None:
    story = Story(WHISTLE).given(REQUESTED)
    story.when(order, by=CLERK).then_refused("approve.leader", NotAllowed)
    story.when(order, by="town/路人").then_refused("approve.leader", NotAllowed)


def test_a_town_that_names_no_persons_trusts_its_own_office() -> None:
    nobody: dict[str, UnitEntry] = {
        **UNITS,
        TOWN: UnitEntry(code=TOWN, name="镇", type="TZ", commander=True),
    }
    story = Story(WHISTLE).given(REQUESTED).when(ApproveWhistle(), by=CLERK, units=nobody)
    story.then_topics("whistle.blown/1", "whistle.call_delivered/1", "whistle.call_delivered/1")


STAGES: dict[str, tuple[Event, ...]] = {
    "silent": (),
    "requested": (REQUESTED,),
    "turned_down": (REQUESTED, TURNED_DOWN),
    "sounding": SOUNDING,
}
ALLOWED = {("silent", "BlowWhistle"), ("requested", "ApproveWhistle")} | {
    ("requested", "TurnWhistleDown")
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    "order",
    [BlowWhistle(incident="i1"), ApproveWhistle(), TurnWhistleDown(reason="x")],
    ids=lambda order: type(order).__name__,
)
def test_every_order_is_allowed_only_where_the_table_says(order: Order, stage: str) -> None:
    story = Story(WHISTLE).given(*STAGES[stage])
    before = len(story.told)
    story.when(order, by="town/李镇长")
    if (stage, type(order).__name__) in ALLOWED:
        assert len(story.told) > before
    else:
        story.then_refused("approve.nothing", Refused)
        assert len(story.told) == before


def test_where_the_town_has_leaders_the_one_who_approves_is_named() -> None:
    story = Story(WHISTLE).given(REQUESTED)
    story.when(ApproveWhistle(), by=TOWN).then_refused("approve.leader", NotAllowed)


def test_a_second_whistle_is_not_asked_for_while_one_waits_for_approval() -> None:
    waiting = msgspec.structs.replace(INCIDENT, whistle_waits=True)
    with pytest.raises(Refused) as refused:
        WHISTLE.decide(WHISTLE.start, BlowWhistle(incident="i1"), around(incident=waiting))
    assert refused.value.rule == "blow.waits"


def test_another_lead_does_not_send_home_the_unit_whose_matter_it_is() -> None:
    own_whistle = Story(WHISTLE).when(BlowWhistle(incident="i1"))
    story = Story(WHISTLE).when(BlowWhistle(incident="i1", lead="xf"))
    calls = story.state.calls
    own = own_whistle.state.calls
    assert {unit: call.duty for unit, call in calls.items()} == {
        "xf": "lead",
        **{unit: "assist" for unit in own if unit != "xf"},
    }


@pytest.mark.parametrize(
    "order",
    [BlowWhistle(incident="i1"), ApproveWhistle(), TurnWhistleDown(reason="x")],
    ids=lambda order: type(order).__name__,
)
def test_only_the_town_office_blows_and_approves(order: Order) -> None:
    story = Story(WHISTLE).given(REQUESTED)
    story.when(order, by="jj").then_refused("blow.town_only", NotAllowed)
    story.when(order, by="town>jj").then_refused("blow.town_only", NotAllowed)


@pytest.mark.parametrize("stage", ["reported", "verified", "called_back", "closed"])
def test_a_whistle_is_blown_for_an_accepted_incident(stage: str) -> None:
    incident = msgspec.structs.replace(INCIDENT, stage=stage)
    story = Story(WHISTLE).when(BlowWhistle(incident="i1"), incident=incident)
    story.then_refused("blow.incident_open")


def test_a_second_whistle_may_be_blown_for_an_incident_in_hand() -> None:
    incident = msgspec.structs.replace(INCIDENT, stage="in_hand")
    Story(WHISTLE).when(BlowWhistle(incident="i1"), incident=incident).then(*SOUNDING)


def test_no_whistle_without_an_incident() -> None:
    Story(WHISTLE).when(BlowWhistle(incident="i9"), incident=None).then_refused("", NotFound)


def test_the_ground_is_one_of_the_playbooks() -> None:
    story = Story(WHISTLE)
    story.when(BlowWhistle(incident="i1", ground="bored")).then_refused("blow.ground")
    story.when(BlowWhistle(incident="i1", ground="joint"))
    assert isinstance(story.told[0], WhistleBlown)
    assert story.told[0].ground == "joint"


def test_who_is_named_wins_over_the_item_and_is_called_once() -> None:
    story = Story(WHISTLE).when(BlowWhistle(incident="i1", lead="消防", assists=("xf", "jjzd")))
    assert isinstance(story.told[0], WhistleBlown)
    assert story.told[0].summons == (Summons("xf", "lead"), Summons("jj", "assist"))


def test_the_town_does_not_call_itself() -> None:
    story = Story(WHISTLE)
    story.when(BlowWhistle(incident="i1", lead=TOWN)).then_refused("blow.not_self")
    story.when(BlowWhistle(incident="i1", assists=("泽安镇",))).then_refused("blow.not_self")


def test_a_unit_nobody_knows_is_not_found() -> None:
    story = Story(WHISTLE)
    story.when(BlowWhistle(incident="i1", lead="气象台")).then_refused("", NotFound)
    story.when(BlowWhistle(incident="i1", assists=("气象台",))).then_refused("", NotFound)


def test_a_lead_that_two_units_could_be_is_named_by_a_person() -> None:
    two = {**UNITS, "rq2": UnitEntry(code="rq2", name="燃气二所", type="UT-GAS")}
    story = Story(WHISTLE).when(BlowWhistle(incident="i1"), units=two)
    story.then_refused("blow.lead")
    story.when(BlowWhistle(incident="i1", lead="rq2"), units=two)
    assert story.state.calls.keys() == {"rq2", "xf"}


def test_an_assisting_place_that_nobody_fills_is_on_record_and_holds_nothing_up() -> None:
    without = {code: unit for code, unit in UNITS.items() if code != "xf"}
    story = Story(WHISTLE).when(BlowWhistle(incident="i1"), units=without)
    assert isinstance(story.told[0], WhistleBlown)
    assert (story.told[0].summons, story.told[0].unfilled) == ((Summons("rq", "lead"),), ("FR",))


def test_an_item_that_the_playbook_in_force_has_no_more_is_not_found() -> None:
    playbook = msgspec.structs.replace(PLAYBOOK, items={})
    story = Story(WHISTLE).when(BlowWhistle(incident="i1"), playbook=playbook)
    story.then_refused("", NotFound)


def test_the_kind_may_be_raised_and_then_binds() -> None:
    story = Story(WHISTLE).when(BlowWhistle(incident="i1", kind="emergency"), incident=DAILY)
    limits = {name: clock.limit for name, clock in clocks_of(story).items()}
    assert limits == {"ack": "5em", "arrive": "30em"}


def test_the_shorter_of_two_limits_binds() -> None:
    # 时限就低: an hour for everybody, half an hour for gas
    kinds = dict(PLAYBOOK.kinds)
    kinds["emergency"] = msgspec.structs.replace(
        kinds["emergency"], limits={"dispose": parse_limit("30em")}
    )
    playbook = msgspec.structs.replace(PLAYBOOK, kinds=kinds)
    clock = clocks_of(Story(WHISTLE).when(BlowWhistle(incident="i1"), playbook=playbook))["dispose"]
    assert (clock.limit, clock.due, clock.rule) == ("30em", at("09:30"), "kinds.emergency.dispose")


def test_a_limit_that_binds_only_without_one_of_the_item() -> None:
    # S22: the 7 days of a general complaint, where the list sets none
    story = Story(WHISTLE).given(REQUESTED).when(ApproveWhistle(), by=LEADER)
    clock = clocks_of(story)["dispose"]
    assert (clock.limit, clock.rule) == ("7nd", "kinds.daily.unless_item.dispose")


def test_working_hours_pass_over_the_noon_break() -> None:
    story = Story(WHISTLE).given(REQUESTED).when(ApproveWhistle(), by=LEADER, at=at("11:30"))
    assert clocks_of(story)["ack"].due == at("14:30")


def test_without_warnings_and_ladder_only_the_breach_is_told() -> None:
    bare = msgspec.structs.replace(PLAYBOOK.ladder, warn_percent=0, rungs=())
    playbook = msgspec.structs.replace(PLAYBOOK, ladder=bare)
    story = Story(WHISTLE).when(BlowWhistle(incident="i1"), playbook=playbook)
    assert [owed.level for owed in clocks_of(story)["ack"].owed] == ["overdue"]


def test_a_whistle_does_not_wait_for_a_calendar() -> None:
    # decision 0009: no notice of the year, so weekends alone are counted, and the clock says so
    story = Story(WHISTLE).given(REQUESTED)
    story.when(ApproveWhistle(), by=LEADER, calendar=Calendar())
    clock = clocks_of(story)["ack"]
    assert (clock.due, clock.provisional) == (at("10:00"), True)


def test_a_provisional_clock_keeps_the_days_off_that_are_known() -> None:
    # 31 December rests by the notice of 2026, that of 2027 is not loaded: Friday, then Monday
    daily = msgspec.structs.replace(PLAYBOOK.kinds["daily"], limits={"ack": parse_limit("2wd")})
    playbook = msgspec.structs.replace(PLAYBOOK, kinds={"daily": daily})
    known = Calendar((Notice(2026, (Holiday("元旦", date(2026, 12, 31), date(2026, 12, 31)),)),))
    story = Story(WHISTLE).given(REQUESTED)
    received = at("2026-12-30 09:00")
    story.when(ApproveWhistle(), by=LEADER, at=received, calendar=known, playbook=playbook)
    clock = clocks_of(story)["ack"]
    assert (clock.due, clock.provisional) == (at("2027-01-04 18:00"), True)


def test_with_the_calendar_the_clock_is_not_provisional() -> None:
    story = Story(WHISTLE).given(REQUESTED).when(ApproveWhistle(), by=LEADER, calendar=CALENDAR)
    assert [clock.provisional for clock in clocks_of(story).values()] == [False, False]


def test_a_request_carries_all_that_the_whistle_will_say() -> None:
    story = Story(WHISTLE).given(REQUESTED).when(ApproveWhistle(), by=LEADER)
    sounded = story.told[1]
    shared = set(WhistleRequested.__struct_fields__) - {"at"}
    assert {name: getattr(sounded, name) for name in shared} == {
        name: getattr(REQUESTED, name) for name in shared
    }


def test_events_that_cannot_be_are_not_an_error() -> None:
    # history cannot be refused: a call that nobody delivered, an end before the beginning
    story = Story(WHISTLE).given(TURNED_DOWN, delivered("rq"))
    assert story.state == WHISTLE.start
    assert Story(WHISTLE).given(blown(), delivered("jj")).state.calls.keys() == {"rq", "xf"}

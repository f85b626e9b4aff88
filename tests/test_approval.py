"""A leader's word: before the whistle sounds, by phone, or afterwards; it never touches a unit."""

import msgspec
import pytest

from tests.blown import APPROVED, NAME, REQUESTED, SET, SOUNDING, THREE
from tests.story import Story
from tests.town import CLERK, INCIDENT, LEADER, PLAYBOOK, TOWN, UNITS, at
from whistle.domain.duties import Duty
from whistle.domain.limit import parse_limit
from whistle.domain.message import Event
from whistle.domain.refusal import NotAllowed, Refused
from whistle.domain.whistle import WHISTLE
from whistle.domain.whistle.approval import ApproveWhistle, TurnWhistleDown
from whistle.domain.whistle.call import Acknowledge
from whistle.domain.whistle.changes import (
    ApprovalConfirmed,
    ApprovalContested,
    ConfirmationAwaited,
    ConfirmationOverdue,
    ConfirmationOverdueVoided,
)
from whistle.domain.whistle.events import ApprovalRefused
from whistle.domain.whistle.issue import BlowWhistle

NINE, HALF_PAST = at("09:00"), at("09:30")
kinds = {
    "daily": msgspec.structs.replace(PLAYBOOK.kinds["daily"], confirm_within=parse_limit("1wd")),
    "emergency": msgspec.structs.replace(
        PLAYBOOK.kinds["emergency"], confirm_within=parse_limit("30em")
    ),
}
STRICT = msgspec.structs.replace(PLAYBOOK, kinds=kinds)
AWAITED = ConfirmationAwaited(
    at=NINE, unit=TOWN, limit="30em", due=HALF_PAST, rule="kinds.emergency.confirm_within"
)
BY_PHONE = ConfirmationAwaited(
    at=NINE,
    unit=TOWN,
    leader="李镇长",
    channel="phone",
    typed_by="小周",
    limit="1wd",
    due=at("2026-10-16 18:00"),
    rule="kinds.daily.confirm_within",
)
YES = ApprovalConfirmed(at=at("09:20"), unit=TOWN, by_person="李镇长")
OVERDUE = ConfirmationOverdue(at=HALF_PAST, unit=TOWN, rule="kinds.emergency.confirm_within")


def emergency() -> Story:
    """An emergency that sounded at nine, with a leader's word awaited within half an hour."""
    return Story(WHISTLE).given(*SOUNDING, AWAITED)


def test_an_emergency_sounds_at_once_and_a_leader_is_to_confirm_it() -> None:
    story = Story(WHISTLE).when(BlowWhistle(incident="i1"), by=CLERK, playbook=STRICT)
    story.then(*SOUNDING, AWAITED)


def test_an_emergency_that_a_leader_blows_himself_needs_no_second_word() -> None:
    story = Story(WHISTLE).when(BlowWhistle(incident="i1"), by=LEADER, playbook=STRICT)
    story.then_topics("whistle.blown/1", "whistle.call_delivered/1", "whistle.call_delivered/1")
    assert story.told[0].approved_by == "李镇长"  # type: ignore[attr-defined]


def test_without_a_limit_in_the_playbook_nothing_is_owed_afterwards() -> None:
    Story(WHISTLE).when(BlowWhistle(incident="i1"), by=CLERK).then(*SOUNDING)


def test_the_leader_confirms_and_no_call_is_touched() -> None:
    story = emergency()
    calls = story.state.calls
    story.when(ApproveWhistle(), by=LEADER, at=at("09:20")).then(YES)
    assert story.state.calls == calls
    story.hear(at("12:00"))
    assert not any(isinstance(event, ConfirmationOverdue) for event in story.told)
    story.when(ApproveWhistle(), by=LEADER).then_refused("approve.nothing", Refused)


def test_a_missing_confirmation_marks_the_town_and_stops_nobody() -> None:
    story = emergency()
    calls = story.state.calls
    told = [event for event in WHISTLE.owed(story.state, HALF_PAST + 1) if event.at == HALF_PAST]
    assert OVERDUE in told
    assert OVERDUE.concerns() == (TOWN,)
    story.given(OVERDUE)
    assert story.state.calls == calls
    story.when(Acknowledge(unit="rq"), by="rq", at=at("09:31"))
    story.then_topics("whistle.acknowledged/1")
    assert OVERDUE not in WHISTLE.owed(story.state, at("12:00")), "the mark is given once"


def test_a_word_at_the_very_limit_is_in_time_and_a_later_one_is_recorded_late() -> None:
    assert OVERDUE not in WHISTLE.owed(emergency().state, HALF_PAST)
    story = emergency().given(OVERDUE)
    story.when(ApproveWhistle(), by=LEADER, at=at("10:00"))
    story.then_topics("whistle.approval_confirmed/1")
    assert WHISTLE.settle(story.state, at("10:00")) == []


def test_a_word_received_in_time_and_recorded_late_takes_the_mark_back() -> None:
    story = emergency().given(OVERDUE)
    story.when(ApproveWhistle(), by=LEADER, at=HALF_PAST).then(
        ApprovalConfirmed(at=HALF_PAST, unit=TOWN, by_person="李镇长")
    )
    voided = ConfirmationOverdueVoided(at=HALF_PAST, unit=TOWN, due=HALF_PAST, rule=OVERDUE.rule)
    assert WHISTLE.settle(story.state, HALF_PAST) == [voided]


def test_the_duty_officer_types_what_the_leader_said_on_the_phone() -> None:
    story = Story(WHISTLE).given(REQUESTED)
    story.when(ApproveWhistle(by="李镇长"), by=CLERK, playbook=STRICT)
    assert story.told[-1] == BY_PHONE
    story.when(ApproveWhistle(), by=CLERK).then_refused("approve.named", NotAllowed)
    story.when(ApproveWhistle(by="李镇长"), by=CLERK).then_refused("approve.confirm_self", Refused)
    story.when(ApproveWhistle(), by=LEADER, at=at("09:20")).then(YES)


def test_nobody_but_a_leader_of_the_register_said_yes_on_the_phone() -> None:
    story = Story(WHISTLE).given(REQUESTED)
    for name in ("小周", "路人"):
        story.when(ApproveWhistle(by=name), by=CLERK).then_refused("approve.by", Refused)


def test_a_leader_who_never_said_so_contests_and_the_units_go_on() -> None:
    story = Story(WHISTLE).given(REQUESTED)
    story.when(ApproveWhistle(by="李镇长"), by=CLERK)
    calls = story.state.calls
    story.when(TurnWhistleDown(reason=" "), by=LEADER).then_refused("approve.reason")
    story.when(TurnWhistleDown(reason="未接到电话"), by=LEADER, at=HALF_PAST)
    story.then(ApprovalContested(at=HALF_PAST, unit=TOWN, reason="未接到电话", by_person="李镇长"))
    assert story.state.calls == calls
    assert WHISTLE.duties(story.state)[-1].verb != "approve"


@pytest.mark.parametrize("by", [CLERK, "town/路人", TOWN])
def test_only_who_may_approve_confirms(by: str) -> None:
    emergency().when(ApproveWhistle(), by=by).then_refused("approve.leader", NotAllowed)


def test_units_give_no_word_of_a_leader() -> None:
    emergency().when(ApproveWhistle(), by="rq").then_refused("blow.town_only", NotAllowed)


def test_the_word_is_a_duty_of_the_town_by_its_limit() -> None:
    owed = Duty(TOWN and "", "approve", NAME, HALF_PAST, kind="emergency")
    assert WHISTLE.duties(emergency().state)[-1] == owed
    assert WHISTLE.next_due(emergency().state) == at("09:04")


def test_the_playbook_says_who_approves_a_kind() -> None:
    deputy = msgspec.structs.replace(kinds["daily"], approve_by=("陈副镇长",))
    playbook = msgspec.structs.replace(PLAYBOOK, kinds={**PLAYBOOK.kinds, "daily": deputy})
    persons = {**UNITS[TOWN].persons, "陈副镇长": "clerk"}
    units = {**UNITS, TOWN: msgspec.structs.replace(UNITS[TOWN], persons=persons)}
    story = Story(WHISTLE).given(REQUESTED)
    story.when(ApproveWhistle(), by=LEADER, playbook=playbook, units=units)
    story.then_refused("approve.leader", NotAllowed)
    story.when(ApproveWhistle(), by="town/陈副镇长", playbook=playbook, units=units)
    story.then_topics("whistle.blown/1", "whistle.call_delivered/1", "whistle.call_delivered/1")


@pytest.mark.parametrize("allowed", [("leader",), ("李镇长",)])
def test_the_playbook_says_who_blows_a_kind(allowed: tuple[str, ...]) -> None:
    bound = msgspec.structs.replace(PLAYBOOK.kinds["emergency"], blow_by=allowed)
    playbook = msgspec.structs.replace(PLAYBOOK, kinds={"emergency": bound})
    story = Story(WHISTLE).when(BlowWhistle(incident="i1"), by=CLERK, playbook=playbook)
    story.then_refused("kinds.emergency.blow_by", NotAllowed)
    story.when(BlowWhistle(incident="i1"), by=LEADER, playbook=playbook)
    story.then_topics("whistle.blown/1", "whistle.call_delivered/1", "whistle.call_delivered/1")


# a whistle that is set for three in the afternoon
DAILY = msgspec.structs.replace(INCIDENT, item="0101", place="榆苑路")


def test_a_whistle_is_set_for_later_and_asks_the_leader_first() -> None:
    order = BlowWhistle(incident="i1", assists=("交警",), note="请支援", on=THREE)
    story = Story(WHISTLE).when(order, by=CLERK, at=at("08:59"), incident=DAILY)
    story.then(REQUESTED, SET)
    story.when(ApproveWhistle(), by=LEADER).then(APPROVED)
    assert WHISTLE.next_due(story.state) == THREE


def test_what_nobody_approved_does_not_sound_at_its_time() -> None:
    story = Story(WHISTLE).given(REQUESTED, SET)
    assert WHISTLE.next_due(story.state) is None
    story.when(ApproveWhistle(), by=LEADER, at=at("15:30"))
    story.then_topics("whistle.blown/1", "whistle.call_delivered/1", "whistle.call_delivered/1")


def test_an_approval_by_phone_of_a_later_whistle_is_confirmed_before_it_sounds() -> None:
    story = Story(WHISTLE).given(REQUESTED, SET)
    story.when(ApproveWhistle(by="李镇长"), by=CLERK, playbook=STRICT).then(APPROVED, BY_PHONE)
    story.when(ApproveWhistle(), by=LEADER, at=at("09:20")).then(YES)


def test_a_leader_stops_a_later_whistle_that_was_approved_in_his_name() -> None:
    story = Story(WHISTLE).given(REQUESTED, SET, APPROVED, BY_PHONE)
    story.when(TurnWhistleDown(reason="未同意"), by=LEADER, at=HALF_PAST).then(
        ApprovalContested(at=HALF_PAST, unit=TOWN, reason="未同意", by_person="李镇长"),
        ApprovalRefused(at=HALF_PAST, reason="未同意", by_person="李镇长"),
    )
    assert WHISTLE.next_due(story.state) is None


def test_a_time_that_has_passed_is_none_to_set() -> None:
    for on in (NINE, at("08:00")):
        story = Story(WHISTLE).when(BlowWhistle(incident="i1", on=on), incident=DAILY)
        story.then_refused("blow.on")


def test_history_that_cannot_be_is_not_an_error() -> None:
    strange: tuple[Event, ...] = (SET, APPROVED, YES, OVERDUE)
    assert Story(WHISTLE).given(*strange).state == WHISTLE.start

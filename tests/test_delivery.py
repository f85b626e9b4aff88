"""Delivery: read in the inbox, told to a person by phone, passed on, or nobody was reached."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.shell import Shell
from tests.story import Story
from tests.town import PLAYBOOK, UNITS, at
from whistle.domain.limit import parse_limit
from whistle.domain.moment import MINUTE
from whistle.domain.playbook import DeliveryRules, DeliveryRung
from whistle.domain.refusal import NotAllowed, NotFound, Refused
from whistle.domain.whistle import WHISTLE
from whistle.domain.whistle.call import Arrive, Finish
from whistle.domain.whistle.delivery import Deliver, TryDelivery
from whistle.domain.whistle.delivery_events import (
    DeliveryAwaited,
    DeliveryPassedOn,
    DeliveryTaken,
    DeliveryTried,
    Passing,
    UnitUnreachable,
)
from whistle.domain.whistle.events import Arrived, CallDelivered
from whistle.domain.whistle.issue import BlowWhistle

RULES = DeliveryRules(
    rungs=(
        DeliveryRung(to="alternate", after=parse_limit("5em")),
        DeliveryRung(to="leader", after=parse_limit("10em")),
    ),
    unreachable_after=parse_limit("30em"),
)
BOOK = msgspec.structs.replace(PLAYBOOK, delivery=RULES)
PHONE_ONLY = msgspec.structs.replace(UNITS["xf"], reached="phone", persons={"老王": "officer"})
TOWNS: dict[str, Any] = {"playbook": BOOK, "units": {**UNITS, "xf": PHONE_ONLY}}
OWED = (
    Passing("alternate", at("09:05"), "delivery.alternate"),
    Passing("leader", at("09:10"), "delivery.leader"),
    Passing("nobody", at("09:30"), "delivery.unreachable_after"),
)


def blown() -> Story:
    """A gas leak at 09:00: the gas company reads its inbox, the fire station is phoned."""
    return Story(WHISTLE).when(BlowWhistle(incident="i1"), **TOWNS)


def call(story: Story, unit: str = "xf") -> Any:
    return story.state.calls[unit]


def test_only_a_unit_without_an_inbox_waits_for_somebody_to_be_told() -> None:
    story = blown().then_topics(
        "whistle.blown/1", "whistle.call_delivered/1", "whistle.delivery_awaited/1"
    )
    assert story.told[-1] == DeliveryAwaited(at=at("09:00"), unit="xf", owed=OWED)
    assert (call(story).clocks, call(story).undelivered) == ({}, True)
    assert call(story, "rq").delivered == at("09:00")


def test_its_clocks_start_when_a_person_of_it_was_told() -> None:
    story = blown().when(Deliver(unit="xf", to="老王"), at=at("09:04"), **TOWNS)
    told, taken = story.told[-2:]
    assert isinstance(told, CallDelivered)
    assert (told.at, told.channel) == (at("09:04"), "phone")
    assert taken == DeliveryTaken(at=at("09:04"), unit="xf", channel="phone", to="老王")
    dues = {each.clock: each.due for each in told.clocks}
    assert dues == {"ack": at("09:09"), "arrive": at("09:34"), "dispose": at("10:04")}
    story.when(Deliver(unit="xf", to="老王"), at=at("09:05"), **TOWNS)
    story.then_refused("deliver.once", Refused)


def test_an_attempt_is_on_record_and_starts_nothing() -> None:
    story = blown().when(TryDelivery(unit="xf", to="值班员"), at=at("09:02"), **TOWNS)
    story.then(DeliveryTried(at=at("09:02"), unit="xf", channel="phone", to="值班员"))
    assert call(story).clocks == {}


def test_nobody_but_a_person_of_the_unit_takes_its_call() -> None:
    blown().when(Deliver(unit="xf", to="居民张三"), **TOWNS).then_refused("deliver.person", Refused)
    blown().when(Deliver(unit="xf", to="老王"), by="rq", **TOWNS).then_refused(
        "deliver.town_only", NotAllowed
    )
    blown().when(Deliver(unit="cg", to="值班员"), **TOWNS).then_refused("", NotFound)


def test_an_untaken_call_goes_on_by_the_ladder_at_its_nominal_times() -> None:
    story = blown().hear(at("09:31"))
    mine = [each for each in story.told if each.concerns() == ("xf",)]
    assert mine[1:] == [
        DeliveryPassedOn(at=at("09:05"), unit="xf", to="alternate", rule="delivery.alternate"),
        DeliveryPassedOn(at=at("09:10"), unit="xf", to="leader", rule="delivery.leader"),
        UnitUnreachable(at=at("09:30"), unit="xf", attempts=0, rule="delivery.unreachable_after"),
    ]
    assert call(story).unreachable
    assert WHISTLE.owed(story.state, at("09:40")) == []


@pytest.mark.parametrize("ticks", [["09:31"], ["09:06", "09:31"], ["09:05", "09:11", "09:31"]])
def test_what_it_says_does_not_depend_on_who_looks_when(ticks: list[str]) -> None:
    story, other = blown().hear(at("09:31")), blown()
    for tick in ticks:
        other.hear(at(tick))
    assert story.state == other.state


def test_a_call_that_was_taken_goes_on_to_nobody() -> None:
    story = blown().hear(at("09:06"))
    story.when(Deliver(unit="xf", to="老王"), at=at("09:07"), **TOWNS)
    assert WHISTLE.next_due(story.state) is not None
    said = [each for each in WHISTLE.owed(story.state, at("12:00")) if "deliver" in each.topic]
    assert said == []


def test_the_town_owes_the_call_not_the_unit() -> None:
    story = blown()
    owed = {(duty.unit, duty.verb, duty.due) for duty in WHISTLE.duties(story.state)}
    assert ("", "deliver", at("09:05")) in owed
    assert not any(unit == "xf" for unit, _verb, _due in owed)
    story.hear(at("09:06"))
    assert ("", "deliver", at("09:10")) in {
        (duty.unit, duty.verb, duty.due) for duty in WHISTLE.duties(story.state)
    }


def test_a_unit_that_comes_has_been_reached() -> None:
    story = blown().when(Arrive(unit="xf"), by="xf", at=at("09:12"), **TOWNS)
    story.then_topics("whistle.call_delivered/1", "whistle.acknowledged/1", "whistle.arrived/1")
    assert isinstance(story.told[-1], Arrived)
    assert call(story).clocks["arrive"].stopped == at("09:12")
    assert not call(story).undelivered


def test_whom_nobody_reached_holds_up_neither_the_assembly_nor_the_end() -> None:
    story = blown().hear(at("09:31"))
    story.when(Arrive(unit="rq"), by="rq", at=at("09:32"), **TOWNS)
    assert story.told[-1].topic == "whistle.assembled/1"
    story.when(Finish(unit="rq"), by="rq", at=at("09:50"), **TOWNS).hear(at("09:50"))
    assert story.state.ended


def test_a_whistle_that_reached_nobody_at_all_goes_on_sounding() -> None:
    units = {**TOWNS["units"], "rq": msgspec.structs.replace(UNITS["rq"], reached="phone")}
    known: dict[str, Any] = {"playbook": BOOK, "units": units}
    story = Story(WHISTLE).when(BlowWhistle(incident="i1"), **known).hear(at("12:00"))
    assert not story.state.ended
    story.when(Deliver(unit="rq", to="值班员"), at=at("12:01"), **known)
    assert call(story, "rq").delivered == at("12:01")


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path).founded()
    shell.json("org", "unit", "add", "SW", "供水所", "--reached", "phone")
    shell.json("org", "person", "add", "SW", "老王", "--role", "alternate")
    shell.json("blow", "-e", "gas-leak", "12 Caoqiao Rd", "--assist", "SW")
    return shell


def test_the_town_sees_who_is_not_reached_and_calls_until_somebody_is(desk: Shell) -> None:
    (row,) = (row for row in desk.json("inbox").facts if row["verb"] == "deliver")
    assert row["name"] == "W-WY26-00001/SW"
    assert "W-WY26-00001/SW not reached" in desk("inbox").text
    desk.now += 6 * MINUTE
    assert desk.json("deliver", "1/SW", "--to", "值班员", "--no-answer").topics[-1] == (
        "whistle.delivery_tried/1"
    )
    (call,) = desk.json("assess", "ledger").facts["unreached"]
    assert (call["call"], call["given_up"]) == ("W-WY26-00001/SW", False)
    assert [(each["channel"], each["to"]) for each in call["attempts"]] == [
        ("", "alternate"), ("phone", "值班员"),
    ]  # fmt: skip
    assert "SW" not in desk.json("assess", "ledger").facts["per_unit"]
    desk.line("whistle 送达 1/SW --告知 老王 --方式 电台")
    found = desk.json("assess", "ledger").facts
    assert (found["unreached"], found["per_unit"]["SW"]["assignments"]) == ([], 1)
    assert desk.json("audit", "verify").facts["ok"]


def test_whom_nobody_reached_is_no_late_unit(desk: Shell) -> None:
    desk.now += 120 * MINUTE
    desk.json("clock", "tick")
    (call,) = desk.json("assess", "ledger").facts["unreached"]
    assert (call["given_up"], [each["to"] for each in call["attempts"]]) == (
        True, ["alternate", "leader", "county"],
    )  # fmt: skip
    assert "reached nobody, attempts 3" in desk("assess", "ledger").text
    late = {row["unit"] for row in desk.json("view", "assess").facts["rows"] if row["overdue"]}
    assert "SW" not in late
    assert desk.json("audit", "verify").facts["ok"]


def test_a_unit_that_gets_a_screen_reads_its_inbox_from_then_on(desk: Shell) -> None:
    assert desk.json("org", "unit", "reach", "SW", "inbox").topics == ["unit.reach_set/1"]
    said = desk.json("blow", "-e", "gas-leak", "3 Yuyuan Rd", "--assist", "SW")
    assert "whistle.delivery_awaited/1" not in said.topics
    desk.line("whistle 单位 unit reach SW 电话")
    units = {unit["unit"]: unit for unit in desk.json("org", "unit", "list").facts}
    assert units["SW"]["reached"] == "phone"

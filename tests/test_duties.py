"""Who owes the next step, by when, and which clocks an act moved."""

import pytest

from tests.blown import NAME, REQUESTED, SOUNDING
from tests.story import Story
from tests.test_call import WAY_TO as CALL_AT
from tests.test_incident import WAY_TO as INCIDENT_AT
from tests.test_incident import reported
from tests.town import at
from whistle.domain.duties import TOWN, ClockChange, Duty
from whistle.domain.incident import INCIDENT
from whistle.domain.incident.events import SelfHandled, VerificationPassed
from whistle.domain.moment import Instant
from whistle.domain.playbook import ClockName
from whistle.domain.whistle import WHISTLE
from whistle.domain.whistle.events import (
    Acknowledged,
    Arrived,
    Finished,
    ReworkOrdered,
    UnitEvaluated,
    WhistleEnded,
)

RQ = f"{NAME}/rq"
DUE = {"ack": at("09:05"), "arrive": at("09:30"), "finish": at("10:00")}


@pytest.mark.parametrize(
    ("stage", "verb"),
    [
        ("reported", "accept"),
        ("accepted", "blow"),
        ("in_hand", "verify"),
        ("verified", "callback"),
        ("called_back", "close"),
    ],
)
def test_what_the_town_owes_an_incident(stage: str, verb: str) -> None:
    state = Story(INCIDENT).given(*INCIDENT_AT[stage]).state
    assert INCIDENT.duties(state) == [Duty(TOWN, verb, "I-WY26-00001")]


@pytest.mark.parametrize("stage", ["unknown", "closed"])
def test_nothing_is_owed_before_the_report_and_after_the_end(stage: str) -> None:
    assert INCIDENT.duties(Story(INCIDENT).given(*INCIDENT_AT[stage]).state) == []


def test_while_a_whistle_sounds_the_units_owe_and_not_the_town() -> None:
    assert INCIDENT.duties(Story(INCIDENT).given(*INCIDENT_AT["in_hand"][:3]).state) == []


def test_without_a_reporter_the_next_step_is_to_close() -> None:
    events = (reported("camera"), SelfHandled(at=1), VerificationPassed(at=2))
    assert INCIDENT.duties(Story(INCIDENT).given(*events).state) == [
        Duty(TOWN, "close", "I-WY26-00001")
    ]


def test_a_request_waits_for_the_leader() -> None:
    state = Story(WHISTLE).given(REQUESTED).state
    assert WHISTLE.duties(state) == [Duty(TOWN, "approve", "I-WY26-00001", kind="daily")]


@pytest.mark.parametrize(
    ("stage", "duty"),
    [
        ("called", Duty("rq", "ack", RQ, DUE["ack"])),
        ("acknowledged", Duty("rq", "arrive", RQ, DUE["arrive"])),
        ("on_way", Duty("rq", "arrive", RQ, DUE["arrive"])),
        ("on_scene", Duty("rq", "finish", RQ, DUE["finish"])),
        ("finished", Duty(TOWN, "leave", RQ)),
        ("released", Duty(TOWN, "rate", RQ)),
        ("declined", Duty(TOWN, "blow", "I-WY26-00001")),
    ],
)
def test_what_is_owed_for_a_call(stage: str, duty: Duty) -> None:
    first, second = WHISTLE.duties(Story(WHISTLE).given(*CALL_AT[stage]).state)
    assert first == duty
    assert second == Duty("xf", "ack", f"{NAME}/xf", DUE["ack"])


def test_a_marked_unit_and_a_declined_call_of_an_ended_whistle_owe_nothing() -> None:
    marked = UnitEvaluated(at=at("10:00"), unit="rq", score=90)
    released = Story(WHISTLE).given(*CALL_AT["released"], marked)
    assert [duty.unit for duty in WHISTLE.duties(released.state)] == ["xf"]
    declined = Story(WHISTLE).given(*CALL_AT["declined"], WhistleEnded(at=at("10:00")))
    assert [duty.unit for duty in WHISTLE.duties(declined.state)] == ["xf"]


def test_blowing_starts_the_clocks_of_every_call() -> None:
    story = Story(WHISTLE)
    before = story.state
    changes = WHISTLE.clock_changes(before, story.given(*SOUNDING).state)
    started: list[tuple[ClockName, Instant]] = [
        ("ack", DUE["ack"]),
        ("arrive", DUE["arrive"]),
        ("dispose", DUE["finish"]),
    ]
    assert changes == [
        ClockChange(f"{NAME}/{unit}", clock, "start", due)
        for unit in ("rq", "xf")
        for clock, due in started
    ]


def test_an_act_stops_the_clocks_it_answers() -> None:
    story = Story(WHISTLE).given(*SOUNDING)
    before = story.state
    after = story.given(Acknowledged(at=at("09:02"), unit="rq")).state
    assert WHISTLE.clock_changes(before, after) == [ClockChange(RQ, "ack", "stop", DUE["ack"])]
    came = story.given(Arrived(at=at("09:18"), unit="rq")).state
    assert WHISTLE.clock_changes(after, came) == [ClockChange(RQ, "arrive", "stop", DUE["arrive"])]
    assert WHISTLE.clock_changes(came, came) == []


def test_rework_starts_the_clock_of_the_work_again() -> None:
    story = Story(WHISTLE).given(*SOUNDING, Finished(at=at("09:40"), unit="rq", result="fixed"))
    before = story.state
    after = story.given(ReworkOrdered(at=at("09:45"), unit="rq")).state
    assert ClockChange(RQ, "dispose", "start", DUE["finish"]) in WHISTLE.clock_changes(
        before, after
    )


def test_an_incident_has_no_clocks() -> None:
    state = Story(INCIDENT).given(*INCIDENT_AT["closed"]).state
    assert INCIDENT.clock_changes(state, state) == []

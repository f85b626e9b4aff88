"""Policies: an event goes in, orders come out."""

from pathlib import Path

import pytest

from tests.blown import NAME, SOUNDING, blown
from tests.story import Story
from tests.town import at
from whistle import codec
from whistle.codec import EVENTS
from whistle.domain.incident import INCIDENT
from whistle.domain.incident.events import (
    IncidentReported,
    VerificationFailed,
    VerificationPassed,
    WhistleEndNoted,
    WhistleNoted,
)
from whistle.domain.incident.handling import NoteWhistleBlown, NoteWhistleEnded
from whistle.domain.patrol import PATROL
from whistle.domain.policies import Reaction, react
from whistle.domain.taken_back import TakeBackToo, TakenBack
from whistle.domain.team import TEAM
from whistle.domain.whistle import WHISTLE
from whistle.domain.whistle.closing import OrderRework, ReleaseUnits
from whistle.domain.whistle.events import ReworkOrdered, WhistleEnded

GOLDEN = Path(__file__).parent / "golden"
NINE = at("09:00")
WHISTLE_STATE = Story(WHISTLE).given(*SOUNDING).state
INCIDENT_STATE = (
    Story(INCIDENT)
    .given(
        IncidentReported(at=NINE, name="I-WY26-00001", item="0502", place="x", channel="patrol"),
        WhistleNoted(at=NINE, whistle="w1", name=NAME),
        WhistleNoted(at=NINE, whistle="w2", name="W-WY26-00002"),
        WhistleEndNoted(at=NINE, whistle="w1", name=NAME),
    )
    .state
)


def test_a_blown_whistle_is_noted_by_its_incident() -> None:
    noted = NoteWhistleBlown(whistle="w1", name=NAME)
    assert react(WHISTLE, blown(), "w1", WHISTLE_STATE) == [Reaction("i1", noted)]


def test_a_whistle_that_is_over_is_noted_by_its_incident() -> None:
    ended = NoteWhistleEnded(whistle="w1", name=NAME)
    assert react(WHISTLE, WhistleEnded(at=NINE), "w1", WHISTLE_STATE) == [Reaction("i1", ended)]


def test_rework_makes_the_incident_note_the_whistle_again() -> None:
    noted = NoteWhistleBlown(whistle="w1", name=NAME)
    rework = ReworkOrdered(at=NINE, unit="rq")
    assert react(WHISTLE, rework, "w1", WHISTLE_STATE) == [Reaction("i1", noted)]


def test_a_passed_verification_releases_the_units_of_every_whistle() -> None:
    assert react(INCIDENT, VerificationPassed(at=NINE), "i1", INCIDENT_STATE) == [
        Reaction("w1", ReleaseUnits()),
        Reaction("w2", ReleaseUnits()),
    ]


def test_a_failed_verification_orders_rework_with_its_reason() -> None:
    assert react(INCIDENT, VerificationFailed(at=NINE, note="仍漏"), "i1", INCIDENT_STATE) == [
        Reaction("w1", OrderRework(reason="仍漏")),
        Reaction("w2", OrderRework(reason="仍漏")),
    ]


def test_an_act_that_was_taken_back_counts_no_more_in_any_stream_that_it_had_reached() -> None:
    taken = TakenBack(at=NINE, seq=9, seqs=(9, 10), topics=("a/1", "b/1"), streams=("w1", "i1"))
    orders = [Reaction("w1", TakeBackToo(taken=taken)), Reaction("i1", TakeBackToo(taken=taken))]
    assert react(WHISTLE, taken, "w2", WHISTLE_STATE) == orders


ANSWERED = {
    "whistle.blown/1",
    "whistle.ended/1",
    "whistle.rework_ordered/1",
    "patrol.found/1",
    "incident.found_on_patrol/1",
    "incident.verification_passed/1",
    "incident.verification_failed/1",
    "record.taken_back/1",
    "incident.merged/1",
}


@pytest.mark.parametrize("topic", sorted(set(EVENTS) - ANSWERED))
def test_nothing_else_is_answered(topic: str) -> None:
    event = codec.decode(topic, (GOLDEN / f"{topic.replace('/', '-')}.json").read_bytes())
    for aggregate in (INCIDENT, WHISTLE, TEAM, PATROL):
        assert react(aggregate, event, "s1", WHISTLE_STATE) == []
        assert react(aggregate, event, "s1", INCIDENT_STATE) == []

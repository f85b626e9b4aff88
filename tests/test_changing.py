"""A whistle is changed after it was blown: withdrawn, amended, sent to more units."""

import pytest

from tests.blown import (
    FINISHED,
    LATER,
    NAME,
    ON_SCENE,
    REQUESTED,
    SOUNDING,
    THREE,
    WHY,
    blown,
    delivered,
)
from tests.story import Story
from tests.town import at
from whistle.domain.facts import Fact, fact
from whistle.domain.incident import INCIDENT
from whistle.domain.incident.events import IncidentReported, WhistleNoted, WhistleWithdrawnNoted
from whistle.domain.incident.handling import HandleIncident, NoteWhistleWithdrawn
from whistle.domain.ledger import Ledger
from whistle.domain.message import Event, Order
from whistle.domain.policies import Reaction, react
from whistle.domain.refusal import NotAllowed, NotFound, Refused
from whistle.domain.whistle import WHISTLE
from whistle.domain.whistle.call import Acknowledge, Arrive
from whistle.domain.whistle.changes import (
    CallWithdrawn,
    CameDue,
    WhistleAmended,
    WhistleWithdrawn,
)
from whistle.domain.whistle.changing import (
    AddUnits,
    AmendWhistle,
    CallForMore,
    WithdrawCall,
    WithdrawWhistle,
)
from whistle.domain.whistle.closing import EvaluateUnit, OrderRework
from whistle.domain.whistle.delivery_events import DeliveryAwaited, Passing
from whistle.domain.whistle.events import (
    Overdue,
    OverdueVoided,
    WhistleEnded,
)
from whistle.domain.whistle.issue import SoundWhistle

TEN = at("10:00")

ORDERS: dict[str, Order] = {
    "withdraw": WithdrawWhistle(reason=WHY),
    "withdraw call": WithdrawCall(unit="xf", reason=WHY),
    "amend": AmendWhistle(place="草桥路21号"),
    "add": AddUnits(units=("jj",)),
    "need": CallForMore(what="水带"),
}
STATES: dict[str, tuple[Event, ...]] = {
    "silent": (),
    "requested": (REQUESTED,),
    "scheduled": LATER,
    "called off": (REQUESTED, WhistleWithdrawn(at=TEN, reason=WHY)),
    "sounding": SOUNDING,
    "ended": (*SOUNDING, WhistleEnded(at=TEN)),
}
ALLOWED = {(state, verb) for state in ("requested", "scheduled") for verb in ("withdraw", "amend")}
ALLOWED |= {("sounding", verb) for verb in ORDERS}


@pytest.mark.parametrize("verb", ORDERS)
@pytest.mark.parametrize("state", STATES)
def test_every_order_is_allowed_only_where_the_table_says(state: str, verb: str) -> None:
    story = Story(WHISTLE).given(*STATES[state])
    before = len(story.told)
    story.when(ORDERS[verb])
    if (state, verb) in ALLOWED:
        assert len(story.told) > before
    elif state == "ended":
        story.then_refused("change.ended", Refused)
    else:
        story.then_refused("", NotFound)


@pytest.mark.parametrize("verb", sorted(ORDERS.keys() - {"need"}))
def test_only_the_town_office_changes_a_whistle(verb: str) -> None:
    for speaker in ("rq", "town>rq"):
        story = Story(WHISTLE).given(*SOUNDING).when(ORDERS[verb], by=speaker)
        story.then_refused("change.town_only", NotAllowed)


def test_a_withdrawn_whistle_excuses_every_open_call_and_stops_its_clocks() -> None:
    story = Story(WHISTLE).given(*SOUNDING).when(WithdrawWhistle(reason=WHY), at=at("09:03"))
    story.then(
        CallWithdrawn(at=at("09:03"), unit="rq", reason=WHY),
        CallWithdrawn(at=at("09:03"), unit="xf", reason=WHY),
        WhistleWithdrawn(at=at("09:03"), reason=WHY),
    )
    assert WHISTLE.next_due(story.state) is None
    assert WHISTLE.duties(story.state) == []
    assert (story.state.withdrawn, story.state.ended) == (True, True)
    story.when(Acknowledge(unit="rq"), by="rq").then_refused("call.withdrawn")
    story.when(EvaluateUnit("rq", 90)).then_refused("call.withdrawn")


def test_nobody_goes_on_looking_for_a_unit_that_was_excused() -> None:
    passing = (Passing("leader", at("09:30"), "delivery.leader"),)
    awaited = DeliveryAwaited(at=at("09:00"), unit="xf", owed=passing)
    story = Story(WHISTLE).given(blown(), delivered("rq", ()), awaited, *ON_SCENE, FINISHED)
    assert WHISTLE.next_due(story.state) == at("09:30")
    story.when(WithdrawCall(unit="xf", reason=WHY), at=at("09:20"))
    assert WHISTLE.next_due(story.state) is None


def test_what_a_clock_had_said_of_a_withdrawn_call_does_not_stand() -> None:
    breach = Overdue(at=at("09:05"), unit="rq", clock="ack", rule="kinds.emergency.ack")
    story = Story(WHISTLE).given(*SOUNDING, breach)
    story.when(WithdrawCall(unit="rq", reason=WHY), at=TEN).hear(TEN)
    taken_back = OverdueVoided(
        at=TEN, unit="rq", clock="ack", level="overdue", due=at("09:05"), rule=breach.rule
    )
    assert taken_back in story.told
    assert {"rq"} == {e.unit for e in story.told if isinstance(e, OverdueVoided)}


def test_who_has_finished_keeps_its_work_and_the_whistle_ends_as_any_other() -> None:
    story = Story(WHISTLE).given(*SOUNDING, *ON_SCENE, FINISHED)
    story.when(WithdrawWhistle(reason=WHY), at=TEN)
    story.then_topics("whistle.call_withdrawn/1", "whistle.withdrawn/1")
    assert (story.state.withdrawn, story.state.calls["rq"].stage) == (False, "finished")
    assert WHISTLE.settle(story.state, TEN)[-1] == WhistleEnded(at=TEN)


def test_the_last_call_withdrawn_withdraws_the_whistle() -> None:
    story = Story(WHISTLE).given(*SOUNDING)
    story.when(WithdrawCall(unit="rq", reason=WHY)).then_topics("whistle.call_withdrawn/1")
    story.when(WithdrawCall(unit="rq", reason=WHY)).then_refused("call.withdrawn")
    story.when(WithdrawCall(unit="jj", reason=WHY)).then_refused("", NotFound)
    story.when(WithdrawCall(unit="xf", reason=WHY))
    story.then_topics("whistle.call_withdrawn/1", "whistle.withdrawn/1")


def test_who_was_excused_is_not_waited_for_and_does_nothing_over() -> None:
    story = Story(WHISTLE).given(*SOUNDING, CallWithdrawn(at=TEN, unit="xf", reason=WHY))
    story.when(Arrive(unit="rq"), by="rq", at=TEN)
    story.then_topics("whistle.acknowledged/1", "whistle.arrived/1", "whistle.assembled/1")
    story.given(FINISHED).when(OrderRework(reason="仍漏"))
    story.then_topics("whistle.rework_ordered/1")


@pytest.mark.parametrize("order", [WithdrawWhistle(reason=" "), WithdrawCall(unit="rq", reason="")])
def test_a_withdrawal_says_why(order: Order) -> None:
    Story(WHISTLE).given(*SOUNDING).when(order).then_refused("withdraw.reason")


def test_a_withdrawn_call_counts_nowhere_in_whatever_order_the_facts_are_told() -> None:
    told = (*SOUNDING[1:], CallWithdrawn(at=TEN, unit="rq", reason=WHY))
    facts = [known for e in told if isinstance(known := fact(e, "w1", "i1"), Fact)]
    for order in (facts, facts[::-1]):
        ledger = Ledger()
        for known in order:
            ledger.tell(known)
        assert [row.unit for row in ledger.assignments()] == ["xf"]
        assert [row.unit for row in ledger.withdrawn()] == ["rq"]


def test_before_the_withdrawal_was_known_the_call_counted() -> None:
    ledger = Ledger(known_at=TEN - 1)
    for event in (*SOUNDING, CallWithdrawn(at=TEN, unit="rq", reason=WHY)):
        if known := fact(event, "w1", "i1"):
            ledger.tell(known)
    assert [row.unit for row in ledger.assignments()] == ["rq", "xf"]


def test_the_incident_learns_that_its_only_whistle_was_withdrawn() -> None:
    reported = IncidentReported(
        at=1, name="I-WY26-00001", item="0502", place="草桥路12号", channel="patrol"
    )
    story = Story(INCIDENT).given(reported, WhistleNoted(at=2, whistle="w1", name=NAME))
    gone = NoteWhistleWithdrawn(whistle="w1", name=NAME)
    noted = WhistleWithdrawnNoted(at=TEN, whistle="w1", name=NAME, back=True)
    story.when(gone, at=TEN).then(noted)
    assert (story.state.stage, story.state.way, story.state.whistles) == ("accepted", "", {})
    story.when(HandleIncident()).then_topics("incident.self_handled/1")


def test_with_another_whistle_the_incident_stays_in_hand() -> None:
    noted = [WhistleNoted(at=2, whistle=each, name=NAME) for each in ("w1", "w2")]
    reported = IncidentReported(
        at=1, name="I-WY26-00001", item="0502", place="草桥路12号", channel="patrol"
    )
    story = Story(INCIDENT).given(reported, *noted)
    story.when(NoteWhistleWithdrawn(whistle="w1", name=NAME), at=TEN)
    story.then(WhistleWithdrawnNoted(at=TEN, whistle="w1", name=NAME))
    assert (story.state.stage, story.state.sounding) == ("in_hand", ("w2",))


def test_a_policy_tells_the_incident_of_a_withdrawal() -> None:
    story = Story(WHISTLE).given(*SOUNDING).when(WithdrawWhistle(reason=WHY))
    gone = Reaction("i1", NoteWhistleWithdrawn(whistle="w1", name=NAME))
    assert react(WHISTLE, story.told[-1], "w1", story.state) == [gone]


def test_an_amended_whistle_is_seen_by_every_unit_that_is_still_at_it() -> None:
    story = Story(WHISTLE).given(*SOUNDING, *ON_SCENE, FINISHED)
    story.when(AmendWhistle(place="草桥路21号", note="走东门", reason="地址有误"), at=TEN)
    amended = WhistleAmended(
        at=TEN, place="草桥路21号", note="走东门", reason="地址有误", units=("xf",)
    )
    story.then(amended)
    assert amended.concerns() == ("xf",)
    assert (story.state.place, story.state.note, story.state.ground) == (
        "草桥路21号", "走东门", "no-power",
    )  # fmt: skip
    (mine,) = [duty for duty in WHISTLE.duties(story.state) if duty.unit == "xf"]
    assert mine.changed
    story.when(Acknowledge(unit="xf"), by="xf")
    assert not any(duty.changed for duty in WHISTLE.duties(story.state)), (
        "it has seen it when it acts"
    )


@pytest.mark.parametrize(
    ("order", "rule"),
    [
        (AmendWhistle(), "amend.nothing"),
        (AmendWhistle(place=" "), "amend.place"),
        (AmendWhistle(ground="bored"), "blow.ground"),
    ],
)
def test_an_amendment_says_something_that_could_have_been_said_at_first(
    order: Order, rule: str
) -> None:
    Story(WHISTLE).given(*SOUNDING).when(order).then_refused(rule)


def test_a_whistle_that_waits_is_amended_before_it_sounds() -> None:
    story = Story(WHISTLE).given(*LATER).when(AmendWhistle(place="榆苑路3号"), at=TEN)
    story.given(CameDue(at=THREE)).when(SoundWhistle(incident="i1"), at=THREE + 1)
    assert story.state.place == "榆苑路3号"

"""What was told by phone: who typed, who spoke, and whose word makes a claimed time count."""

from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests import places
from tests.office import Office
from tests.town import LEADER, TOWN, at
from whistle.domain.correction import effective
from whistle.domain.message import Event
from whistle.domain.refusal import NotAllowed, Refused
from whistle.domain.surroundings import Actor
from whistle.domain.taken_back import TakeBack
from whistle.domain.unit import AddPerson
from whistle.domain.whistle import WHISTLE
from whistle.domain.whistle.call import Acknowledge, Arrive, Finish
from whistle.domain.whistle.closing import RateWhistle
from whistle.domain.whistle.hearing import ConfirmTold, ContestTold, RuleTold
from whistle.domain.whistle.told_events import ActTold, ToldConfirmed, ToldContested, ToldRuled
from whistle.engine import Asked

CLERK = "town/小周"
BY_PHONE = f"{CLERK}>rq"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    places.made(tmp_path / "town.db")
    office = Office(tmp_path / "town.db", at("09:00"))
    office.found()
    office.ask(("unit-rq", AddPerson(unit="rq", person="王队", role="officer")))
    office.blow()
    yield office
    office.close()


def asked(office: Office, by: str, *orders: Any, claimed: str = "", **spoken: str) -> Asked:
    how: dict[str, Any] = {"happened_at": at(claimed)} if claimed else {}
    made = office.asked(*(("w1", order) for order in orders), by=by, **how)
    actor: Actor = msgspec.structs.replace(made.actor, **spoken)
    return msgspec.structs.replace(made, actor=actor)


def told(office: Office, order: Any, claimed: str = "", by: str = BY_PHONE, **spoken: str) -> Any:
    """An act is recorded; the event that says how it was told, if there is one."""
    made = office.engine.obey(asked(office, by, order, claimed=claimed, **spoken))
    last = office.told()[-1].event
    return last if made.events[-1].topic == "whistle.told/1" else None


def refused(office: Office, by: str, *orders: Any, **how: str) -> str:
    before = len(office.told())
    with pytest.raises(Refused) as refusal:
        office.engine.obey(asked(office, by, *orders, **how))
    str(refusal.value), refusal.value.hint.format(**refusal.value.words)
    assert len(office.told()) == before
    return refusal.value.rule


def state(office: Office) -> Any:
    with office.log.reading() as reader:
        history = effective(reader.stream("w1"))
    return reduce(WHISTLE.evolve, (each.event for each in history), WHISTLE.start)


def call(office: Office, unit: str = "rq") -> Any:
    return state(office).calls[unit]


def owed(office: Office) -> set[tuple[str, str]]:
    verbs = ("confirm", "rule")
    return {(duty.unit, duty.verb) for duty in WHISTLE.duties(state(office)) if duty.verb in verbs}


def last(office: Office, kind: type[Event]) -> Any:
    return next(each.event for each in reversed(office.told()) if isinstance(each.event, kind))


def test_who_typed_who_spoke_by_what_and_when_stand_beside_the_act(office: Office) -> None:
    office.clock.now = at("09:20")
    telling = told(office, Arrive(unit="rq"), "09:12", mouth="radio", speaker="王队")
    topics = [each.topic for each in office.told() if each.seq in telling.acts]
    assert topics == ["whistle.acknowledged/1", "whistle.arrived/1"]
    assert telling == ActTold(
        at=at("09:20"),
        unit="rq",
        acts=telling.acts,
        topics=("whistle.acknowledged/1", "whistle.arrived/1"),
        mouth="radio",
        recorder="town",
        by_person="小周",
        speaker="王队",
        claimed=at("09:12"),
    )
    assert call(office).arrived == at("09:20")  # the receipt, until the unit has confirmed it
    assert owed(office) == {("rq", "confirm")}


def test_what_the_unit_types_itself_at_once_is_told_by_nobody(office: Office) -> None:
    assert told(office, Acknowledge(unit="rq"), by="rq") is None


@pytest.mark.parametrize("speaker", ["王队", "值班员", "duty officer", ""])
def test_the_register_or_a_duty_name_speaks(office: Office, speaker: str) -> None:
    assert told(office, Acknowledge(unit="rq"), speaker=speaker).speaker == speaker


def test_nobody_else_is_ever_named(office: Office) -> None:
    by = refused(office, BY_PHONE, Acknowledge(unit="rq"), speaker="居民张三")
    assert by == "told.speaker"


def test_a_confirmed_time_counts_from_then_on_and_voids_what_it_makes_untrue(
    office: Office,
) -> None:
    office.clock.now = at("09:35")  # five minutes after the limit
    told(office, Arrive(unit="rq"), "09:04")
    assert [level for level, _at in call(office).clocks["arrive"].fired] == [
        "warn", "overdue", "yellow",
    ]  # fmt: skip
    office.clock.now = at("09:40")
    office.ask(("w1", ConfirmTold(unit="rq")), by="rq/王队")
    confirmed = last(office, ToldConfirmed)
    assert (confirmed.counts, confirmed.by_person) == (at("09:04"), "王队")
    assert (call(office).arrived, call(office).acknowledged) == (at("09:04"), at("09:04"))
    assert call(office).clocks["arrive"].fired == ()
    assert call(office).clocks["ack"].fired == ()
    assert owed(office) == set()
    assert office.log.verify().ok


def test_what_is_confirmed_without_a_claimed_time_stays_as_it_was_typed(office: Office) -> None:
    office.clock.now = at("09:03")
    told(office, Acknowledge(unit="rq"))
    office.clock.now = at("09:06")
    office.ask(("w1", ConfirmTold(unit="rq")), by="rq")
    assert last(office, ToldConfirmed).counts is None
    assert call(office).acknowledged == at("09:03")


def test_the_units_own_claim_waits_for_the_town(office: Office) -> None:
    office.clock.now = at("09:20")
    telling = told(office, Arrive(unit="rq"), "09:15", by="rq/王队")
    assert (telling.mouth, telling.recorder) == ("own", "rq")
    assert owed(office) == {("", "confirm")}
    for by in ("rq/王队", "xf>town"):  # nor does another speak for the town
        assert refused(office, by, ConfirmTold(unit="rq")) == "told.other_side"
    office.ask(("w1", ConfirmTold(unit="rq")), by=CLERK)
    assert call(office).arrived == at("09:15")


@pytest.mark.parametrize("by", [TOWN, "xf", BY_PHONE])
def test_only_the_unit_itself_confirms_what_was_told_for_it(office: Office, by: str) -> None:
    told(office, Acknowledge(unit="rq"))
    assert refused(office, by, ConfirmTold(unit="rq")) == "told.other_side"
    assert refused(office, by, ContestTold(unit="rq", reason="不实")) == "told.other_side"


def test_nothing_waits_twice(office: Office) -> None:
    told(office, Acknowledge(unit="rq"))
    office.ask(("w1", ConfirmTold(unit="rq")), by="rq")
    for order in (ConfirmTold(unit="rq"), ContestTold(unit="rq", reason="不实")):
        assert refused(office, "rq", order) == "told.nothing"
    assert refused(office, LEADER, RuleTold(unit="rq", reason="看录像")) == "told.nothing"


def test_several_are_confirmed_together_each_in_its_turn(office: Office) -> None:
    office.clock.now = at("09:20")
    told(office, Arrive(unit="rq"), "09:05")
    office.clock.now = at("09:40")
    told(office, Finish(unit="rq"), "09:15")  # before the receipt of the arrival
    office.ask(("w1", ConfirmTold(unit="rq")), by="rq")
    assert (call(office).arrived, call(office).finished) == (at("09:05"), at("09:15"))


EARLY = ["08:59", "2026-10-13 09:10"]  # the call reached the unit at 09:00 of the 14th


@pytest.mark.parametrize("claimed", EARLY)
@pytest.mark.parametrize("by", [BY_PHONE, "rq"])
@pytest.mark.parametrize("order", [Acknowledge(unit="rq"), Arrive(unit="rq")])
def test_a_time_before_the_call_reached_the_unit_is_refused_as_it_is_typed(
    office: Office, claimed: str, by: str, order: Any
) -> None:
    office.clock.now = at("09:20")
    assert refused(office, by, order, claimed=claimed) == "told.turn"


def test_a_time_before_the_act_that_came_first_is_refused_as_it_is_typed(office: Office) -> None:
    office.clock.now = at("09:20")
    told(office, Arrive(unit="rq"), "09:05")
    office.clock.now = at("09:40")
    assert refused(office, BY_PHONE, Finish(unit="rq"), claimed="09:04") == "told.turn"
    assert told(office, Finish(unit="rq"), "09:06").claimed == at("09:06")
    office.ask(("w1", ConfirmTold(unit="rq")), by="rq")  # what was taken can be confirmed


@pytest.mark.parametrize("stated", EARLY)
def test_a_contest_states_no_time_before_the_call(office: Office, stated: str) -> None:
    office.clock.now = at("09:20")
    told(office, Arrive(unit="rq"), "09:18")
    contest = ContestTold(unit="rq", reason="门岗有登记", stated=at(stated))
    assert refused(office, "rq/王队", contest) == "told.turn"


def test_each_of_several_contested_tellings_is_ruled_on_by_its_event(office: Office) -> None:
    office.clock.now = at("09:20")
    one = told(office, Arrive(unit="rq"), "09:05")
    office.clock.now = at("09:40")
    two = told(office, Finish(unit="rq"), "09:30")
    for telling in (one, two):
        contest = ContestTold(unit="rq", reason="不是这时", seq=telling.acts[-1])
        made = office.ask(("w1", contest), by="rq/王队")
    steps = {step.event for step in made.next if step.verb == "rule"}
    assert steps == {one.acts[-1], two.acts[-1]}
    ruling = RuleTold(unit="rq", reason="看录像", seq=one.acts[-1])
    made = office.ask(("w1", ruling), by=LEADER)
    assert [step.event for step in made.next if step.verb == "rule"] == [None], "one is left"


def contested(office: Office) -> Any:
    office.clock.now = at("09:20")
    telling = told(office, Arrive(unit="rq"), "09:18")
    contest = ContestTold(unit="rq", reason="门岗登记为09:10", stated=at("09:10"))
    office.ask(("w1", contest), by="rq/王队")
    return telling


def test_the_leader_rules_on_what_is_contested(office: Office) -> None:
    telling = contested(office)
    assert last(office, ToldContested).stated == at("09:10")
    assert owed(office) == {("", "rule")}
    ruling = RuleTold(unit="rq", counts=at("09:10"), reason="门岗录像")
    office.ask(("w1", ruling), by=LEADER)
    assert last(office, ToldRuled).acts == telling.acts
    assert (call(office).arrived, owed(office)) == (at("09:10"), set())


def test_the_ruling_may_leave_it_as_it_was_typed(office: Office) -> None:
    contested(office)
    office.ask(("w1", RuleTold(unit="rq", reason="无更早证据")), by=LEADER)
    assert (call(office).arrived, owed(office)) == (at("09:20"), set())


@pytest.mark.parametrize("by", ["rq/王队", CLERK, TOWN, "xf"])
def test_nobody_but_a_leader_rules(office: Office, by: str) -> None:
    contested(office)
    assert refused(office, by, RuleTold(unit="rq", reason="看录像")) == "told.arbiter"


def test_who_typed_it_does_not_rule_on_it(office: Office) -> None:
    told(office, Acknowledge(unit="rq"), by=f"{LEADER}>rq")
    office.ask(("w1", ContestTold(unit="rq", reason="未接电话")), by="rq")
    assert refused(office, LEADER, RuleTold(unit="rq", reason="看录像")) == "told.another"


def test_a_contest_and_a_ruling_say_why(office: Office) -> None:
    told(office, Acknowledge(unit="rq"))
    assert refused(office, "rq", ContestTold(unit="rq", reason=" ")) == "told.reason"
    office.ask(("w1", ContestTold(unit="rq", reason="未接电话")), by="rq")
    assert refused(office, LEADER, RuleTold(unit="rq", reason="")) == "told.reason"


def test_of_several_one_is_contested_by_its_number(office: Office) -> None:
    first = told(office, Acknowledge(unit="rq"))
    office.clock.now = at("09:10")
    told(office, Arrive(unit="rq"))
    assert refused(office, "rq", ContestTold(unit="rq", reason="不实")) == "told.which"
    office.ask(("w1", ContestTold(unit="rq", reason="不实", seq=first.acts[0])), by="rq")
    assert [each.contested for each in call(office).tellings] == [True, False]


def test_a_telling_goes_with_the_act_that_is_taken_back(office: Office) -> None:
    telling = told(office, Acknowledge(unit="rq"))
    office.ask(("w1", TakeBack(seq=telling.acts[0])), by=CLERK)
    assert call(office).tellings == ()


def test_a_confirmed_time_is_taken_back_with_its_confirmation(office: Office) -> None:
    office.clock.now = at("09:20")
    told(office, Arrive(unit="rq"), "09:12")
    office.ask(("w1", ConfirmTold(unit="rq")), by="rq/王队")
    seq = office.told()[-1].seq
    office.ask(("w1", TakeBack(seq=seq)), by="rq/王队")
    assert call(office).arrived == at("09:20")
    assert len(call(office).tellings) == 1


def test_a_unit_does_not_rate_by_the_mouth_of_another_unit(office: Office) -> None:
    with pytest.raises(NotAllowed):
        office.ask(("w1", RateWhistle(unit="rq", score=90)), by="xf>rq")
    assert told(office, RateWhistle(unit="rq", score=90)).topics == ("whistle.rated/1",)

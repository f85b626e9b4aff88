"""Acts of different kinds upon one whistle, in orders that nobody had in mind for them."""

from functools import reduce
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.blown import NAME, SOUNDING
from tests.office import Office
from tests.story import Story
from tests.town import PLAYBOOK, UNITS, at
from whistle.domain.correction import Correct, effective
from whistle.domain.limit import parse_limit
from whistle.domain.playbook import DeliveryRules
from whistle.domain.refusal import Refused
from whistle.domain.rulebook import AdoptPlaybook
from whistle.domain.taken_back import TakeBack
from whistle.domain.unit import AddPerson, SetReach
from whistle.domain.whistle import WHISTLE
from whistle.domain.whistle.call import Acknowledge, Act, Arrive, Finish
from whistle.domain.whistle.changes import NeedRaised
from whistle.domain.whistle.changing import AddUnits, CallForMore, WithdrawCall
from whistle.domain.whistle.delivery import Deliver
from whistle.domain.whistle.delivery_events import DeliveryAwaited, UnitUnreachable
from whistle.domain.whistle.events import Arrived
from whistle.domain.whistle.issue import BlowWhistle

PHONED = {**UNITS, "xf": msgspec.structs.replace(UNITS["xf"], reached="phone")}
GIVEN_UP = msgspec.structs.replace(
    PLAYBOOK,
    delivery=DeliveryRules(unreachable_after=parse_limit("30em")),
    version="2",
    digest="q" * 64,
)


def test_the_clocks_of_an_excused_unit_are_heard_no_more(office: Office) -> None:
    office.blow()
    office.clock.now = at("09:10")  # the limit to answer has passed for both
    office.engine.tick()
    office.ask(("w1", WithdrawCall(unit="rq", reason="误报")))
    assert office.topics()[-3:] == ["whistle.overdue_voided/1"] * 3
    assert office.engine.tick() == []
    size = office.log.size()
    office.ask(("w1", Acknowledge(unit="xf")), by="xf")
    assert office.topics(size) == ["whistle.acknowledged/1"]


def test_what_the_clock_passed_on_is_not_corrected(office: Office) -> None:
    office.ask(("unit-xf", SetReach(unit="xf", reached="phone")))
    office.ask(("rulebook", AdoptPlaybook(playbook=GIVEN_UP)))
    office.blow()
    office.clock.now = at("09:31")
    office.engine.tick()
    awaited = next(e for e in office.told() if isinstance(e.event, DeliveryAwaited))
    given_up = next(e for e in office.told() if isinstance(e.event, UnitUnreachable))
    for each in (awaited, given_up):
        with pytest.raises(Refused) as refusal:
            office.ask(("w1", Correct(each.seq, {"at": at("09:01")}, "typed wrong")))
        assert refusal.value.rule == "record.follows"


def test_a_unit_added_under_two_names_is_called_once() -> None:
    story = Story(WHISTLE).given(*SOUNDING).when(AddUnits(units=("jj", "交警")), at=at("09:05"))
    story.then_topics("whistle.unit_added/1", "whistle.call_delivered/1")


def test_of_two_units_added_together_not_both_lead() -> None:
    declined = WithdrawCall(unit="rq", reason="误报")
    story = Story(WHISTLE).given(*SOUNDING).when(declined)
    story.when(AddUnits(units=("jj", "cg"), duty="lead")).then_refused("add.one_lead")
    story.when(AddUnits(units=("jj",), duty="lead"))
    assert story.state.calls["jj"].duty == "lead"


def test_a_call_for_more_has_a_number_of_its_own_though_an_earlier_one_was_taken_back() -> None:
    second = NeedRaised(at=at("09:20"), unit="xf", nr=2, what="水带")
    there = Arrived(at=at("09:10"), unit="rq")
    story = Story(WHISTLE).given(*SOUNDING, there, second)
    story.when(CallForMore(what="拖车"), by="rq", at=at("09:30"))
    assert {nr: need.what for nr, need in story.state.needs.items()} == {2: "水带", 3: "拖车"}


def over_without_the_fire_station() -> Story:
    """The gas company has done its part; the fire station could not be reached."""
    story = Story(WHISTLE).when(BlowWhistle(incident="i1"), playbook=GIVEN_UP, units=PHONED)
    story.hear(at("09:31"))
    story.when(Arrive(unit="rq"), by="rq", at=at("09:32"))
    story.when(Finish(unit="rq"), by="rq", at=at("09:40")).hear(at("09:40"))
    assert story.state.ended
    return story


def test_nobody_is_called_out_any_more_when_the_whistle_is_over() -> None:
    story = over_without_the_fire_station()
    late = Deliver(unit="xf", to="值班员")
    story.when(late, at=at("10:00"), units=PHONED).then_refused("change.ended")
    story.when(Arrive(unit="xf"), by="xf", at=at("10:00")).then_refused("change.ended")
    assert {duty.name for duty in WHISTLE.duties(story.state)} == {f"{NAME}/rq"}


@pytest.mark.sqlite("it reads the bytes of files")
@pytest.mark.parametrize("told", [True, False])
def test_a_name_that_the_register_does_not_know_is_kept_nowhere(office: Office, told: bool) -> None:
    office.ask(("unit-xf", SetReach(unit="xf", reached="phone")))
    office.ask(("unit-xf", AddPerson(unit="xf", person="老王", role="officer")))
    office.blow()
    asked = office.asked(("w1", Deliver(unit="xf", to="居民张三")))
    if told:
        asked = office.asked(("w1", Arrive(unit="xf")), by="town>xf")
        named = msgspec.structs.replace(asked.actor, speaker="居民张三")
        asked = msgspec.structs.replace(asked, actor=named)
    with pytest.raises(Refused) as refusal:
        office.engine.obey(asked)
    assert "居民张三" in refusal.value.hint.format(**refusal.value.words)
    for path in sorted(Path(office.path).parent.iterdir()):
        assert "居民张三".encode() not in path.read_bytes(), path.name


def asked_back(office: Office) -> int:
    """The gas company came, and asks for its arrival back when its own minutes are over."""
    office.blow()
    office.ask(("w1", Arrive(unit="rq")), by="rq")
    seq = office.told()[-1].seq
    office.clock.now = at("09:20")
    office.ask(("w1", TakeBack(seq=seq)), by="rq")
    return seq


def undoing(office: Office) -> list[str]:
    """The acts that somebody is asked to let go."""
    with office.log.reading() as reader:
        told = effective(reader.stream("w1"))
    state: Any = reduce(WHISTLE.evolve, (each.event for each in told), WHISTLE.start)
    return [duty.name for duty in WHISTLE.duties(state) if duty.verb == "undo"]


def test_who_goes_on_from_an_act_asks_for_it_back_no_more(office: Office) -> None:
    seq = asked_back(office)
    office.clock.now = at("09:31")  # a limit of the other unit passes
    office.engine.tick()
    office.ask(("w1", Acknowledge(unit="xf")), by="xf")
    assert undoing(office) == [str(seq)]
    office.ask(("w1", Act(unit="rq", act="关阀")), by="rq")
    assert undoing(office) == []
    office.ask(("w1", TakeBack(seq=office.told()[-1].seq)), by="rq")
    assert undoing(office) == [str(seq)], "as if it had not gone on"


def test_when_all_are_there_who_came_last_can_still_be_wrong(office: Office) -> None:
    office.blow()
    office.ask(("w1", Arrive(unit="xf")), by="xf")
    office.ask(("w1", Arrive(unit="rq")), by="rq")
    assert office.topics()[-1] == "whistle.assembled/1"
    arrived = office.told()[-2].seq
    office.ask(("w1", Finish(unit="xf")), by="xf")
    made = office.ask(("w1", TakeBack(seq=arrived)), by="rq")
    assert [each.topic for each in made.events][:1] == ["record.taken_back/1"]

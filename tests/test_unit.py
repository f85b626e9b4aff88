"""The unit register: who keeps it, and that no name means two units."""

import pytest

from tests.story import Story
from tests.town import at
from whistle.domain.message import Order
from whistle.domain.refusal import NotAllowed
from whistle.domain.unit import UNIT, AddPerson, PersonAdded, RegisterUnit, UnitRegistered

NINE = at("09:00")
WATER = RegisterUnit(code="ws", name="卫生院", type="HE", aliases=("卫生",), initials="wsy")
REGISTERED = UnitRegistered(
    at=NINE, code="ws", name="卫生院", type="HE", aliases=("卫生",), initials="wsy"
)


def test_a_unit_is_entered_in_the_register() -> None:
    Story(UNIT).when(WATER).then(REGISTERED)


def test_the_first_unit_of_a_store_has_nobody_to_ask() -> None:
    town = RegisterUnit(code="town", name="泽安镇", type="TZ", commander=True)
    story = Story(UNIT).when(town, by="", units={})
    story.then(UnitRegistered(at=NINE, code="town", name="泽安镇", type="TZ", commander=True))


def test_only_the_town_office_keeps_the_register() -> None:
    story = Story(UNIT).when(WATER, by="jj").then_refused("unit.keeper", NotAllowed)
    story.given(REGISTERED).when(AddPerson(unit="ws", person="陈院长", role="leader"), by="ws")
    story.then_refused("unit.keeper", NotAllowed)


@pytest.mark.parametrize(
    ("field", "taken"),
    [
        ("code", "jj"),
        ("code", "JJ"),
        ("name", "交警中队"),
        ("aliases", ("消防",)),
    ],
)
def test_a_name_means_one_unit(field: str, taken: object) -> None:
    order = RegisterUnit(**{"code": "ws", "name": "卫生院", "type": "HE", field: taken})  # type: ignore[arg-type]  # one field at a time
    Story(UNIT).when(order).then_refused("unit.name_taken")


@pytest.mark.parametrize(
    "code", ["", " ", "a b", "交警", "TP/1", "TP;1", "TP:1", "-TP", "TP\n", "T" * 17]
)
def test_a_code_that_would_break_the_name_of_a_call_or_a_list_is_no_code(code: str) -> None:
    order = RegisterUnit(code=code, name="卫生院", type="HE")
    Story(UNIT).when(order).then_refused("unit.code")


def test_a_code_may_be_a_letter_or_sixteen_signs() -> None:
    for code in ("w", "7", "UT-GAS_2", "W" * 16):
        order = RegisterUnit(code=code, name="卫生院", type="HE")
        story = Story(UNIT).when(order)
        story.then(UnitRegistered(at=NINE, code=code, name="卫生院", type="HE"))


@pytest.mark.parametrize(
    ("field", "name"), [("name", " "), ("type", ""), ("aliases", ("卫生", ""))]
)
def test_a_unit_has_a_name_that_can_be_typed(field: str, name: object) -> None:
    order = RegisterUnit(**{"code": "ws", "name": "卫生院", "type": "HE", field: name})  # type: ignore[arg-type]  # one field at a time
    Story(UNIT).when(order).then_refused("unit.name")


@pytest.mark.parametrize("person", ["", " ", "陈/院长"])
def test_a_person_has_a_name_to_sign_with(person: str) -> None:
    order = AddPerson(unit="ws", person=person, role="leader")
    Story(UNIT).given(REGISTERED).when(order).then_refused("unit.person")


def test_a_unit_is_registered_once() -> None:
    Story(UNIT).given(REGISTERED).when(WATER).then_refused("unit.name_taken")


def test_a_person_acts_for_a_unit_once() -> None:
    order = AddPerson(unit="ws", person="陈院长", role="leader")
    story = Story(UNIT).given(REGISTERED).when(order)
    story.then(PersonAdded(at=NINE, unit="ws", person="陈院长", role="leader"))
    assert story.state.entry.persons == {"陈院长": "leader"}
    story.when(order).then_refused("unit.person_known")


@pytest.mark.parametrize("order", [AddPerson(unit="ws", person="陈院长", role="leader")])
def test_nobody_acts_for_a_unit_that_is_not_there(order: Order) -> None:
    Story(UNIT).when(order).then_refused("unit.absent")


def test_a_person_of_an_unknown_unit_in_the_history_is_passed_over() -> None:
    story = Story(UNIT).given(PersonAdded(at=NINE, unit="ws", person="陈院长", role="leader"))
    assert story.state == UNIT.start

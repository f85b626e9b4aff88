"""The unit register of a town: read whole, or refused with everything that is wrong with it."""

import pytest

from whistle.domain.calendar import Calendar
from whistle.domain.initials import initials
from whistle.domain.surroundings import Actor, Surroundings, UnitEntry
from whistle.domain.unit import (
    Absent,
    AddPerson,
    PersonAdded,
    Registered,
    RegisterUnit,
    UnitRegistered,
    decide,
    evolve,
)
from whistle.playbook_file import read_playbook
from whistle.playbooks import text
from whistle.town_file import FaultyRegister, read_units


def register_of(file: str) -> Surroundings:
    """The register after the commander gave every order of a file, one after the other."""
    units, persons = read_units(file)
    playbook = read_playbook(text("default.toml"))
    around = Surroundings(
        at=0, actor=Actor(unit="TZ"), playbook=playbook, calendar=Calendar(), units={}
    )
    orders: list[RegisterUnit | AddPerson] = [*units, *persons]
    for order in orders:
        code = order.code if isinstance(order, RegisterUnit) else order.unit
        known: dict[str, UnitEntry] = dict(around.units)
        state = Registered(known[code]) if code in known else Absent()
        [event] = decide(state, order, around)
        assert isinstance(event, UnitRegistered | PersonAdded)
        after = evolve(state, event)
        assert isinstance(after, Registered)
        known[code] = after.entry
        around = Surroundings(
            at=0, actor=around.actor, playbook=playbook, calendar=Calendar(), units=known
        )
    return around


@pytest.fixture(scope="module")
def shipped() -> Surroundings:
    return register_of(text("units.toml"))


def test_every_unit_an_item_calls_is_in_the_shipped_register_and_is_not_the_commander(
    shipped: Surroundings,
) -> None:
    called = {
        name for item in shipped.playbook.items.values() for name in (item.lead, *item.assists)
    }
    for name in called:
        unit = shipped.known_unit(name)
        assert unit.type == name
        assert not unit.commander
    assert set(shipped.units) == called | {"TZ"}
    assert [code for code, unit in shipped.units.items() if unit.commander] == ["TZ"]


def test_a_unit_is_found_by_each_of_its_names_and_by_nobody_elses(shipped: Surroundings) -> None:
    for unit in shipped.units.values():
        for name in (unit.code, unit.code.lower(), unit.name, *unit.aliases, unit.initials):
            assert shipped.unit(name) == unit


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("jj", "TP"), ("交警", "TP"), ("traffic police", "TP"),
        ("gas company", "UT-GAS"), ("燃气", "UT-GAS"), ("派出所", "PS"), ("综执办", "TZ"),
    ],
)  # fmt: skip
def test_a_unit_is_found_by_what_people_call_it(
    shipped: Surroundings, typed: str, code: str
) -> None:
    assert shipped.known_unit(typed).code == code


def test_the_shipped_initials_are_those_of_the_everyday_name(shipped: Surroundings) -> None:
    for unit in shipped.units.values():
        assert unit.initials == initials(unit.aliases[0]), unit.code


TOWN = """\
[units.CD]
name = "城东派出所"
type = "PS"

[units.TZ]
name = "望榆镇综合执法办公室"
type = "TZ"
aliases = ["执法办"]
commander = true
persons = { "王建国" = "leader", "李敏" = "clerk" }

[units.CX]
name = "城西派出所"
type = "PS"
aliases = ["城西所", "west police"]
initials = "XS"
[units.CX.persons]
"张强" = "officer"
"""


def test_a_town_writes_its_own_units_and_persons() -> None:
    units, persons = read_units(TOWN)
    assert [unit.code for unit in units] == ["TZ", "CD", "CX"]  # only the commander may go on
    assert [unit.initials for unit in units] == ["zfb", "cdpcs", "xs"]
    assert persons == [
        AddPerson(unit="TZ", person="王建国", role="leader"),
        AddPerson(unit="TZ", person="李敏", role="clerk"),
        AddPerson(unit="CX", person="张强", role="officer"),
    ]
    register = register_of(TOWN)
    assert register.known_unit("城西所").persons == {"张强": "officer"}
    assert register.unit("PS") is None  # two stations: the town's playbook has to say which


FAULTY = """\
town = "望榆镇"

[units.TP]
name = "交警中队"
type = "TP"
aliases = ["交警"]

[units.TP2]
name = "交警二中队"
type = "TP"
aliases = ["jj", "交警"]
initials = "j 2"

["units"."U/1"]
name = 7
type = ""
colour = "red"

[units.DR]
name = "排水公司"
type = "DR"
aliases = ["排水"]

[units.PS1]
name = "派出所"
type = "PS"
commander = true
persons = { "王建国" = "boss" }

[units.TZ]
name = "综合执法办公室"
type = "TZ"
commander = true
[units.EM]
name = "应急办"
type = "EM"
commander = "yes"
aliases = ["", "应急"]
persons = ["李敏"]
"""


def test_all_faults_of_a_register_are_told_at_once_each_with_its_line_and_key() -> None:
    with pytest.raises(FaultyRegister) as refusal:
        read_units(FAULTY)
    assert refusal.value.rule == "units.file"
    assert sorted((fault.line, fault.key) for fault in refusal.value.faults) == [
        (1, "town"),
        (11, "units.TP2.aliases"),
        (11, "units.TP2.aliases"),
        (12, "units.TP2.initials"),
        (14, "units.U/1"),
        (15, "units.U/1.name"),
        (16, "units.U/1.type"),
        (17, "units.U/1.colour"),
        (19, "units.DR.initials"),
        (28, "units.PS1.persons.王建国"),
        (33, "units.TZ.commander"),
        (37, "units.EM.commander"),
        (38, "units.EM.aliases"),
        (39, "units.EM.persons"),
    ]
    said = str(refusal.value)
    assert "line 11, units.TP2.aliases: jj already names TP" in said
    # its initials would be ps: an item that calls the police would reach the drain company
    assert "line 19, units.DR.initials: ps is the type of other units" in said
    assert "line 33, units.TZ.commander: PS1 is the commander already" in said
    assert "leader, clerk, officer, evaluator, supervisor" in said


@pytest.mark.parametrize("file", ["", '[units.TP]\nname = "交警中队"\ntype = "TP"\n'])
def test_a_register_without_a_commander_is_refused(file: str) -> None:
    with pytest.raises(FaultyRegister, match="no commander"):
        read_units(file)


def test_a_text_that_is_no_toml_is_refused_with_its_line() -> None:
    with pytest.raises(FaultyRegister, match="line 2, TOML"):
        read_units("[units.TP]\nname = 交警\n")

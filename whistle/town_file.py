"""Unit registers as people write them: TOML, a table a unit (see playbooks/units.toml)."""

import re
from typing import Final, get_args

from whistle.domain.initials import initials
from whistle.domain.refusal import _
from whistle.domain.unit import CODE, AddPerson, Reached, RegisterUnit, Role
from whistle.toml_faults import Fault, Faults, FaultyFile, Table, folded, parse

ROLES: Final[tuple[Role, ...]] = get_args(Role)
REACHED: Final[tuple[Reached, ...]] = get_args(Reached)
_INITIALS: Final = re.compile(r"[a-z0-9]*", re.ASCII)


class FaultyRegister(FaultyFile):
    """A unit register that cannot be used, with all its faults at once (rule `units.file`)."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(_("These units cannot be used:\n{faults}"), "units.file", faults)


def read_units(text: str) -> tuple[list[RegisterUnit], list[AddPerson]]:
    """The orders that enter a TOML text's units and persons in an empty register.

    The commander comes first, since only it may enter the others. Raises FaultyRegister with
    every fault the text has.
    """
    faults = Faults(text)
    found = entered(faults, parse(text, FaultyRegister))
    if faults.found:
        raise FaultyRegister(faults.in_order())
    return found


def entered(faults: Faults, entries: object) -> tuple[list[RegisterUnit], list[AddPerson]]:
    """As `read_units`, of tables that were parsed before; what is wrong stays with `faults`."""
    reader = _Reader(Table(faults, "", entries))
    reader.read()
    return sorted(reader.units, key=lambda unit: not unit.commander), reader.persons


class _Reader:
    """Goes through a register's tables once; the faults stay with the tables."""

    def __init__(self, top: Table) -> None:
        self.units: list[RegisterUnit] = []
        self.persons: list[AddPerson] = []
        self._top = top
        self._tables: list[Table] = []

    def read(self) -> None:
        for code, table in self._top.tables("units"):
            self.units.append(self._unit(code, table))
            self._tables.append(table)
        self._top.nothing_else()
        self._one_commander()
        self._names_once()
        self._names_are_no_types()

    def _unit(self, code: str, table: Table) -> RegisterUnit:
        aliases = table.texts("aliases")
        name = folded(table.text("name"))
        given = folded(table.text("initials", default="")).lower()
        if not re.fullmatch(CODE, code):
            table.say("", _("not a code; write up to 16 letters, digits, - or _, such as TP"))
        if not _INITIALS.fullmatch(given):
            table.say("initials", _("write small letters, such as jj"))
        unit = RegisterUnit(
            code=code,
            name=name,
            type=table.text("type"),
            aliases=aliases,
            initials=given or initials(aliases[0] if aliases else name),
            commander=table.flag("commander"),
            reached=table.choice("reached", REACHED) if "reached" in table else "inbox",
        )
        persons = table.table("persons")
        for person in persons.keys:
            if not person.strip() or "/" in person:
                persons.say(person, _("a person has a name, without a / in it"))
            role = persons.choice(person, ROLES)
            self.persons.append(AddPerson(unit=code, person=folded(person), role=role))
        table.nothing_else()
        return unit

    def _one_commander(self) -> None:
        commanders = [unit for unit in self.units if unit.commander]
        if not commanders:
            text = _("no commander; write commander = true for the town office that blows")
            self._top.say("units", text)
        for unit, table in zip(self.units, self._tables, strict=True):
            if unit.commander and unit != commanders[0]:
                text = _("{unit} is the commander already; a town has one")
                table.say("commander", text, unit=commanders[0].code)

    def _names_once(self) -> None:
        named: dict[str, str] = {}
        for unit, table in zip(self.units, self._tables, strict=True):
            for key, name in _names(unit):
                other = named.setdefault(name.casefold(), unit.code)
                if name and other != unit.code:
                    text = _("{name} already names {unit}; whoever types it would reach neither")
                    table.say(key, text, name=name, unit=other)

    def _names_are_no_types(self) -> None:
        """An item calls a type; a unit of another type with that name would be called instead."""
        types = {unit.type.casefold() for unit in self.units if unit.type}
        for unit, table in zip(self.units, self._tables, strict=True):
            for key, name in _names(unit):
                if name.casefold() in types - {unit.type.casefold()}:
                    table.say(key, _("{name} is the type of other units"), name=name)


def _names(unit: RegisterUnit) -> list[tuple[str, str]]:
    """Every text that people may call a unit by, with the key it is written under."""
    aliases = [("aliases", alias) for alias in unit.aliases]
    return [("", unit.code), ("name", unit.name), *aliases, ("initials", unit.initials)]

"""Lists of units and persons that join a register which is there already."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from whistle.domain.surroundings import UnitEntry
from whistle.domain.unit import AddPerson, RegisterUnit
from whistle.sheets.register import Units, meant
from whistle.sheets.town import Files, Unused
from whistle.town_file import entered


class Additions(NamedTuple):
    """The orders for what is new, how many units were there, and the columns not read."""

    units: list[RegisterUnit]
    persons: list[AddPerson]
    known: int
    unused: tuple[Unused, ...]


def read_additions(
    units: Path | None, persons: Path | None, columns: Path | None, there: Mapping[str, UnitEntry]
) -> Additions:
    """What these files add to a register; a unit known by its code or name is left as it is.

    Raises FaultyTown with every fault of every file, NotFound or Refused for one that cannot be
    read at all.
    """
    files = Files(columns)
    register = _as_written(there)
    found = files.units(units, register) if units is not None else {}
    new = {code: unit for code, unit in found.items() if not _known(register, code, unit)}
    for code, unit in found.items():  # the persons of a unit that is there may still be new
        if code not in new and unit.get("persons"):
            whose = register[_known(register, code, unit)]
            whose["persons"] = {**whose["persons"], **unit["persons"]}
    whole = {**register, **new}
    files.persons(persons, whole)
    registered, named = entered(files.faults, {"units": whole})
    files.check_files()
    return Additions(
        [order for order in registered if order.code in new],
        [order for order in named if not _acts(there, order)],
        len(found) - len(new),
        tuple(files.unused),
    )


def _as_written(there: Mapping[str, UnitEntry]) -> Units:
    """A register as a file would have it."""
    return {
        unit.code: {
            "name": unit.name,
            "type": unit.type,
            "aliases": list(unit.aliases),
            "initials": unit.initials,
            "commander": unit.commander,
            "persons": dict(unit.persons),
        }
        for unit in there.values()
    }


def _known(register: Units, code: str, unit: Mapping[str, object]) -> str:
    return code if code in register else meant(register, str(unit.get("name", "")))


def _acts(there: Mapping[str, UnitEntry], order: AddPerson) -> bool:
    return order.unit in there and order.person in there[order.unit].persons

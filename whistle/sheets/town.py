"""A town out of its files: register, persons, items, playbook; all faults of all at once."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from whistle import playbooks
from whistle.domain.playbook import Playbook
from whistle.domain.refusal import _
from whistle.domain.unit import AddPerson, RegisterUnit
from whistle.playbook_file import described
from whistle.sheets.catalogue import items_of
from whistle.sheets.cells import contents, decoded, grid
from whistle.sheets.headings import LISTS, Listed, listed, read_map
from whistle.sheets.register import Units, add_persons, meant, units_of, with_office
from whistle.toml_faults import Cell, Fault, Faults, FaultyFile, Table, parse
from whistle.town_file import entered

TEMPLATES: Final = ("default",)
"""The shipped playbooks that a town may begin with."""

NEEDED: Final = {"units": ("name",), "persons": ("unit", "person"), "items": ("name", "lead")}


class FaultyTown(FaultyFile):
    """Files that make no town, with all their faults at once (rule `setup.files`)."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(_("These files cannot be used:\n{faults}"), "setup.files", faults)


class Sources(NamedTuple):
    """What a town is made of: files, or the shipped ones where none is given."""

    playbook: Path | str = "default"  # a file, or the name of a template
    units: Path | None = None
    persons: Path | None = None
    items: Path | None = None
    columns: Path | None = None  # the map
    office: str = ""  # the unit that blows, by name
    leader: str = ""  # who approves for it


class Unused(NamedTuple):
    """Headings of a file that were not recognised, so that nobody believes them read."""

    file: str
    headings: tuple[str, ...]


class Town(NamedTuple):
    """What was read: the orders for the register, the rules, and what deserves a word."""

    units: list[RegisterUnit]
    persons: list[AddPerson]
    playbook: Playbook
    unused: tuple[Unused, ...]
    unreached: tuple[str, ...]  # what items of the template call, and no unit of this town is


def read_town(sources: Sources) -> Town:
    """The town that these files describe.

    Raises FaultyTown with every fault of every file, NotFound or Refused for one that cannot be
    read at all.
    """
    files = Files(sources.columns)
    units = with_office(files.units(sources.units), sources.office, common_units())
    if sources.leader:
        office = next(code for code, unit in units.items() if _commands(unit))
        units[office]["persons"] = {**units[office].get("persons", {}), sources.leader: "leader"}
    files.persons(sources.persons, units)
    registered, persons = entered(files.faults, {"units": units})
    rules = files.rules(sources.playbook)
    if sources.items is not None:
        rules = {**rules, "items": files.items(sources.items, rules, units)}
    playbook = described(files.faults, rules)
    files.check()
    called = {name for each in playbook.items.values() for name in (each.lead, *each.assists)}
    unreached = sorted(name for name in called if not called_by(units, name))
    return Town(registered, persons, playbook, tuple(files.unused), tuple(unreached))


def common_units() -> Units:
    """The register that comes with the program."""
    found: Units = parse(playbooks.text("units.toml"), FaultyTown)["units"]
    return found


def called_by(units: Units, name: str) -> str:
    """The code of the unit that an item calls by a type or a name; "" for nobody's.

    The town office blows and cannot be called.
    """
    typed = [code for code, unit in units.items() if unit.get("type") == name]
    code = typed[0] if len(typed) == 1 else meant(units, name)
    return "" if not code or _commands(units[code]) else code


def _commands(unit: Mapping[str, Any]) -> bool:
    return unit.get("commander") is True


class Files:
    """The files of one town on their way in; what is wrong with any of them is kept together."""

    def __init__(self, columns: Path | None) -> None:
        self.faults = Faults()
        self.unused: list[Unused] = []
        self._broken: list[Fault] = []
        self._map: dict[str, dict[str, str]] = {}
        if columns is not None:
            with self._keeping():
                self._map = read_map(decoded(contents(columns), columns.name), columns.name)

    def check(self) -> None:
        """Refuse when anything was wrong with any file."""
        if faults := (*self._broken, *self.faults.in_order()):
            raise FaultyTown(faults)

    def check_files(self) -> None:
        """As `check`, of the files alone: what a register that runs has grown into stays."""
        self.faults.found = [each for each in self.faults.found if each.file]
        self.check()

    def units(self, path: Path | None, there: Units | None = None) -> Units:
        """The register in a file, TOML or a table; the shipped one without a file."""
        if path is None:
            return common_units()
        if path.suffix.lower() == ".toml":
            found = self._toml(path)
            top = Table(self.faults, "", found)
            known = [code for code, _unit in top.tables("units")]  # what is no table is a fault
            top.nothing_else()
            return {code: unit for code in known if isinstance(unit := found["units"][code], dict)}
        return units_of(self._table(path, "units").records, common_units(), self.faults, there)

    def persons(self, path: Path | None, units: Units) -> None:
        """Enter the persons of a file in a register: a table, or TOML with a table a unit."""
        if path is None:
            return
        if path.suffix.lower() != ".toml":
            add_persons(units, self._table(path, "persons").records, self.faults)
            return
        for name, persons in self._toml(path).items():
            code = meant(units, name)
            if not code or not isinstance(persons, dict):
                self.faults.say(name, _("{unit} is no unit of this town"), unit=name)
            else:
                units[code]["persons"] = {**units[code].get("persons", {}), **persons}

    def rules(self, source: Path | str) -> dict[str, Any]:
        """The tables of a playbook: a file's, or those of a shipped template."""
        if isinstance(source, Path):
            return self._toml(source)
        return parse(playbooks.text(f"{source}.toml"), FaultyTown)

    def items(self, path: Path, rules: Mapping[str, Any], units: Units) -> dict[str, Any]:
        """The items of a file: a table, or TOML as in a playbook."""
        if path.suffix.lower() == ".toml":
            found = self._toml(path).get("items", {})
            return found if isinstance(found, dict) else {}
        records = self._table(path, "items").records
        return items_of(records, rules, lambda name: called_by(units, name), self.faults)

    def _table(self, path: Path, kind: str) -> Listed:
        found = listed(grid(path), LISTS[kind], NEEDED[kind], self._map.get(kind, {}), self.faults)
        if not found.records:
            self.faults.at(Cell(path.name, 1), _("no row under the headings"))
        if found.unused:
            self.unused.append(Unused(path.name, found.unused))
        return found

    def _toml(self, path: Path) -> dict[str, Any]:
        text = decoded(contents(path), path.name)
        with self._keeping():
            found = parse(text, FaultyTown, path.name)
            self.faults.reads(text, path.name)
            return found
        return {}

    @contextmanager
    def _keeping(self) -> Iterator[None]:
        try:
            yield
        except FaultyFile as faulty:
            self._broken.extend(faulty.faults)

"""Lists of units and persons as the tables of a unit register (see town_file)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from whistle.domain.initials import initials
from whistle.domain.refusal import _
from whistle.domain.unit import CODE
from whistle.sheets.headings import Record
from whistle.toml_faults import Faults, folded

Units = dict[str, dict[str, Any]]  # by code, as [units] of a TOML register

_SPLIT: Final = re.compile(r"[、,;|\n]")  # 全角 signs were folded before
_TITLE: Final = "综合执法办"  # 镇(街道)综合执法办公室, as the founding documents call it
_YES: Final = frozenset({"是", "yes", "y", "true", "1", "x", "√", "✓", "✔", "有"})
_NO: Final = frozenset({"", "否", "no", "n", "false", "0", "×", "无", "-"})
_ROLES: Final[Mapping[str, str]] = {
    "负责人": "leader", "领导": "leader", "分管领导": "leader", "所长": "leader", "主任": "leader",
    "队长": "leader", "站长": "leader", "镇长": "leader", "书记": "leader",
    "值班员": "clerk", "值班": "clerk", "内勤": "clerk", "联络员": "clerk",
    "执法员": "officer", "队员": "officer", "工作人员": "officer", "科员": "officer",
    "民警": "officer",
    "考核员": "evaluator", "督查员": "supervisor", "督察员": "supervisor",
}  # fmt: skip


def split(text: str) -> list[str]:
    """The names in one cell: 城管、市监 are two."""
    return [name for part in _SPLIT.split(text) if (name := part.strip())]


def names_of(code: str, unit: Mapping[str, Any]) -> Iterator[str]:
    """What a unit of a register answers to, but for its initials."""
    yield code.casefold()
    aliases = unit.get("aliases")
    for name in (unit.get("name"), *(aliases if isinstance(aliases, list) else [])):
        if isinstance(name, str) and name:
            yield folded(name).casefold()


def meant(units: Mapping[str, Any], text: str) -> str:
    """The code of the unit that a text names: by code, name or alias, else by initials; or "".

    Of two that share a name the first: that they do is told as a fault of the register itself.
    """
    wanted = folded(text).casefold()
    if not wanted:
        return ""
    named = next((code for code, unit in units.items() if wanted in names_of(code, unit)), "")
    typed = (code for code, unit in units.items() if unit.get("initials") == wanted)
    return named or next(typed, "")


def units_of(
    records: Iterable[Record], common: Units, faults: Faults, there: Units | None = None
) -> Units:
    """A list of units as a register; what a row leaves out is taken from the common register.

    A unit known there by name lends its code and type; any other gets its pinyin initials. A code
    that is made up names nobody who is `there` already.
    """
    units: Units = {}
    rows: dict[str, Record] = {}
    for record in records:
        values = record.values
        name = values.get("name", "")
        called = (name, *split(values.get("aliases", "")))
        known = next((like for each in called if each and (like := meant(common, each))), "")
        if not known and _TITLE in name:
            known = next(like for like, unit in common.items() if unit.get("commander"))
        model = common.get(known, {})
        taken = {**(there or {}), **units}
        code = values.get("code") or _code(name, known, taken)
        if not code:
            faults.at(record.cell("code"), _("missing; no letters can be taken from the name"))
            continue
        if code in units:
            text = _("{code} stands in row {row} already")
            faults.at(record.cell("code"), text, code=code, row=rows[code].row)
            continue
        rows[code] = record
        units[code] = _unit(record, code, model, faults)
        units[code].setdefault("initials", _letters(called, {**common, **taken}, taken))
        for column in ("", "name", "type", "aliases", "initials", "commander"):
            faults.stands(".".join(filter(None, ("units", code, column))), record.cell(column))
    return units


def _unit(record: Record, code: str, model: Mapping[str, Any], faults: Faults) -> dict[str, Any]:
    values = record.values
    unit: dict[str, Any] = {
        "name": values.get("name", ""),
        "type": values.get("type") or model.get("type", code),
        "aliases": split(values.get("aliases", "")),
    }
    if given := values.get("initials"):
        unit["initials"] = given.lower()
    marked = values.get("commander", "").casefold()
    if marked in _YES:
        unit["commander"] = True
    elif marked not in _NO:
        faults.at(record.cell("commander"), _("write 是 or 否, yes or no"))
    return unit


def _code(name: str, known: str, units: Mapping[str, Any]) -> str:
    """A code for a unit that has none: that of the common register, else its initials."""
    if known and not meant(units, known):
        return known
    bare = initials(name).upper()[:12]
    spare = (f"{bare}{nth or ''}" for nth in (0, *range(2, 100)))
    return next((code for code in spare if re.fullmatch(CODE, code) and not meant(units, code)), "")


def with_office(units: Units, office: str, common: Units) -> Units:
    """The register with the one unit that blows: `office`, else the one marked, else a town office.

    An office that is not in the list is added; in the common register it takes the place of the
    one there.
    """
    ours, model = next(each for each in common.items() if each[1].get("commander"))
    if not office:
        if any(unit.get("commander") for unit in units.values()):
            return units
        known = _town_office(units, ours, model)
        return _marked(units, known) if known else {_free(ours, units): dict(model), **units}
    if known := meant(units, office):
        return _marked(units, known)
    others = {code: unit for code, unit in units.items() if unit != model}
    added = {"name": office, "type": model["type"], "commander": True}
    return {_free(ours, others): added, **_marked(others, "")}


def _letters(called: tuple[str, ...], types: Units, taken: Units) -> str:
    """Initials that mean this unit alone: those of its everyday name, with a number if need be.

    No type may be meant by them either: an item that calls the type would reach this unit.
    """
    bare = initials(called[1] if len(called) > 1 else called[0])
    busy = {str(unit.get("type", "")).casefold() for unit in types.values()}
    spare = (f"{bare}{nth or ''}" for nth in (0, *range(2, 100)))
    return next(each for each in spare if each not in busy and not meant(taken, each))


def _town_office(units: Units, ours: str, model: Mapping[str, Any]) -> str:
    """The unit that must be the town office though nobody marked it: by name, type, or title."""
    named = {code for name in names_of(ours, model) if (code := meant(units, name))}
    typed = {code for code, unit in units.items() if unit.get("type") == model["type"]}
    titled = {code for code, unit in units.items() if _TITLE in str(unit.get("name"))}
    return next((code for found in (named, typed, titled) if len(found) == 1 for code in found), "")


def _marked(units: Units, office: str) -> Units:
    """The register with this unit, and no other, as the one that blows."""
    bare = {code: {k: v for k, v in unit.items() if k != "commander"}
            for code, unit in units.items()}  # fmt: skip
    return {**bare, office: {**bare[office], "commander": True}} if office else bare


def _free(code: str, units: Units) -> str:
    return code if code not in units else f"{code}-BLOWS"


def add_persons(units: Units, records: Iterable[Record], faults: Faults) -> None:
    """Enter a list of persons in the register, each at the unit that its row names."""
    for record in records:
        unit, person = record.values.get("unit", ""), record.values.get("person", "")
        code = meant(units, unit)
        if not code:
            faults.at(record.cell("unit"), _("{unit} is no unit of this town"), unit=unit or "—")
        elif not person:
            faults.at(record.cell("person"), _("missing; write the person's name"))
        else:
            _add(units[code].setdefault("persons", {}), code, record, faults)


def _add(persons: dict[str, str], code: str, record: Record, faults: Faults) -> None:
    """Enter one person; one who is there in the same role is no fault, so that a list can grow."""
    person, role = record.values["person"], record.values.get("role", "")
    meant_role = _ROLES.get(role, role.lower()) or "officer"
    known = persons.setdefault(person, meant_role)
    if known != meant_role:
        text = _("{person} acts for this unit already, as {role}")
        faults.at(record.cell("person"), text, person=person, role=known)
    faults.stands(f"units.{code}.persons.{person}", record.cell("role" if role else "person"))

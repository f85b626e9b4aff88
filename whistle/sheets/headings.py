"""Which column of a table is what: by its heading, in Chinese or English, or as a map names it."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from whistle.domain.refusal import _
from whistle.sheets.cells import Grid, Line
from whistle.toml_faults import Cell, Fault, Faults, FaultyFile, Table, parse

Names = Mapping[str, tuple[str, ...]]

UNITS: Final[Names] = {
    "code": ("code", "代码", "单位代码", "编码", "编号", "单位编码"),
    "name": ("name", "unit", "名称", "单位", "单位名称", "单位全称", "全称", "部门", "部门名称"),
    "type": ("type", "类型", "单位类型", "类别", "职能"),
    "aliases": ("aliases", "alias", "别名", "简称", "单位简称", "又称"),
    "initials": ("initials", "拼音", "拼音首字母", "首字母"),
    "commander": ("commander", "指挥", "指挥单位", "吹哨单位", "是否吹哨单位"),
}
PERSONS: Final[Names] = {
    "unit": ("unit", "单位", "单位名称", "所属单位", "部门", "所在单位", "工作单位"),
    "person": ("person", "name", "姓名", "人员", "人员姓名"),
    "role": ("role", "角色", "职责", "岗位", "身份"),
}
ITEMS: Final[Names] = {
    "code": ("code", "代码", "事项代码", "事项编码", "编码", "编号", "序号"),
    "name": ("name", "item", "名称", "事项", "事项名称", "问题", "事件名称"),
    "english": ("english", "英文", "英文名"),
    "aliases": ("aliases", "alias", "别名", "又称", "俗称"),
    "kind": ("kind", "哨种", "哨类", "哨的种类", "种类", "类型"),
    "lead": ("lead", "牵头", "牵头单位", "主办", "主办单位", "牵头部门", "责任单位", "主责单位"),
    "assists": ("assists", "assist", "协办", "协办单位", "配合", "配合单位", "配合部门"),
    "limits": ("limits", "limit", "时限", "处置时限", "办理时限", "办结时限", "期限"),
    "ack": ("ack", "签收时限", "应哨时限"),
    "arrive": ("arrive", "到场时限", "报到时限"),
    "feedback": ("feedback", "反馈时限", "首次反馈时限"),
    "ground": ("ground", "吹哨依据", "依据", "理由", "吹哨理由"),
    "closed_when": ("closed_when", "结案条件", "办结标准", "结案标准", "处置标准"),
    "basis": ("basis", "法律依据", "执法依据", "政策依据"),
}  # fmt: skip
LISTS: Final[Mapping[str, Names]] = {"units": UNITS, "persons": PERSONS, "items": ITEMS}

_HEADINGS_WITHIN: Final = 10  # a list may have its title, its office and its date above


class FaultyMap(FaultyFile):
    """A map of columns that cannot be used, with all its faults (rule `setup.map`)."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(_("This map cannot be used:\n{faults}"), "setup.map", faults)


class Record(NamedTuple):
    """One row of a list: the texts that stand under the columns known, and where each stands."""

    row: int
    file: str
    values: Mapping[str, str]
    headings: Mapping[str, str]

    def cell(self, column: str = "") -> Cell:
        """Where a column of this row stands; the row itself without one."""
        return Cell(self.file, self.row, self.headings.get(column, column))


class Listed(NamedTuple):
    """The rows of a list, and the headings that nobody knows."""

    records: tuple[Record, ...]
    unused: tuple[str, ...]


def read_map(text: str, file: str) -> dict[str, dict[str, str]]:
    """What a map says: under [units], [persons] and [items], a column's heading by its name.

    Raises FaultyMap with every fault it has.
    """
    faults = Faults(text, file)
    top = Table(faults, "", parse(text, FaultyMap, file))
    found: dict[str, dict[str, str]] = {}
    for name, known in LISTS.items():
        inside = top.table(name)
        found[name] = {key: inside.text(key) for key in known if key in inside}
        for key in known:
            inside.text(key, default="")  # so that a fault names every column there is
        inside.nothing_else()
    top.nothing_else()
    if faults.found:
        raise FaultyMap(faults.in_order())
    return found


def listed(
    grid: Grid, known: Names, needed: tuple[str, ...], mapped: Mapping[str, str], faults: Faults
) -> Listed:
    """The rows of a table under its headings; a needed column that is missing is a fault."""
    names = {**known, **{column: (heading,) for column, heading in mapped.items()}}
    head, places = _head(grid, names)
    for column in needed:
        if column not in places:
            text = _("there is no column for it; name it {names}, or give --map")
            cell = Cell(grid.file, head.row if head else 1, column)
            faults.at(cell, text, names=" / ".join(names[column]))
    if head is None:
        return Listed((), ())
    headings = {column: head.cells[place] for column, place in places.items()}
    records = tuple(
        Record(line.row, grid.file, _values(line, places), headings)
        for line in grid.lines
        if line.row > head.row
    )
    taken = set(places.values())
    spare = (cell for place, cell in enumerate(head.cells) if place not in taken and cell)
    return Listed(tuple(record for record in records if any(record.values.values())), tuple(spare))


def _head(grid: Grid, names: Names) -> tuple[Line | None, dict[str, int]]:
    """The row of headings: of the first ten the one with most columns known."""
    best: tuple[Line | None, dict[str, int]] = (grid.lines[0] if grid.lines else None, {})
    for line in grid.lines[:_HEADINGS_WITHIN]:
        places = _places(line, names)
        if len(places) > len(best[1]):
            best = (line, places)
    return best


def _places(line: Line, names: Names) -> dict[str, int]:
    """Where each column stands in a row of headings; of two that fit the better-known name wins."""
    cells = [cell.casefold().replace(" ", "").replace("*", "") for cell in line.cells]
    places: dict[str, int] = {}
    for column, headings in names.items():
        for heading in headings:
            wanted = heading.casefold().replace(" ", "").replace("*", "")
            if wanted in cells and cells.index(wanted) not in places.values():
                places[column] = cells.index(wanted)
                break
    return places


def _values(line: Line, places: Mapping[str, int]) -> dict[str, str]:
    return {
        column: line.cells[place] if place < len(line.cells) else ""
        for column, place in places.items()
    }

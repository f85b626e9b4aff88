"""A town is set up: from files in any of the forms that offices keep, whole or not at all."""

from pathlib import Path

import pytest

from tests import lists
from tests.shell import Shell


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


TOWN = ("setup", "--town", "望榆镇", "--code", "wy")


def from_lists(desk: Shell, **files: Path) -> list[str]:
    """The command line that names these files."""
    return [*TOWN, *(word for name, path in files.items() for word in (f"--{name}", str(path)))]


def of_the_three(desk: Shell, encoding: str = "utf-8") -> list[str]:
    folder = desk.folder
    return from_lists(
        desk,
        units=lists.csv(folder / "单位.csv", lists.UNITS, encoding),
        persons=lists.csv(folder / "人员.csv", lists.PERSONS, encoding),
        items=lists.csv(folder / "事项.csv", lists.ITEMS, encoding),
    )


def stands_whole(desk: Shell) -> None:
    """The town of the three lists, with its emergency blown at exactly the units listed."""
    units = {each["unit_name"]: each for each in desk.json("org", "unit", "list").facts}
    assert [name for name, unit in units.items() if unit["commander"]] == ["镇综合执法办"]
    assert units["交警大队望榆中队"]["unit"] == "TP", "known by its short name"
    assert units["镇综合执法办"]["persons"] == {"陈岚": "leader"}
    assert units["交警大队望榆中队"]["persons"] == {"王建国": "officer"}
    items = {each["code"]: each for each in desk.json("item", "list").facts}
    assert set(items) == {"0101", "0502"}
    assert items["0502"]["limits"] == {
        "ack": {"amount": 5, "unit": "em"},
        "dispose": {"amount": 2, "unit": "eh"},
    }
    assert desk.json("blow", "-e", "燃气泄漏", "草桥路12号").code == 0
    called = {unit for (unit,) in desk.rows("calls", "unit")}
    assert called == {units[name]["unit"] for name in ("燃气站", "交警大队望榆中队", "城管中队")}
    assert desk.json("audit", "verify").facts["ok"]


def test_without_a_terminal_the_missing_option_is_named_and_nothing_is_asked(desk: Shell) -> None:
    said = desk.json("setup", code=2)
    assert "--town" in said.envelope["diagnostics"][0]["message"]
    said = desk.json("setup", "--town", "望榆镇", code=2)
    assert "--code" in said.envelope["diagnostics"][0]["message"]
    assert not desk.store.exists()


def test_a_name_and_a_code_are_enough_for_a_town_that_works(desk: Shell) -> None:
    said = desk(*TOWN, "--leader", "陈岚", "--no-input")
    assert said.code == 0
    assert "23 units, 1 persons, 59 items" in said.text
    typed = [line.strip() for line in said.text.splitlines() if line.startswith("  whistle")]
    assert len(typed) == 3
    assert desk.line(typed[0].partition("  ")[0]).code == 0, "what it says to type works"
    assert desk.line(typed[1].partition("  ")[0]).code == 0
    assert "陈岚" in desk("org", "person", "list").text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_lists_of_an_office_make_its_town_in_whatever_encoding(
    desk: Shell, encoding: str
) -> None:
    said = desk(*of_the_three(desk, encoding))
    assert said.code == 0, said
    assert "4 units, 2 persons, 2 items" in said.text
    assert "单位.csv: columns not read: 电话" in said.told, "a phone number is never taken in"
    stands_whole(desk)


def test_a_workbook_makes_the_same_town(desk: Shell) -> None:
    folder = desk.folder
    said = desk(
        *from_lists(
            desk,
            units=lists.xlsx(folder / "单位.xlsx", lists.UNITS),
            persons=lists.xlsx(folder / "人员.xlsx", lists.PERSONS),
            items=lists.xlsx(folder / "事项.xlsx", lists.ITEMS),
        )
    )
    assert said.code == 0, said
    stands_whole(desk)


def test_a_map_names_the_columns_of_another_platforms_list(desk: Shell) -> None:
    units = lists.csv(desk.folder / "u.csv", [["Dept", "Dept no."], ["Traffic Squad", "T7"]])
    columns = desk.folder / "map.toml"
    columns.write_text('[units]\nname = "Dept"\ncode = "dept NO."\n', encoding="utf-8")
    desk.json(*from_lists(desk, units=units, map=columns))
    found = {each["unit"]: each["unit_name"] for each in desk.json("org", "unit", "list").facts}
    assert found["T7"] == "Traffic Squad"
    assert found["TZ"], "a list without a town office gets one"


def test_all_faults_of_all_files_are_told_at_once_with_file_row_and_column(desk: Shell) -> None:
    folder = desk.folder
    units = [*lists.UNITS, ["城管中队", "", "", ""], ["市监所", "交警", "", ""]]
    persons = [*lists.PERSONS, ["消防队", "李敏", ""], ["交警", "周伟", "大王"]]
    items = [
        *lists.ITEMS,
        ["0101", "焚烧垃圾", "", "城管中队", "", "1工作日"],
        ["0601", "夜间噪声", "日常哨", "环保局", "", "4小时"],
        ["0602", "", "日常哨", "城管中队", "", "1工作日"],
    ]
    said = desk(
        *from_lists(
            desk,
            units=lists.csv(folder / "u.csv", units),
            persons=lists.csv(folder / "p.csv", persons),
            items=lists.csv(folder / "i.csv", items),
        )
    )
    assert said.code == 5
    places = [line.partition(":")[0] for line in said.told.splitlines()[1:-1]]
    assert places == [
        "i.csv, row 4, 事项编码",
        "i.csv, row 5, 牵头单位",
        "i.csv, row 5, 时限",
        "i.csv, row 6, 事项名称",
        "p.csv, row 4, 单位",
        "p.csv, row 5, 角色",
        "u.csv, row 7, 单位名称",
        "u.csv, row 8, 简称",
    ]
    assert list(folder.glob("*.db*")) == []
    assert list(folder.glob(".town*")) == []


def test_a_fault_in_toml_names_its_file_and_its_line(desk: Shell) -> None:
    units = desk.folder / "units.toml"
    units.write_text('[units.TP]\nname = "交警"\ntype = 7\n', encoding="utf-8")
    said = desk(*from_lists(desk, units=units))
    assert said.code == 5
    assert "units.toml, line 3, units.TP.type: not a text" in said.told


def test_a_column_that_must_be_there_is_asked_for_by_its_names(desk: Shell) -> None:
    units = lists.csv(desk.folder / "u.csv", [["a", "b"], ["1", "2"]])
    said = desk(*from_lists(desk, units=units))
    assert said.code == 5
    assert "u.csv, row 1, name: there is no column for it" in said.told
    assert "单位名称" in said.told


def test_a_store_that_is_there_is_left_alone_and_the_next_step_named(desk: Shell) -> None:
    desk.founded()
    before = desk.record()
    said = desk.json("setup", "--town", "别镇", "--code", "BZ", code=5)
    assert said.rules == ["setup.exists"]
    assert "whistle org import" in said.envelope["diagnostics"][0]["hint"]
    assert desk.record() == before


def test_a_rehearsal_reads_everything_and_makes_nothing(desk: Shell) -> None:
    said = desk(*of_the_three(desk), "--dry-run")
    assert said.code == 0
    assert "4 units, 2 persons, 2 items" in said.text
    assert not desk.store.exists()


def test_a_playbook_of_ones_own_and_what_it_calls_in_vain(desk: Shell) -> None:
    ours = desk.folder / "ours.toml"
    ours.write_bytes(desk("playbook", "template").out)
    units = lists.csv(desk.folder / "u.csv", lists.UNITS)
    said = desk(*from_lists(desk, units=units, playbook=ours))
    assert said.code == 0
    assert "Items of the playbook call units that this town does not have" in said.told
    assert "UT-WATER" in said.told


def test_a_playbook_that_is_neither_shipped_nor_a_file_is_asked_for_again(desk: Shell) -> None:
    said = desk(*TOWN, "--playbook", "nowhere")
    assert said.code == 2
    assert "neither a template (default) nor a file" in said.told


def test_chinese_words_set_up_a_town_too(desk: Shell) -> None:
    said = desk(
        "设置", "--镇街", "望榆镇", "--代码", "WY", "--指挥单位", "望榆镇政府", "--lang", "zh"
    )
    assert said.code == 0
    assert "已建档" in said.text
    assert "望榆镇政府" in desk("inbox").text.splitlines()[0]


def test_a_list_joins_a_town_that_runs_once_and_only_once(desk: Shell) -> None:
    desk.founded()
    units = lists.csv(
        desk.folder / "u.csv", [["单位", "简称"], ["望榆镇林场", "林场"], ["交警中队", ""]]
    )
    persons = lists.csv(
        desk.folder / "p.csv", [["单位", "姓名"], ["林场", "赵敏"], ["交警", "王建国"]]
    )
    line = ("org", "import", str(units), "--persons", str(persons))
    said = desk.json(*line)
    assert said.topics == ["unit.registered/1", "unit.person_added/1", "unit.person_added/1"]
    before = desk.record()
    assert desk.json(*line).facts["events"] == []
    assert desk.record() == before
    assert desk.json("report", "gas-leak", "林场", "--as", "林场/赵敏").code == 0


def test_a_faulty_list_adds_nothing_to_a_town_that_runs(desk: Shell) -> None:
    desk.founded()
    before = desk.record()
    units = lists.csv(desk.folder / "u.csv", [["单位", "简称"], ["林场", "交警"], ["林业站", ""]])
    said = desk("org", "import", str(units))
    assert said.code == 5
    assert "u.csv, row 2, 简称: 交警 already names TP" in said.told
    assert desk.record() == before


def test_what_to_begin_with_is_said_in_the_language_of_the_desk(tmp_path: Path) -> None:
    desk = Shell(tmp_path)
    said = desk("设置", "--镇街", "望榆镇", "--代码", "WY", "--lang", "zh")
    (first,) = [line for line in said.text.splitlines() if "榆苑路" in line]
    assert first.startswith("  whistle 上报 ")
    typed = first.split()[1:5]
    assert typed[-1] == "--受理"
    assert desk(*typed).code == 0
    assert "whistle 吹哨 1 " in said.text

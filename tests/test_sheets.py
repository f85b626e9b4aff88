"""Lists that are no lists: read whole, or refused with a sentence before they can do harm."""

from pathlib import Path

import pytest

from tests import lists
from tests.shell import Shell


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def refused(desk: Shell, path: Path) -> str:
    """The rule and the sentence that a list is refused with; nothing was made."""
    said = desk.json("setup", "--town", "a", "--code", "A", "--units", str(path), code=5)
    assert list(desk.folder.glob("*town*")) == []
    [told] = said.envelope["diagnostics"]
    return f"{told['rule']} {told['message']}"


def made(desk: Shell, path: Path) -> list[str]:
    desk.json("setup", "--town", "a", "--code", "A", "--units", str(path))
    return [each["unit_name"] for each in desk.json("org", "unit", "list").facts]


ROW = '<row r="1"><c t="inlineStr"><is><t>{}</t></is></c></row>'


def test_a_workbook_that_would_unpack_to_gigabytes_is_not_unpacked(desk: Shell) -> None:
    bomb = lists.xlsx(desk.folder / "b.xlsx", lists.UNITS, **{"xl/media/1": bytes(65 << 20)})
    assert bomb.stat().st_size < 1 << 20
    assert refused(desk, bomb).startswith("file.too_big")


def test_a_workbook_with_entities_is_refused_before_they_are_told_out(desk: Shell) -> None:
    declared = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    sheet = lists.sheet_of(ROW.format("&b;"), declared)
    assert refused(desk, lists.workbook(desk.folder / "e.xlsx", sheet)).startswith("file.workbook")


def test_a_workbook_that_reads_another_file_is_refused(desk: Shell) -> None:
    declared = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    sheet = lists.sheet_of(ROW.format("&a;"), declared)
    assert refused(desk, lists.workbook(desk.folder / "e.xlsx", sheet)).startswith("file.workbook")


def test_a_row_with_the_number_of_the_last_one_does_not_fill_the_memory(desk: Shell) -> None:
    far = ROW.format("单位") + ROW.format("交警").replace('r="1"', 'r="1048576"')
    path = lists.workbook(desk.folder / "f.xlsx", lists.sheet_of(far))
    assert refused(desk, path).startswith("file.too_big")


def test_a_formula_counts_by_the_value_that_was_kept_and_is_never_computed(desk: Shell) -> None:
    cells = '<row r="2"><c t="str"><f>WEBSERVICE("http://x")</f><v>交警中队</v></c></row>'
    path = lists.workbook(desk.folder / "f.xlsx", lists.sheet_of(ROW.format("单位") + cells))
    assert "交警中队" in made(desk, path)


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "file.old_workbook"),
        (b"PK\x03\x04 and then nothing", "file.workbook"),
        (b"\xff\xff\x81\x00\x00", "file.encoding"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "file.encoding"),
        (b"a," * 300 + b"a", "file.too_big"),
        (("单位\n" + "长" * 5000).encode(), "file.too_big"),
        (("单位\n" + "队\n" * 20_001).encode(), "file.too_big"),
        (b'"' + b"x" * 200_000, "file.too_big"),
        (b"", "setup.files"),
    ],
    ids=["xls", "cut", "binary", "picture", "wide", "cell", "rows", "quote", "empty"],
)
def test_what_is_no_list_is_refused_with_a_sentence(desk: Shell, raw: bytes, rule: str) -> None:
    path = desk.folder / "x.csv"
    path.write_bytes(raw)
    said = desk.json("setup", "--town", "a", "--code", "A", "--units", str(path), code=5)
    assert said.rules[0] == rule
    assert not desk.store.exists()


def test_a_file_that_is_not_there_is_named(desk: Shell) -> None:
    said = desk.json("setup", "--town", "a", "--code", "A", "--items", "nowhere.csv", code=3)
    assert "nowhere.csv" in said.envelope["diagnostics"][0]["message"]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_sign_between_cells_is_that_of_the_program_that_wrote_them(
    desk: Shell, mark: str
) -> None:
    path = desk.folder / "x.csv"
    path.write_text(f"单位名称{mark}简称\n望榆林场{mark}林场\n", encoding="utf-8")
    assert "望榆林场" in made(desk, path)


def test_a_cell_with_a_line_break_and_quotes_is_one_cell(desk: Shell) -> None:
    path = desk.folder / "x.csv"
    path.write_text('单位名称,简称\n"望榆""林场""","林场\n林管"\n', encoding="utf-8")
    desk.json("setup", "--town", "a", "--code", "A", "--units", str(path))
    units = {each["unit_name"]: each for each in desk.json("org", "unit", "list").facts}
    assert units['望榆"林场"']["aliases"] == ["林场", "林管"]


def test_two_units_with_the_same_initials_get_initials_of_their_own(desk: Shell) -> None:
    path = lists.csv(desk.folder / "x.csv", [["单位"], ["水务"], ["商务"], ["税务"]])
    desk.json("setup", "--town", "a", "--code", "A", "--units", str(path))
    units = {each["unit_name"]: each for each in desk.json("org", "unit", "list").facts}
    assert [units[name]["initials"] for name in ("水务", "商务", "税务")] == ["sw", "sw2", "sw3"]


def test_a_map_with_an_unknown_column_is_told_with_its_line(desk: Shell) -> None:
    columns = desk.folder / "map.toml"
    columns.write_text('[units]\ncolour = "x"\n[cars]\n', encoding="utf-8")
    units = lists.csv(desk.folder / "x.csv", lists.UNITS)
    said = desk("setup", "--town", "a", "--code", "A", "--units", str(units), "--map", str(columns))
    assert said.code == 5
    assert "map.toml, line 2, units.colour: unknown; here one can write aliases, code" in said.told
    assert "map.toml, line 3, cars: unknown" in said.told

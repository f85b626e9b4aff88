"""Importing tables: the raw logs of cities by maps, with the answers that others computed."""

import csv
import gzip
import io
import json
from pathlib import Path

import pytest

from tests.cities import RELABELLED, answers, told_by
from tests.shell import Said, Shell
from tests.test_ledger_arithmetic import differences
from whistle.domain import moment
from whistle.domain.as_of import as_of
from whistle.domain.measures import summary
from whistle.domain.quality import quality
from whistle.domain.ranking import rank

HERE = Path(__file__).parent / "data"
SF = HERE / "sf_fire"
LIMITS = {"ack": 60, "arrival": 300, "total_response": 480, "disposal": 3600}
COLUMNS = {
    "by_unit_type": "unit_type",
    "by_battalion": "battalion",
    "by_call_type": "call_type",
    "by_final_priority": "final_priority",
}


@pytest.mark.parametrize("log", ["sf_week_a", "sf_ne2018_h1"])
def test_the_raw_log_gives_every_figure_that_others_computed(log: str) -> None:
    rows = told_by("sf-fire", SF / f"{log}.csv.gz").ledger.assignments()
    want = answers(SF, f"expected_{log}_ledger")
    got = summary(rows, LIMITS)
    assert differences(got, {part: want[part] for part in got}) == []
    best = answers(SF, f"expected_{log}_ranking")
    ranked = rank(rows, "arrival", 300, best["min_assignments"])
    assert differences(ranked["ranking"], best["ranking"]) == []
    assert differences(quality(rows), answers(SF, f"expected_{log}_quality")) == []
    for point in answers(SF, f"expected_{log}_asof")["points"]:
        at = moment.parse(point["as_of"])
        assert as_of(rows, at) == point | {"as_of": moment.rfc3339(at)}


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    shell = Shell(tmp_path_factory.mktemp("week")).founded("Outside", "OC")
    table = str(SF / "sf_week_a.csv.gz")
    shell.json("import", "table", table, "--map", "sf-fire", "--zone", RELABELLED)
    return shell


def test_the_incidents_go_to_a_spreadsheet_with_the_column_that_was_asked_for(week: Shell) -> None:
    out = week("assess", "incidents", "--csv", "--by", "call_type").text
    got = list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"), newline="")))
    with gzip.open(SF / "expected_sf_week_a_incidents.csv.gz", "rt", newline="") as lines:
        want = list(csv.DictReader(lines))
    assert [{column: row[column] for column in want[0]} for row in got] == want


def test_a_person_is_shown_the_first_rows_and_how_to_see_the_rest(week: Shell) -> None:
    for words, ways in ((("assess", "incidents"), "--all, --csv, --json"),
                        (("view", "ledger"), "--all, --json")):  # fmt: skip
        short, whole = week(*words).text.splitlines(), week(*words, "--all").text.splitlines()
        (more,) = [line for line in short if line.startswith("…")]
        hidden = len(whole) - len(short) + 1
        assert more == f"… and {hidden} more: {ways}"
        assert len(short) < 60
    assert len(week.json("assess", "incidents").facts["incidents"]) == 2261


@pytest.mark.parametrize("group", COLUMNS)
def test_the_columns_group_the_ledger_as_others_did(week: Shell, group: str) -> None:
    limits = ",".join(f"{metric}={limit}s" for metric, limit in LIMITS.items())
    words = ("assess", "ledger", "--limits", limits, "--by", COLUMNS[group])
    got = week.json(*words).facts["groups"]
    want = answers(SF, "expected_sf_week_a_groups")[group]
    assert got.keys() == want.keys()
    assert differences(got, want) == []


def test_the_week_by_rows_is_the_week_by_event_lines(tmp_path: Path) -> None:
    shell = Shell(tmp_path).founded("Outside", "OC")
    words = ("import", "table", str(SF / "sf_week_a.csv.gz"), "--map", "sf-fire")
    first = shell.json(*words, "--zone", RELABELLED).facts
    again = shell.json(*words, "--zone", RELABELLED).facts
    with gzip.open(SF / "sf_week_a_events.jsonl.gz") as lines:
        told = sum(1 for _ in lines)
    assert (first["rows"], first["recorded"], first["conflict_count"]) == (4794, told, 0)
    assert (again["recorded"], again["replayed"]) == (0, again["batches"])


def table(folder: Path, *lines: str, name: str = "calls.csv", encoding: str = "utf-8") -> str:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding=encoding)
    return str(path)


CALLS = """
source = "calls"
zone = "{zone}"
formats = "%Y-%m-%d %H:%M"
id = "号"
incident = "事件"
unit = "单位"
[events.whistled]
at = "派出"
[events.arrived]
at = "到场"
[attributes]
area = "片区"
"""
HEAD = "号,事件,单位,派出,到场,片区"


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path).founded("Outside", "OC")
    (tmp_path / "calls.toml").write_text(CALLS.format(zone="Europe/London"), encoding="utf-8")
    return shell


def read(desk: Shell, path: str, *more: str) -> Said:
    return desk("import", "table", path, "--map", str(desk.folder / "calls.toml"), *more, "--json")


def test_every_fault_is_told_by_row_and_column_and_nothing_is_written(
    desk: Shell, tmp_path: Path
) -> None:
    before = desk.record()
    path = table(
        tmp_path, HEAD, "1,A,E1,2026-03-02 09:00,,north", "2,A,E2,9 o'clock,soon,north",
        "3,,E3,2026-03-02 09:00,,north", "4,B,E1,2026-03-02 09:00,", "5,B,E1,,,north",
        "6,B,E1,2026-02-30 09:00,,north", "7,B,E1,2099-01-01 09:00,,north",
    )  # fmt: skip
    said = read(desk, path)
    assert (said.code, said.envelope["status"]) == (5, "refused")
    assert [bad["line"] for bad in said.facts["bad"]] == [3, 3, 4, 5, 6, 7, 8]
    reasons = [bad["reason"] for bad in said.facts["bad"]]
    assert reasons[0].startswith("派出: 9 o'clock is no time")
    assert reasons[1].startswith("到场: soon is no time")
    assert reasons[2] == "事件 is empty"
    assert desk.record() == before
    left = read(desk, path, "--skip-bad")
    assert (left.code, left.facts["recorded"]) == (0, 1)


def test_a_table_of_an_old_office_is_read_in_its_own_encoding(desk: Shell, tmp_path: Path) -> None:
    row = "1,甲,交警,2026-03-02 09:00,2026-03-02 09:05,城北"
    for encoding, told in (
        ("gb18030", "gb18030"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
    ):
        path = table(tmp_path, HEAD, row, name=f"{encoding}.csv", encoding=encoding)
        facts = read(desk, path, "--source", encoding).facts
        assert (facts["encoding"], facts["recorded"]) == (told, 2)
    groups = desk.json("assess", "ledger", "--by", "area").facts["groups"]
    assert groups["城北"]["assignments"] == 3


def test_the_delimiter_is_the_one_that_finds_the_columns(desk: Shell, tmp_path: Path) -> None:
    row = '1,A,E1,2026-03-02 09:00,2026-03-02 09:05,"north, by the ""lake"""'
    cells = next(csv.reader([row]))
    for sign in ";\t|":
        lines = [sign.join(HEAD.split(",")), sign.join(cells).replace(cells[-1], "lake")]
        path = table(tmp_path, *lines, name=f"{ord(sign)}.csv")
        assert read(desk, path, "--source", f"by {ord(sign)}").facts["recorded"] == 2
    assert read(desk, table(tmp_path, HEAD, row)).facts["recorded"] == 2
    groups = desk.json("assess", "ledger", "--by", "area").facts["groups"]
    assert groups['north, by the "lake"']["assignments"] == 1


def test_an_hour_that_comes_twice_is_the_first_and_one_that_was_skipped_is_read_as_before(
    desk: Shell, tmp_path: Path
) -> None:
    # London 2025: clocks forward on 30 March at 01:00, back on 26 October at 02:00
    path = table(
        tmp_path, HEAD, "1,A,E1,2025-03-30 00:50,2025-03-30 01:10,",
        "2,B,E1,2025-10-26 00:50,2025-10-26 01:10,", "3,C,E1,2025-10-26 01:50,2025-10-26 02:10,",
    )  # fmt: skip
    facts = read(desk, path).facts
    assert facts["times_skipped"] == {"count": 1, "rows": [2]}
    assert facts["times_twice"] == {"count": 2, "rows": [3, 4]}
    arrival = desk.json("assess", "ledger").facts["overall"]["metrics"]["arrival"]
    assert (arrival["min"], arrival["max"], arrival["sum"]) == (1200, 4800, 7200)
    instants = [json.loads(state)["at"] for (state,) in desk.rows("events", "state")]
    assert moment.parse("2025-03-30T01:10:00Z") in instants  # with the offset before the gap


def test_a_header_without_the_columns_of_the_map_is_told_at_once(
    desk: Shell, tmp_path: Path
) -> None:
    path = table(tmp_path, "号,事件,单位名,派出,派出,片区", "1,A,E1,2026-03-02 09:00,,x")
    said = desk("import", "table", path, "--map", str(tmp_path / "calls.toml"))
    assert said.code == 5
    assert "单位" in said.told
    assert "到场" in said.told
    assert "派出: the header names this column more than once" in said.told


def test_every_fault_of_a_map_is_told_with_line_and_key(desk: Shell, tmp_path: Path) -> None:
    (tmp_path / "calls.toml").write_text(
        'source = "x"\nzone = "Mars/Olympus"\nformats = ["%d/%m/%Y", "%m/%d/%Y", "%Q"]\n'
        'encoding = "ebcdic-of-1970"\nid = "a"\nincident = "b"\n'
        '[events.whistled]\nat = "c"\n[events.vanished]\nat = "d"\n'
        '[attributes]\ncaller_phone = "e"\n[dues]\ntravel = "f"\n',
        encoding="utf-8",
    )
    said = read(desk, table(tmp_path, HEAD))
    assert said.code == 5
    told = "\n".join(each["message"] for each in said.envelope["diagnostics"])
    for place in (
        "line 2, zone", "line 3, formats: %Q", "line 3, formats: %d/%m/%Y and %m/%d/%Y",
        "line 4, encoding", "unit: missing", "line 9, events.vanished",
        "line 12, attributes.caller_phone", "line 14, dues.travel",
    ):  # fmt: skip
        assert place in told


def test_an_unknown_map_is_answered_with_those_that_there_are(desk: Shell, tmp_path: Path) -> None:
    said = desk("import", "table", table(tmp_path, HEAD), "--map", "sf-fier")
    assert said.code == 3
    assert "boston-311, london-fire, sf-fire" in said.told


@pytest.mark.parametrize("wrong", [("--encoding", "hex"), ("--zone", "Mars")])
def test_an_option_that_cannot_be_meant_is_a_usage_error(
    desk: Shell, tmp_path: Path, wrong: tuple[str, str]
) -> None:
    said = read(desk, table(tmp_path, HEAD), *wrong)
    assert (said.code, said.envelope["status"]) == (2, "usage")
    assert wrong[1] in said.envelope["diagnostics"][0]["message"]


def test_a_quotation_mark_that_never_closes_is_a_fault_and_not_a_giant_cell(
    desk: Shell, tmp_path: Path
) -> None:
    path = table(tmp_path, HEAD, '1,A,E1,2026-03-02 09:00,,"north', "2,A,E2,2026-03-02 09:00,,x")
    said = read(desk, path)
    assert (said.code, said.facts["bad"][0]["line"]) == (5, 2)

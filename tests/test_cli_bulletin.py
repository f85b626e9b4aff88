"""`whistle bulletin 2026-10` as it is typed, read, printed and opened in a spreadsheet."""

import csv
import io
import re
from pathlib import Path

import pytest

from tests.shell import Shell, evening_at
from whistle.domain.moment import DAY, HOUR, MINUTE, parse


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    shell = evening_at(tmp_path)
    shell.json("arrive", "1", "--as", "FR")
    shell.now += 45 * MINUTE
    return shell


def test_it_is_asked_for_in_both_languages(desk: Shell) -> None:
    said = desk("bulletin", "2026-10").text
    assert said.startswith("Bulletin of 2026-10, 望榆镇\n")
    assert "The month is not over" in said
    assert "Facts, not scored" in said
    assert "identities: self-declared" in said
    assert "proved: events 1 to" in said
    desk.line("whistle bulletin 2026-10")
    chinese = desk("通报", "2026-10", "--lang", "zh").text
    assert chinese.startswith("望榆镇 2026-10 通报")
    for month in ("2026年10月", "２０２６－１０", "2026/10"):
        assert desk.json("bulletin", month).facts["month"] == "2026-10"


def test_programs_read_who_was_on_time_of_what_was_due(desk: Shell) -> None:
    facts = desk.json("bulletin", "2026-10").facts
    fire = facts["per_unit"]["FR"]
    assert (fire["calls"], fire["arrived"], fire["reported_in"]["rate"]) == (1, 1, 1.0)
    late = facts["per_unit"]["TP"]["reported_in"]
    assert late == {"on_time": 0, "due": 1, "running": 0, "rate": 0.0}
    assert facts["overall"]["calls"] == sum(one["calls"] for one in facts["per_unit"].values())
    assert (facts["scored"], facts["over"], facts["zone_s"]) == (False, False, 8 * 3600)
    assert (facts["from"], facts["to"]) == (
        "2026-09-30T16:00:00.000000Z",
        "2026-10-31T16:00:00.000000Z",
    )
    assert facts["town"]["whistles"] == {"emergency": 2}
    assert facts["town"]["incidents_in"] == 4
    assert facts["town"]["confirmations_missed"] == 2  # no leader confirmed the emergencies
    assert facts["left_out"] == ["response_rate", "resolution_rate", "whistle_accuracy"]


def test_a_month_that_is_over_is_told_as_it_was(desk: Shell) -> None:
    desk.now = parse("2026-11-05T09:00:00+08:00")
    desk.json("clock", "settle", "1", "--right", "-m", "nobody was there", code=3)
    facts = desk.json("bulletin", "2026-10").facts
    assert facts["over"]
    assert "The month is not over" not in desk("bulletin", "2026-10").text
    assert facts["overall"]["reported_in"]["running"] == 0
    desk.now += DAY
    again = desk.json("bulletin", "2026-10").facts
    assert {**again, "verified": None} == {**facts, "verified": None}


@pytest.mark.parametrize("month", ["2026-13", "october", "2026", "202610", "0000-01", "9999-12"])
def test_what_is_no_month_is_answered_by_one_that_is(desk: Shell, month: str) -> None:
    before = desk.record()
    said = desk("bulletin", month)
    assert (said.code, desk.record()) == (2, before)
    assert "whistle bulletin 2026-10" in said.told or "has not begun" in said.told


def test_a_spreadsheet_gets_a_line_a_unit_and_no_formula(desk: Shell) -> None:
    desk.json("org", "unit", "add", "EVIL", "=1+1", "--type", "OT")
    desk.json("blow", "3", "--lead", "EVIL")
    desk.json("org", "person", "add", "TZ", "老李", "--role", "leader")
    desk.json("approve", "3", "--as", "TZ/老李")
    said = desk("bulletin", "2026-10", "--csv")
    assert said.out.startswith(b"\xef\xbb\xbf")
    assert "identities: self-declared" in said.told
    rows = list(csv.DictReader(io.StringIO(said.out.decode("utf-8-sig"))))
    facts = desk.json("bulletin", "2026-10").facts
    assert [row["unit"] for row in rows] == [*facts["per_unit"], ""]
    assert next(row for row in rows if row["unit"] == "EVIL")["unit_name"] == "'=1+1"
    assert rows[-1]["calls"] == str(facts["overall"]["calls"])
    assert sum(int(row["overdue"]) for row in rows[:-1]) == facts["overall"]["overdue"]


def test_it_prints_as_one_page_and_overwrites_nothing(desk: Shell) -> None:
    sheet = desk("bulletin", "2026-10", "--print").out.decode()
    assert sheet.startswith("<!DOCTYPE html>")
    assert re.search(r"<script|src=|href=", sheet) is None
    assert "Facts, not scored" in sheet
    into = desk.folder / "october.html"
    desk.line(f"whistle bulletin 2026-10 --print --to {into}")
    assert "<h1>Bulletin</h1>" in into.read_text(encoding="utf-8")
    assert desk.json("bulletin", "2026-10", "--to", str(into), code=5).rules == ["print.exists"]


@pytest.mark.sqlite("an insider at the file")
def test_a_record_that_does_not_prove_itself_has_no_bulletin(desk: Shell) -> None:
    desk.json("bulletin", "2026-10")
    with desk.tool() as tool:
        tool.executescript(
            "DROP TRIGGER events_no_update; "
            "UPDATE events SET state = replace(state, '12 Cao', '13 Cao')"
        )
    assert desk.json("bulletin", "2026-10", code=7)


def test_a_claimed_time_typed_late_is_told_of_who_typed_it(desk: Shell) -> None:
    desk.json("arrive", "2", "--behalf", "TP", "--told", "phone", "--speaker", "值班员",
              "--at", "-10m")  # fmt: skip
    desk.json("confirm", "2", "--as", "TP")
    facts = desk.json("bulletin", "2026-10").facts
    assert facts["town"]["recorders"]["TZ"]["n"] == 1
    assert "typed late by" in desk("bulletin", "2026-10").text


def test_calls_of_other_systems_are_counted_and_in_no_figure(desk: Shell) -> None:
    (desk.folder / "old.jsonl").write_text(
        '{"event_id":"1","at":"2026-10-02T09:02:00+08:00","kind":"whistled","incident":"D",'
        '"unit":"E36"}\n',
        encoding="utf-8",
    )
    desk.json("import", "events", str(desk.folder / "old.jsonl"))
    facts = desk.json("bulletin", "2026-10").facts
    assert (facts["imported_calls"], "E36" in facts["per_unit"]) == (1, False)
    assert "1 calls of other systems" in desk("bulletin", "2026-10").text


def test_whom_nobody_reached_is_told_apart_and_never_late(desk: Shell) -> None:
    desk.json("org", "unit", "reach", "PS", "phone")
    before = desk.json("bulletin", "2026-10").facts["per_unit"]["PS"]
    desk.json("blow", "-e", "gas-leak", "7 Caoqiao Rd")
    on_the_way = desk.json("bulletin", "2026-10").facts["per_unit"]["PS"]
    assert on_the_way == {**before, "apart": {"on_the_way": 1}}
    desk.now += 3 * HOUR
    after = desk.json("bulletin", "2026-10").facts["per_unit"]["PS"]
    assert (after["apart"], after["calls"]) == ({"unreachable": 1}, before["calls"])
    assert after["reported_in"]["due"] == before["reported_in"]["due"]

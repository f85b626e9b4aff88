"""A morning's patrol at the desk: two findings, one of which becomes a whistle."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shell import Shell
from whistle.domain.moment import HOUR, MINUTE

PLAN = (
    "patrol", "plan", "North Gate@0107-03", "Market@0107-04=09:10", "Dyke", "--slot", "08:30-10:30",
    "--who", "UM", "--who", "TP", "-m", "twice a day",
)  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Shell]:
    yield Shell(tmp_path).founded()


def morning(desk: Shell) -> Shell:
    """Planned, walked by the enforcement squad and, from the market on, by the traffic police."""
    desk.json(*PLAN)
    desk.json("patrol", "start", "--as", "UM")
    desk.json("patrol", "stop-at", "North Gate", "--as", "UM")
    desk.json("patrol", "found", "street-vending", "--as", "UM", "-m", "three stalls")
    desk.now += 30 * MINUTE
    desk.json("patrol", "stop-at", "2", "--as", "TP")
    desk.json("patrol", "found", "gas-leak", "Lane 3", "--as", "TP")
    desk.json("patrol", "finish", "--as", "UM", "-m", "the dyke is closed")
    return desk


def test_a_morning_with_two_findings_of_which_one_becomes_a_whistle(desk: Shell) -> None:
    planned = desk.json(*PLAN).facts
    assert planned["id"] == "P-WY26-00001"
    assert [(step["unit"], step["verb"]) for step in planned["next"]] == [
        ("UM", "patrol start"),
        ("TP", "patrol start"),
    ]
    assert planned["next"][0]["due"] == "2026-10-14T02:30:00.000000Z"
    assert desk.json("patrol", "start", "--as", "UM").facts["stage"] == "out"
    desk.json("patrol", "stop-at", "North Gate", "--as", "UM")
    found = desk.json("patrol", "found", "street-vending", "--as", "UM")
    assert found.topics == [
        "patrol.found/1",
        "incident.reported/1",
        "incident.found_on_patrol/1",
        "patrol.finding_reported/1",
    ]
    steps = [(step["verb"], step["name"]) for step in found.facts["next"]]
    assert ("accept", "I-WY26-00001") in steps
    incident = desk.json("show", "I-WY26-00001").facts["state"]
    assert (incident["place"], incident["channel"]) == ("North Gate", "patrol")
    assert incident["patrol"] == "P-WY26-00001"
    desk.json("patrol", "found", "gas-leak", "Lane 3", "--as", "UM")
    desk.json("accept", "2")
    assert desk.json("blow", "2").facts["id"] == "W-WY26-00001"
    refused = desk.json("patrol", "finish", "--as", "UM", code=5)
    assert refused.rules == ["patrol.open_stops"]
    desk.json("patrol", "finish", "--as", "UM", "-m", "the dyke is closed")
    shown = desk.json("show", "P-WY26-00001").facts
    assert (shown["checked"], shown["stops"], shown["absent"]) == (1, 3, ["TP"])
    names = [each["incident_name"] for each in shown["state"]["findings"]]
    assert names == ["I-WY26-00001", "I-WY26-00002"]
    assert desk.json("audit", "verify").facts["ok"]


def test_a_patrol_is_walked_in_chinese(desk: Shell) -> None:
    for line in (
        "whistle 巡查 计划 北门@0107-03 早市=09:40 --时段 08:30-10:30 --人员 城管 --备注 每天两次",
        "whistle 巡查 开始 --as 城管 --同行 交警",
        "whistle 巡查 到点 北门 --as 城管",
        "whistle 巡查 发现 占道经营 --as 城管 --备注 三个摊位",
        "whistle 巡查 备注 --as 交警 --备注 灯已亮",
        "whistle 巡查 到点 早市 --跳过 --备注 封路 --as 城管",
        "whistle 巡查 完成 --as 城管",
        "whistle 巡查 列表",
        "whistle 巡查 查看 1",
        "whistle 巡查 覆盖 --自 2026-10-01 --至 2026-10-31",
    ):
        said = desk.line(line + " --lang zh")
    assert "0107-03" in said.text
    assert "50.0%" in said.text


def test_the_only_patrol_that_waits_for_the_unit_is_taken(desk: Shell) -> None:
    desk.json(*PLAN)
    assert desk("patrol", "stop-at", "1", "--as", "UM").code == 2, "it has not set out"
    assert desk("patrol", "start", "--as", "FR").code == 2, "it is not theirs"
    assert desk("patrol", "start", "1", "--as", "FR").code == 4
    desk.json(*PLAN[:-2], "--day", "2026-10-15")
    assert desk("patrol", "start", "--as", "UM").code == 2, "which of the two?"
    assert desk.json("patrol", "start", "2", "--as", "UM").facts["id"] == "P-WY26-00002"
    assert desk.json("patrol", "stop-at", "P-WY26-00002", "3", "--as", "UM").code == 0
    assert desk("patrol", "start", "I-WY26-00001", "--as", "UM").code == 2
    assert desk("patrol", "show", "99").code == 3


def test_what_is_found_is_resolved_as_a_report_is(desk: Shell) -> None:
    desk.json("patrol", "start", "--unplanned", "--as", "UM")
    found = desk.json("patrol", "found", "unheard-of", "Lane 3", "--as", "UM", code=3)
    reported = desk.json("report", "unheard-of", "Lane 3", code=3)
    assert found.envelope["diagnostics"] == reported.envelope["diagnostics"]
    nowhere = desk.json("patrol", "found", "gas-leak", "--as", "UM", code=5)
    assert nowhere.rules == ["report.place"]
    assert desk.json("incident", "list").facts == []


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "North Gate", "--slot", "half past eight"),
        ("plan", "North Gate", "--slot", "25:00-26:00"),
        ("plan", "North Gate", "--day", "soon"),
        ("plan", "@0107-03"),
        ("plan", "North Gate=25:99"),
        ("found", "1", "gas-leak", "Lane", "3"),
        ("start", "1", "--unplanned"),
        ("start", "--stop", "North Gate"),
        ("coverage", "--since", "yesterday"),
    ],
)
def test_a_slip_at_the_keyboard_is_told_and_writes_nothing(
    desk: Shell, words: tuple[str, ...]
) -> None:
    before = desk.record()
    said = desk("patrol", *words)
    assert (said.code, said.out) == (2, b""), said
    assert said.told.count("\n") >= 1
    assert desk.record() == before


def test_a_slot_that_nobody_kept_is_missed_and_told_once(desk: Shell) -> None:
    desk.json(*PLAN)
    desk.now += 2 * HOUR
    rows = desk.json("patrol", "list").facts
    assert [(row["stage"], row["missed"]) for row in rows] == [("missed", True)]
    topics = [row[0] for row in desk.rows("record", "topic", "WHERE topic LIKE 'patrol.%'")]
    assert topics == ["patrol.planned/1", "patrol.missed/1"]
    assert desk.json("inbox", "--as", "UM").facts == []
    assert desk.json("patrol", "start", "1", "--as", "UM").facts["stage"] == "out"


def test_a_round_in_a_rainstorm_is_called_off_and_nobody_missed_it(desk: Shell) -> None:
    desk.json(*PLAN)
    assert desk.json("patrol", "call-off", code=5).rules == ["patrol.call_off_reason"]
    told = desk("巡查", "取消", "-m", "暴雨红色预警", WHISTLE_LANG="zh")
    assert "P-WY26-00001：已取消" in told.text
    assert desk.json("inbox", "--as", "UM").facts == []
    assert desk.json("wait", "1", "--for", "out,missed,取消").facts["state"] == "called_off"
    desk.now += 2 * HOUR
    (row,) = desk.json("patrol", "list").facts
    assert (row["stage"], row["missed"]) == ("called_off", False)
    facts = desk.json("patrol", "coverage").facts["whole"]
    assert (facts["planned"], facts["called_off"], facts["missed"], facts["stops"]) == (1, 1, 0, 0)
    assert desk.json("view", "ledger").facts["patrols"]["attendance"] == []
    counts = desk.json("view", "inspect").facts["patrols"]["counts"]
    assert (counts["patrols_called_off"], counts["stops"]) == (1, 0)
    assert "called off" in desk("patrol", "show", "1").text
    assert desk.json("wait", "1", "--for", "out", code=1).facts["state"] is None
    assert desk.json("projection", "rebuild", "patrols").facts["changed"] is False


def test_a_call_off_taken_back_leaves_the_plan_as_it_was(desk: Shell) -> None:
    desk.json(*PLAN)
    desk.json("patrol", "call-off", "1", "-m", "rainstorm warning")
    desk.json("undo")
    assert [row["name"] for row in desk.json("inbox", "--as", "UM").facts] == ["P-WY26-00001"]
    there = desk.json("view", "ledger").facts["patrols"]["attendance"]
    assert {row["unit"] for row in there} == {"UM", "TP"}
    desk.now += 2 * HOUR
    assert [row["stage"] for row in desk.json("patrol", "list").facts] == ["missed"]


def test_the_slot_is_the_next_one_and_may_run_over_midnight(desk: Shell) -> None:
    desk.json("patrol", "plan", "Gate", "--slot", "07:00-08:00")
    desk.json("patrol", "plan", "Gate=01:30", "--slot", "22:00-02:00")
    desk.json("patrol", "plan", "Gate")
    rows = desk.json("patrol", "list").facts
    assert [(row["begins"][:16], row["ends"][:16]) for row in rows] == [
        ("2026-10-14T23:00", "2026-10-15T00:00"),  # 07:00 to 08:00 of the day after, at +08:00
        ("2026-10-14T14:00", "2026-10-14T18:00"),
        ("2026-10-14T00:00", "2026-10-14T10:00"),  # the working day of the playbook
    ]
    desk.now += 14 * HOUR  # 23:00
    desk.json("patrol", "plan", "Gate", "--slot", "22:00-02:00")
    rows = desk.json("patrol", "list").facts
    assert rows[3]["begins"] == rows[1]["begins"], "the slot that is running"


def test_the_log_and_a_correction_of_a_patrol(desk: Shell) -> None:
    morning(desk)
    entries = desk.json("log", "P-WY26-00001").facts
    assert entries[0]["topic"] == "patrol.planned/1"
    note = next(each for each in entries if each["topic"] == "patrol.found/1")
    desk.json("correct", str(note["seq"]), "--set", "note=four stalls", "--why", "counted again")
    seen = next(each for each in entries if each["topic"] == "patrol.stop_visited/1")
    early = "at=2026-10-14T00:40:00Z"  # before the plan
    assert desk.json("correct", str(seen["seq"]), "--set", early, "--why", "x", code=5).rules == [
        "record.before"
    ]
    entries = desk.json("log", "P-WY26-00001").facts
    corrected = next(each for each in entries if each["seq"] == note["seq"])
    assert corrected["words"]["note"] == "four stalls"
    assert desk.json("projection", "status").code == 0
    assert desk.json("audit", "verify").facts["ok"]


def test_coverage_is_told_by_grid_and_by_unit(desk: Shell) -> None:
    facts = morning(desk).json("patrol", "coverage").facts
    grids = {line["grid"]: line for line in facts["by_grid"]}
    assert (grids["0107-03"]["coverage"], grids["0107-04"]["late"]) == (1.0, 1)
    assert (grids[""]["checked"], grids[""]["skipped"]) == (0, 1)
    units = {line["unit"]: line for line in facts["by_unit"]}
    assert [units[unit]["attendance"] for unit in ("TP", "UM")] == [1.0, 1.0]
    assert (facts["whole"]["checked"], facts["whole"]["stops"]) == (2, 3)
    later = desk.json("patrol", "coverage", "--since", "2026-10-15").facts
    assert later["whole"]["planned"] == 0


def test_a_check_in_is_taken_back_by_who_typed_it_and_later_by_the_leader(desk: Shell) -> None:
    desk.json(*PLAN)
    desk.json("patrol", "start", "--as", "UM")
    desk.json("patrol", "stop-at", "1", "--as", "UM")
    assert desk.json("undo", "--as", "UM").facts["id"] == "P-WY26-00001"
    assert desk.json("show", "P-WY26-00001").facts["checked"] == 0
    seq = desk.json("patrol", "stop-at", "1", "--as", "UM").facts["events"][-1]["seq"]
    desk.now += 30 * MINUTE
    assert desk.json("undo", str(seq), "--as", "UM", code=4).rules == ["undo.minutes"]
    desk.json("org", "person", "add", "TZ", "Li", "--role", "leader")
    desk.json("undo", str(seq), "--as", "TZ/Li", "-m", "another street")
    assert desk.json("show", "P-WY26-00001").facts["checked"] == 0
    assert [row["checked"] for row in desk.json("patrol", "list").facts] == [0]
    assert all(not view["parked"] for view in desk.json("projection", "status").facts)


def test_a_finding_is_not_taken_back_for_it_gave_an_incident_its_name(desk: Shell) -> None:
    desk.json("patrol", "start", "--unplanned", "--as", "UM")
    desk.json("patrol", "found", "gas-leak", "Lane 3", "--as", "UM")
    assert desk.json("undo", "--as", "UM", code=5).rules == ["undo.named"]

"""A joint team's night at the command line: formed, sent, signed in, counted, relieved, marked."""

from pathlib import Path

import pytest

from tests.shell import Said, Shell

TEAM, WHISTLE = "T-WY26-00001", "W-WY26-00001"


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    """Two whistles sound, at market supervision and at city management; some staff are known."""
    shell = Shell(tmp_path).founded()
    for person in ("张三", "李四", "王五"):
        shell.json("org", "person", "add", "UM", person)
    for place in ("草桥路12号", "榆苑路3号"):
        shell.json("blow", "-e", "gas-leak", place, "--lead", "UT-GAS", "--assist", "MR")
    return shell


def formed(desk: Shell) -> Shell:
    """City management leads with four, traffic and market supervision are on call."""
    desk.json(
        "team", "form", "渣土夜查", "--stationed-team", "UM/张三,李四=4", "--on-call", "TP=2",
        "--on-call", "MR=2", "--leader", "UM/张三",
    )  # fmt: skip
    return desk


def told(desk: Shell, *words: str) -> str:
    """What people read."""
    said = desk(*words)
    assert said.code == 0, (words, said)
    return said.text


def team(desk: Shell) -> dict[str, object]:
    facts: dict[str, object] = desk.json("team", "show", "1").facts
    return facts


def finished(desk: Shell, whistle: str = "1") -> Said:
    """Both called units come and finish."""
    for unit in ("UT-GAS", "MR"):
        desk.json("arrive", whistle, "--as", unit)
        said = desk.json("finish", whistle, "--as", unit)
    return said


def test_a_night_from_forming_to_the_mark(desk: Shell) -> None:
    formed(desk)
    sent = desk.json("team", "dispatch", "1", "1")
    assert sent.topics == ["team.dispatched/1", "whistle.team_noted/1"]
    awaited = {step["unit"] for step in sent.facts["next"] if step["verb"] == "team sign-in"}
    assert awaited == {"UM", "MR"}, "traffic is on call, and this whistle does not call it"
    desk.json("team", "sign-in", "1", "张三", "-n", "3", "--as", "UM")
    desk.json("team", "sign-in", "1", "--behalf", "MR")
    assert "  5 of 6 present\n" in told(desk, "team", "count", "1")
    assert f"  team {TEAM}: 5 of 6 present\n" in told(desk, "show", WHISTLE)
    desk.json("team", "relieve", "1", "UM", "--stationed-team", "UM/王五=2", "--leader", "王五")
    desk.json("team", "sign-in", "1", "--as", "UM")
    ended = finished(desk)
    assert ended.topics == [
        "whistle.finished/1", "whistle.ended/1", "incident.whistle_end_noted/1",
        "team.dispatch_ended/1",
    ]  # fmt: skip
    assert desk.json("team", "stand-down", "1").facts["stage"] == "stood_down"
    desk.json("team", "rate", "1", "92", "-m", "人齐事毕")
    [dispatch] = desk.json("team", "show", "1").facts["dispatches"]
    assert (dispatch["whistle"], dispatch["score"], dispatch["broken_off"]) == (WHISTLE, 92, False)
    assert desk.json("audit", "verify").facts["ok"] is True


def test_a_head_count_names_who_is_missing_by_unit(desk: Shell) -> None:
    formed(desk).json("team", "dispatch", "1", "1")
    desk.json("team", "sign-in", "1", "张三", "李四", "-n", "4", "--as", "UM")
    desk.json("team", "sign-in", "1", "-n", "1", "--as", "MR")
    lines = told(desk, "team", "count", "1", "--missing", "UM/李四", "--as", "UM").splitlines()
    assert lines[-3:] == [
        "  4 of 6 present",
        "  missing 综合执法中队: 1 of 4 李四",
        "  missing 市场监管所: 1 of 2",
    ]


def test_the_inbox_asks_for_the_sign_in_and_the_mark(desk: Shell) -> None:
    formed(desk).json("team", "dispatch", "1", "1")
    waits = desk.json("inbox", "--as", "UM").facts
    assert [(each["verb"], each["name"]) for each in waits] == [("team sign-in", TEAM)]
    finished(desk)
    assert ("team rate", TEAM) in [
        (each["verb"], each["name"]) for each in desk.json("inbox").facts
    ]


def test_nobody_goes_before_it_is_done_unless_the_reason_is_on_record(desk: Shell) -> None:
    formed(desk).json("team", "dispatch", "1", "1")
    assert desk.json("team", "stand-down", "1", code=5).rules == ["team.work_open"]
    assert desk.json("team", "dispatch", "1", "2", code=5).rules == ["team.out"]
    desk.json("team", "stand-down", "1", "-m", "台风红色预警")
    assert f"  team {TEAM}: stood down\n" in told(desk, "show", WHISTLE)
    assert desk.json("team", "dispatch", "1", "2", code=5).rules == ["team.stood_down"]
    attempts = desk.json("audit", "attempts").facts
    assert [each["rule"] for each in attempts] == ["team.work_open", "team.out", "team.stood_down"]


def test_only_the_town_sends_a_team_and_others_are_turned_away(desk: Shell) -> None:
    formed(desk)
    assert desk.json("team", "dispatch", "1", "1", "--as", "UM", code=4).rules == ["team.town_only"]
    assert desk.json("team", "sign-in", "1", "--unit", "TP", code=4).rules == ["team.sign_own"]


@pytest.mark.parametrize("written", ["TP", "TP=x", "TP=", "TP/", "=2", "TP=9999999"])
def test_people_who_are_neither_counted_nor_named_are_no_contingent(
    desk: Shell, written: str
) -> None:
    before = desk.record()
    said = desk("team", "form", "夜查", "--stationed-team", "UM=2", "--on-call", written)
    assert (said.code in (2, 3), "Traceback" in said.told) == (True, False)
    assert desk.record() == before


def test_a_mistake_about_a_team_is_put_right_beside_itself(desk: Shell) -> None:
    formed(desk).json("team", "dispatch", "1", "1")
    finished(desk)
    seq = desk.json("team", "rate", "1", "9").facts["events"][0]["seq"]
    desk.json("correct", str(seq), "--set", "score=90", "--why", "typed 9")
    assert desk.json("correct", str(seq), "--set", "score=101", "--why", "x", code=5).rules == [
        "rate.range"
    ]
    [dispatch] = desk.json("team", "show", "1").facts["dispatches"]
    assert dispatch["score"] == 90
    [(ended,)] = desk.rows("record", "seq", "WHERE topic = 'team.dispatch_ended/1'")
    assert desk.json("correct", str(ended), "--at", "-1m", "--why", "x", code=5).rules == [
        "record.follows"
    ]
    assert desk.json("audit", "verify").facts["ok"] is True


def test_a_team_is_shown_and_told_by_its_name(desk: Shell) -> None:
    formed(desk)
    desk.json("team", "leave", "1", "MR", "-m", "另有任务")
    desk.json("team", "join", "1", "--on-call", "FR=3")
    assert desk.json("show", TEAM).facts["heads"] == 9
    topics = [entry["topic"] for entry in desk.json("log", TEAM).facts]
    assert topics == ["team.formed/1", "team.unit_left/1", "team.unit_joined/1"]
    assert desk.json("show", "1", code=2).facts is None, "a bare 1 is an incident or a whistle"


def test_in_chinese_the_team_is_told_in_chinese(desk: Shell) -> None:
    formed(desk)
    assert told(desk, "队伍", "查看", "--lang", "zh").startswith(f"{TEAM}：已组建 · 渣土夜查")


def test_the_list_has_the_teams_that_stand_and_all_of_them_when_asked(desk: Shell) -> None:
    assert told(desk, "team", "list").startswith("No team is formed")
    formed(desk).json("team", "dispatch", "1", "1")
    assert [(each["name"], each["stage"]) for each in desk.json("team", "list").facts] == [
        (TEAM, "dispatched")
    ]
    assert WHISTLE in told(desk, "team", "list")
    desk.json("team", "stand-down", "1", "-m", "台风")
    assert desk.json("team", "list").facts == []
    assert [each["stage"] for each in desk.json("team", "list", "--all").facts] == ["stood_down"]


def test_a_sign_in_is_taken_back_at_once_and_later_by_the_leader_alone(desk: Shell) -> None:
    formed(desk).json("team", "dispatch", "1", "1")
    seq = str(desk.json("team", "sign-in", "1", "-n", "4", "--as", "UM").facts["events"][0]["seq"])
    desk.now += 3_600_000_000
    assert desk.json("undo", seq, "--as", "UM", code=4).rules[0] == "undo.minutes"
    desk.json("org", "person", "add", "TZ", "李镇长", "--role", "leader")
    desk.json("undo", seq, "--as", "TZ/李镇长", "-m", "记错队伍")
    assert desk.json("team", "show", "1").facts["present"] == 0
    fresh = desk.json("team", "sign-in", "1", "-n", "3", "--as", "UM").facts["events"][0]["seq"]
    desk.json("undo", str(fresh), "--as", "UM")
    assert [row["signed_in_at"] for row in desk.json("view", "ledger").facts["teams"]] == [None] * 2


def test_a_finish_that_is_taken_back_leaves_the_team_on_the_scene(desk: Shell) -> None:
    formed(desk).json("team", "dispatch", "1", "1")
    ended = finished(desk).facts["events"]
    assert desk.json("team", "show", "1").facts["stage"] == "formed"
    desk.json("undo", str(ended[0]["seq"]), "--as", "MR")
    assert desk.json("team", "show", "1").facts["stage"] == "dispatched"
    [dispatch] = desk.json("team", "show", "1").facts["dispatches"]
    assert dispatch["ended"] is None
    assert {row["ended_at"] for row in desk.json("view", "ledger").facts["teams"]} == {None}
    assert desk.json("audit", "verify").facts["ok"] is True

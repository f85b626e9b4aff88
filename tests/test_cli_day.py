"""A town's day at the command line: the ten lines of the manual, then one whistle to its marks."""

from pathlib import Path

import pytest

from tests.shell import Said, Shell
from whistle.domain.moment import MINUTE, parse

TOWN, SQUAD, MARKET, TRAFFIC = "TZ", "UM", "MR", "TP"


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A town that has 41 incidents and 18 whistles behind it: the next are 42 and 19.

    The last of them is the manual's first line, the emergency in one stroke.
    """
    shell = Shell(tmp_path_factory.mktemp("busy")).founded()
    for number in range(17):
        assert shell("blow", "-e", "road-collapse", f"{number + 1} Caoqiao Rd").code == 0
    for number in range(23):
        assert shell("report", "shop-noise", f"{number + 1} Yuyuan Rd").code == 0
    return shell


@pytest.fixture
def desk(busy: Shell, tmp_path: Path) -> Shell:
    """A desk of its own over that town's store."""
    return Shell(tmp_path).copy_of(busy)


def act(desk: Shell, unit: str, *words: str) -> Said:
    """What a unit types at its own desk."""
    return desk.json(*words, WHISTLE_AS=unit)


def called(said: Said) -> dict[str, str]:
    """Which unit owes which verb next."""
    return {step["unit"]: step["verb"] for step in said.facts["next"]}


ENGLISH = (
    'whistle blow -e gas-leak "12 Caoqiao Rd"',
    'whistle report street-vending "Yuyuan Rd"',
    "whistle blow 42",
    "whistle approve 42",
    "whistle",
    "whistle ack 19 -t 25m",
    "whistle arrive 19",
    "whistle arrive 19 --behalf jj --at 23:58",
    'whistle finish 19 -m "pipe replaced"',
    "whistle verify 42 pass",
    "whistle callback 42 satisfied",
)
CHINESE = (
    "whistle 吹哨 -e 燃气泄漏 草桥路12号",
    "whistle 上报 占道经营 榆苑路",
    "whistle 吹哨 42",
    "whistle 审批 42",
    "whistle",
    "whistle 签收 19 -t 25分",
    "whistle 报到 19",
    "whistle 报到 19 --代 交警 --时间 23:58",
    "whistle 办结 19 -m 已换管",
    "whistle 验收 42 通过",
    "whistle 回访 42 满意",
)


@pytest.mark.parametrize("lines", [ENGLISH, CHINESE], ids=["English", "中文"])
def test_the_lines_of_the_manual_work_as_they_are_written(
    desk: Shell, lines: tuple[str, ...]
) -> None:
    emergency, report, blow, approve, inbox, ack, arrive, told, finish, verify, call = lines
    assert "W-WY26-00018" in desk.line(emergency).text
    assert "I-WY26-00042" in desk.line(report).text
    desk.line("whistle 受理 42")
    desk.now = parse("2026-10-14T23:50:00+08:00")
    assert "I-WY26-00042" in desk.line(blow).text, "a draft goes by its incident's name"
    assert "W-WY26-00019" in desk.line(approve).text
    assert "望榆镇" in desk.line(inbox).text
    squad = {"WHISTLE_AS": SQUAD}
    desk.line(ack, **squad)
    desk.line(arrive, **squad)
    desk.now += 15 * MINUTE
    assert "2026-10-14 23:58:00" in desk.line(told).text, "a bare time is echoed with its date"
    desk.line(finish, **squad)
    others = (("finish", "19", "--as", "jj"), ("arrive", "19", "--as", "市监"))
    for words in (*others, ("finish", "19", "--as", "MR"), ("leave", "19")):
        assert desk(*words).code == 0, words
    desk.line(verify)
    desk.line(call)
    stages = dict(desk.rows("names", "name, stage"))
    assert stages["I-WY26-00042"] == "called_back"
    assert stages["W-WY26-00019"] == "ended"


def test_an_emergency_in_one_stroke_is_reported_accepted_and_blown(tmp_path: Path) -> None:
    said = Shell(tmp_path).founded().json("blow", "-e", "gas-leak", "12 Caoqiao Rd")
    assert said.facts["id"] == "W-WY26-00001"
    assert said.topics[:3] == ["incident.reported/1", "incident.accepted/1", "whistle.blown/1"]
    # the catalogue's gas leak: the gas company leads, four assist, and each is to answer
    # and a leader of the town confirms it afterwards
    units = dict.fromkeys(("UT-GAS", "FR", "EM", "PS", "HC"), "ack")
    assert called(said) == {**units, TOWN: "approve"}
    assert {clock["clock"] for clock in said.facts["clocks"]} == {
        "ack", "arrive", "feedback", "dispose",
    }  # fmt: skip


def test_a_whistle_goes_from_report_to_marks_by_the_command_line_alone(tmp_path: Path) -> None:
    desk = Shell(tmp_path).founded()
    said = desk.json("report", "street-vending", "Yuyuan Rd", "--channel", "12345")
    assert (said.facts["id"], said.facts["stage"]) == ("I-WY26-00001", "reported")
    assert called(said) == {TOWN: "accept"}
    assert called(desk.json("accept", "1")) == {TOWN: "blow"}
    assert called(desk.json("blow", "1")) == {TOWN: "approve"}
    blown = desk.json("approve", "1", "--as", "TZ/王建国")
    assert blown.facts["id"] == "W-WY26-00001"
    assert called(blown) == dict.fromkeys((SQUAD, MARKET, TRAFFIC), "ack")
    # two hours of the item from delivery (占道经营, 2紧急工作时), an hour of work to answer
    dues = {clock["clock"]: clock["due"] for clock in blown.facts["clocks"]}
    at = desk.rows("record", "received_at", "ORDER BY seq DESC LIMIT 1")[0][0]
    assert at == desk.now
    assert dues == {"ack": "2026-10-14T02:00:05.000000Z", "dispose": "2026-10-14T03:00:05.000000Z"}
    work(desk)
    judge(desk)


def work(desk: Shell) -> None:
    """Every unit comes, acts and finishes; the town releases them."""
    signed = act(desk, SQUAD, "ack", "1", "-t", "25m")
    assert signed.topics == ["whistle.acknowledged/1"]
    assert [(each["clock"], each["action"]) for each in signed.facts["clocks"]] == [("ack", "stop")]
    assert called(signed)[SQUAD] == "arrive"
    assert act(desk, SQUAD, "depart", "1").topics == ["whistle.departed/1"]
    assert act(desk, SQUAD, "arrive", "1").topics == ["whistle.arrived/1"]
    assert act(desk, SQUAD, "act", "1", "warn").topics == ["whistle.acted/1"]
    came = act(desk, TRAFFIC, "arrive", "1")
    assert came.topics == ["whistle.acknowledged/1", "whistle.arrived/1"], "coming is an answer"
    last = act(desk, MARKET, "arrive", "1")
    assert last.topics[-1] == "whistle.assembled/1"
    for unit in (SQUAD, TRAFFIC, MARKET):
        done = act(desk, unit, "finish", "1", "-m", "stalls gone")
        assert done.topics[0] == "whistle.finished/1"
    released = desk.json("leave", "1")
    assert released.topics == ["whistle.released/1"] * 3
    assert called(released) == dict.fromkeys([TOWN], "rate")


def judge(desk: Shell) -> None:
    """Not solved, done again, solved; then called back, closed, marked and reopened."""
    failed = desk.json("verify", "1", "fail", "-m", "the stalls are back")
    assert failed.facts["events"][0]["topic"] == "incident.verification_failed/1"
    assert called(failed) == dict.fromkeys((SQUAD, TRAFFIC, MARKET), "finish")
    for unit in (SQUAD, TRAFFIC, MARKET):
        act(desk, unit, "finish", "1")
    desk.json("leave", "1")
    assert desk.json("verify", "1", "pass").facts["stage"] == "verified"
    assert desk.json("callback", "1", "satisfied").facts["stage"] == "called_back"
    assert desk.json("close", "1").facts["stage"] == "closed"
    assert desk.json("rate", "1/jj", "95").topics == ["whistle.unit_evaluated/1"]
    assert act(desk, TRAFFIC, "rate", "1", "80").topics == ["whistle.rated/1"]
    assert desk.json("reopen", "1", "-m", "again").facts["stage"] == "accepted"
    assert desk.json("audit", "verify").facts["ok"] is True


def test_a_unit_that_goes_before_its_release_says_why_and_stays_called(tmp_path: Path) -> None:
    desk = Shell(tmp_path).founded()
    desk.json("blow", "-e", "gas-leak", "12 Caoqiao Rd")
    act(desk, "FR", "arrive")
    assert desk("leave", "1", "--as", "xf").code == 5
    left = act(desk, "FR", "leave", "1", "-m", "another fire")
    assert left.topics == ["whistle.left_early/1"]
    assert called(left)["FR"] == "finish"


def test_a_unit_objects_on_the_spot_and_names_whose_duty_it_is(tmp_path: Path) -> None:
    desk = Shell(tmp_path).founded()
    desk.json("blow", "-e", "gas-leak", "12 Caoqiao Rd")
    words = ("decline", "--reason", "not-our-duty", "--propose", "供水", "--as", "住建")
    assert desk.json(*words, code=5).rules == ["kinds.emergency.decline_only_on_scene"]
    desk.json("arrive", "--as", "住建")
    assert desk.json(*words).topics == ["whistle.declined/1"]


def test_an_incident_leaves_without_a_whistle_by_three_other_ways(tmp_path: Path) -> None:
    desk = Shell(tmp_path).founded()
    for _number in range(3):
        desk.json("report", "shop-noise", "Yuyuan Rd", "--accept")
    assert desk.json("incident", "handle", "1").topics == ["incident.self_handled/1"]
    assert desk.json("incident", "transfer", "2", "公安").topics == ["incident.transferred/1"]
    refuse = ("refuse", "3", "--category", "not-ours", "-m", "the next town's street")
    assert desk.json(*refuse).topics == ["incident.refused/1"]


def test_what_is_told_to_people_names_events_clocks_and_who_is_next(tmp_path: Path) -> None:
    desk = Shell(tmp_path).founded()
    told = desk("blow", "-e", "gas-leak", "12 Caoqiao Rd").text
    assert told.startswith("W-WY26-00001")
    assert "whistle blown" in told
    assert "09:05:02" in told, "five minutes to answer an emergency (应急哨)"
    assert "whistle ack W-WY26-00001/UT-GAS" in told

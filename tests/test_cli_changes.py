"""At the command line: a leader's word, a whistle for later, withdrawn, amended, sent to more."""

from pathlib import Path

import pytest

from tests.shell import Shell
from whistle.domain.moment import DAY, HOUR, MINUTE

CLERK = ("--as", "TZ/小李")
LEADER = ("--as", "TZ/王建国")
LEAK = ("blow", "-e", "gas-leak", "12 Caoqiao Rd")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A town with one accepted incident of street vending, I-…1."""
    shell = Shell(tmp_path_factory.mktemp("town")).founded()
    for person, role in (("王建国", "leader"), ("小李", "clerk")):
        shell.json("org", "person", "add", "TZ", person, "--role", role)
    shell.json("report", "street-vending", "Yuyuan Rd", "--accept")
    return shell


@pytest.fixture
def desk(town: Shell, tmp_path: Path) -> Shell:
    """A desk of its own over that town's store."""
    return Shell(tmp_path).copy_of(town)


def waiting(desk: Shell, *who: str) -> list[tuple[str, str, list[str]]]:
    """What the inbox of the town says: verb, name, whose word it must be."""
    rows = desk.json("inbox", *who).facts
    return [(row["verb"], row["name"], row["persons"]) for row in rows]


def test_the_inbox_shows_the_leader_what_waits_and_tells_others_who_must_approve(
    desk: Shell,
) -> None:
    desk.json("blow", "1", *CLERK)
    assert waiting(desk, *LEADER) == [("approve", "I-WY26-00001", ["王建国"])]
    assert "王建国" not in desk("inbox", *LEADER).text
    assert "(王建国 must)" in desk("inbox", *CLERK).text
    assert "Yuyuan Rd" in desk("watch", "--once").text
    assert desk.json("approve", "1", *CLERK, code=4).rules == ["approve.leader"]
    assert desk.json("approve", "1", *LEADER).facts["id"] == "W-WY26-00001"


def test_an_approval_by_phone_sounds_at_once_and_is_confirmed_by_the_leader(desk: Shell) -> None:
    desk.json("blow", "1", *CLERK)
    assert desk.json("approve", "1", "--by", "小李", *CLERK, code=5).rules == ["approve.by"]
    said = desk.json("approve", "1", "--by", "王建国", *CLERK)
    assert said.topics[0] == "whistle.blown/1"
    assert "whistle.confirmation_awaited/1" in said.topics
    assert ("approve", "W-WY26-00001", ["王建国"]) in waiting(desk, *CLERK)
    assert desk.json("approve", "1", *CLERK, code=4).rules == ["approve.named"]
    assert desk.json("approve", "1", *LEADER).topics == ["whistle.approval_confirmed/1"]
    assert desk.json("approve", "1", *LEADER, code=3).envelope["status"] == "not_found"


def test_a_leader_contests_by_name_of_the_whistle_and_only_the_town_is_marked(desk: Shell) -> None:
    desk.json("blow", "1", *CLERK)
    desk.json("approve", "1", "--by", "王建国", *CLERK)
    no = ("approve", "W-WY26-00001", "--no", "-m", "nobody called me")
    assert desk.json(*no, *LEADER).topics == ["whistle.approval_contested/1"]
    assert desk.json("ack", "1", WHISTLE_AS="UM").topics == ["whistle.acknowledged/1"]
    assert desk.json("view", "assess").facts["town"] == {"unconfirmed": 0, "contested": 1}
    assert "approval contested" in desk("view", "command").text


def test_an_emergency_that_no_leader_confirms_in_time_marks_the_town_alone(desk: Shell) -> None:
    # the default pack: within half an hour (rules: P)
    blown = desk.json(*LEAK, *CLERK)
    (word,) = [step for step in blown.facts["next"] if step["verb"] == "approve"]
    assert word["name"] == "W-WY26-00001"
    desk.now += 31 * MINUTE
    desk.json("clock", "tick")
    units = {row["unit"]: row for row in desk.json("view", "assess").facts["rows"]}
    assert desk.json("view", "assess").facts["town"] == {"unconfirmed": 1, "contested": 0}
    assert "TZ" not in units, "the town is no called unit"
    told = [row for row in desk.rows("record", "topic, state") if "confirmation_overdue" in row[0]]
    assert len(told) == 1
    desk.json("approve", "W-WY26-00001", *LEADER)
    assert desk.json("view", "assess").facts["town"] == {"unconfirmed": 1, "contested": 0}


def test_a_no_is_not_told_by_phone(desk: Shell) -> None:
    desk.json("blow", "1", *CLERK)
    assert desk("approve", "1", "--no", "--by", "王建国", *CLERK).code == 2


def test_a_whistle_for_later_is_approved_waits_is_listed_and_sounds_by_itself(desk: Shell) -> None:
    said = desk.json("blow", "1", "--on", "14:30", *CLERK)
    assert said.topics == ["whistle.requested/1", "whistle.scheduled/1"]
    approved = desk.json("approve", "1", *LEADER)
    assert (approved.topics, approved.facts["stage"]) == (["whistle.approved/1"], "scheduled")
    assert approved.facts["next"][0]["due"] == "2026-10-14T06:30:00.000000Z"
    assert waiting(desk, *CLERK) == [("show", "I-WY26-00001", [])]
    assert "14:30" in desk("call", "list").text
    assert "14:30" in desk("show", "1").text
    desk.now += 6 * HOUR  # nobody looked for half an hour after it
    (duty,) = desk.json("inbox", WHISTLE_AS="UM").facts
    assert (duty["verb"], duty["name"]) == ("ack", "W-WY26-00001/UM")
    assert duty["left_s"] > 3500, "the hour to answer runs from when it could be read"


def test_a_whistle_for_later_is_withdrawn_by_its_incidents_name(desk: Shell) -> None:
    desk.json("blow", "1", "--on", "明天9点", *CLERK)
    assert desk.json("call", "withdraw", "1", code=5).rules == ["withdraw.reason"]
    assert desk.json("call", "withdraw", "1", "-m", "改期").topics == ["whistle.withdrawn/1"]
    desk.now += 2 * DAY
    assert desk.json("clock", "tick").facts == {"recorded": 0}
    counts = desk.json("view", "command").facts["counts"]
    assert (counts["whistles"], counts["called_off"]) == (0, 1)
    assert desk.json("blow", "1", *CLERK).topics == ["whistle.requested/1"]
    assert desk.json("approve", "1", *LEADER).facts["id"] == "W-WY26-00001", "no number was spent"


def test_a_false_alarm_is_withdrawn_and_counts_against_nobody(desk: Shell) -> None:
    desk.json(*LEAK)
    desk.now += 10 * MINUTE  # the five minutes to answer are over
    said = desk.json("call", "withdraw", "1", "-m", "false alarm")
    assert said.topics.count("whistle.call_withdrawn/1") == 5
    assert said.topics[-1] == "incident.whistle_withdrawn_noted/1"
    views = {name: desk.json("view", name).facts for name in ("inspect", "command", "assess")}
    for name in ("inspect", "command", "coordinate", "assess", "ledger"):
        counts = desk.json("view", name).facts["counts"]
        told = [
            counts[key] for key in ("whistles", "calls", "withdrawn_whistles", "withdrawn_calls")
        ]
        assert told == [0, 0, 1, 5], name
    assert {sum(row["overdue"].values()) for row in views["assess"]["rows"]} == {0}
    assert views["command"]["counts"]["overdue"] == 0
    assert desk.json("assess", "ledger").facts["overall"]["assignments"] == 0
    assert desk.json("inbox", WHISTLE_AS="FR").facts == []
    assert desk.json("incident", "handle", "2").facts["stage"] == "in_hand", "open to every way"
    assert desk.json("ack", "1", code=5, WHISTLE_AS="FR").rules == ["call.withdrawn"]
    assert desk("audit", "verify").code == 0


def test_one_unit_is_excused_and_the_others_go_on(desk: Shell) -> None:
    desk.json(*LEAK)
    assert desk.json("call", "withdraw", "1/HC", "-m", "no road to close").topics == [
        "whistle.call_withdrawn/1"
    ]
    desk.json("ack", "1", WHISTLE_AS="FR")
    rows = desk.json("call", "list").facts
    assert (rows[0]["withdrawn"], len(rows[0]["called"])) == (["HC"], 5)
    for words in (("call", "list"), ("view", "command")):
        assert "1/4" in desk(*words).text, "whoever was excused is awaited no more"
    assert "0/4" in desk("status").text


def test_an_amended_place_is_seen_by_every_unit(desk: Shell) -> None:
    desk.json(*LEAK)
    amend = ("call", "amend", "1", "--place", "21 Caoqiao Rd", "-m", "east gate")
    assert desk.json(*amend, "--why", "heard wrong").topics == ["whistle.amended/1"]
    asked = desk("inbox", WHISTLE_AS="FR").text
    assert "(amended)" in asked
    assert "21 Caoqiao Rd" in asked  # nobody is sent to the place that was heard wrong
    shown = desk("call", "show", "1").text
    assert "21 Caoqiao Rd" in shown
    assert "east gate" in shown
    desk.json("ack", "1", WHISTLE_AS="FR")
    assert "(amended)" not in desk("inbox", WHISTLE_AS="FR").text


def test_the_scene_calls_for_more_and_the_unit_is_called_at_once(desk: Shell) -> None:
    desk.json(*LEAK)
    more = ("need", "--dept", "TP", "--what", "close the road", "--qty", "2")
    assert desk.json(*more, code=2, WHISTLE_AS="FR").envelope["status"] == "usage"
    desk.json("arrive", "1", WHISTLE_AS="FR")
    said = desk.json(*more, WHISTLE_AS="FR")
    assert said.topics == [
        "whistle.need_raised/1", "whistle.unit_added/1", "whistle.call_delivered/1",
    ]  # fmt: skip
    assert [row["verb"] for row in desk.json("inbox", WHISTLE_AS="TP").facts] == ["ack"]
    for name in ("inspect", "command", "coordinate", "assess", "ledger"):
        assert desk.json("view", name).facts["counts"]["calls"] == 6, name


def test_in_a_daily_whistle_the_town_is_asked_and_adds(desk: Shell) -> None:
    desk.json("blow", "1", *CLERK)
    desk.json("approve", "1", *LEADER)
    desk.json("arrive", "1", WHISTLE_AS="UM")
    words = ("增援", "--单位", "FR", "--所需", "消防车", "--数量", "1")
    assert desk.json(*words, WHISTLE_AS="UM").topics == ["whistle.need_raised/1"]
    assert ("call add", "W-WY26-00001", []) in waiting(desk)
    assert "消防车" in desk("call", "show", "1").text
    assert desk.json("呼叫", "增派", "1", "FR").topics[0] == "whistle.unit_added/1"
    assert ("call add", "W-WY26-00001", []) not in waiting(desk)


def test_a_playbook_is_compared_adopted_and_binds_what_is_blown_after_it(
    desk: Shell, tmp_path: Path
) -> None:
    ours = tmp_path / "ours.toml"
    text = desk("playbook", "template").text
    ours.write_text(text.replace('ack = "5em"', 'ack = "3em"'), encoding="utf-8")
    desk.json(*LEAK)
    changes = desk.json("playbook", "diff", str(ours), code=1).facts
    assert changes == [{"rule": "kinds.emergency.limits.ack", "was": "5em", "now": "3em"}]
    assert desk.json("playbook", "adopt", str(ours)).topics == ["rulebook.playbook_adopted/1"]
    desk.json(*LEAK)
    limits = {row["call"]: row["limit"] for row in desk.json("clock", "list", "--unit", "FR").facts
              if row["clock"] == "ack"}  # fmt: skip
    assert limits == {"W-WY26-00001/FR": "5em", "W-WY26-00002/FR": "3em"}
    assert desk.json("playbook", "diff", str(ours)).facts == []


def test_a_playbook_of_a_day_to_come_takes_force_on_that_day(desk: Shell, tmp_path: Path) -> None:
    ours = tmp_path / "ours.toml"
    text = desk("playbook", "template").text.replace('ack = "5em"', 'ack = "3em"')
    ours.write_text(f"effective_from = 2026-10-15\n{text}", encoding="utf-8")
    assert desk.json("playbook", "adopt", str(ours)).topics == ["rulebook.playbook_announced/1"]
    desk.json(*LEAK)
    desk.now += DAY
    desk.json(*LEAK)
    acks = [row["limit"] for row in desk.json("clock", "list", "--unit", "FR").facts
            if row["clock"] == "ack"]  # fmt: skip
    assert acks == ["5em", "3em"]
    assert desk("audit", "verify").code == 0


def test_a_playbook_with_faults_is_not_adopted(desk: Shell, tmp_path: Path) -> None:
    ours = tmp_path / "ours.toml"
    text = desk("playbook", "template").text
    text = text.replace('confirm_within = "30em"', 'confirm_within = "soon"')
    ours.write_text(f'effective_from = "tomorrow"\n{text}', encoding="utf-8")
    before = desk.record()
    said = desk.json("playbook", "adopt", str(ours), code=5)
    assert {"effective_from", "confirm_within"} <= {
        part for each in said.envelope["diagnostics"] for part in each["message"].replace(":", " ")
        .replace(".", " ").split()
    }  # fmt: skip
    assert desk.record() == before

"""Taking an act back, as people type it."""

from pathlib import Path

import pytest

from tests.shell import Shell, evening_at
from whistle.domain.moment import MINUTE


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    return evening_at(tmp_path)


def test_a_slip_of_the_finger_is_undone_at_once(desk: Shell) -> None:
    desk.json("ack", "1", "--as", "FR")
    said = desk("undo", "--as", "FR", "-m", "wrong whistle")
    assert said.code == 0
    assert "act taken back" in said.text
    assert (
        desk.json("show", "W-WY26-00001")
        .facts["state"]["calls"]["FR"]["clocks"]["ack"]
        .get("stopped")
        is None
    )
    told = desk("log", "W-WY26-00001").text
    assert "whistle answered (taken back by #" in told
    assert desk.json("audit", "verify").facts["ok"]


def test_in_chinese_too(desk: Shell) -> None:
    desk.json("签收", "1", "--as", "消防")
    assert desk("撤销", "--as", "消防", "--lang", "zh").code == 0


def test_later_the_other_side_finds_the_wish_in_its_inbox(desk: Shell) -> None:
    (seq, *_) = (each["seq"] for each in desk.json("ack", "1", "--as", "FR").facts["events"])
    desk.now += 6 * MINUTE
    asked = desk.json("undo", str(seq), "--as", "FR")
    assert asked.topics[-1] == "whistle.undo_asked/1"
    assert desk.json("status").facts["unsettled"]["undo"] == 1
    waits = [row for row in desk.json("inbox").facts if row["verb"] == "undo"]
    assert [row["name"] for row in waits] == [str(seq)]
    assert desk.json("undo", waits[0]["name"]).topics[0] == "record.taken_back/1"
    assert [row for row in desk.json("inbox").facts if row["verb"] == "undo"] == []
    assert desk.json("status").facts["unsettled"]["undo"] == 0


def test_who_has_no_say_hears_who_has(desk: Shell) -> None:
    (seq, *_) = (each["seq"] for each in desk.json("ack", "1", "--as", "FR").facts["events"])
    said = desk.json("undo", str(seq), "--as", "TP", code=4)
    assert said.rules == ["undo.minutes"]
    assert desk.json("undo", "999", code=3).rules == [""]
    assert desk.json("undo", "1", code=5).rules == ["record.kept"], "the founding is kept"


def test_nothing_is_written_in_a_rehearsal(desk: Shell) -> None:
    desk.json("ack", "1", "--as", "FR")
    before = desk.record()
    assert "rehearsed" in desk("undo", "--as", "FR", "--dry-run").text
    assert desk.record() == before


def test_who_has_recorded_nothing_has_nothing_to_undo(desk: Shell) -> None:
    assert desk.json("undo", "--as", "TP", code=2)


def test_a_blown_whistle_is_not_undone(desk: Shell) -> None:
    assert desk.json("undo", code=5).rules == ["undo.named"]


def test_the_version_that_is_shown_is_the_one_to_expect_though_acts_were_taken_back(
    desk: Shell,
) -> None:
    plan = ("patrol", "plan", "Gate", "Dyke", "--slot", "08:30-10:30", "--who", "UM")
    desk.json(*plan)
    desk.json("patrol", "start", "--as", "UM")
    desk.json("patrol", "stop-at", "Gate", "--as", "UM")
    desk.json("undo", "--as", "UM")
    patrol = str(desk.json("show", "P-WY26-00001").facts["version"])
    desk.json("patrol", "stop-at", "Dyke", "--as", "UM", "--expect", patrol)
    desk.json("team", "form", "night check", "--stationed-team", "UM=2", "--on-call", "TP=2")
    desk.json("team", "sign-in", "1", "-n", "1", "--as", "UM")
    desk.json("undo", "--as", "UM")
    team = str(desk.json("team", "show", "1").facts["version"])
    desk.json("team", "sign-in", "1", "-n", "2", "--as", "UM", "--expect", team)

"""Waiting for a state: it came, something else came first, it cannot come any more, time is up."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.shell import HOUSE, Shell
from whistle.domain.moment import HOUR


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    """A gas leak, for which several units were called."""
    shell = Shell(tmp_path).founded()
    shell.json("blow", "-e", "gas-leak", "草桥路12号")
    return shell


def called(desk: Shell) -> list[str]:
    """The units that the whistle calls."""
    return [row["unit"] for row in desk.json("inbox", "--all").facts if row["verb"] == "ack"]


def test_what_has_come_already_is_not_waited_for(desk: Shell) -> None:
    first, *_others = called(desk)
    desk.json("arrive", "1", "--as", first)
    said = desk.json("wait", f"1/{first}", "--for", "arrived")
    assert said.facts["state"] == "arrived"
    assert said.facts["reached"] == ["delivered", "acknowledged", "departed", "arrived"]


def test_a_whistle_is_assembled_when_its_last_unit_has_come(desk: Shell) -> None:
    *others, last = called(desk)
    for unit in others:
        desk.json("arrive", "1", "--as", unit)
    assert desk.json("wait", "1", "--for", "assembled", "--timeout", "0s", code=8)
    desk.json("arrive", "1", "--as", last)
    said = desk("等待", "1", "--直到", "到齐", "--lang", "zh")
    assert (said.code, said.text) == (0, "W-WY26-00001: 全部到场\n")


def test_it_ends_with_8_when_the_time_is_up(desk: Shell) -> None:
    said = desk.json("wait", "1", "--for", "assembled", "--timeout", "0s", code=8)
    assert said.envelope["status"] == "pending"
    assert said.rules == ["wait.timeout"]


def test_it_ends_with_1_when_something_else_comes_first(desk: Shell) -> None:
    desk.now += 3 * HOUR
    words = ("wait", "1", "--for", "assembled", "--or", "declined,breached", "--timeout", "0s")
    assert desk.json(*words, code=1).facts["state"] == "overdue"


def test_a_unit_that_declines_ends_the_waiting_for_its_arrival_at_once(desk: Shell) -> None:
    first, *_others = called(desk)
    desk.json("arrive", "1", "--as", first)
    desk.json("decline", "1", "--as", first, "--reason", "not-our-duty", "--propose", "town office")
    said = desk.json("wait", f"1/{first}", "--for", "finished", "--timeout", "0s", code=1)
    assert said.facts["state"] is None
    assert "finished" in said.facts["barred"]
    assert (
        "can no longer be reached: finished"
        in desk("wait", f"1/{first}", "--for", "办结", "--timeout", "0s").text
    )


def test_a_whistle_does_not_wait_for_a_unit_that_declined(desk: Shell) -> None:
    *others, last = called(desk)
    for unit in (last, *others):
        desk.json("arrive", "1", "--as", unit)
    desk.json("decline", "1", "--as", last, "--reason", "not-our-duty", "--propose", "town office")
    for unit in others:
        desk.json("finish", "1", "--as", unit)
    words = ("wait", "1", "--for", "finished", "--timeout", "0s")
    assert desk.json(*words).facts["state"] == "finished"


def test_a_closed_incident_is_not_waited_for_to_be_called_back(tmp_path: Path) -> None:
    desk = Shell(tmp_path).founded()
    desk.json("report", "street-vending", "榆苑路")
    desk.json(
        "wait", "I-WY26-00001", "--for", "closed", "--or", "accepted", "--timeout", "0s", code=8
    )
    desk.json("refuse", "1", "--category", "no-matter", code=5)
    known = next(iter(desk.json("playbook", "show").facts["refuse_categories"]))
    desk.json("refuse", "1", "--category", known, "-m", "不属实")
    assert desk.json("wait", "I-WY26-00001", "--for", "closed").facts["state"] == "closed"
    desk.json("wait", "I-WY26-00001", "--for", "called_back", "--timeout", "0s", code=1)


def test_a_state_that_there_is_not_names_those_there_are(desk: Shell) -> None:
    said = desk("wait", "W-WY26-00001", "--for", "closed")
    assert said.code == 2
    assert "assembled, ended, delivered" in said.told
    assert desk("wait", "I-WY26-00001", "--for", "overdue").code == 2
    assert desk("wait", "W-WY26-00009", "--for", "ended").code == 3


def test_who_waits_hears_of_it_when_another_desk_writes(desk: Shell) -> None:
    first, *_others = called(desk)
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "wait", f"1/{first}", "--for", "acknowledged", "--timeout",
         "60s"],
        env=desk.whole_env, cwd=HOUSE, stdout=subprocess.PIPE,
    ) as waiting:  # fmt: skip
        assert desk.child("ack", "1", "-t", "25m", "--as", first).returncode == 0
        out, _err = waiting.communicate(timeout=60)
    assert (waiting.returncode, out.decode()) == (0, f"W-WY26-00001/{first}: acknowledged\n")


def ends(desk: Shell, name: str, state: str, code: int = 0) -> str | None:
    """In which state a wait for this one ends at once, with which code."""
    said = desk.json("wait", name, "--for", state, "--timeout", "0s", code=code)
    found: str | None = said.facts["state"]
    return found


def test_a_team_is_waited_for_until_all_its_people_are_there(desk: Shell) -> None:
    team = desk.json("team", "form", "夜查", "--on-call", "UT-GAS=1", "--on-call", "FR=1").facts[
        "id"
    ]
    assert ends(desk, team, "formed") == "formed"
    assert ends(desk, team, "dispatched", 8) is None
    desk.json("team", "dispatch", team, "1")
    assert ends(desk, team, "派出") == "dispatched"
    for unit in ("UT-GAS", "FR"):
        assert ends(desk, team, "到岗", 8) is None
        desk.json("team", "sign-in", team, "--as", unit)
    assert ends(desk, team, "到岗") == "complete"
    desk.json("team", "stand-down", team, "-m", "storm")
    assert ends(desk, team, "解散") == "stood_down"
    assert ends(desk, team, "dispatched", 1) is None, "it is not sent out any more"


def test_a_patrol_is_waited_for_until_it_is_out_and_done(desk: Shell) -> None:
    plan = ("patrol", "plan", "Gate", "--slot", "08:30-10:30", "--who", "UM")
    walk, kept = (desk.json(*plan).facts["id"] for _each in range(2))
    assert ends(desk, walk, "planned") == "planned"
    assert ends(desk, walk, "out", 8) is None
    desk.json("patrol", "start", walk, "--as", "UM")
    assert ends(desk, walk, "out") == "out"
    assert ends(desk, walk, "missed", 1) is None, "it has set out"
    desk.json("patrol", "finish", walk, "--as", "UM", "-m", "night falls")
    assert ends(desk, walk, "done") == "done"
    desk.now += 3 * HOUR
    assert ends(desk, kept, "missed") == "missed"
    assert ends(desk, kept, "out", 8) is None, "it may still set out"

"""The one screen, and what one shift hands to the next."""

from pathlib import Path
from typing import Any

import pytest

from projections import coordinate
from projections.projection import Rows
from tests.shell import Shell
from whistle.domain.moment import HOUR, MINUTE
from whistle.domain.whistle.events import Arrived
from whistle.log.rows import Recorded


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    """A gas leak whose units were called, and noise that nobody took on yet."""
    shell = Shell(tmp_path).founded()
    shell.json("blow", "-e", "gas-leak", "草桥路12号")
    shell.json("report", "shop-noise", "榆苑路")
    return shell


def called(desk: Shell) -> list[str]:
    rows: list[Any] = desk.json("watch", "--once").facts
    return [row["unit"] for row in rows if row["verb"] == "ack"]


def town_office(desk: Shell) -> str:
    (unit,) = (row["unit"] for row in desk.json("watch", "I-WY26-00002", "--once").facts)
    return str(unit)


def test_the_screen_says_whom_it_waits_on(desk: Shell) -> None:
    told = desk.json("status").facts
    units = called(desk)
    assert {each["unit"] for each in told["waiting_on"]} == {*units, town_office(desk)}
    assert all(each["steps"] == 1 for each in told["waiting_on"] if each["unit"] in units)
    assert told["overdue"] == []
    assert {row["unit"] for row in told["due_soon"]} == {*units}
    assert told["incidents"]["by_stage"] == {"in_hand": 1, "reported": 1}


def test_who_is_late_stands_first_on_the_screen(desk: Shell) -> None:
    *others, last = called(desk)
    for unit in others:
        desk.json("arrive", "1", "--as", unit)
    desk.now += 40 * MINUTE
    rows = desk.json("status").facts["waiting_on"]
    assert rows[0]["overdue"]
    assert last in [row["unit"] for row in rows if row["overdue"]]
    shown = desk("status").text
    assert shown.index("Overdue (") < shown.index("Waits on (")
    assert "超时" in desk("总览", "--lang", "zh").text


def test_a_long_day_stays_one_screen(tmp_path: Path) -> None:
    desk = Shell(tmp_path).founded()
    for house in range(12):
        desk.json("blow", "-e", "gas-leak", f"草桥路{house}号")
    assert len(desk("status").text.splitlines()) < 60
    assert "… and 2 more" in desk("status").text


def test_what_is_unsettled_is_counted(desk: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def poisoned(rows: Rows, told: Recorded, event: Arrived) -> None:
        raise ValueError("no room for it")

    handlers: dict[type, Any] = coordinate.coordinate.handlers
    monkeypatch.setitem(handlers, Arrived, poisoned)
    assert {kind for kind, n in desk.json("status").facts["unsettled"].items() if n} == {"approve"}
    first, *_others = called(desk)
    desk.now += 2 * MINUTE
    desk.json("arrive", "1", "--behalf", first, "--speaker", "值班员", "--at", "-1m", "--why", "忙")
    desk.json("view", "coordinate")
    unsettled = desk.json("status").facts["unsettled"]
    assert unsettled["confirm"] == 1
    assert unsettled["parked"] == 1


def test_the_next_shift_is_told_who_owes_what_by_when(desk: Shell) -> None:
    units = called(desk)
    told = desk.json("handover", "--since", "-1h").facts
    assert [row["name"] for row in told["incidents"]] == ["I-WY26-00001", "I-WY26-00002"]
    owed = {row["unit"]: row for row in told["owed"] if row["verb"] == "ack"}
    assert {*owed} == {*units}
    assert all(row["due"] for row in owed.values())
    assert "incident.reported/1" in [row["topic"] for row in told["happened"]]


def test_what_fell_due_while_nobody_looked_is_in_the_list_with_both_times(desk: Shell) -> None:
    desk.now += 3 * HOUR
    told = desk.json("交接班", "--自", "-4h").facts
    assert told["fell_due"]
    assert all(row["at"] < row["found"] for row in told["fell_due"])


def test_what_happened_before_the_shift_is_not_told(desk: Shell) -> None:
    desk.now += 3 * HOUR
    desk.json("clock", "tick")
    desk.now += 13 * HOUR
    desk.json("report", "shop-noise", "草桥路")
    told = desk.json("handover").facts
    assert [row["name"] for row in told["happened"]][-1] == "I-WY26-00003"
    assert "I-WY26-00001" not in [row["name"] for row in told["happened"]]
    assert len(told["incidents"]) == 3


def test_a_told_act_that_nobody_confirmed_is_handed_over_and_the_list_can_be_signed(
    desk: Shell,
) -> None:
    first, *_others = called(desk)
    desk.now += 2 * MINUTE
    desk.json("arrive", "1", "--behalf", first, "--speaker", "值班员", "--at", "-1m", "--why", "忙")
    since = "2026-10-14T08:00:00+08:00"
    told = desk.json("handover", "--since", since).facts
    assert len(told["unconfirmed"]) == 1
    assert desk.json("handover", "--since", since).facts["digest"] == told["digest"]
    text = desk("handover", "--since", since).text
    assert told["digest"][:16] in text
    assert "Told and not confirmed" in text
    desk.json("report", "shop-noise", "草桥路")
    assert desk.json("handover", "--since", since).facts["digest"] != told["digest"]

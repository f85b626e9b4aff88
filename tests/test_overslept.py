"""What fell due while nobody looked is told to whoever comes next: due time and found time both."""

from pathlib import Path
from typing import Any

import pytest

from projections import coordinate
from projections.desk.overslept import MISSED
from projections.desk.words import TOPICS
from projections.projection import Rows
from tests.shell import Shell
from whistle.domain.moment import HOUR, MINUTE
from whistle.domain.whistle.events import Arrived
from whistle.log.rows import Recorded


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path).founded()
    shell.json("blow", "-e", "gas-leak", "草桥路12号")
    return shell


def found(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("overdue, due")]


@pytest.mark.parametrize(
    "words", [("inbox",), ("clock", "tick"), ("report", "shop-noise", "榆苑路")]
)
def test_a_read_a_tick_and_a_write_tell_what_fell_due(desk: Shell, words: tuple[str, ...]) -> None:
    desk.now += 5 * HOUR
    said = desk(*words)
    assert said.code == 0
    told = found(said.told.splitlines())
    assert told
    assert all("found 14:00:0" in line and "W-WY26-00001/" in line for line in told)
    assert not any("due 14:" in line.partition("found")[0] for line in told)
    assert found(desk(*words).told.splitlines()) == [], "once"


def test_every_topic_that_is_told_is_one_of_the_record() -> None:
    assert set(TOPICS) >= MISSED


def test_programs_are_told_beside_the_answer(desk: Shell) -> None:
    desk.now += 5 * HOUR
    assert "clock.found" in desk.json("inbox").rules
    assert "clock.found" not in desk.json("inbox").rules


def test_a_long_absence_is_told_in_twenty_lines(tmp_path: Path) -> None:
    desk = Shell(tmp_path).founded()
    for house in range(5):
        desk.json("blow", "-e", "gas-leak", f"草桥路{house}号")
    desk.now += 24 * HOUR
    rules = desk.json("clock", "tick")
    told = [each for each in rules.envelope["diagnostics"] if each["rule"] == "clock.found"]
    assert len(told) == 21
    assert "more fell due" in told[-1]["message"]


def test_a_case_that_a_view_could_not_take_is_told_on_every_reading(
    desk: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def poisoned(rows: Rows, told: Recorded, event: Arrived) -> None:
        raise ValueError("no room for it")

    handlers: dict[type, Any] = coordinate.coordinate.handlers
    monkeypatch.setitem(handlers, Arrived, poisoned)
    assert "view.parked" not in desk.json("view", "coordinate").rules
    first = next(row["unit"] for row in desk.json("inbox", "--all").facts if row["verb"] == "ack")
    desk.json("arrive", "1", "--as", first)
    desk.json("view", "coordinate")
    for words in (("view", "coordinate"), ("inbox",), ("status",)):
        assert "view.parked" in desk.json(*words).rules
    assert "1 (coordinate)" in desk("inbox").told


def test_a_word_that_the_leader_owed_a_patrol_and_a_whistle_set_for_later_are_told(
    desk: Shell,
) -> None:
    for unit in ("FR", "EM", "HC", "PS"):  # so that the list stays short
        desk.json("call", "withdraw", f"1/{unit}", "-m", "one is enough")
    desk.json("patrol", "plan", "North Gate", "--slot", "09:30-10:00", "--who", "UM")
    desk.json("report", "street-vending", "榆苑路", "--accept")
    desk.json("blow", "2", "--on", "25m")
    desk.json("approve", "2")
    desk.now += HOUR + HOUR
    told = desk("inbox").told
    assert "not confirmed in time: the town's mark, due 09:30:0" in told
    assert "the time set for the whistle came, due 09:25:0" in told
    assert "nobody had set out in its slot, due 10:00:00, found 11:00:1" in told


def test_who_is_to_be_told_next_is_named(desk: Shell) -> None:
    desk.json("org", "unit", "reach", "FR", "phone")
    desk.json("org", "person", "add", "FR", "老张", "--role", "alternate")
    desk.json("blow", "-e", "gas-leak", "草桥路13号")
    shown = desk("show", "W-WY26-00002").text
    assert "not told yet (attempts: 0); to be told now: its duty desk; from 09:05:0" in shown
    assert "the stand-in 老张" in shown
    desk.now += 6 * MINUTE
    told = desk("inbox").told
    assert "W-WY26-00002/FR 消防救援站 to the stand-in 老张" in told
    desk.json("deliver", "2/FR", "--to", "老张", "--no-answer")
    assert "(attempts: 1); to be told now: the stand-in 老张" in desk("show", "W-WY26-00002").text
    desk.now += HOUR
    desk.json("clock", "tick")
    shown = desk("show", "W-WY26-00002").text
    assert "消防救援站: could not be reached (attempts: 1); it does not count as late" in shown

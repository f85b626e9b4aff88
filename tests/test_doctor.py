"""The operator looks in: what is well, what somebody should see to, and what cannot wait."""

import json
import shutil
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from projections.desk import health_store
from projections.desk.doctor import CHECKS
from tests.office import untie
from tests.shell import HOUSE, Shell, evening_at
from whistle.domain.moment import DAY, HOUR, MINUTE, SECOND, parse

SHAPES = HOUSE / "docs" / "reference" / "json"
SCHEMA = Draft202012Validator(json.loads((SHAPES / "doctor.schema.json").read_text("utf-8")))

OF_A_FILE = [check for check in CHECKS if check != "archive"]  # which a server has
OF_A_SERVER = [check for check in CHECKS if check not in {"disk", "wal", "copy", "left"}]
A_WORD = pytest.mark.sqlite("a column of PostgreSQL takes no word for a number")
A_FILE = pytest.mark.sqlite("what lies beside a file, and on its disk")


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    """A town after a busy evening."""
    return evening_at(tmp_path)


def seen(desk: Shell, check: str) -> Any:
    """One line of the page; the exit code is 1 when any line alarms."""
    said = desk("doctor", "--json")
    SCHEMA.validate(said.facts)
    assert said.code == (0 if said.facts["healthy"] else 1)
    (found,) = [each for each in said.facts["findings"] if each["check"] == check]
    return found


def state(desk: Shell, check: str) -> str:
    """How bad that line is."""
    return str(seen(desk, check)["state"])


def on_another_disk(monkeypatch: pytest.MonkeyPatch, stick: Path) -> None:
    """Files on the stick have another device's number."""
    plain = Path.stat

    def stat(self: Path, **more: Any) -> Any:
        found = plain(self, **more)
        fields = {name: getattr(found, name) for name in dir(found) if name.startswith("st_")}
        fields["st_dev"] += stick in self.parents
        return SimpleNamespace(**fields)

    monkeypatch.setattr(Path, "stat", stat)


@A_FILE
def test_each_line_is_well_where_the_town_is_cared_for(
    desk: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    desk.json("store", "backup", str(stick / "copy.db"))
    desk.json("clock", "tick")
    plenty = SimpleNamespace(total=100, used=40, free=60)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: plenty)
    on_another_disk(monkeypatch, stick)
    found = desk.json("doctor").facts
    assert [each["check"] for each in found["findings"]] == OF_A_FILE
    assert [each for each in found["findings"] if each["state"] != "ok"] == []
    assert (found["healthy"], found["alarms"], found["looks"]) == (True, 0, 0)


@A_FILE
def test_where_there_is_no_store_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    desk = Shell(tmp_path)
    said = desk("doctor")
    assert said.code == 1
    assert "whistle setup" in said.text
    assert "versions" in said.text
    assert [path.name for path in tmp_path.iterdir()] == []


@A_FILE
def test_a_file_that_is_no_store_is_told_and_left(tmp_path: Path) -> None:
    desk = Shell(tmp_path)
    desk.store.write_text("a letter, long enough to be one" * 9)
    assert seen(desk, "store")["state"] == "alarm"
    assert desk.store.read_text().startswith("a letter")


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE ledger",
        "DROP TABLE names",
        "DROP TABLE ledger_head",
        "UPDATE ledger_head SET frontier = x'00'",
        "UPDATE adopted SET body = x'00'",
        "DELETE FROM events WHERE position > 30",
        pytest.param("UPDATE ledger_head SET last_recorded_at = 'x'", marks=A_WORD),
    ],
)
def test_a_broken_store_gives_a_page_with_alarms_and_no_traceback(desk: Shell, damage: str) -> None:
    with closing(desk.tool()) as tool:
        untie(tool)
        tool.execute(damage)
    said = desk("doctor", "--json")
    assert said.code == 1
    page = OF_A_SERVER if desk.address.startswith("postgresql") else OF_A_FILE
    assert [each["check"] for each in said.facts["findings"]] == page
    assert desk("doctor").code == 1


@A_FILE
def test_a_store_cut_short_gives_a_page(desk: Shell) -> None:
    desk.store.write_bytes(desk.store.read_bytes()[:8192])
    assert desk("doctor").code == 1


@A_FILE
def test_a_full_disk_is_an_alarm_below_a_tenth(
    desk: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {}
    for free in (9, 10, 19, 20):
        room = SimpleNamespace(total=100, used=100 - free, free=free)
        monkeypatch.setattr(shutil, "disk_usage", lambda _path, room=room: room)
        told[free] = state(desk, "disk")
    assert told == {9: "alarm", 10: "look", 19: "look", 20: "ok"}


@A_FILE
def test_copies_grow_old_only_where_work_went_on(desk: Shell) -> None:
    assert (state(desk, "copy"), seen(desk, "copy")["next"]) == (
        "look",
        "whistle store backup FILE",
    )
    desk.now += 8 * DAY
    assert state(desk, "copy") == "alarm"  # a week of work, and no copy
    desk.json("store", "backup", str(desk.folder / "copy.db"))
    desk.now += 8 * DAY
    assert "disk of the store" in seen(desk, "copy")["next"]  # old, but nothing came since
    desk.json("report", "shop-noise", "Yuyuan Rd")
    assert state(desk, "copy") == "alarm"
    assert seen(desk, "copy")["figures"]["events_since"] > 0


@A_FILE
def test_a_copy_that_is_gone_is_not_counted_on(desk: Shell) -> None:
    desk.json("store", "backup", str(desk.folder / "copy.db"))
    (desk.folder / "copy.db").unlink()
    assert "--check" in seen(desk, "copy")["next"]


def test_a_clock_behind_the_record_is_an_alarm(desk: Shell) -> None:
    desk.now -= HOUR
    found = seen(desk, "clock")
    assert (found["state"], found["figures"]["behind_s"] > 3000) == ("alarm", True)
    desk.json("report", "shop-noise", "Yuyuan Rd")
    desk.now += 2 * HOUR
    assert seen(desk, "clock")["next"] == "whistle clock anomalies"


@A_FILE
def test_a_timer_that_fell_silent_is_an_alarm(desk: Shell) -> None:
    assert state(desk, "timer") == "look"
    desk.now += 2 * HOUR
    assert seen(desk, "timer")["figures"]["unspoken"] > 0
    desk.json("clock", "tick")
    assert state(desk, "timer") == "ok"
    desk.now += 10 * MINUTE
    assert (state(desk, "timer"), seen(desk, "timer")["next"]) == ("alarm", "whistle setup --timer")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-10-31", "ok"),
        ("2026-11-01", "look"),
        ("2026-11-30", "look"),
        ("2026-12-01", "alarm"),
        ("2027-01-01", "alarm"),
    ],
)
def test_next_years_calendar_is_asked_for_from_november_on(
    desk: Shell, day: str, expected: str
) -> None:
    desk.now = parse(f"{day}T09:00:00+08:00")
    found = seen(desk, "calendar")
    assert found["state"] == expected
    if expected != "ok":
        assert found["next"] == "whistle calendar import FILE"
        assert "2027" in found["says"]


def test_a_case_that_stands_still_in_a_view_is_an_alarm(desk: Shell) -> None:
    desk.json("inbox")
    with closing(desk.tool(views=True)) as tool:
        tool.execute("INSERT INTO parked VALUES ('deadlines', 30, 'case', 'it could not be taken')")
    found = seen(desk, "views")
    assert (found["state"], found["next"]) == ("alarm", "whistle projection status")


@A_FILE
def test_what_a_killed_copy_left_is_told(desk: Shell) -> None:
    (desk.folder / "town.db.restoring").write_bytes(b"half")
    assert seen(desk, "left")["figures"]["files"] == [".restoring"]


@A_FILE
def test_a_store_that_was_set_aside_is_told_as_evidence(desk: Shell) -> None:
    desk.json("store", "backup", str(desk.folder / "copy.db"))
    desk.json("report", "shop-noise", "Yuyuan Rd")
    desk.json("store", "restore", str(desk.folder / "copy.db"), "--lose", "1")
    found = seen(desk, "left")
    assert (found["state"], found["figures"]["files"]) == ("ok", [".before-e2"])


@A_FILE
def test_a_long_write_ahead_log_is_looked_at(desk: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert state(desk, "wal") == "ok"
    monkeypatch.setattr(health_store, "WAL_LOOK", -1)
    assert state(desk, "wal") == "look"


def test_looking_in_records_nothing_and_lets_no_clock_speak(desk: Shell) -> None:
    desk.now += 5 * HOUR
    before = desk.record()
    desk("doctor")
    assert desk.record() == before


def test_the_growth_is_that_of_the_last_month(desk: Shell) -> None:
    first = seen(desk, "size")["figures"]
    assert first["bytes_per_day"] == first["bytes"]  # all of it came today
    desk.now += 40 * DAY
    assert seen(desk, "size")["figures"]["bytes_per_day"] == 0
    desk.now -= 39 * DAY + SECOND
    found = seen(desk, "size")["figures"]
    assert 0 < found["bytes_per_day"] <= found["bytes"]


def test_it_is_said_in_chinese(desk: Shell) -> None:
    said = desk("体检", "--lang", "zh")
    assert "档案库" in said.text
    assert "备份" in said.text

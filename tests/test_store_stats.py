"""What takes the room: the parts add up to the file, the kinds and days to the events."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.office import Office
from tests.shell import HOUSE, Shell, evening_at
from whistle.domain.moment import DAY
from whistle.log import sizes
from whistle.log.sizes import PARTS, REGISTER

SHAPES = HOUSE / "docs" / "reference" / "json"
SCHEMA = Draft202012Validator(json.loads((SHAPES / "store-stats.schema.json").read_text("utf-8")))


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    """A town after a busy evening."""
    return evening_at(tmp_path)


def stats(desk: Shell, *more: str) -> Any:
    """What the verb finds, in the shape that is promised."""
    facts = desk.json("store", "stats", *more).facts
    SCHEMA.validate(facts)
    return facts


@pytest.mark.sqlite("the pages of a file")
def test_the_parts_are_the_whole_file(desk: Shell) -> None:
    found = stats(desk)
    assert found["counted"] == "pages"
    assert list(found["parts"]) == list(PARTS)
    assert sum(found["parts"].values()) == found["bytes"] == desk.store.stat().st_size
    assert min(found["parts"].values()) >= 0


def test_the_kinds_are_all_events(desk: Shell) -> None:
    found = stats(desk)
    ((events, payload),) = desk.rows("events", "COUNT(*), SUM(LENGTH(state))")
    assert found["events"] == events == sum(each["events"] for each in found["topics"])
    assert sum(each["payload"] for each in found["topics"]) == payload
    assert found["bytes_per_event"] == round(found["bytes"] / events)


def test_a_day_begins_at_midnight_of_the_town_and_not_of_greenwich(desk: Shell) -> None:
    before = stats(desk)["events"]
    desk.now += 14 * 3600 * 1_000_000 + 60 * 60 * 1_000_000 // 2  # 23:30 at +08:00
    desk.json("report", "shop-noise", "Yuyuan Rd")
    desk.now += 3600 * 1_000_000  # past midnight there, and still the same day in UTC
    desk.json("report", "shop-noise", "Yuyuan Rd")
    days = {each["day"]: each["events"] for each in stats(desk, "--days", "3")["days"]}
    assert list(days) == ["2026-10-13", "2026-10-14", "2026-10-15"]
    assert (days["2026-10-13"], sum(days.values())) == (0, stats(desk)["events"])
    assert days["2026-10-14"] >= before + 1
    assert days["2026-10-15"] >= 1


@pytest.mark.sqlite("what lies beside a file")
def test_the_files_beside_are_told(desk: Shell) -> None:
    desk.json("inbox")
    assert stats(desk)["beside"][".views"] > 0


@pytest.mark.sqlite("the pages of a file")
def test_an_sqlite_without_page_counts_adds_up_the_contents(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.blow()
    with office.log.reading() as reader:
        by_pages = sizes.sizes(reader)
        monkeypatch.setattr(sizes, "_by_pages", lambda _reader: None)
        found = sizes.sizes(reader)
    assert (found.counted, found.whole) == ("contents", by_pages.whole)
    ((payload,),) = office.rows("SELECT SUM(LENGTH(state)) FROM events")
    assert payload < found.parts["events"] < by_pages.parts["events"] + by_pages.parts["indexes"]
    assert found.parts["other"] > by_pages.parts["other"]


def test_every_table_of_a_store_belongs_to_a_part(office: Office) -> None:
    listed = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if office.log.path is None:
        listed = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    tables = {name for (name,) in office.rows(listed)}
    own = {"store", "ledger_head", "sqlite_sequence"}
    assert tables - own == {*sizes.RECORD, *sizes.WITH, *REGISTER}


@pytest.mark.parametrize("moment", range(5))
def test_the_first_event_since_an_instant_is_found_by_halving(office: Office, moment: int) -> None:
    for nth in range(4):
        office.clock.now += DAY
        office.report(f"i{nth}")
    since = office.clock.now - moment * DAY
    ((right,),) = office.rows("SELECT MIN(seq) FROM ledger WHERE recorded_at >= ?", since)
    with office.log.reading() as reader:
        assert sizes.first_since(reader, since) == right
        assert sizes.first_since(reader, office.clock.now + DAY) == office.log.size() + 1
        assert sizes.first_since(reader, 0) == 1


def test_people_read_sizes_in_three_digits(desk: Shell) -> None:
    said = desk("store", "stats")
    assert said.code == 0
    assert "KB" in said.text
    assert desk("存储", "统计", "--天数", "3", "--lang", "zh").code == 0

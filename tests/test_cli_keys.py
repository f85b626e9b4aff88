"""Said twice, said late, only rehearsed: keys, versions, rehearsals and claimed times."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from tests.shell import RECORD, Shell


def test_a_repeat_under_the_same_key_is_the_first_reply(desk: Shell) -> None:
    line = ("ack", "--as", "rq", "--key", "k1")
    first = desk.json(*line).facts
    assert first["replayed"] is False
    desk.json("arrive", "--as", "rq")
    desk.json("finish", "--as", "rq")
    before = desk.record()
    again = desk.json(*line).facts  # no call waits for an answer any more
    assert again == {**first, "replayed": True}
    assert desk("--key", "k1", "--lang", "zh", "ack", "--as", "rq").code == 0
    assert desk.record() == before


def test_a_key_of_a_line_with_several_names_repeats_all_of_them(desk: Shell) -> None:
    line = ("ack", "1", "2", "--as", "hc", "--key", "k")
    first = desk.json(*line).facts["results"]
    again = desk.json(*line).facts["results"]
    assert again == [{**each, "replayed": True} for each in first]


def test_a_key_with_another_body_is_a_conflict_and_another_units_is_its_own(desk: Shell) -> None:
    desk.json("ack", "1", "--as", "rq", "--key", "k")
    before = desk.record()
    assert desk.json("arrive", "1", "--as", "rq", "--key", "k", code=6).rules == [
        "command.other_body"
    ]
    assert desk.record() == before
    assert desk.json("ack", "1", "--as", "xf", "--key", "k").facts["replayed"] is False


def test_a_refusal_does_not_bind_a_key(desk: Shell) -> None:
    line = ("finish", "1", "--as", "rq", "--key", "k")
    desk.json(*line, code=5)
    desk.json("arrive", "1", "--as", "rq")
    assert desk.json(*line).facts["replayed"] is False


def test_an_act_on_a_version_that_has_gone_by_is_a_conflict(desk: Shell) -> None:
    seen = desk.json("show", "I-WY26-00004").facts["version"]
    before = desk.record()
    desk.json("accept", "4", "--expect", str(seen + 1), code=6)
    assert desk.record() == before
    assert desk.json("accept", "4", "--expect", str(seen)).facts["version"] == seen + 1


@pytest.mark.parametrize(
    "line",
    [
        "report gas-leak there", "report gas-leak there --accept", "accept 4", "blow 3",
        "blow -e gas-leak there", "ack 1 --as rq", "arrive 1 --as rq --key k", "finish 1 --as rq",
        "correct 27 --set place=there --why typo", "org unit add XX Other", "clock tick",
        "incident handle 3", "refuse 4 --category not-ours -m theirs", "inbox", "status",
        "view ledger", "projection rebuild", "store backup copy.db", "ack 1 2 --as hc",
    ],
)  # fmt: skip
def test_a_rehearsal_writes_nothing_and_takes_no_number(desk: Shell, line: str) -> None:
    desk.now += 90 * 60 * 1_000_000  # the clocks owe warnings by now, and may not write them
    kept = [*RECORD, "attempts", "units", "adopted", "ledger_head"]
    kept += ["sqlite_sequence"] if desk.address.startswith("sqlite") else []
    before = {table: desk.rows(table) for table in kept}
    desk(*line.split(), "--dry-run")
    assert {table: desk.rows(table) for table in kept} == before
    assert not Path("copy.db").exists()


def test_a_rehearsal_tells_what_would_be_recorded(desk: Shell) -> None:
    rehearsed = desk.json("blow", "-e", "gas-leak", "there", "--dry-run").facts
    done = desk.json("blow", "-e", "gas-leak", "there").facts
    assert rehearsed["id"] == done["id"] == "W-WY26-00003"
    assert rehearsed["events"] == done["events"]


def test_a_record_is_not_opened_in_a_rehearsal(tmp_path: Path) -> None:
    desk = Shell(tmp_path)
    assert desk("init", "--town", "望榆镇", "--code", "WY", "--dry-run").code == 2
    assert not desk.store.exists()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("23:40", "2026-10-13T23:40:00+08:00"),  # the latest such moment that is not to come
        ("08:30", "2026-10-14T08:30:00+08:00"),
        ("２３：４０", "2026-10-13T23:40:00+08:00"),
        ("-20m", "2026-10-14T08:40:06+08:00"),
        ("-1h30m", "2026-10-14T07:30:06+08:00"),
        ("-20分", "2026-10-14T08:40:06+08:00"),
        ("2026-10-14T00:10:00Z", "2026-10-14T08:10:00+08:00"),
    ],
)
def test_a_claimed_time_is_kept_beside_the_received_one(
    desk: Shell, typed: str, meant: str
) -> None:
    said = desk("report", "shop-noise", "here", "--at", typed, "--why", "told by phone")
    assert said.code == 0
    assert meant[:19].replace("T", " ") in said.text, "echoed with its date"
    happened, why, received, actor, behalf = desk.rows(
        "ledger l JOIN commands c ON c.id = l.command",
        "happened_at, happened_why, received_at, actor_unit, behalf_unit",
        "ORDER BY l.seq DESC LIMIT 1",
    )[0]
    assert happened == cli_instant(meant)
    assert (why, received, actor, behalf) == ("told by phone", desk.now, "TZ", None)


def cli_instant(text: str) -> int:
    """Microseconds of an RFC 3339 text, by the standard library alone."""
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    "typed",
    ["nonsense", "25:00", "12:61", "", "-", "--5m", "-5", "-99999999999999999999d", "2026-10-14",
     "2026-10-14T09:00:00", "2026-13-01T00:00:00Z", "2099-01-01T00:00:00Z",
     "0001-01-01T00:00:00+14:00", "昨天", "٢٣:٤٠x"],
)  # fmt: skip
def test_a_time_that_is_none_or_is_to_come_is_told_and_not_recorded(
    desk: Shell, typed: str
) -> None:
    before = desk.record()
    said = desk.json("arrive", "1", "--as", "rq", f"--at={typed}", code=2)
    assert said.envelope["diagnostics"][0]["message"]
    assert desk.record() == before


@pytest.mark.parametrize("typed", ["nonsense", "-5m", "25:99", "", "99999999999999999999d"])
def test_a_promise_that_is_no_time_is_told_and_not_recorded(desk: Shell, typed: str) -> None:
    before = desk.record()
    assert desk.json("ack", "1", "--as", "rq", f"-t{typed}" if typed else "--eta=", code=2)
    assert desk.record() == before


def test_a_correction_takes_times_as_people_type_them(desk: Shell) -> None:
    before = desk.record()
    desk.json("correct", "27", "--set", "at=5", "--why", "typo", code=2)
    assert desk.record() == before
    desk.json("correct", "27", "--set", "at=-20m", "--why", "typed late")
    event = json.loads(desk.rows("events", "state", "ORDER BY position DESC LIMIT 1")[0][0])
    assert event["now"]["at"] == desk.now - 20 * 60 * 1_000_000

"""Lines of another system's log: which are taken, which are refused, and when two are the same."""

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whistle.domain import moment
from whistle.domain.history import BadLine, HistoryRecorded, digest, read_line
from whistle.domain.moment import DAY, HOUR, MINUTE, SECOND

HERE = Path(__file__).parent / "data"
BAD = json.loads((HERE / "bad_input" / "bad_event_lines.json").read_text(encoding="utf-8"))

NOW = moment.parse("2026-03-11T00:00:00+08:00")
GOOD: dict[str, Any] = {
    "event_id": "X1-E01/whistled",
    "at": "2026-03-10T10:00:00+08:00",
    "kind": "whistled",
    "incident": "X1",
    "unit": "E01",
}


def read(raw: bytes) -> HistoryRecorded | None:
    return read_line(raw, source="outside", now=NOW)


def told(**changes: object) -> HistoryRecorded:
    event = read(json.dumps(GOOD | changes).encode())
    assert event is not None
    return event


def refusal(raw: bytes) -> BadLine:
    with pytest.raises(BadLine) as refused:
        read(raw)
    assert str(refused.value)  # the sentence has every word it needs
    return refused.value


@pytest.mark.parametrize("case", BAD["single_lines"], ids=lambda case: str(case["why"]))
def test_every_odd_line_gets_the_verdict_of_a_careful_importer(case: dict[str, str]) -> None:
    raw = base64.b64decode(case["line_b64"])
    if case["expect"] == "accept":
        read(raw)
    else:
        assert f"reject_{refusal(raw).rule}" == case["expect"]


def test_a_line_is_recorded_as_the_source_told_it() -> None:
    raw = (
        b'{"event_id": "A/w", "at": "2026-03-10T02:00:00.25Z", "kind": "whistled",'
        b' "incident": "A", "unit": "\xe9\x98\x9f", "received_at": "2026-03-10T10:00:07+08:00",'
        b' "attributes": {"call type": "Alarms", "note": "say \\"hi\\""}}'
    )
    assert read(raw) == HistoryRecorded(
        at=moment.parse("2026-03-10T10:00:00+08:00") + SECOND // 4,
        kind="whistled",
        incident="A",
        unit="队",
        source="outside",
        source_event_id="A/w",
        source_received_at=moment.parse("2026-03-10T10:00:07+08:00"),
        attributes={"call type": "Alarms", "note": 'say "hi"'},
    )


@pytest.mark.parametrize("raw", [b"", b"\n", b"\r\n", b"  \t "])
def test_an_empty_line_tells_nothing(raw: bytes) -> None:
    assert read(raw) is None


def test_text_is_not_normalised_nor_is_a_name_with_inner_spaces_refused() -> None:
    assert told(unit="E\u0301 01").unit == "E\u0301 01"
    assert told(unit="城管\u3000二队").unit == "城管\u3000二队"


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b'{"unit": "E02", ' + json.dumps(GOOD).encode()[1:], "schema"),
        (json.dumps(GOOD).encode()[:-1] + b', "kind": "whistled"}', "schema"),
        (json.dumps(GOOD).encode()[:-1] + b', "\\u0061t": "2026-03-10T10:00:00Z"}', "schema"),
        (b'{"color": 1, "color": 2}', "schema"),
        (b"[" * 100_000, "syntax"),
        (b"\xef\xbb\xbf" + json.dumps(GOOD).encode(), "syntax"),
        (b"\xff\xfe" + json.dumps(GOOD).encode("utf-16-le"), "syntax"),
        (json.dumps(GOOD).encode() * 2, "syntax"),
        (b'{"n": -Infinity}', "syntax"),
        (b'{"n": ' + b"9" * 10_000 + b"}", "schema"),
        (b"null", "schema"),
    ],
)
def test_what_a_lenient_reader_would_let_through_is_refused(raw: bytes, rule: str) -> None:
    assert refusal(raw).rule == rule


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": None},
        {"unit": ""},
        {"incident": "\u3000X1"},
        {"event_id": "X1\x7f"},
        {"unit": "\ude00"},
        {"incident": "9" * 201},
        {"received_at": "yesterday"},
        {"original_at": "2026-03-10"},
        {"attributes": {"station ": "7"}},
        {"attributes": {"station": "7\x00"}},
        {"attributes": {"station": 7}},
        {"attributes": {"note": "x" * 201}},
        {"kind": "closed"},
    ],
)
def test_a_line_off_the_format_is_refused_by_schema(changes: dict[str, object]) -> None:
    assert refusal(json.dumps(GOOD | changes).encode()).rule == "schema"


@pytest.mark.parametrize("name", ["caller_phone", "Reporter", "联系电话", "投诉人姓名"])
def test_who_called_is_not_taken_into_a_record_that_cannot_be_cleaned(name: str) -> None:
    refused = refusal(json.dumps(GOOD | {"attributes": {name: "000-0001"}}).encode())
    assert refused.rule == "rule"
    assert "000-0001" not in str(refused)


@pytest.mark.parametrize("name", ["at", "received_at", "original_at"])
def test_a_time_before_1970_or_over_a_day_ahead_of_the_clock_cannot_be(name: str) -> None:
    for possible in (0, NOW + DAY):
        told(**{name: moment.rfc3339(possible)})
    for impossible in (-1, NOW + DAY + 1):
        line = json.dumps(GOOD | {name: moment.rfc3339(impossible)}).encode()
        assert refusal(line).rule == "rule"


def test_the_time_that_a_source_says_it_overwrote_is_not_kept() -> None:
    assert told(original_at="2026-03-10T09:00:00+08:00") == told()


def test_the_same_content_has_the_same_digest_however_it_is_written() -> None:
    attributes = {"a": "1", "b": "2"}
    plain = told(attributes=attributes)
    other_offset = {
        "at": "2026-03-10T02:00:00.000Z",
        "attributes": dict(reversed(attributes.items())),
    }
    assert digest(told(**other_offset)) == digest(plain)
    assert len(digest(plain)) == 16


@pytest.mark.parametrize(
    "changes",
    [
        {"at": "2026-03-10T10:00:00.000001+08:00"},
        {"kind": "arrived"},
        {"incident": "X2"},
        {"unit": "E02"},
        {"event_id": "X1-E02/whistled"},
        {"received_at": "2026-03-10T10:00:00+08:00"},
        {"attributes": {"station": "7"}},
    ],
)
def test_other_content_has_another_digest(changes: dict[str, object]) -> None:
    assert digest(told(**changes)) != digest(told())


def test_an_event_is_kept_whole_through_its_stored_form() -> None:
    event = told(received_at="2026-03-10T10:00:07+08:00", attributes={"station": "7"})
    stored = msgspec.json.encode(event)
    assert msgspec.json.decode(stored, type=HistoryRecorded) == event
    assert b"attributes" not in msgspec.json.encode(told())


def test_forty_events_that_reuse_an_id_with_another_time_are_seen_and_repeats_are_not() -> None:
    with gzip.open(HERE / "sf_fire" / "sf_week_a_scrambled.jsonl.gz") as lines:
        events = [event for raw in lines if (event := read(raw))]
    known = {event.source_event_id: digest(event) for event in events}
    assert len(events) - len(known) == 814
    assert all(known[event.source_event_id] == digest(event) for event in events)
    conflicts = (HERE / "sf_fire" / "sf_week_a_conflicts.jsonl").read_bytes().splitlines()
    reused = [event for raw in conflicts if (event := read(raw))]
    assert len(reused) == 40
    assert all(known[event.source_event_id] != digest(event) for event in reused)


@given(
    st.integers(0, 4_000_000_000),
    st.sampled_from(["Z", "z", "+08:00", "-23:59", "+00:00", "+24:00", "0", "+0800"]),
    st.sampled_from(["", ".5", ".123456789"]),
    st.sampled_from("Tt x"),
)
def test_a_time_read_through_the_cache_is_the_time_read_without_it(
    second: int, offset: str, fraction: str, between: str
) -> None:
    whole = moment.rfc3339(second * SECOND)
    text = f"{whole[:10]}{between}{whole[11:19]}{fraction}{offset}"
    if between == "x" or offset in ("+24:00", "0", "+0800"):
        with pytest.raises(ValueError, match=re.escape(text)):
            moment.parse(text)
        return
    ahead = {"+08:00": 8 * HOUR, "-23:59": -(24 * HOUR - MINUTE)}.get(offset, 0)
    parts = {"": 0, ".5": 500_000, ".123456789": 123_456}[fraction]
    assert moment.parse(text) == second * SECOND - ahead + parts


@pytest.mark.parametrize(
    "text", ["2026-03-10T10:60:00Z", "2026-03-10T10:00:60Z", "2026-03-10T1:000:00Z"]
)
def test_a_minute_or_second_beyond_the_clock_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        moment.parse(text)

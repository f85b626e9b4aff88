"""The ledger's fold: facts told in any order, late, twice or without a whistle."""

import gzip
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whistle.domain import moment
from whistle.domain.history import BadLine, HistoryRecorded, Kind, read_line
from whistle.domain.ledger import Assignment, Extra, Fact, Ledger, fact
from whistle.domain.measures import METRICS, summary
from whistle.domain.moment import HOUR, MINUTE, SECOND
from whistle.domain.quality import quality

HERE = Path(__file__).parent / "data"
NOW = moment.parse("2026-04-01T00:00:00Z")
SEQUENCES = {
    case["why"]: case["lines"]
    for case in json.loads(
        (HERE / "bad_input" / "bad_event_lines.json").read_text(encoding="utf-8")
    )["sequences"]
}
TEN = moment.parse("2026-03-10T10:00:00+08:00")
LIMITS = {"ack": 60, "arrival": 300, "total_response": 480, "disposal": 3600}


def events(name: str) -> list[HistoryRecorded]:
    with gzip.open(HERE / "sf_fire" / f"{name}.jsonl.gz") as lines:
        return [event for raw in lines if (event := read_line(raw, source="sf", now=NOW))]


def folded(
    history: Iterable[HistoryRecorded], until: int | None = None, known_at: int | None = None
) -> Ledger:
    ledger = Ledger(until=until, known_at=known_at)
    for event in history:
        told = fact(event)
        assert told is not None
        ledger.tell(told, event.source_event_id)
    return ledger


def of_sequence(why: str) -> Ledger:
    lines = (read_line(line.encode(), source="s", now=NOW) for line in SEQUENCES[why])
    return folded(event for event in lines if event)


def test_an_arrival_before_any_whistle_is_kept_flagged_and_counted_nowhere() -> None:
    ledger = of_sequence("arrival before any whistle")
    assert ledger.assignments() == []
    (kept,) = ledger.unwhistled()
    assert (kept.incident, kept.unit, kept.whistled, kept.arrived) == (
        ("s", "R1"),
        "E01",
        None,
        TEN,
    )
    assert summary(ledger.assignments())["overall"]["assignments"] == 0


def test_an_acknowledgement_before_the_whistle_is_a_negative_interval() -> None:
    rows = of_sequence("acknowledged an hour before the whistle").assignments()
    ack = summary(rows, LIMITS)["overall"]["metrics"]["ack"]
    assert (ack["n_valid"], ack["n_missing"], ack["n_negative"]) == (0, 0, 1)
    assert (ack["on_time"], ack["rate_valid"], ack["rate_all"]) == (0, None, 0.0)
    assert "p50_nearest" not in ack


def test_of_two_arrivals_the_first_counts_and_the_other_is_reported() -> None:
    ledger = of_sequence("two arrivals with different ids")
    (row,) = ledger.assignments()
    assert row.arrived == TEN + 20 * MINUTE
    assert ledger.extras() == [Extra(("s", "R5"), "E01", "arrived", TEN + 25 * MINUTE, "R5-b")]
    assert len(ledger) == 3


def test_five_facts_at_one_instant_are_all_valid_and_on_time() -> None:
    rows = of_sequence("all five at the same instant").assignments()
    metrics = summary(rows, dict.fromkeys(METRICS, 0))["overall"]["metrics"]
    assert {(m["n_valid"], m["max"], m["on_time"]) for m in metrics.values()} == {(1, 0, 1)}
    assert quality(rows)["counts"]["finished_before_arrival"] == 0


def test_an_event_of_a_year_to_come_never_reaches_the_ledger() -> None:
    (line,) = SEQUENCES["future event beyond the clock"]
    with pytest.raises(BadLine) as refused:
        read_line(line.encode(), source="s", now=NOW)
    assert refused.value.rule == "rule"


def test_a_source_that_uses_the_numbers_of_another_is_not_mixed_with_it() -> None:
    line = SEQUENCES["two arrivals with different ids"][0].encode()
    both = [read_line(line, source=source, now=NOW) for source in ("east", "west")]
    ledger = folded(event for event in both if event)
    assert [row.incident for row in ledger.assignments()] == [("east", "R5"), ("west", "R5")]
    assert summary(ledger.assignments())["overall"]["incidents"] == 2


def test_the_late_stream_at_twelve_moments_of_knowledge() -> None:
    history = events("sf_week_a_late")
    answers = json.loads((HERE / "sf_fire" / "expected_sf_week_a_streams.json").read_text())
    assert len(answers["late_points"]) == 12
    for point in answers["late_points"]:
        ledger = folded(history, known_at=moment.parse(point["known_at"]))
        arrival = summary(ledger.assignments(), LIMITS)["overall"]["metrics"]["arrival"]
        assert {
            "known_at": point["known_at"],
            "events_known": len(ledger),
            "arrival_n": arrival["n_valid"],
            "arrival_p90_nearest": arrival["p90_nearest"],
            "arrival_within_300s": arrival["on_time"],
            "arrived_known_before_its_whistle": sum(
                row.arrived is not None for row in ledger.unwhistled()
            ),
        } == point


def test_until_a_moment_only_what_had_happened_counts() -> None:
    rows = folded(events("sf_week_a_late"), until=moment.parse("2017-01-01T00:12:53+08:00"))
    states = Counter(
        next(k for k in ("finished", "arrived", "acknowledged", "whistled") if getattr(row, k))
        for row in rows.assignments()
    )  # the point of this moment in expected_sf_week_a_asof.json
    assert states == {"whistled": 1, "acknowledged": 4, "arrived": 17, "finished": 837}


def test_a_row_is_named_as_its_source_names_it_or_else_by_incident_and_unit() -> None:
    labels = [row.label for row in folded(events("sf_week_a_events")).assignments()[:2]]
    assert labels == ["163660008-B04", "163660008-E41"]
    ledger = Ledger()
    ledger.tell(Fact(("", "stream", "jj"), ("", "I-WY26-00042"), "jj", "whistled", TEN, TEN))
    assert ledger.assignments()[0].label == "I-WY26-00042-jj"


def test_a_live_call_is_held_to_the_last_due_told() -> None:
    ledger = Ledger()
    for unit, minutes in (("jj", 20), ("cg", 40)):
        key, incident = ("", "stream", unit), ("", "I-WY26-00042")
        for due in (TEN + 10 * MINUTE, TEN + 30 * MINUTE):
            ledger.tell(Fact(key, incident, unit, "whistled", TEN, TEN, dues={"arrival": due}))
        ledger.tell(Fact(key, incident, unit, "arrived", TEN + minutes * MINUTE, TEN + HOUR))
    arrival: dict[str, Any] = summary(ledger.assignments())["overall"]["metrics"]["arrival"]
    assert (arrival["n_limited"], arrival["limit_s"], arrival["on_time"]) == (2, 1800, 1)
    assert (arrival["rate_valid"], arrival["rate_all"]) == (0.5, 0.5)
    longer = {"arrival": TEN + 40 * MINUTE}
    ledger.tell(Fact(key, incident, "cg", "whistled", TEN, TEN, dues=longer))
    arrival = summary(ledger.assignments())["overall"]["metrics"]["arrival"]
    assert "limit_s" not in arrival
    assert arrival["on_time"] == 2


def test_the_due_that_stands_last_in_the_log_counts_in_whatever_order_it_is_told() -> None:
    key, case = ("", "stream", "jj"), ("", "I-WY26-00042")
    told = [
        Fact(key, case, "jj", "whistled", TEN, TEN, seq, {"arrival": TEN + minutes * MINUTE})
        for seq, minutes in ((7, 30), (9, 10))
    ]
    ledgers = []
    for order in (told, told[::-1]):
        ledger = Ledger()
        for each in order:
            ledger.tell(each)
        ledgers.append(ledger)
    assert [[row.dues for row in each.assignments()] for each in ledgers] == [
        [{"arrival": TEN + 10 * MINUTE}]
    ] * 2


KINDS: list[Kind] = ["reported", "whistled", "acknowledged", "arrived", "finished"]


@st.composite
def facts(draw: st.DrawFn) -> tuple[Fact, str]:
    kind = draw(st.sampled_from(KINDS))
    incident = ("s", draw(st.sampled_from("AB")))
    unit = None if kind == "reported" else draw(st.sampled_from("12"))
    at = draw(st.integers(0, 3)) * SECOND
    key = None if unit is None else (*incident, unit)
    known = at + draw(st.integers(0, 2)) * SECOND
    return Fact(key, incident, unit, kind, at, known), draw(st.sampled_from("xyz"))


def shown(told: Iterable[tuple[Fact, str]], known_at: int) -> list[list[Assignment] | list[Extra]]:
    ledger = Ledger(until=3 * SECOND, known_at=known_at)
    for one, label in told:
        ledger.tell(one, label)
    return [ledger.assignments(), ledger.unwhistled(), ledger.extras()]


@given(st.lists(facts(), max_size=30), st.randoms(use_true_random=False), st.integers(0, 5))
def test_the_order_of_arrival_and_repeats_carry_no_meaning(
    told: list[tuple[Fact, str]], chance: Any, known_s: int
) -> None:
    again = told + told[::2]
    chance.shuffle(again)
    assert shown(again, known_s * SECOND) == shown(told, known_s * SECOND)


@given(st.lists(facts(), max_size=30))
def test_every_row_has_the_earliest_fact_of_each_kind(told: list[tuple[Fact, str]]) -> None:
    ledger = Ledger()
    for one, label in told:
        ledger.tell(one, label)
    rows = ledger.assignments() + ledger.unwhistled()
    assert {row.key for row in rows} == {one.assignment for one, _ in told} - {None}
    for row in rows:
        for kind in KINDS:
            mine = row.incident if kind == "reported" else row.key
            at = [
                f.counts_at
                for f, _ in told
                if f.kind == kind and mine in (f.assignment, f.incident)
            ]
            assert getattr(row, kind) == min(at, default=None)

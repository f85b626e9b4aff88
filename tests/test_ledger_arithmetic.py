"""The ledger's figures on two real dispatch logs, against answers computed by others."""

import csv
import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from whistle.domain import moment
from whistle.domain.as_of import as_of, concurrency
from whistle.domain.by_incident import incidents
from whistle.domain.history import read_line
from whistle.domain.ledger import Assignment, Ledger, fact
from whistle.domain.measures import METRICS, groups, summary
from whistle.domain.moment import SECOND
from whistle.domain.percentiles import linear, nearest, rounded
from whistle.domain.quality import quality
from whistle.domain.ranking import rank
from whistle.domain.refusal import NotFound

HERE = Path(__file__).parent / "data" / "sf_fire"
LOGS = ["sf_week_a", "sf_ne2018_h1"]
LIMITS = {"ack": 60, "arrival": 300, "total_response": 480, "disposal": 3600}
NOW = moment.parse("2026-01-01T00:00:00Z")

both_logs = pytest.mark.parametrize("log", LOGS)


@cache
def rows_of(stream: str) -> list[Assignment]:
    ledger = Ledger()
    with gzip.open(HERE / f"{stream}.jsonl.gz") as lines:
        for raw in lines:
            event = read_line(raw, source="sf", now=NOW)
            assert event is not None
            told = fact(event)
            assert told is not None
            ledger.tell(told, event.source_event_id)
    assert ledger.unwhistled() == []
    assert ledger.extras() == []
    return ledger.assignments()


def rows(log: str) -> list[Assignment]:
    return rows_of(f"{log}_events")


def answers(name: str) -> Any:
    path = HERE / f"expected_{name}.json"
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    return json.loads(gzip.decompress(path.with_suffix(".json.gz").read_bytes()))


@cache
def table(name: str) -> list[dict[str, str]]:
    with gzip.open(HERE / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def differences(got: Any, want: Any, path: str = "") -> list[str]:
    """Where they differ: the same keys and lengths, integers exactly, floats to 1e-6."""
    if isinstance(want, dict) and isinstance(got, dict) and got.keys() == want.keys():
        return [d for key in want for d in differences(got[key], want[key], f"{path}.{key}")]
    if isinstance(want, list) and isinstance(got, list) and len(got) == len(want):
        return [d for i, v in enumerate(want) for d in differences(got[i], v, f"{path}[{i}]")]
    if isinstance(want, float) and isinstance(got, float):
        return [] if abs(got - want) <= 1e-6 else [f"{path}: {got!r}, not {want!r}"]
    same = type(got) is type(want) and got == want
    return [] if same else [f"{path}: {str(got)[:80]!r}, not {str(want)[:80]!r}"]


@both_logs
def test_the_ledger_overall_and_of_every_unit(log: str) -> None:
    want = answers(f"{log}_ledger")
    got = summary(rows(log), LIMITS)
    assert differences(got, {key: want[key] for key in ("overall", "per_unit")}) == []
    assert list(got["per_unit"]) == list(want["per_unit"])


def test_the_ledger_of_the_scrambled_stream_is_that_of_the_clean_one() -> None:
    assert rows_of("sf_week_a_scrambled") == rows("sf_week_a")


@pytest.mark.parametrize(
    ("log", "attributes"),
    [("sf_week_a", "sf_week_a_attributes"), ("sf_ne2018_h1", "sf_ne2018_h1")],
)
@pytest.mark.parametrize(
    ("group", "column"),
    [
        ("by_unit_type", "Unit Type"),
        ("by_battalion", "Battalion"),
        ("by_call_type", "Call Type"),
        ("by_final_priority", "Final Priority"),
    ],
)
def test_the_ledger_by_an_attribute(log: str, attributes: str, group: str, column: str) -> None:
    value = {row["RowID"]: row[column] for row in table(attributes)}
    got = groups(rows(log), lambda row: value[row.label], LIMITS)
    assert differences(got, answers(f"{log}_groups")[group]) == []


@both_logs
def test_the_ranking_of_units_by_arrival(log: str) -> None:
    want = answers(f"{log}_ranking")
    got = rank(rows(log), "arrival", 300, want["min_assignments"])
    assert differences(got, {key: want[key] for key in ("min_assignments", "ranking")}) == []


@both_logs
def test_how_things_stood_at_every_point(log: str) -> None:
    points = answers(f"{log}_asof")["points"]
    assert len(points) == 24
    for want in points:
        at = moment.parse(want["as_of"])
        assert as_of(rows(log), at) == want | {"as_of": moment.rfc3339(at)}


@both_logs
def test_when_most_units_were_out_at_once(log: str) -> None:
    want = answers(f"{log}_asof")["concurrency"]
    want["first_reached_at"] = moment.rfc3339(moment.parse(want["first_reached_at"]))
    del want["rule"]
    assert concurrency(rows(log), max(row.finished or 0 for row in rows(log))) == want
    reached = moment.parse(want["first_reached_at"])
    peak = want["peak_active_assignments"]
    assert concurrency(rows(log), reached)["peak_active_assignments"] == peak
    assert concurrency(rows(log), reached - 1)["peak_active_assignments"] == peak - 1


@both_logs
def test_every_odd_row_is_named(log: str) -> None:
    assert differences(quality(rows(log)), answers(f"{log}_quality")) == []


@both_logs
def test_every_incident_has_its_first_and_last(log: str) -> None:
    want = table(f"expected_{log}_incidents")
    got = incidents(rows(log))
    assert len(got) == len(want)
    for row, line in zip(got, want, strict=True):
        del line["call_type"]
        for column, text in line.items():
            value = getattr(row, column)
            if value is not None and text[4:5] == "-":
                assert value == moment.parse(text), (row, column)
            else:
                assert ("" if value is None else str(value)) == text, (row, column)


def assignment(unit: str, arrived_s: float | None, due_s: int | None = None) -> Assignment:
    arrived = None if arrived_s is None else int(arrived_s * SECOND)
    dues = {} if due_s is None else {"arrival": due_s * SECOND}
    key = ("", "stream", unit)
    return Assignment(key, ("", "I-1"), unit, unit, None, 0, None, arrived, None, dues)


def test_a_state_is_reached_at_its_very_instant() -> None:
    whole = Assignment(
        ("s", "I", "a"), ("s", "I"), "a", "I-a", 0, SECOND, 2 * SECOND, 3 * SECOND, 4 * SECOND
    )
    states = ["whistled", "acknowledged", "on_scene", "finished"]
    for second, state in enumerate(states, 1):
        at = as_of([whole], second * SECOND)
        assert {name: at[name] for name in states} == dict.fromkeys(states, 0) | {state: 1}
        assert at["incidents_with_unfinished_unit"] == (state != "finished")
    assert as_of([whole], 0)["incidents_with_unfinished_unit"] == 1  # still to be whistled
    assert as_of([whole], -1)["incidents_with_unfinished_unit"] == 0


def test_part_of_a_second_is_cut_off_but_a_due_is_exact() -> None:
    late = [assignment("jj", 60.5, due_s=60)]
    by_limit = summary(late, {"arrival": 60})["overall"]["metrics"]["arrival"]
    assert (by_limit["max"], by_limit["on_time"]) == (60, 1)
    assert summary(late)["overall"]["metrics"]["arrival"]["on_time"] == 0


def test_without_limits_and_dues_nobody_is_late() -> None:
    metrics = summary([assignment("jj", 60)])["overall"]["metrics"]
    assert set(metrics) == set(METRICS)
    assert all("on_time" not in metric for metric in metrics.values())


def test_a_ranking_by_own_dues_leaves_out_who_has_none() -> None:
    three = [assignment("a", 60, due_s=30), assignment("b", 60, due_s=90), assignment("c", 60)]
    ranked = rank(three, "arrival", None, min_n=1)["ranking"]
    assert [(line["unit"], line["on_time"]) for line in ranked] == [("b", 1), ("a", 0)]


def test_equal_rates_share_a_place_and_who_never_arrived_comes_last() -> None:
    units = [assignment("a", None), assignment("b", 900), assignment("c", 9), assignment("d", 8)]
    ranked = rank(units, "arrival", 300, min_n=1)["ranking"]
    places = [(line["unit"], line["competition_rank_on_rate"]) for line in ranked]
    assert places == [("d", 1), ("c", 1), ("b", 3), ("a", 3)]


def test_a_metric_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(NotFound, match=r"speed.*total_response"):
        summary([], {"speed": 60})
    with pytest.raises(NotFound, match="speed"):
        rank([], "speed", 60, 1)


def test_rounding_goes_to_the_even_digit_on_the_exact_quotient() -> None:
    halves = [rounded(part, 2_000_000, 6) for part in (1, 3, 5)]
    assert halves == [0.0, 0.000002, 0.000002]
    assert rounded(-1, 3, 6) == -0.333333


def test_percentiles_of_a_few_values() -> None:
    assert [nearest([15, 20, 35, 40, 50], p) for p in (5, 30, 40, 50, 100)] == [15, 20, 20, 35, 50]
    assert [linear([15, 20, 35, 40, 50], p) for p in (40, 100)] == [29.0, 50.0]

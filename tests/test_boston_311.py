"""Boston 311 by its map: the city's own deadlines and verdicts, and files with faults."""

import csv
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.cities import City, answers, told_by
from tests.shell import Shell
from tests.test_ledger_arithmetic import differences
from whistle.domain.ledger import Assignment
from whistle.domain.measures import grouped, summary
from whistle.domain.moment import SECOND
from whistle.domain.percentiles import nearest
from whistle.domain.quality import quality

HERE = Path(__file__).parent / "data"
BOSTON = HERE / "boston311"
BAD = HERE / "bad_input"


@cache
def city() -> City:
    """The city's log; a long file, so only who asks for it waits for it."""
    return told_by("boston-311", BOSTON / "boston311_2014_2016.csv.gz")


@cache
def requests() -> list[Assignment]:
    return city().ledger.assignments()


@cache
def wanted() -> Any:
    return answers(BOSTON, "expected_boston311_2014_2016")


BY: dict[str, Callable[[Assignment], str | None]] = {
    "by_department": lambda row: row.unit,
    "by_reason": lambda row: city().attribute(row, "reason"),
    "by_type": lambda row: city().attribute(row, "type"),
    "by_neighborhood": lambda row: city().attribute(row, "neighborhood"),
    "by_source": lambda row: city().attribute(row, "channel"),
}


def figures(rows: list[Assignment]) -> dict[str, Any]:
    """The figures of the answers, from the ledger's commitment: whistle to finish."""
    took = summary(rows)["overall"]["metrics"]["commitment"]
    margins = sorted(
        (row.dues["commitment"] - row.finished) // SECOND
        for row in rows
        if row.dues and row.finished is not None
    )
    late = sum(margin < 0 for margin in margins)
    assert took.get("on_time", 0) + took["n_negative"] + late == len(margins)
    flags = Counter(city().attribute(row, "city_flag") for row in rows)
    return {
        "cases": len(rows),
        "open": took["n_missing"],
        "with_target": took.get("n_limited", 0),
        "closed_with_target": len(margins),
        "closed_on_time": took.get("on_time", 0) + took["n_negative"],
        "closed_before_open": took["n_negative"],
        "time_to_close_s": {
            "n": took["n_valid"],
            **{name: took.get(name) for name in ("min", "max", "sum")},
            **{name: took.get(name) for name in ("p50_nearest", "p90_nearest", "p95_nearest")},
        },
        "margin_s_closed_with_target": {
            "n": len(margins),
            **({"min": margins[0], "max": margins[-1], "sum": sum(margins)} if margins else {}),
            **{f"p{share}_nearest": nearest(margins, share) for share in (50, 90, 95) if margins},
        },
        "city_flag": dict(flags),
    }


def unequal(rows: list[Assignment], want: dict[str, Any]) -> list[str]:
    """What differs; the on-time rate is of those closed with a target, and null of none."""
    rate = want["closed_on_time_rate"]
    closed = want["closed_with_target"]
    assert rate is None or abs(rate - want["closed_on_time"] / closed) < 1e-6
    got = figures(rows)
    return differences(got, {name: _known(want[name]) for name in got})


def _known(value: Any) -> Any:
    """An answer without the figures that nothing has."""
    if not isinstance(value, dict) or value.get("n") != 0:
        return value
    return {"n": 0}


def test_the_requests_add_up_as_others_counted_them() -> None:
    assert unequal(requests(), wanted()["overall"]) == []


@pytest.mark.parametrize("group", BY)
def test_every_group_of_requests_adds_up_as_others_counted_it(group: str) -> None:
    want = {name: value for name, value in wanted()[group].items() if name.strip()}
    found = grouped(requests(), BY[group])
    assert found.keys() == want.keys()
    assert [line for name in want for line in unequal(found[name], want[name])] == []


def test_requests_without_a_neighbourhood_are_in_no_group() -> None:
    # the answers part an empty cell from one with a space in it; to the map both are empty
    nameless = [want for name, want in wanted()["by_neighborhood"].items() if not name.strip()]
    got = figures([row for row in requests() if BY["by_neighborhood"](row) is None])
    for name in ("cases", "open", "with_target", "closed_with_target", "closed_on_time"):
        assert got[name] == sum(want[name] for want in nameless)
    for part, name in (("time_to_close_s", "n"), ("time_to_close_s", "sum")):
        assert got[part][name] == sum(want[part][name] for want in nameless)


def test_the_citys_verdict_is_that_of_its_own_deadline() -> None:
    judged = [row for row in requests() if row.dues and row.finished is not None]
    wrong = [
        row.label
        for row in judged
        if (city().attribute(row, "city_flag") == "ONTIME")
        is not (row.finished is not None and row.finished <= row.dues["commitment"])
    ]
    assert (len(judged), wrong) == (wanted()["oracle"]["checked"], wanted()["oracle"]["disagree"])


def test_what_was_closed_before_it_was_opened_is_named() -> None:
    assert quality(requests())["finished_before_whistle"] == sorted(
        wanted()["closed_before_open_ids"]
    )


FILES = {each["file"]: each for each in answers(BAD, "expected_boston311_100")}


@pytest.mark.parametrize("name", FILES)
def test_a_hundred_rows_with_faults_are_counted_as_others_counted_them(
    name: str, tmp_path: Path
) -> None:
    want = FILES[name]
    shell = Shell(tmp_path).founded("Outside", "OC")
    words = ("import", "table", str(BAD / name), "--map", "boston-311")
    bad = want["rows_with_wrong_field_count"]
    if bad:
        refused = shell.json(*words, code=5).facts
        assert [each["line"] for each in refused["bad"]] == bad
    facts = shell.json(*words, "--skip-bad").facts
    assert (facts["rows"], facts["bad_count"]) == (want["data_rows"], len(bad))
    assert facts["conflict_count"] == 0
    told = shell.json("assess", "ledger", "--by", "city_flag").facts
    assert told["overall"]["assignments"] == want["distinct_ids"] - len(bad)
    assert sum(group["assignments"] for group in told["groups"].values()) == (
        want["distinct_rows"] - len(bad)
    )
    got = flags_of(BAD / name)
    assert (got["ONTIME"], got["OVERDUE"]) == (want["on_time"], want["overdue"])
    if not bad and want["distinct_rows"] == want["data_rows"]:
        assert {flag: told["groups"][flag]["assignments"] for flag in got} == got


def flags_of(table: Path) -> Counter[str]:
    """The city's flag in every row of a file, repeated ones and bad ones too."""
    with table.open(encoding="utf-8", newline="") as lines:
        sign = "\t" if table.suffix == ".tsv" else ","
        return Counter(cells[4] for cells in [*csv.reader(lines, delimiter=sign)][1:])

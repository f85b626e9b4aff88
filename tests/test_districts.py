"""Several towns' stores are assessed together: each proved, none mistaken for another."""

import random
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests import places
from tests.office import untie
from tests.parts import Sent
from tests.shell import Shell
from whistle.domain import measures
from whistle.domain.moment import HOUR
from whistle.engine.assessing import assess
from whistle.engine.shares import Question
from whistle.engine.towns import Record, Towns, assess_towns
from whistle.log import spread
from whistle.log.store_log import StoreLog
from whistle.workers import ALONE, Workers

LIMITS = {"arrival": 300}
TOWNS = {"WY": "望榆镇", "AA": "甲镇", "BB": "乙镇"}
HISTORY = """\
{"event_id":"1","at":"2026-03-02T09:00:00+08:00","kind":"reported","incident":"D","unit":null}
{"event_id":"2","at":"2026-03-02T09:02:00+08:00","kind":"whistled","incident":"D","unit":"E36"}
{"event_id":"3","at":"2026-03-02T09:0%d:00+08:00","kind":"arrived","incident":"D","unit":"E36"}
"""


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Three towns that imported the same incident number of the same unit code, and blew."""
    folder = tmp_path_factory.mktemp("district")
    desk = Shell(folder)
    for number, (code, name) in enumerate(TOWNS.items()):
        town = of(folder, code)
        town.now += number * HOUR
        town.json("init", "--town", name, "--code", code)
        lines = folder / f"{code}.jsonl"
        lines.write_text(HISTORY % (3 + 3 * number), encoding="utf-8")
        town.json("import", "events", str(lines))
        town.line("whistle blow -e gas-leak 'Caoqiao Rd'")
        town.line("whistle arrive 1 --as PS")
        if code == "AA":
            town.line("whistle arrive 1 --behalf FR --at -0s --told phone --speaker 值班员")
    listed = (f"{of(folder, code).address}  # {name}" for code, name in TOWNS.items())
    (folder / "stores.txt").write_text("# the district\n\n" + "\n".join(listed), encoding="utf-8")
    return desk


def of(folder: Path, code: str) -> Shell:
    """The desk of one of the towns."""
    town = Shell(folder)
    town.store = folder / f"{code}.db"
    town.env["WHISTLE_STORE"] = places.address(town.store)
    return town


def together(district: Shell, *words: str, **how: Any) -> Any:
    return district.json(*words, "--stores", str(district.folder / "stores.txt"), **how).facts


def test_units_of_one_code_stay_two_units(district: Shell) -> None:
    facts = together(district, "assess", "ledger", "--limits", "arrival=300s")
    assert [unit for unit in facts["per_unit"] if unit.endswith(":E36")] == [
        "AA:E36", "BB:E36", "WY:E36"
    ]  # fmt: skip
    late = [facts["per_unit"][f"{code}:E36"]["metrics"]["arrival"]["on_time"] for code in TOWNS]
    assert late == [1, 1, 0], "they came after one, four and seven minutes"
    assert facts["unit_names"]["WY:PS"] != facts["unit_names"]["AA:PS"]
    assert facts["unit_names"]["WY:PS"].startswith("望榆镇 ")
    incidents = together(district, "assess", "incidents")["incidents"]
    assert [(row["source"], row["incident"]) for row in incidents if row["source"]] == [
        ("AA:imported", "D"), ("BB:imported", "D"), ("WY:imported", "D")
    ]  # fmt: skip


def test_the_whole_is_the_sum_of_the_towns(district: Shell) -> None:
    whole = together(district, "assess", "ledger")
    each = [of(district.folder, code).json("assess", "ledger").facts for code in TOWNS]
    assert whole["overall"]["assignments"] == sum(one["overall"]["assignments"] for one in each)
    assert whole["overall"]["incidents"] == sum(one["overall"]["incidents"] for one in each)
    for code, one in zip(TOWNS, each, strict=True):
        for unit, figures in one["per_unit"].items():
            assert whole["per_unit"][f"{code}:{unit}"] == figures
        for recorder, late in one["recorders"].items():
            assert whole["recorders"][f"{code}:{recorder}"] == late
    ranked = together(district, "assess", "rank", "--limits", "arrival=300s")["ranking"]
    assert len(ranked) == len(whole["per_unit"])
    odd = together(district, "assess", "quality")
    assert {"AA:2", "BB:2", "WY:2"} <= {*odd["missing_ack"]}, "one number, three towns"


def test_each_record_is_proved_and_its_place_printed(district: Shell) -> None:
    facts = together(district, "assess", "quality")
    assert "verified" not in facts
    positions = []
    for code in sorted(TOWNS):
        town = of(district.folder, code)
        verified = town.json("audit", "verify").facts
        identity = places.opened(town.store).identity
        positions.append(
            {"town": code, "store_id": identity.store_id, "epoch": identity.epoch,
             "size": verified["size"], "root": verified["root"]}
        )  # fmt: skip
    assert facts["positions"] == positions
    file = str(district.folder / "stores.txt")
    text = district("assess", "quality", "--stores", file).text
    assert all(each["store_id"] in text and each["root"][:16] in text for each in positions)


def opened(district: Shell, codes: Sequence[str] = tuple(TOWNS)) -> list[Record]:
    stores = ((code, district.folder / f"{code}.db") for code in codes)
    return [Record(code, places.opened(store)) for code, store in stores]


def figures(towns: Towns) -> Any:
    rows = towns.assignments()
    at = towns.stands_at
    return (
        measures.summary(rows, LIMITS, at),
        measures.summary(rows, None, at),
        rows,
        towns.unwhistled(),
        towns.extras(),
        towns.positions,
        towns.delays,
        towns.unreached,
        towns.kept_out,
        towns.names,
    )


@pytest.mark.parametrize("seed", range(4))
def test_neither_order_nor_workers_carry_meaning(
    district: Shell, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(spread, "LEAST", 8)
    alone = figures(assess_towns(opened(district), Question(), ALONE))
    codes = list(TOWNS)
    random.Random(seed).shuffle(codes)  # noqa: S311 - a game, no secret
    workers: Workers = Sent(2 + seed, seed)
    assert figures(assess_towns(opened(district, codes), Question(), workers)) == alone


def test_one_town_alone_says_what_its_own_assessment_says(district: Shell) -> None:
    (record,) = opened(district, ["AA"])
    rows = assess_towns([record], Question(), ALONE).assignments()
    assert isinstance(record.log, StoreLog)
    own = assess(record.log).assignments()
    assert [row.unit.partition(":")[2] for row in rows] == [row.unit for row in own]
    assert [(row.whistled, row.arrived, row.dues) for row in rows] == [
        (row.whistled, row.arrived, row.dues) for row in own
    ]


def test_each_town_stands_where_its_own_record_ends(district: Shell) -> None:
    towns = assess_towns(opened(district), Question(), ALONE)
    ends = {code: found.stands_at for code, found in towns.towns.items()}
    assert len({*ends.values()}) == 3
    for row in towns.assignments():
        assert towns.stands_at(row) == ends[row.unit[:2]]


def test_a_town_that_is_named_twice_is_refused(district: Shell, tmp_path: Path) -> None:
    file = tmp_path / "twice.txt"
    file.write_text(f"{of(district.folder, 'AA').address}\n" * 2, encoding="utf-8")
    said = district.json("assess", "ledger", "--stores", str(file), code=5)
    assert said.rules == ["assess.town_twice"]
    assert "AA" in said.envelope["diagnostics"][0]["message"]


@pytest.mark.parametrize(
    ("text", "code"), [(b"", 5), (b"# nothing\n", 5), (b"\xff\xfe", 5), (b"sqlite:////no/store", 3)]
)
def test_a_list_that_leads_nowhere_is_told(
    district: Shell, tmp_path: Path, text: bytes, code: int
) -> None:
    file = tmp_path / "stores.txt"
    file.write_bytes(text)
    assert district("assess", "rank", "--stores", str(file)).code == code


def test_a_list_that_is_not_there_and_two_ways_at_once_are_told(district: Shell) -> None:
    assert district("assess", "ledger", "--stores", "/no/list").code == 3
    file = str(district.folder / "stores.txt")
    assert district("assess", "ledger", "--stores", file, "--store", "sqlite:////x").code == 2


@pytest.mark.parametrize("workers", ["1", "2"])
def test_one_broken_record_keeps_all_from_being_scored_and_is_named(
    district: Shell, tmp_path: Path, workers: str
) -> None:
    broken = tmp_path / "broken.db"
    places.copy(district.folder / "BB.db", broken)
    with closing(places.tool(broken)) as tool:
        untie(tool)
        tool.execute("UPDATE ledger SET recorded_at = recorded_at + 1 WHERE seq = 7")
    file = tmp_path / "stores.txt"
    stores = (district.folder / "AA.db", broken, district.folder / "WY.db")
    file.write_text("".join(f"{places.address(store)}\n" for store in stores), encoding="utf-8")
    said = district.json("assess", "ledger", "--stores", str(file), "--workers", workers, code=7)
    assert "BB" in said.envelope["diagnostics"][0]["message"]

"""A store of an earlier program: read, written, and its tables brought up to date by one line."""

import gzip
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.independent_leaf import root_of
from tests.office import Clock, untie
from tests.pen import write
from tests.shell import Shell
from tests.town import at
from whistle.domain.moment import parse
from whistle.domain.refusal import Broken
from whistle.log import upgrading
from whistle.log.port import Altering
from whistle.log.schema import SCHEMA_VERSION
from whistle.log.sqlite import SQLiteLog, create
from whistle.log.steps import STEPS, Step

pytestmark = pytest.mark.sqlite("what released programs left are files")

STORES = Path(__file__).parent / "data" / "stores"
EXPECTED: dict[str, dict[str, Any]] = json.loads((STORES / "expected.json").read_text())
AFTERWARDS = parse("2026-11-22T23:00:00+08:00")
LEDGER = "seq, recorded_at, command_id, actor_unit, units, leaf"
VERSIONS = {"065afd8": 1, "103bf99": 1, "462a9e2": 1, "1414810": 2}


@pytest.fixture(params=VERSIONS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Shell:
    """A desk over a store that an earlier program left, the same evening."""
    shell = Shell(tmp_path)
    shell.now = AFTERWARDS
    shell.store.write_bytes(gzip.decompress((STORES / f"{request.param}.db.gz").read_bytes()))
    shell.env["OLD"] = request.param
    return shell


def said_then(desk: Shell) -> dict[str, Any]:
    """What the program that made the store said of it."""
    return {"ok": True, **EXPECTED[desk.env["OLD"]], "first_bad_seq": None, "reason": None}


def schema_of(path: Path) -> list[Any]:
    with closing(sqlite3.connect(path)) as tool:
        return tool.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()


def test_what_an_earlier_program_recorded_proves_itself_to_this_one(old: Shell) -> None:
    before = old.store.read_bytes()
    assert old.json("audit", "verify").facts == said_then(old)
    assert root_of([row[0] for row in old.rows("ledger", "leaf")]).hex() == said_then(old)["root"]
    assert len(old("events", "list").out.splitlines()) == said_then(old)["size"]
    assert old.json("audit", "attempts").facts[0]["verb"] == "correct"
    with closing(sqlite3.connect(old.store)) as tool:
        tool.execute("PRAGMA journal_mode = DELETE")
    after = old.store.read_bytes()
    assert after[100:] == before[100:]  # looking at it changed nothing but the header's counters


@pytest.mark.parametrize(
    "line", ["status", "show W-WY26-00001", "log I-WY26-00001", "assess ledger", "inbox"]
)
def test_a_store_of_an_earlier_program_is_read_as_before(old: Shell, line: str) -> None:
    leaves = old.rows("ledger", "leaf")
    assert old(*line.split()).code == 0
    assert old.rows("ledger", "leaf")[: len(leaves)] == leaves  # the clocks may have spoken
    assert old.json("audit", "verify").facts["ok"]


def version(desk: Shell) -> int:
    return VERSIONS[desk.env["OLD"]]


def test_an_order_waits_for_the_upgrade_and_is_told_the_line_that_does_it(old: Shell) -> None:
    order = ("blow", "-e", "gas-leak", "13 Caoqiao Rd")
    before = old.store.read_bytes()
    refused = old.json(*order, code=5)
    assert "whistle store upgrade" in [e.get("hint") for e in refused.envelope["diagnostics"]]
    assert old.store.read_bytes() == before
    read = old.json("status")
    (told,) = [each for each in read.envelope["diagnostics"] if each["rule"] == "store.older"]
    assert told["hint"] == "whistle store upgrade"
    old.json("store", "upgrade")
    assert old.json(*order).topics[-1] == "incident.whistle_noted/1"
    assert old.json("audit", "verify").facts["ok"]


def test_the_upgrade_copies_first_and_changes_no_leaf(old: Shell) -> None:
    before, listed = old.rows("ledger", LEDGER), old("events", "list", "--jsonl").out
    done = old.json("store", "upgrade").facts
    assert (done["before"], done["after"]) == (version(old), SCHEMA_VERSION)
    assert [step["to"] for step in done["steps"]] == list(range(version(old) + 1, 4))
    assert done["verdict"] == said_then(old)
    assert old.rows("record", LEDGER) == before
    assert old("events", "list", "--jsonl").out == listed
    assert old.rows("store", "schema_version") == [(SCHEMA_VERSION,)]
    assert old.json("audit", "verify").facts == said_then(old)
    copy = Path(done["backup"])
    with closing(sqlite3.connect(copy)) as tool:
        assert tool.execute("SELECT schema_version FROM store").fetchall() == [(version(old),)]
        assert tool.execute(f"SELECT {LEDGER} FROM ledger").fetchall() == before
    assert old.json("show", "W-WY26-00001").rules == []


def test_an_upgraded_store_is_as_a_new_one(old: Shell, tmp_path: Path) -> None:
    create(tmp_path / "new.db")
    old.json("store", "upgrade")
    assert schema_of(old.store) == schema_of(tmp_path / "new.db")
    assert len(old.rows("sites")) == 3


def test_after_the_upgrade_duplicates_are_told(old: Shell) -> None:
    old.json("store", "upgrade")
    told = old.json("report", "street-vending", "Yuyuan Rd").rules
    assert "duplicate.maybe" in told
    assert old.json("audit", "verify").facts["ok"]


def test_a_rehearsal_does_all_of_it_on_a_copy_that_is_gone_afterwards(old: Shell) -> None:
    before = {path.name for path in old.folder.iterdir()}, schema_of(old.store)
    done = old.json("store", "upgrade", "--dry-run").facts
    assert (done["rehearsed"], done["after"], done["backup"]) == (True, SCHEMA_VERSION, None)
    assert done["verdict"] == said_then(old)
    left = {path.name for path in old.folder.iterdir() if "-" not in path.suffix}
    assert (left, schema_of(old.store)) == before


def test_a_second_upgrade_does_nothing_and_copies_nothing(old: Shell) -> None:
    old.json("store", "upgrade")
    before = sorted(path.name for path in old.folder.iterdir())
    done = old.json("store", "upgrade").facts
    assert (done["steps"], done["backup"]) == ([], None)
    assert sorted(path.name for path in old.folder.iterdir()) == before


def test_a_copy_is_never_written_over_and_then_nothing_is_upgraded(old: Shell) -> None:
    letter = old.folder / "letter.txt"
    letter.write_text("x")
    assert old("store", "upgrade", "--backup", str(letter)).code == 5
    assert (letter.read_text(), old.rows("store", "schema_version")) == ("x", [(version(old),)])


def test_who_records_meanwhile_goes_on_in_the_upgraded_store(old: Shell) -> None:
    open_before = SQLiteLog(old.store, Clock(at("20:00")))
    old.json("store", "upgrade")
    with open_before.writing() as txn:
        assert txn.identity().schema_version == SCHEMA_VERSION
        write(txn)
    assert open_before.verify().ok
    open_before.close()


def test_an_older_copy_is_put_back_and_goes_on_in_tables_of_today(old: Shell) -> None:
    copy = Path(old.json("store", "upgrade").facts["backup"])
    recorded = len(old.json("blow", "-e", "gas-leak", "13 Caoqiao Rd").facts["events"])
    lost = len(old.rows("ledger")) - said_then(old)["size"]
    assert lost >= recorded
    old.json("store", "restore", str(copy), "--lose", str(lost))
    assert old.rows("store", "schema_version") == [(SCHEMA_VERSION,)]
    assert len(old.rows("ledger")) == said_then(old)["size"] + 1
    assert old.json("audit", "verify").facts["ok"]
    with closing(sqlite3.connect(copy)) as tool:
        assert tool.execute("SELECT schema_version FROM store").fetchall() == [(version(old),)]


def broken_step(tables: Altering) -> None:
    tables.run("UPDATE ledger_head SET size = size + 1")


def forging_step(tables: Altering) -> None:
    tables.run("UPDATE commands SET actor_unit = 'xf' WHERE id = 2")


def unfinished_step(tables: Altering) -> None:
    tables.run("CREATE TABLE half (x)")
    tables.run("CREATE TABLE half (x)")


@pytest.mark.parametrize("act", [broken_step, forging_step, unfinished_step])
def test_a_step_that_fails_leaves_the_store_as_it_was(
    old: Shell, act: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrading, "STEPS", (*STEPS, Step(9, "a mistake", act)))
    before = schema_of(old.store)
    with pytest.raises(Broken):
        upgrading.rehearse(SQLiteLog(old.store, Clock(at("20:00"))))
    with pytest.raises(Broken):
        upgrading.take_steps(SQLiteLog(old.store, Clock(at("20:00"))))
    assert (schema_of(old.store), old.rows("store", "schema_version")) == (
        before,
        [(version(old),)],
    )
    assert old.json("audit", "verify").facts == said_then(old)


def test_a_damaged_store_is_not_upgraded(old: Shell) -> None:
    with closing(old.tool()) as tool:
        untie(tool)
        tool.execute("UPDATE events SET state = x'00' WHERE position = 2")
        tool.commit()
    assert old("store", "upgrade").code == 7
    assert old.rows("store", "schema_version") == [(version(old),)]


def test_a_newer_store_is_refused_with_both_versions(tmp_path: Path) -> None:
    desk = Shell(tmp_path).founded()
    with closing(desk.tool()) as tool:
        untie(tool)
        tool.execute("UPDATE store SET schema_version = 9")
        tool.commit()
    for line in ("store upgrade", "status", "audit verify"):
        said = desk(*line.split())
        assert said.code == 5
        assert f"version 9, this program knows {SCHEMA_VERSION}" in said.told


def test_the_last_step_leads_to_the_tables_of_a_new_store() -> None:
    assert STEPS[-1].to == SCHEMA_VERSION
    assert [step.to for step in STEPS] == sorted({step.to for step in STEPS})


def test_the_chinese_verb_does_the_same(old: Shell) -> None:
    shutil.copy(old.store, old.folder / "kept.db")
    said = old("存储", "升级", "--备份", str(old.folder / "先前.db"), "--lang", "zh")
    assert (said.code, (old.folder / "先前.db").is_file()) == (0, True)

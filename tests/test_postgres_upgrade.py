"""A store of an earlier program in a database: its owner brings the tables up to date."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.office import Office
from tests.pen import write
from tests.postgres import Server, Tool, database_of
from tests.shell import Shell
from tests.test_upgrade import AFTERWARDS, EXPECTED
from whistle.domain.refusal import Broken, Refused
from whistle.log import stores, upgrading
from whistle.log.port import Altering
from whistle.log.schema import SCHEMA_VERSION
from whistle.log.steps import STEPS, Step

DUMP = Path(__file__).parent / "data" / "stores" / "1414810.postgresql.sql.gz"
SAID = {"ok": True, **EXPECTED["1414810.postgresql"], "first_bad_seq": None, "reason": None}
COLUMNS = (
    "SELECT table_name, column_name, data_type, is_nullable, collation_name "
    "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, ordinal_position"
)
INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
GUARDS = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"


@pytest.fixture
def old(database: str, tmp_path: Path) -> Shell:
    """A desk over a database that a program of version 2 left."""
    with psycopg.connect(database, autocommit=True) as raw:
        raw.execute(gzip.decompress(DUMP.read_bytes()))
    desk = Shell(tmp_path)
    desk.now = AFTERWARDS
    desk.env["WHISTLE_STORE"] = database
    return desk


@pytest.fixture
def daily(old: Shell, postgres: Server) -> Iterator[str]:
    """The address of an account that may add to the record and owns nothing."""
    url = old.env["WHISTLE_STORE"]
    postgres.sql("CREATE ROLE by_day LOGIN")
    tool = Tool(url)
    tool.execute("GRANT USAGE ON SCHEMA public TO by_day")
    tool.execute("GRANT SELECT, INSERT ON events, ledger, replies TO by_day")
    tool.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO by_day")
    yield postgres.url(database_of(url), "by_day")
    tool.execute("DROP OWNED BY by_day")
    tool.close()
    postgres.sql("DROP ROLE by_day")


def made_of(url: str) -> list[list[Any]]:
    """The tables, indexes and guards of a store."""
    with psycopg.connect(url) as raw:
        return [raw.execute(each.encode()).fetchall() for each in (COLUMNS, INDEXES, GUARDS)]


def test_until_then_every_line_names_the_one_that_upgrades_it(old: Shell) -> None:
    before = made_of(old.env["WHISTLE_STORE"])
    for line in (["status"], ["report", "gas-leak", "here"], ["audit", "verify"]):
        said = old(*line)
        assert (said.code, "whistle store upgrade" in said.told) == (5, True), said
        assert "nothing is read or recorded" in said.told, said
    assert made_of(old.env["WHISTLE_STORE"]) == before


def test_the_upgrade_changes_no_leaf_and_then_orders_are_taken(old: Shell) -> None:
    done = old.json("store", "upgrade").facts
    assert (done["before"], done["after"], done["backup"]) == (2, SCHEMA_VERSION, None)
    assert done["verdict"] == SAID
    assert old.json("audit", "verify").facts == SAID
    assert old.json("blow", "-e", "gas-leak", "13 Caoqiao Rd").facts["events"]
    assert old.json("audit", "verify").facts["ok"]
    assert old.json("store", "upgrade").facts["steps"] == []


def test_an_upgraded_database_is_as_a_new_one(old: Shell, postgres: Server) -> None:
    old.json("store", "upgrade")
    new = postgres.fresh()
    stores.create(new)
    assert made_of(old.env["WHISTLE_STORE"]) == made_of(new)
    postgres.drop(new)


def test_a_rehearsal_does_all_of_it_and_takes_it_back(old: Shell) -> None:
    before = made_of(old.env["WHISTLE_STORE"])
    done = old.json("store", "upgrade", "--dry-run").facts
    assert (done["rehearsed"], done["after"], done["verdict"]) == (True, SCHEMA_VERSION, SAID)
    assert made_of(old.env["WHISTLE_STORE"]) == before


def test_who_had_it_open_goes_on_in_the_upgraded_store(old: Shell) -> None:
    open_before = Office(old.env["WHISTLE_STORE"], AFTERWARDS)
    old.json("store", "upgrade")
    with open_before.log.writing() as txn:
        write(txn)
    assert open_before.log.verify().ok
    open_before.close()


def test_only_the_owner_upgrades_and_the_daily_account_keeps_its_rights(
    old: Shell, daily: str
) -> None:
    assert "owns the tables" in old("store", "upgrade", WHISTLE_STORE=daily).told
    old.json("store", "upgrade")
    with psycopg.connect(daily) as raw:
        for table in ("events", "ledger", "commands", "replies", "streams", "topics"):
            may = raw.execute(
                "SELECT has_table_privilege(%s, 'INSERT'), has_table_privilege(%s, 'UPDATE')",
                (table, table),
            ).fetchone()
            assert may == (True, False), table
        assert raw.execute("SELECT COUNT(*) FROM record").fetchone() == (SAID["size"],)


def forging_step(tables: Altering) -> None:
    tables.run("UPDATE commands SET actor_unit = 'xf' WHERE id = 2")


def test_what_does_not_prove_itself_is_taken_back(
    old: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrading, "STEPS", (*STEPS, Step(9, "a mistake", forging_step)))
    before = made_of(old.env["WHISTLE_STORE"])
    log = stores.open_log(old.env["WHISTLE_STORE"], lambda: AFTERWARDS)
    with pytest.raises(Broken):
        upgrading.upgrade(log)
    with pytest.raises(Refused), log.reading():
        pass
    log.close()
    assert made_of(old.env["WHISTLE_STORE"]) == before

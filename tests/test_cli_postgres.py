"""The command line on a database: one account founds, another works, no secret is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from projections import VIEWS
from tests.postgres import Server, Tool, database_of
from tests.shell import Shell

TOWN = ("--town", "望榆镇", "--code", "WY")


@pytest.fixture
def desk(tmp_path: Path, database: str) -> Shell:
    shell = Shell(tmp_path)
    shell.env["WHISTLE_STORE"] = database
    return shell


@pytest.fixture
def role(postgres: Server, database: str) -> Iterator[str]:
    """An account of the server, without any rights yet."""
    postgres.sql("CREATE ROLE wangyu LOGIN")
    yield "wangyu"
    tool = Tool(database)
    tool.execute("DROP OWNED BY wangyu")
    tool.close()
    postgres.sql("DROP ROLE wangyu")


def test_the_owner_makes_the_store_and_the_daily_account_opens_the_town(
    desk: Shell, role: str, postgres: Server, database: str
) -> None:
    made = desk.json("store", "init", "--role", role).facts
    assert (made["role"], made["schema_version"] > 0) == (role, True)
    desk.env["WHISTLE_STORE"] = postgres.url(database_of(database), role)
    assert desk("inbox").code == 3, "there is no town yet"
    founded = desk.json("setup", *TOWN, "--no-input").facts
    assert founded["store_id"] == made["store_id"]
    blown = desk.json("blow", "-e", "gas-leak", "12 Caoqiao Rd").facts
    desk.json("ack", blown["id"], "--as", "UT-GAS")
    (duty, *_more) = desk.json("inbox", "--as", "UT-GAS").facts
    assert duty["name"].startswith(blown["id"])
    assert desk.json("audit", "verify").facts["ok"]


def test_what_is_printed_makes_the_store_when_it_is_run(
    desk: Shell, role: str, database: str
) -> None:
    sql = desk.json("store", "init", "--role", role, "--dry-run").facts["sql"]
    assert desk("audit", "verify").code == 3, "nothing was made"
    tool = Tool(database)
    for statement in sql:
        tool.execute(statement)
    tool.close()
    assert desk.json("init", *TOWN).facts["code"] == "WY"


def test_a_role_that_is_not_there_is_named_with_the_next_step(desk: Shell) -> None:
    said = desk("store", "init", "--role", "nobody-such")
    assert (said.code, "createuser nobody-such" in said.told) == (3, True)
    assert desk("store", "init", "--role", "x", "--store", "sqlite:///x.db").code == 2


def test_a_town_is_founded_once(desk: Shell) -> None:
    assert desk("init", *TOWN).code == 0
    assert desk.json("init", *TOWN, code=5).rules == ["store.exists"]
    assert desk.json("setup", *TOWN, "--no-input", code=5).rules == ["setup.exists"]


def test_a_founding_that_is_refused_leaves_nothing(desk: Shell, tmp_path: Path) -> None:
    units = tmp_path / "units.toml"
    units.write_text("[[unit]]\ncode = 1\n")
    assert desk("init", *TOWN, "--units", str(units)).code != 0
    assert desk("audit", "verify").code == 3
    assert desk("init", *TOWN).code == 0


def test_a_database_is_not_copied_as_a_file(desk: Shell, tmp_path: Path) -> None:
    desk.founded()
    said = desk("store", "backup", str(tmp_path / "copy.db"))
    assert said.code == 5
    assert "docs/howto/recover-postgresql.md" in said.told
    assert list(tmp_path.glob("copy.db*")) == []


def test_no_answer_holds_the_password(desk: Shell, database: str) -> None:
    desk.env["WHISTLE_STORE"] = database.replace("postgres@", "postgres:s3cret@")
    answers = [
        desk("inbox"),
        desk("init", *TOWN),
        desk("init", *TOWN),
        desk(),
        desk("inbox", "--json"),
        desk("store", "backup", "/nowhere/x.db"),
    ]
    assert [said.code for said in answers] == [3, 0, 5, 0, 0, 5]
    assert all(b"s3cret" not in said.out + said.err for said in answers)


def test_a_server_that_is_away_is_exit_code_10_and_a_sentence(desk: Shell) -> None:
    said = desk("inbox", "--store", "postgresql://me:s3cret@127.0.0.1:1/town")
    assert said.code == 10
    assert "Traceback" not in said.told
    assert "s3cret" not in said.told
    assert "check that the server runs" in said.told


def test_the_health_page_counts_the_views_of_the_database(desk: Shell) -> None:
    desk.json("init", *TOWN)
    desk.json("report", "shop-noise", "Yuyuan Rd")
    desk.json("inbox")
    (found,) = [
        each for each in desk("doctor", "--json").facts["findings"] if each["check"] == "views"
    ]
    assert (found["figures"]["views"], found["figures"]["parked"]) == (len(VIEWS), 0)

"""The account of daily work does all of it, and cannot change what is recorded."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from projections import VIEWS, command, open_views
from tests.office import Office
from tests.postgres import Server, Tool, database_of
from tests.town import at
from whistle.domain.incident.intake import AcceptIncident
from whistle.domain.refusal import NotFound, Refused
from whistle.log import stores
from whistle.log.postgres_roles import grant, script
from whistle.log.schema import FOR_EVER

NINE = at("09:00")
ROLE = "daily"


@pytest.fixture
def kind() -> str:
    return "postgresql"


@pytest.fixture
def worker(postgres: Server, database: str) -> Iterator[str]:
    """A store that its owner made, and the address of the account that works with it."""
    postgres.sql("CREATE ROLE daily LOGIN")
    stores.create(database)
    grant(database, ROLE)
    yield postgres.url(database_of(database), ROLE)
    tool = Tool(database)
    tool.execute("DROP OWNED BY daily")
    tool.close()
    postgres.sql("DROP ROLE daily")


def test_the_daily_account_founds_a_town_and_does_all_the_work(worker: str) -> None:
    office = Office(worker, NINE)
    assert not office.log.read_only
    office.found()
    office.blow()
    with pytest.raises(Refused):
        office.ask(("i1", AcceptIncident()))
    with office.log.writing() as txn:
        txn.keep_sources([("sf", "1", b"d" * 16)])
        txn.take_number("W-WY26", 9)
    assert office.log.size() == 16
    with office.log.reading() as reader:
        assert len(reader.attempts()) == 1
    with office.behind() as tool:
        tool.execute("CREATE TABLE views.anything (number bigint)")
        tool.execute("DROP TABLE views.anything")
    office.close()


@pytest.mark.parametrize("table", [*FOR_EVER, "ledger_head", "names", "units", "adopted"])
@pytest.mark.parametrize("act", ["DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}"])
def test_the_daily_account_takes_nothing_away(worker: str, table: str, act: str) -> None:
    refused(worker, act.format(table))


@pytest.mark.parametrize("table", FOR_EVER)
def test_the_daily_account_changes_nothing_that_is_for_ever(worker: str, table: str) -> None:
    column = asked(worker, f"SELECT * FROM {table}").description[0][0]
    refused(worker, f"UPDATE {table} SET {column} = {column}")


@pytest.mark.parametrize(
    "act",
    [
        "DROP TRIGGER events_stays ON events",
        "ALTER TABLE events DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "INSERT INTO store VALUES (2, 'x', 1, 1)",
        "INSERT INTO ledger_head VALUES (2, 0, '', 0, 0)",
        "CREATE TABLE beside (number bigint)",
        "CREATE OR REPLACE FUNCTION whistle_stays() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
    ],
)
def test_the_daily_account_cannot_take_the_guards_off(worker: str, act: str) -> None:
    refused(worker, act)


def test_the_head_only_grows_for_the_daily_account_too(worker: str) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="only grows"):
        asked(worker, "UPDATE ledger_head SET size = 0")


def test_a_role_that_the_server_does_not_know_is_named(database: str) -> None:
    stores.create(database)
    with pytest.raises(NotFound, match="nobody-such") as told:
        grant(database, "nobody-such")
    assert told.value.hint.format(**told.value.words) == "createuser nobody-such"


def test_a_role_with_an_odd_name_stays_a_name() -> None:
    assert all('TO "a""; DROP' in line or " TO " not in line for line in script('a"; DROP'))


def test_who_looks_first_leaves_the_views_to_the_daily_account(worker: str, database: str) -> None:
    """The record's own account looks in; had it made the tables, nobody else could use them."""
    office = Office(worker, NINE)
    office.found()
    office.blow()
    for address in (database, worker):
        with open_views(office.log, address) as views:
            assert len(command.whistles(views)) == 1
            assert [each.changed for each in views.rebuild()] == [False] * len(VIEWS)
        assert owners(worker) == {"daily"}
    office.close()


def test_another_account_owns_the_record_and_keeps_no_views(
    postgres: Server, database: str
) -> None:
    for role in ("holder", "daily", "second", "member"):
        postgres.sql(f"CREATE ROLE {role} LOGIN")
    owner, daily, second, member = (
        postgres.url(database_of(database), role)
        for role in ("holder", "daily", "second", "member")
    )
    tool = Tool(database)
    tool.execute("GRANT daily TO member")
    tool.execute("GRANT ALL ON SCHEMA public TO holder")
    tool.execute(f"GRANT CREATE ON DATABASE {database_of(database)} TO holder")
    try:
        stores.create(owner)
        office = Office(owner, NINE)
        office.found()
        office.blow()
        see(office, owner)
        assert owners(owner) == {"holder"}  # one account does everything, until there is another
        grant(owner, "daily")
        assert owners(owner) == set()
        see(office, owner)
        assert owners(owner) == set()
        see(office, member)
        assert owners(owner) == {"daily"}
        grant(owner, "second")
        for address in (owner, daily, second, member):
            see(office, address)
        assert owners(owner) == {"daily"}
        office.close()
    finally:
        for role in ("second", "daily", "member", "holder"):
            tool.execute(f"DROP OWNED BY {role} CASCADE")
            tool.execute(f"DROP ROLE {role}")
        tool.close()


def see(office: Office, address: str) -> None:
    with open_views(office.log, address) as views:
        assert len(command.whistles(views)) == 1
        views.rebuild()


def owners(address: str) -> set[str]:
    """To whom the tables of the views belong."""
    found = asked(address, "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'views'")
    return {name for (name,) in found}


def asked(address: str, statement: str) -> Any:
    tool = Tool(address)
    try:
        return tool.execute(statement)
    finally:
        tool.close()


def refused(address: str, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        asked(address, statement)

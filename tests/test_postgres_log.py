"""What is PostgreSQL's own in the log there: its lock, its durability, its clock, its errors."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import psycopg
import pytest

from projections.desk.desk import Desk
from tests.office import Office
from tests.pen import write
from tests.postgres import Server, Tool, database_of
from tests.town import at
from whistle import clock
from whistle.domain.incident.intake import AcceptIncident, ReportIncident
from whistle.domain.refusal import Broken, NotFound, Refused, Unreachable
from whistle.engine import Given
from whistle.log import postgres_recorder, server_clock, stores
from whistle.log.postgres_cursor import translated
from whistle.log.postgres_recorder import LOCK, UNSAFE, Datastore, connected
from whistle.log.schema import FOR_EVER

NINE = at("09:00")
SECRET = "s3cret"  # noqa: S105 - of nobody


@pytest.fixture
def kind() -> str:
    return "postgresql"


def try_lock(tool: Tool) -> bool:
    """Whether nobody writes."""
    tried = LOCK.replace("pg_advisory_xact_lock", "pg_try_advisory_xact_lock")
    return bool(tool.execute(tried).fetchall()[0][0])


def test_a_write_holds_the_lock_of_the_log_from_its_beginning_to_its_end(office: Office) -> None:
    with office.behind() as tool:
        assert try_lock(tool)
        with office.log.writing():
            assert not try_lock(tool)
        assert try_lock(tool)
        with contextlib.suppress(ZeroDivisionError), office.log.writing():
            raise ZeroDivisionError
        assert try_lock(tool)


def test_upkeep_of_the_tables_does_not_wait_for_a_writer(office: Office) -> None:
    # the library's LOCK TABLE holds VACUUM, ANALYZE and index builds off, and they hold it off
    with office.behind() as tool, office.log.writing() as txn:
        tool.execute("SET lock_timeout = '5s'")
        tool.execute("VACUUM (FREEZE) events")
        tool.execute("ANALYZE ledger")
        write(txn)


def test_a_writer_waits_for_a_bounded_time_and_is_told_so(office: Office) -> None:
    patient = Office(office.address, NINE)
    with patient.log._datastore.pool.connection() as raw:  # type: ignore[attr-defined]  # PostgreSQL's log has one
        raw.execute("SET lock_timeout = '50ms'")
    with office.log.writing(), pytest.raises(Unreachable, match="busy"):
        patient.report()
    assert patient.report().stage == "accepted"
    patient.close()


@pytest.mark.parametrize(
    ("set_by_others", "kept"), [("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")]
)
def test_every_connection_is_durable_whatever_the_database_says(
    office: Office, set_by_others: str, kept: str
) -> None:
    # decision 0003
    name = database_of(office.address)
    with office.behind() as tool:
        tool.execute(f"ALTER DATABASE {name} SET synchronous_commit = {set_by_others}")
    other = Office(office.address, NINE)
    with other.log.writing() as txn:
        assert txn.cursor.execute("SHOW synchronous_commit").fetchone() == (kept,)
    other.close()


def test_a_connection_that_cannot_be_made_durable_is_not_used(office: Office) -> None:
    with (
        patch.object(postgres_recorder, "DURABLE", ("remote_apply",)),
        pytest.raises(psycopg.OperationalError, match="not durable: synchronous_commit=on"),
    ):
        connected(office.address)


def test_the_stored_functions_that_lose_events_are_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    # H1
    with pytest.raises(Refused, match="miss events"):
        Datastore(office.address, enable_db_functions=True)
    monkeypatch.setenv(UNSAFE, "y")
    with pytest.raises(Refused) as refusal:
        Office(office.address, NINE)
    assert UNSAFE in refusal.value.hint.format(**refusal.value.words)


def test_every_column_is_a_text_compared_by_bytes_or_bytes_or_a_whole_number(
    office: Office,
) -> None:
    columns = office.rows(
        "SELECT DISTINCT data_type, COALESCE(collation_name, '') FROM information_schema.columns "
        "WHERE table_schema = 'public'"
    )
    assert set(columns) == {("bigint", ""), ("bytea", ""), ("text", "C")}


def test_a_nul_is_refused_in_what_is_kept_and_replaced_where_it_was_only_tried(
    office: Office,
) -> None:
    with pytest.raises(Refused) as refusal:
        office.ask(("i1", ReportIncident(item="gas-leak", place="草桥路\0")))
    assert refusal.value.rule == "text.nul"
    with pytest.raises(Refused, match="NUL"), office.log.reading() as reader:
        reader.named("incident", "\0")
    office.report()
    with pytest.raises(Refused):
        office.ask(("i1", AcceptIncident()), name="a\0b")
    with office.log.reading() as reader:
        assert "\0" not in "".join(each.name or "" for each in reader.attempts())


def test_events_are_stamped_by_the_servers_clock_unless_a_test_sets_one(office: Office) -> None:
    # H9: an office's machine stands in the year 2000; the server does not
    office.close()
    with patch.object(clock, "time", SimpleNamespace(time_ns=lambda: 946_684_800 * 10**9)):
        log = stores.open_log(office.address, clock.now)
        with log.writing() as txn:
            seq = write(txn)
        (told,) = log.page(seq - 1)
        log.close()
    assert told.recorded_at > at("2026-01-01 00:00")


def test_an_order_counts_from_when_it_came_in_by_the_servers_clock(office: Office) -> None:
    # decision 0007: a unit whose machine goes wrong is neither early nor late by it
    before = office.log.size()
    with patch.object(clock, "time", SimpleNamespace(time_ns=lambda: 946_684_800 * 10**9)):
        desk = Desk({"store": office.address}, ("report",))
        desk.ask("report", [Given("i9", ReportIncident(item="gas-leak", place="草桥路12号"))])
        desk.log.close()
    told = office.told(before)
    assert min(each.received_at for each in told) > at("2026-01-01 00:00")
    assert all(each.received_at <= each.recorded_at for each in told)


def test_the_servers_clock_goes_on_between_two_words_of_it() -> None:
    with patch.object(server_clock, "_steady", iter((5, 7, 100, 130)).__next__):
        told = server_clock.ServerClock(1_000)
        assert told() == 1_002
        told.told(5_000)
        assert told() == 5_030


def test_a_mark_for_a_value_is_the_drivers_own() -> None:
    assert translated("SELECT 1 WHERE a = ? AND b LIKE '%'") == (
        b"SELECT 1 WHERE a = %s AND b LIKE '%%'"
    )


def test_a_long_read_takes_its_rows_in_portions_and_may_be_left(office: Office) -> None:
    office.blow()
    rows = office.log.rows()
    assert next(rows)[0] == 1
    rows.close()
    with office.log.reading() as reader:
        outer = reader.scan("SELECT position FROM events ORDER BY position")
        inner = reader.scan("SELECT seq FROM ledger ORDER BY seq")
        assert [(a, b) for (a,), (b,) in zip(outer, inner, strict=True)] == [
            (seq, seq) for seq in range(1, office.log.size() + 1)
        ]


@pytest.mark.parametrize("table", [*FOR_EVER, "ledger_head"])
def test_no_table_of_the_record_is_emptied_at_one_stroke(office: Office, table: str) -> None:
    with office.behind() as tool, pytest.raises(psycopg.errors.RaiseException, match="stay"):
        tool.execute(f"TRUNCATE {table}")


def test_a_write_that_a_guard_refuses_is_told_as_one(office: Office) -> None:
    with (
        pytest.raises(Broken, match=r"refused the write: .*what is recorded stays"),
        office.log.writing() as txn,
    ):
        txn.cursor.execute("DELETE FROM events WHERE position = 1")
    assert office.log.verify().ok


def test_a_statement_that_failed_unseen_lets_nothing_be_committed(office: Office) -> None:
    # COMMIT of a transaction that had failed is a ROLLBACK, and says so to nobody
    before = office.log.size()
    with pytest.raises(Unreachable, match="had failed"), office.log.writing() as txn:
        write(txn)
        with contextlib.suppress(psycopg.Error):
            txn.cursor.execute("SELECT 1 / 0")
    assert office.log.size() == before


def test_a_lost_table_is_damage(office: Office) -> None:
    with office.behind() as tool:
        tool.execute("DROP TABLE names")
    with pytest.raises(Broken, match="damaged"):
        office.report()


def test_a_database_without_a_store_is_told_so(database: str) -> None:
    with pytest.raises(NotFound, match="no store at postgresql"):
        Office(database)
    assert not stores.exists(database)


def test_two_that_found_at_once_make_one_store(database: str) -> None:
    stores.create(database)
    assert stores.exists(database)
    with pytest.raises(Refused) as refusal:
        stores.create(database)
    assert refusal.value.rule == "store.exists"


def test_only_an_empty_store_is_taken_away(office: Office, database: str) -> None:
    stores.create(database)
    stores.unmake(database)
    assert not stores.exists(database)
    stores.create(database)
    stores.unmake(office.address)
    assert office.log.size()


def test_a_database_of_another_encoding_is_refused(postgres: Server) -> None:
    postgres.sql("CREATE DATABASE {} TEMPLATE template0 ENCODING 'SQL_ASCII'", "ascii")
    with pytest.raises(Refused, match="SQL_ASCII") as refusal:
        stores.create(postgres.url("ascii"))
    assert refusal.value.rule == "store.encoding"
    postgres.drop(postgres.url("ascii"))


UNREACHABLE = [
    f"postgresql://me:{SECRET}@127.0.0.1:1/town",
    f"postgresql://me:{SECRET}@127.0.0.1:x/town",
    f"postgresql://me:{SECRET}/{SECRET}@127.0.0.1:1/town",
    f"postgresql://me@127.0.0.1:1/town?password={SECRET}&nothing=such",
    f"postgresql://me:{SECRET}@[::1/town",
]


@pytest.mark.parametrize("address", UNREACHABLE)
def test_who_cannot_be_reached_is_told_in_a_sentence_without_the_password(address: str) -> None:
    with pytest.raises(Unreachable) as unreachable:
        stores.open_log(address, clock.now)
    told = unreachable.value
    assert SECRET not in f"{told} {told.hint.format(**told.words)} {told.words}"


@pytest.fixture
def reader(office: Office, postgres: Server) -> Iterator[str]:
    """The address of an account that may only read."""
    postgres.sql("CREATE ROLE auditor LOGIN")
    with office.behind() as tool:
        tool.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO auditor")
    yield postgres.url(database_of(office.address), "auditor")
    with office.behind() as tool:
        tool.execute("DROP OWNED BY auditor")
    postgres.sql("DROP ROLE auditor")


def test_who_may_only_read_proves_the_record_and_gives_no_order(
    office: Office, reader: str
) -> None:
    auditor = Office(reader, NINE)
    assert auditor.log.read_only
    assert not office.log.read_only
    assert auditor.log.verify().ok
    with pytest.raises(Unreachable, match="permission denied"):
        auditor.report()
    auditor.close()


def test_without_the_driver_the_next_step_is_told(tmp_path: Path) -> None:
    with (
        patch.dict("sys.modules", {"whistle.log.postgres": None}),
        pytest.raises(Unreachable) as told,
    ):
        stores.open_log("postgresql://db/town", clock.now)
    assert "pip install" in told.value.hint

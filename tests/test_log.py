"""The log: one gapless order of events, for ever, durable, fair, and stamped under its lock.

Every test is run on both stores, but for those about SQLite's own ways around a guard.
H numbers are the hazards of the library beneath that each test guards against.
"""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from tests.office import GUARD_SPOKE, Office, untie
from tests.pen import write
from tests.postgres import STORES
from tests.town import at
from whistle.domain.incident.intake import AcceptIncident
from whistle.domain.refusal import Broken, Refused
from whistle.domain.whistle.call import Acknowledge
from whistle.log import recorder
from whistle.log.schema import FOR_EVER

HOUSE = Path(__file__).resolve().parent.parent
NINE = at("09:00")


@pytest.fixture(params=STORES)
def kind(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


class Slip(Exception):
    """Something goes wrong in the middle."""


def test_numbers_have_no_gap_and_versions_none_in_a_stream(office: Office) -> None:
    office.blow()
    office.blow("w2", "i2")
    told = office.told()
    assert [each.seq for each in told] == list(range(1, len(told) + 1))
    for stream in {each.stream for each in told}:
        versions = [each.version for each in told if each.stream == stream]
        assert versions == list(range(1, len(versions) + 1))


def test_two_writers_share_one_order(office: Office) -> None:
    other = Office(office.address, NINE)
    before = office.log.size()
    for version in range(1, 6):
        for each in (office, other):
            with each.log.writing() as txn:
                write(txn, stream=f"of-{id(each)}", version=version)
    assert [each.seq for each in other.told(before)] == list(range(before + 1, before + 11))
    assert other.log.verify().ok
    other.close()


def test_what_is_rolled_back_leaves_no_hole(office: Office) -> None:
    before = office.told()
    with pytest.raises(Slip), office.log.writing() as txn:
        assert write(txn) == len(before) + 1
        txn.take_number("W-WY26", 1)
        raise Slip
    assert office.told() == before
    with office.log.writing() as txn:
        assert txn.next_number("W-WY26") == 1
        assert write(txn) == len(before) + 1
    assert office.log.verify().ok


def test_a_version_is_written_once_and_the_rest_of_the_act_is_undone(office: Office) -> None:
    with office.log.writing() as txn:
        write(txn)
    before = office.told()
    with pytest.raises(Broken), office.log.writing() as txn:
        write(txn, version=2)
        write(txn, version=1)
    assert office.told() == before


@pytest.fixture
def full(office: Office) -> Office:
    """A store with a row in every table that is for ever."""
    office.blow()
    with pytest.raises(Refused):
        office.ask(("i1", AcceptIncident()))
    with office.log.writing() as txn:
        txn.keep_sources([("sf", "1", b"d" * 16)])
    return office


@pytest.mark.parametrize("table", FOR_EVER)
def test_what_is_recorded_is_neither_changed_nor_deleted(full: Office, table: str) -> None:
    kept = full.rows(f"SELECT * FROM {table}")
    assert kept
    with full.behind() as tool:
        column = tool.execute(f"SELECT * FROM {table}").description[0][0]
        for act in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            with pytest.raises(GUARD_SPOKE, match="what is recorded stays"):
                tool.execute(act)
    assert full.rows(f"SELECT * FROM {table}") == kept


@pytest.mark.sqlite("PostgreSQL has no REPLACE")
@pytest.mark.parametrize("table", [*FOR_EVER, "ledger_head"])
@pytest.mark.parametrize("recursive", ["ON", "OFF"])  # whether SQLite asks the delete triggers, too
def test_what_is_recorded_is_not_put_away_by_a_row_with_its_key(
    full: Office, table: str, recursive: str
) -> None:
    kept = full.rows(f"SELECT * FROM {table}")
    with full.behind() as tool:
        tool.execute(f"PRAGMA recursive_triggers = {recursive}")
        for act in ("INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE"):
            with pytest.raises(sqlite3.IntegrityError, match="stays"):
                tool.execute(f"{act} INTO {table} SELECT * FROM {table}")
    assert full.rows(f"SELECT * FROM {table}") == kept


@pytest.mark.sqlite("PostgreSQL has no REPLACE")
def test_an_event_is_not_put_away_by_another_of_its_stream_and_version(full: Office) -> None:
    kept = full.rows("SELECT * FROM events")
    with full.behind() as tool, pytest.raises(sqlite3.IntegrityError, match="stays"):
        tool.execute("REPLACE INTO events VALUES (999, 1, 1, 1, x'7b7d')")
    assert full.rows("SELECT * FROM events") == kept


def test_every_table_of_the_record_is_for_ever() -> None:
    record = {"events", "ledger", "commands", "replies", "streams", "topics"}
    assert {*record, "attempts"} <= set(FOR_EVER)


@pytest.mark.parametrize(
    "act",
    [
        "DELETE FROM ledger_head",
        "UPDATE ledger_head SET size = size - 1, last_recorded_at = last_recorded_at + 1",
        "UPDATE ledger_head SET last_recorded_at = last_recorded_at + 1",
        "UPDATE ledger_head SET size = size + 1",
        "UPDATE ledger_head SET size = size + 1, last_recorded_at = last_recorded_at - 1",
        "UPDATE ledger_head SET frontier = NULL",
    ],
)
def test_the_head_only_grows(full: Office, act: str) -> None:
    kept = full.rows("SELECT * FROM ledger_head")
    with full.behind() as tool, pytest.raises(GUARD_SPOKE, match="ledger_head"):
        tool.execute(act)
    assert full.rows("SELECT * FROM ledger_head") == kept


def test_the_head_is_one_row(full: Office) -> None:
    with full.behind() as tool, pytest.raises((sqlite3.IntegrityError, psycopg.IntegrityError)):
        tool.execute("INSERT INTO ledger_head VALUES (2, 0, ?, 0, 0)", (b"",))


def test_a_number_is_not_given_again_after_its_event_was_cut_off(office: Office) -> None:
    # H2: the next event must not take the place of a deleted one, whoever has read that already
    office.report()
    size = office.log.size()
    with office.behind() as tool:
        untie(tool)
        tool.execute("DELETE FROM events WHERE position = ?", (size,))
        tool.execute("DELETE FROM ledger WHERE seq = ?", (size,))
    with office.log.writing() as txn:
        assert write(txn) == size + 1
    assert office.log.verify().first_bad_seq == size


def test_thirty_processes_write_at_once_and_none_is_turned_away(office: Office) -> None:
    # H5
    before = office.log.size()
    program = [sys.executable, "-m", "tests.crowd", office.address, "30"]
    crowd = subprocess.run(program, cwd=HOUSE, capture_output=True, text=True, check=False)
    assert (crowd.returncode, crowd.stderr) == (0, "")
    assert [each.seq for each in office.told(before)] == list(range(before + 1, before + 31))
    assert office.log.verify().ok


def test_a_row_cannot_make_the_reader_import_a_module(office: Office) -> None:
    # H10
    sys.modules.pop("this", None)
    with office.behind() as tool:
        tool.execute("INSERT INTO streams VALUES (999, 'w1')")
        tool.execute("INSERT INTO topics VALUES (999, 'this:s')")
        tool.execute("INSERT INTO events VALUES (999, 999, 1, 999, ?)", (b"{}",))
    with pytest.raises(Broken, match="unknown"), office.log.reading() as reader:
        reader.stream("w1")
    with pytest.raises(Broken, match="unknown"):
        office.ask(("w1", Acknowledge(unit="rq")), by="rq")
    assert "this" not in sys.modules


def test_the_state_comes_from_the_events_and_from_no_snapshot(office: Office) -> None:
    # H11: what lies beside the events may say what it likes
    office.blow()
    with office.behind() as tool:
        tool.execute("CREATE TABLE snapshots AS SELECT * FROM record WHERE stream = 'w1'")
        tool.execute("UPDATE snapshots SET version = 99, state = ?", (b"{}",))
        tool.execute("CREATE TABLE stored_snapshots AS SELECT * FROM snapshots")
        tool.execute("UPDATE calls SET stage = 'released'")
        tool.execute("UPDATE names SET stage = 'ended', due = NULL WHERE stream = 'w1'")
    reply = office.ask(("w1", Acknowledge(unit="rq")), by="rq")
    assert (reply.stage, [event.topic for event in reply.events]) == (
        "sounding",
        ["whistle.acknowledged/1"],
    )
    assert office.rows("SELECT stage FROM calls WHERE unit = 'rq'") == [("acknowledged",)]


def test_waiting_needs_nobody_to_wake_it(office: Office) -> None:
    # H7, H12: who waits looks again, whether somebody told of an event or not
    size = office.log.size()
    assert not office.log.wait_beyond(size, timeout_s=0)
    assert office.log.wait_beyond(size - 1, timeout_s=0)
    other = Office(office.address, NINE)
    writer = threading.Timer(0.1, other.report)
    writer.start()
    assert office.log.wait_beyond(size, timeout_s=30)
    writer.join()
    other.close()


@pytest.mark.sqlite("the lock of a file; PostgreSQL's is in test_postgres_log.py")
def test_a_write_takes_its_lock_when_it_begins(office: Office) -> None:
    with office.log.writing(), office.behind() as tool:
        tool.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            tool.execute("BEGIN IMMEDIATE")


def test_a_read_keeps_nobody_from_writing(office: Office) -> None:
    other = Office(office.address, NINE)
    size = office.log.size()
    with office.log.reading() as reader:
        assert reader.stream("i1") == []
        other.report()
        assert reader.stream("i1") == []  # still the moment at which it began to look
    assert other.log.size() == size + 2
    other.close()


def test_the_queue_is_left_when_a_write_fails(office: Office) -> None:
    other = Office(office.address, NINE)
    for _again in range(3):
        with pytest.raises(Slip), office.log.writing():
            raise Slip
    with other.log.writing() as txn:
        write(txn)
    other.close()
    assert recorder.BUSY_TIMEOUT_S >= 30

"""The log: one gapless order of events, for ever, durable, fair, and stamped under its lock.

H numbers are the hazards of the library beneath that each test guards against.
"""

import sqlite3
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.office import Office, untie
from tests.pen import write
from tests.town import at
from whistle.domain.clock_anomaly import ClockAnomaly
from whistle.domain.incident.intake import AcceptIncident
from whistle.domain.moment import DAY, SECOND
from whistle.domain.refusal import Broken, Refused
from whistle.domain.whistle.call import Acknowledge
from whistle.log import recorder
from whistle.log.schema import FOR_EVER
from whistle.log.sqlite import SQLiteLog, Unreachable

HOUSE = Path(__file__).resolve().parent.parent
NINE = at("09:00")


class Slip(Exception):
    """Something goes wrong in the middle."""


def anomalies(office: Office) -> list[ClockAnomaly]:
    return [each.event for each in office.told() if isinstance(each.event, ClockAnomaly)]


def test_numbers_have_no_gap_and_versions_none_in_a_stream(office: Office) -> None:
    office.blow()
    office.blow("w2", "i2")
    told = office.told()
    assert [each.seq for each in told] == list(range(1, len(told) + 1))
    for stream in {each.stream for each in told}:
        versions = [each.version for each in told if each.stream == stream]
        assert versions == list(range(1, len(versions) + 1))


def test_two_writers_share_one_order(office: Office) -> None:
    other = Office(office.path, NINE)
    before = office.log.size()
    for version in range(1, 6):
        for each in (office, other):
            with each.log.writing() as txn:
                write(txn, stream=f"of-{id(each)}", version=version)
    assert [each.seq for each in other.told(before)] == list(range(before + 1, before + 11))
    assert other.log.verify().ok
    other.close()


def test_recorded_at_rises_with_every_event(office: Office) -> None:
    office.blow()  # the clock stands still all the while
    times = [each.recorded_at for each in office.told()]
    assert all(before < after for before, after in pairwise(times))


def test_the_events_of_one_act_follow_by_a_microsecond(office: Office) -> None:
    first = len(office.told())
    office.clock.now = at("09:30")
    office.report()
    assert [each.recorded_at for each in office.told(first)] == [at("09:30"), at("09:30") + 1]


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
        (column, *_rest) = (row[1] for row in tool.execute(f"PRAGMA table_info({table})"))
        for act in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            with pytest.raises(sqlite3.IntegrityError, match="what is recorded stays"):
                tool.execute(act)
    assert full.rows(f"SELECT * FROM {table}") == kept


def test_every_table_of_the_record_is_for_ever() -> None:
    assert {"events", "ledger", "replies", "attempts"} <= set(FOR_EVER)


@pytest.mark.parametrize(
    "act",
    [
        "DELETE FROM ledger_head",
        "UPDATE ledger_head SET size = size - 1, last_recorded_at = last_recorded_at + 1",
        "UPDATE ledger_head SET last_recorded_at = last_recorded_at + 1",
        "UPDATE ledger_head SET size = size + 1",
        "UPDATE ledger_head SET size = size + 1, last_recorded_at = last_recorded_at - 1",
        "UPDATE ledger_head SET frontier = x''",
    ],
)
def test_the_head_only_grows(full: Office, act: str) -> None:
    kept = full.rows("SELECT * FROM ledger_head")
    with full.behind() as tool, pytest.raises(sqlite3.IntegrityError, match="ledger_head"):
        tool.execute(act)
    assert full.rows("SELECT * FROM ledger_head") == kept


def test_the_head_is_one_row(full: Office) -> None:
    with full.behind() as tool, pytest.raises(sqlite3.IntegrityError):
        tool.execute("INSERT INTO ledger_head VALUES (2, 0, x'', 0, 0)")


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
    program = [sys.executable, "-m", "tests.crowd", str(office.path)]
    crowd = [
        subprocess.Popen(
            [*program, str(number)],
            cwd=HOUSE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(30)
    ]
    for each in crowd:
        assert each.stdout is not None
        assert each.stdout.readline() == "here\n"
    office.path.with_name(office.path.name + ".go").touch()
    complaints = [each.communicate()[1] for each in crowd]
    assert [text for text in complaints if text] == []
    assert [each.returncode for each in crowd] == [0] * 30
    assert [each.seq for each in office.told(before)] == list(range(before + 1, before + 31))
    assert office.log.verify().ok


def test_the_time_on_record_is_the_clocks_that_was_handed_in(office: Office) -> None:
    # H9: not the library's, not the machine's
    office.clock.now = at("2027-03-01 12:00")
    office.clock.read = 0
    office.report()
    assert office.told()[-2].recorded_at == at("2027-03-01 12:00") + 1  # after the leap's own event
    assert office.clock.read == 2


def test_the_clock_is_read_while_the_lock_is_held(office: Office) -> None:
    # H9: a time taken before the lock runs backwards against the order of the events
    turned_away = []

    def clock() -> int:
        with office.behind() as tool:
            tool.execute("PRAGMA busy_timeout = 0")
            try:
                tool.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                turned_away.append(str(error))
        return NINE

    log = SQLiteLog(office.path, clock)
    with log.writing() as txn:
        write(txn)
    log.close()
    assert turned_away == ["database is locked"]


def test_a_row_cannot_make_the_reader_import_a_module(office: Office) -> None:
    # H10
    sys.modules.pop("this", None)
    with office.behind() as tool:
        tool.execute("INSERT INTO events VALUES (999, 'w1', 1, 'this:s', x'7b7d')")
    with pytest.raises(Broken, match="unknown"), office.log.reading() as reader:
        reader.stream("w1")
    with pytest.raises(Broken, match="unknown"):
        office.ask(("w1", Acknowledge(unit="rq")), by="rq")
    assert "this" not in sys.modules


def test_the_state_comes_from_the_events_and_from_no_snapshot(office: Office) -> None:
    # H11: what lies beside the events may say what it likes
    office.blow()
    with office.behind() as tool:
        tool.execute("CREATE TABLE snapshots AS SELECT * FROM events WHERE originator_id = 'w1'")
        tool.execute("UPDATE snapshots SET originator_version = 99, state = x'7b7d'")
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
    # H12: SQLite has no subscription, so who waits looks again
    size = office.log.size()
    assert not office.log.wait_beyond(size, timeout_s=0)
    assert office.log.wait_beyond(size - 1, timeout_s=0)
    other = Office(office.path, NINE)
    writer = threading.Timer(0.1, other.report)
    writer.start()
    assert office.log.wait_beyond(size, timeout_s=30)
    writer.join()
    other.close()


def pragma(log: SQLiteLog, name: str) -> object:
    with log.reading() as reader:
        reader.cursor.execute(f"PRAGMA {name}")
        return reader.cursor.fetchone()[0]


def test_every_connection_is_durable(office: Office) -> None:
    # H13
    for _fresh in range(2):
        log = SQLiteLog(office.path, office.clock)
        assert (pragma(log, "synchronous"), pragma(log, "journal_mode")) == (2, "wal")
        with log.writing() as txn:
            txn.cursor.execute("PRAGMA synchronous")
            assert txn.cursor.fetchone()[0] == 2
        log.close()


class Deaf(sqlite3.Cursor):
    """A cursor that does not do as it is told."""

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        connection = self.connection
        deaf = isinstance(connection, Forgetful) and connection.ignored in statement
        return super().execute("SELECT 1") if deaf else super().execute(statement, *values)


class Forgetful(sqlite3.Connection):
    """A build of SQLite in which a setting cannot be made."""

    ignored = "nothing"

    def cursor(self, *_factory: Any) -> sqlite3.Cursor:  # type: ignore[override]  # always a deaf one
        return super().cursor(Deaf)

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        return self.cursor().execute(statement, *values)


@pytest.mark.parametrize("ignored", ["synchronous = FULL", "journal_mode=WAL"])
def test_a_connection_that_is_not_durable_is_not_used(
    office: Office, monkeypatch: pytest.MonkeyPatch, ignored: str
) -> None:
    # H13: NORMAL lost acknowledged events in 942 of 1,976 simulated power cuts
    office.close()
    with office.behind() as tool:
        tool.execute("PRAGMA journal_mode = DELETE")
    opened = sqlite3.connect

    def connect(*words: Any, **more: Any) -> sqlite3.Connection:
        connection = opened(*words, **more, factory=Forgetful)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.ignored = ignored
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect)
    with pytest.raises(Unreachable, match="not durable"):
        SQLiteLog(office.path, office.clock)


def test_a_write_takes_its_lock_when_it_begins(office: Office) -> None:
    with office.log.writing(), office.behind() as tool:
        tool.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            tool.execute("BEGIN IMMEDIATE")


def test_a_read_keeps_nobody_from_writing(office: Office) -> None:
    other = Office(office.path, NINE)
    size = office.log.size()
    with office.log.reading() as reader:
        assert reader.stream("i1") == []
        other.report()
        assert reader.stream("i1") == []  # still the moment at which it began to look
    assert other.log.size() == size + 2
    other.close()


def test_a_small_step_back_is_nothing_to_speak_of(office: Office) -> None:
    office.report()
    (last,) = office.rows("SELECT last_recorded_at FROM ledger_head")[0]
    office.clock.now = last - 5 * SECOND
    with office.log.writing() as txn:
        write(txn)
    assert anomalies(office) == []
    assert office.told()[-1].recorded_at == last + 1


def test_a_step_back_is_put_on_record_once_and_nothing_is_refused(office: Office) -> None:
    office.report()
    (last,) = office.rows("SELECT last_recorded_at FROM ledger_head")[0]
    office.clock.now = last - 5 * SECOND - 1
    for stream in ("i2", "i3", "i4"):
        assert len(office.report(stream).events) == 2
    assert anomalies(office) == [ClockAnomaly(at=office.clock.now, last_recorded_at=last)]
    assert office.told()[-1].recorded_at == last + 7
    assert office.log.verify().ok


def test_a_second_step_back_is_put_on_record_again(office: Office) -> None:
    for round_ in range(2):
        office.clock.now = at("10:00") + round_ * SECOND
        office.report(f"i{round_}")
        office.clock.now = at("09:00")
        office.report(f"j{round_}")
    assert len(anomalies(office)) == 2


@pytest.mark.parametrize(("more", "times"), [(0, 0), (1, 1)])
def test_a_leap_of_more_than_thirty_days_is_put_on_record_once(
    office: Office, more: int, times: int
) -> None:
    office.report()
    (last,) = office.rows("SELECT last_recorded_at FROM ledger_head")[0]
    office.clock.now = last + 30 * DAY + more
    office.report("i2")
    office.report("i3")
    assert anomalies(office) == [
        ClockAnomaly(at=office.clock.now, last_recorded_at=last) for _ in range(times)
    ]


def test_the_first_event_of_a_store_is_no_leap(founded: Path) -> None:
    first = Office(founded)
    assert anomalies(first) == []
    first.close()


def test_the_queue_is_left_when_a_write_fails(office: Office) -> None:
    other = Office(office.path, NINE)
    for _again in range(3):
        with pytest.raises(Slip), office.log.writing():
            raise Slip
    with other.log.writing() as txn:
        write(txn)
    other.close()
    assert recorder.BUSY_TIMEOUT_S >= 30

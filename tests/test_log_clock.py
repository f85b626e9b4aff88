"""The clock of the log: handed in, read under the lock, and put on record when it misbehaves.

H numbers are the hazards of the library beneath that each test guards against.
"""

import sqlite3
from itertools import pairwise
from pathlib import Path

import pytest

from tests.office import Office
from tests.pen import write
from tests.town import at
from whistle.domain.clock_anomaly import ClockAnomaly
from whistle.domain.moment import DAY, SECOND
from whistle.log.sqlite import SQLiteLog

HOUSE = Path(__file__).resolve().parent.parent
NINE = at("09:00")


def anomalies(office: Office) -> list[ClockAnomaly]:
    return [each.event for each in office.told() if isinstance(each.event, ClockAnomaly)]


def test_recorded_at_rises_with_every_event(office: Office) -> None:
    office.blow()  # the clock stands still all the while
    times = [each.recorded_at for each in office.told()]
    assert all(before < after for before, after in pairwise(times))


def test_the_events_of_one_act_follow_by_a_microsecond(office: Office) -> None:
    first = len(office.told())
    office.clock.now = at("09:30")
    office.report()
    assert [each.recorded_at for each in office.told(first)] == [at("09:30"), at("09:30") + 1]


def test_the_time_on_record_is_the_clocks_that_was_handed_in(office: Office) -> None:
    # H9: not the library's, not the machine's
    office.clock.now = at("2027-03-01 12:00")
    office.clock.read = 0
    office.report()
    assert office.told()[-2].recorded_at == at("2027-03-01 12:00") + 1  # after the leap's own event
    assert office.clock.read == 2


@pytest.mark.sqlite("the lock of a file; PostgreSQL's is in test_postgres_log.py")
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

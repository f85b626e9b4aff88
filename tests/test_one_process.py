"""A process that opens a store twice keeps the locks of its first opening.

POSIX lets go of all locks that a process holds on a file when it closes any handle on it. Who then
closes the store elsewhere takes itself for the last one and removes the -wal, and what this
process goes on to record stands in a file that has no name.
"""

import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.office import Office
from tests.shell import HOUSE
from whistle.log.backup import back_up
from whistle.log.sqlite import SQLiteLog
from whistle.log.store_log import StoreLog
from whistle.log.stores import create

pytestmark = pytest.mark.sqlite("the locks of a file")

Look = Callable[[StoreLog], object]


def second(log: StoreLog) -> object:
    """Another opening, as figures and parts of a long work have it."""
    with closing(log.opener()) as again:
        return again.size()


def to_read(log: StoreLog) -> object:
    """An opening that only reads."""
    with closing(SQLiteLog(Path(log.place), log.clock, read_only=True)) as again:
        return again.size()


def copied(log: StoreLog) -> object:
    """A copy of it."""
    return back_up(log, Path(log.place).with_name("copy.db"))


@pytest.mark.parametrize("emptied", [False, True], ids=["-wal", "an empty -wal"])
@pytest.mark.parametrize("look", [second, to_read, copied])
def test_what_is_recorded_after_another_look_is_there_for_everybody(
    tmp_path: Path, look: Look, *, emptied: bool
) -> None:
    path = tmp_path / "town.db"
    create(f"sqlite:///{path}")
    office = Office(path)
    office.found()
    if emptied:
        with office.behind() as tool:
            tool.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    look(office.log)
    elsewhere(path)
    office.blow()
    with closing(SQLiteLog(path, office.log.clock, read_only=True)) as other:
        assert other.size() == office.log.size()
    told = elsewhere(path)
    assert told == office.log.size() == len(office.log.page(0, 1_000))
    office.close()


def test_who_began_to_read_before_the_first_order_takes_no_lock_along(tmp_path: Path) -> None:
    path = tmp_path / "town.db"
    create(f"sqlite:///{path}")
    office = Office(path)
    office.found()
    office.close()  # no -wal is left, so it is read without a lock
    with closing(SQLiteLog(path, office.log.clock, read_only=True)) as early:
        assert early.size() == 10
        office = Office(path)
        office.blow()
    elsewhere(path)
    office.report("i2")
    assert elsewhere(path) == office.log.size()
    office.close()


def elsewhere(path: Path) -> int:
    """Another process opens the store, closes it as the last one would, and says how long it is."""
    said = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(path)],
        cwd=HOUSE, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return int(said.stdout)


ELSEWHERE = """
import sys
from pathlib import Path
from whistle.clock import now
from whistle.log.sqlite import SQLiteLog

log = SQLiteLog(Path(sys.argv[1]), now)
print(log.size())
log.close()
"""

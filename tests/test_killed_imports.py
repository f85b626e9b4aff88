"""A hundred imports killed on the way, and run again: their record is that of one left alone."""

import gzip
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.killed_import import EMPTY
from tests.shell import HOUSE, Shell
from whistle import clock
from whistle.domain.measures import summary
from whistle.domain.moment import MINUTE
from whistle.engine.assessing import assess
from whistle.log.sqlite import SQLiteLog

pytestmark = pytest.mark.sqlite("kills at calls of SQLite's module; test_import.py at each commit")

SF = Path(__file__).parent / "data" / "sf_fire"
LINES = 1200
KILLS = 50  # of each import
IMPORTS = {
    "events": ("sf_week_a_events.jsonl.gz", "week.jsonl", ()),
    "table": ("sf_week_a.csv.gz", "week.csv", ("--map", "sf-fire", "--zone", "+08:00")),
}


def cut(folder: Path, whole: str, part: str, lines: int) -> Path:
    """The first lines of a file of the week."""
    path = folder / part
    with gzip.open(SF / whole, "rt", encoding="utf-8", newline="") as week:
        path.write_text("".join(next(week) for _ in range(lines)), encoding="utf-8", newline="")
    return path


def told(store: Path) -> list[Any]:
    """What a record says, apart from when it was written and under which store's name."""
    with closing(sqlite3.connect(store)) as file:
        return file.execute(
            "SELECT stream, version, topic, state FROM record ORDER BY 1, 2"
        ).fetchall()


def figured(store: Path) -> Any:
    """The ledger's figures of a store, whose record is proved first."""
    log = SQLiteLog(store, clock.now)
    assert log.verify().ok
    figures = summary(assess(log).ledger.assignments(), {"arrival": 300})
    log.close()
    return figures


@pytest.mark.parametrize("what", IMPORTS)
def test_an_import_killed_fifty_times_loses_and_doubles_nothing(what: str, tmp_path: Path) -> None:
    # H5, H14
    whole, part, more = IMPORTS[what]
    lines = LINES if what == "events" else LINES // 4  # a row tells four instants or so
    words = ("import", what, str(cut(tmp_path, whole, part, lines)), *more)
    alone = Shell(tmp_path)
    alone.now = clock.now() - MINUTE
    alone.founded("Outside", "OC")
    shutil.copy(alone.store, tmp_path / EMPTY)
    alone.json(*words)

    figures = figured(alone.store)

    program = [sys.executable, "-m", "tests.killed_import", str(KILLS), str(tmp_path), *words]
    done = subprocess.run(program, env=alone.whole_env, cwd=HOUSE, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    for name in done.stdout.decode().split():
        assert told(Path(name)) == told(alone.store)
        assert figured(Path(name)) == figures

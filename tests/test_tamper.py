"""Generated tampering: what is found by the record alone, and what a checkpoint held outside adds.

Without a checkpoint whatever does not compute every hash anew is found. With one, everything is
found that changes an event up to it. Each suite is run once more with its guard off, and must fail.
"""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.insider import Cover, Program, program, run
from tests.shell import Shell, evening_at
from whistle import clock
from whistle.log import checkpoint
from whistle.log.checkpoint import Checkpoint
from whistle.log.sqlite import SQLiteLog

pytestmark = pytest.mark.sqlite(
    "programs in SQLite's SQL; test_verify.py changes every column on both"
)

PROGRAMS = 24  # of each kind

Judge = Callable[[SQLiteLog], bool]
"""Whether the record of a store is as it was, as far as the judge can see."""


class Town:
    """A played store, a checkpoint of it that lies elsewhere, and the day that followed."""

    def __init__(self, folder: Path) -> None:
        shell = evening_at(folder)
        shell.json("ack", "1", "--as", "xf")
        self.earlier = folder / "earlier.db"
        shell.json("store", "backup", str(self.earlier))
        shell.json("ack", "2", "--as", "TP")
        self.held = self._checkpoint(shell)
        shell.json("arrive", "1", "--as", "xf")
        self.store = folder / "copy.db"
        shell.json("store", "backup", str(self.store))
        self.rows = rows(self.store)

    @staticmethod
    def _checkpoint(shell: Shell) -> Checkpoint:
        return checkpoint.read(shell.json("audit", "checkpoint", "create").facts["checkpoint"])


def rows(store: Path) -> list[Any]:
    """Everything that the leaves cover, as it stands."""
    with closing(sqlite3.connect(store)) as tool:
        alone = "SELECT * FROM events WHERE position NOT IN (SELECT seq FROM ledger)"
        return [
            *tool.execute("SELECT * FROM record ORDER BY seq").fetchall(),
            *tool.execute(alone).fetchall(),
        ]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town(tmp_path_factory.mktemp("town"))


def alone(log: SQLiteLog) -> bool:
    """`audit verify`, which sees nothing but the file."""
    return log.verify().ok


def with_checkpoint(held: Checkpoint) -> Judge:
    """`audit checkpoint compare`."""
    return lambda log: checkpoint.compare(log, held).ok


def blind(_log: SQLiteLog) -> bool:
    """A judge that finds nothing: the guard is off."""
    return True


def unfound(
    town: Town, folder: Path, cover: Cover, judge: Judge, upto: int | None = None
) -> list[Program]:
    """Programs that changed an event (up to a place) and that the judge did not find."""
    missed, changing = [], 0
    for seed in range(PROGRAMS):
        made = program(seed, len(town.rows), cover)
        store = folder / f"{seed}.db"
        shutil.copy(town.store, store)
        run(store, made)
        if _covered(rows(store), upto) == _covered(town.rows, upto):
            continue
        changing += 1
        log = SQLiteLog(store, clock.now)
        if judge(log):
            missed.append(made)
        log.close()
    assert changing > PROGRAMS // 2
    return missed


def _covered(rows: list[Any], upto: int | None) -> list[Any]:
    """The rows up to a place, without their leaves: those follow from the rest."""
    return [row[:18] for row in rows[:upto]] if upto else rows


def test_the_record_alone_finds_whatever_leaves_a_hash_as_it_was(
    town: Town, tmp_path: Path
) -> None:
    assert unfound(town, tmp_path, "none", alone) == []


@pytest.mark.parametrize("cover", ["none", "hashes", "everything"])
def test_a_checkpoint_finds_every_change_before_it_however_well_it_is_covered_up(
    town: Town, tmp_path: Path, cover: Cover
) -> None:
    judge = with_checkpoint(town.held)
    assert unfound(town, tmp_path, cover, judge, town.held.size) == []


def test_some_changes_can_be_covered_up_so_well_that_only_a_checkpoint_finds_them(
    town: Town, tmp_path: Path
) -> None:
    # else the suite above would show nothing about checkpoints
    assert unfound(town, tmp_path, "everything", alone, town.held.size) != []


@pytest.mark.parametrize("cover", ["none", "hashes", "everything"])
def test_the_suite_fails_when_the_guard_is_off(town: Town, tmp_path: Path, cover: Cover) -> None:
    assert len(unfound(town, tmp_path, cover, blind, town.held.size)) > PROGRAMS // 2


def test_a_file_put_back_passes_alone_and_fails_before_the_checkpoint(town: Town) -> None:
    log = SQLiteLog(town.earlier, clock.now)
    assert alone(log)
    found = checkpoint.compare(log, town.held)
    assert (found.ok, found.size < found.seen) == (False, True)
    log.close()


def test_what_came_after_the_checkpoint_is_its_successors_to_find(
    town: Town, tmp_path: Path
) -> None:
    store = tmp_path / "after.db"
    shutil.copy(town.store, store)
    last = len(town.rows)
    change = (
        "UPDATE commands SET actor_person = 'nobody' "
        f"WHERE id = (SELECT command FROM ledger WHERE seq = {last})"
    )
    run(store, Program(0, (change,), "everything"))
    log = SQLiteLog(store, clock.now)
    assert with_checkpoint(town.held)(log)
    original = SQLiteLog(town.store, clock.now)
    later = checkpoint.take(original)
    assert not with_checkpoint(later)(log)
    log.close()
    original.close()


BESIDE = {
    "a name lost": "DELETE FROM names WHERE kind = 'whistle' AND number = 1",
    "a name invented": "INSERT INTO names VALUES ('z', 'rulebook', NULL, NULL, NULL, 'in_force', "
    "NULL, NULL, NULL)",
    "a name renumbered": "UPDATE names SET number = 77 WHERE kind = 'whistle' AND number = 1",
    "the rules' line lost": "DELETE FROM names WHERE kind = 'rulebook'",
    "a call lost": "DELETE FROM calls WHERE rowid = (SELECT MIN(rowid) FROM calls)",
    "a call invented": "INSERT INTO calls VALUES ('z', 'xf', 'called')",
    "a site lost": "DELETE FROM sites WHERE rowid = (SELECT MIN(rowid) FROM sites)",
    "a site invented": "INSERT INTO sites VALUES ('z', 'gas-leak', 'here', 1, NULL, '')",
    "a unit's number lost": "DELETE FROM unit_series WHERE unit = 'FR'",
    "a unit's number invented": "INSERT INTO unit_series VALUES ('ZZ', 3)",
    "a unit lost": "DELETE FROM units WHERE code = 'FR'",
    "a unit invented": "INSERT INTO units SELECT 'ZZ', stream, body FROM units LIMIT 1",
    "a unit moved": "UPDATE units SET stream = 'z' WHERE code = 'FR'",
    "a series lost": "DELETE FROM series WHERE rowid = (SELECT MIN(rowid) FROM series)",
    "another town": "UPDATE adopted SET body = CAST(replace(body, 'WY', 'XY') AS BLOB) "
    "WHERE kind = 'town'",
    "other rules": "UPDATE adopted SET body = CAST(replace(body, 'gas-leak', 'gas-lead') AS BLOB) "
    "WHERE kind = 'playbook'",
    "a reply lost": "DELETE FROM replies WHERE rowid = (SELECT MAX(rowid) FROM replies)",
    "a reply of another": "UPDATE commands SET command_digest = zeroblob(32) "
    "WHERE id = (SELECT MAX(command) FROM ledger)",
    "a reply emptied": "UPDATE replies SET body = x'7b7d' WHERE rowid = 1",
    "a reply that is none": "UPDATE replies SET body = x'ff' WHERE rowid = 1",
    "a reply invented": "INSERT INTO replies SELECT 999, body FROM replies WHERE rowid = 1",
    "a reply to another": "UPDATE replies SET body = (SELECT body FROM replies WHERE rowid = 2) "
    "WHERE rowid = 3",
    "a command lost": "DELETE FROM commands WHERE id = 3",
    "a command invented": "INSERT INTO commands (id, command_id, command_digest) "
    "VALUES (999, zeroblob(16), zeroblob(32))",
    "a stream lost": "DELETE FROM streams WHERE id = 3",
    "a stream invented": "INSERT INTO streams VALUES (999, 'z')",
    "a topic lost": "DELETE FROM topics WHERE id = 3",
    "a topic invented": "INSERT INTO topics VALUES (999, 'whistle.blown/2')",
    "a source invented": "INSERT INTO sources VALUES ('sf', '9', zeroblob(16))",
    "a source lost": "DELETE FROM sources WHERE event_id = '1'",
    "a source's digest": "UPDATE sources SET digest = zeroblob(16) WHERE event_id = '1'",
    "a source renamed": "UPDATE sources SET event_id = '2' WHERE event_id = '1'",
}
LINE = (
    '{"event_id":"1","at":"2026-10-14T08:00:00+08:00","kind":"reported","incident":"7","unit":null}'
)


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """An evening with a line of another system's history."""
    shell = evening_at(tmp_path_factory.mktemp("imported"))
    lines = shell.folder / "sf.jsonl"
    lines.write_text(f"{LINE}\n", encoding="utf-8")
    shell.json("import", "events", str(lines), "--source", "sf")
    return shell


@pytest.mark.parametrize("change", BESIDE.values(), ids=BESIDE)
def test_what_stands_beside_the_events_must_follow_from_them(
    imported: Shell, tmp_path: Path, change: str
) -> None:
    desk = Shell(tmp_path).copy_of(imported)
    assert desk.json("audit", "verify").facts["ok"] is True
    with closing(desk.tool()) as tool:
        for (name,) in tool.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            tool.execute(f"DROP TRIGGER {name}")
        assert tool.execute(change).rowcount == 1
        tool.commit()
    assert desk.json("audit", "verify", code=7).facts["ok"] is False

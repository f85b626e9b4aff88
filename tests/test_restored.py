"""A store that other hands put back: a snapshot, a copied file; said so before anybody goes on."""

import shutil
from pathlib import Path

import pytest

from tests.office import Clock
from tests.shell import Shell, evening_at
from tests.town import at
from whistle.log.sqlite import SQLiteLog

pytestmark = pytest.mark.sqlite(
    "files are copied and put back; a database that went back to a moment is in "
    "test_postgres_recovery.py"
)


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    """An evening, a copy of it, an hour of work after that, and a checkpoint of either moment."""
    shell = evening_at(tmp_path)
    shell.json("audit", "checkpoint", "create", "--to", file(shell, "early.txt"))
    shell.json("store", "backup", file(shell, "copy.db"))
    shell.json("ack", "1", "--as", "xf")
    shell.json("audit", "checkpoint", "create", "--to", file(shell, "late.txt"))
    return shell


def file(desk: Shell, name: str) -> str:
    """Where something lies."""
    return str(desk.folder / name)


def test_a_store_put_back_by_a_snapshot_is_declared(desk: Shell) -> None:
    size = len(desk.rows("events"))
    shutil.copy(desk.folder / "copy.db", desk.store)
    assert desk("store", "restored").code == 2  # it asks how that came
    told = desk.json(
        "store", "restored", "--checkpoint", file(desk, "late.txt"), "-m", "snapshot"
    ).facts
    assert (told["epoch"], told["kept"], told["seq"]) == (2, size - 1, told["kept"] + 1)
    assert told["lost"] == 1
    assert desk.json("audit", "verify").facts["ok"]
    assert desk("audit", "checkpoint", "compare", file(desk, "early.txt")).code == 0
    late = desk.json("audit", "checkpoint", "compare", file(desk, "late.txt"), code=7).facts
    assert late["lost"] == told["lost"]


def test_an_open_program_goes_on_in_the_epoch_that_was_declared(desk: Shell) -> None:
    open_before = SQLiteLog(desk.store, Clock(at("22:00")))
    desk.json("store", "restored", "-m", "snapshot")
    with open_before.writing() as txn:
        assert txn.identity().epoch == 2
    assert open_before.verify().ok
    open_before.close()


def test_a_copy_of_another_town_is_refused(desk: Shell, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Shell(tmp_path / "other").founded()
    other.json("store", "backup", str(tmp_path / "other.db"))
    said = desk("store", "restore", str(tmp_path / "other.db"))
    assert said.code == 5
    assert "another store" in said.told


def test_a_store_is_not_restored_from_itself(desk: Shell) -> None:
    assert desk("store", "restore", str(desk.store)).code == 2

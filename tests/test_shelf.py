"""A store on a shelf: who may only read it reads all of it, and is told that no clock was heard."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.rights import without_rights
from tests.shell import Shell, evening_at
from whistle.domain.moment import DAY

pytestmark = pytest.mark.sqlite(
    "a file's rights; those of an account are in test_postgres_roles.py"
)

READING = (
    "show W-WY26-00001", "log W-WY26-00001", "events list", "audit verify", "inbox", "status",
    "assess ledger", "bulletin 2026-10", "view command", "incident list", "org unit list",
    "playbook show", "",
)  # fmt: skip
HEARS = {"log W-WY26-00001", "inbox", "status", "view command", "incident list", "",
         "assess ledger", "bulletin 2026-10"}  # fmt: skip
NOT_HEARD = "the clocks were not heard"


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Two emergencies sound, a third incident is accepted, a fourth only reported."""
    return evening_at(tmp_path_factory.mktemp("evening"))


@pytest.fixture
def shelf(evening: Shell, tmp_path: Path) -> Iterator[Shell]:
    """The evening's store in a folder where nobody may write any more."""
    shell = Shell(tmp_path / "shelf")
    shell.folder.mkdir()
    shell.copy_of(evening)
    with closing(shell.tool()) as tool:
        tool.execute("PRAGMA journal_mode = WAL")
    for above in (shell.folder, *shell.folder.parents):
        if above.stat().st_uid == os.geteuid() and above.stat().st_mode & 0o777 == 0o700:
            above.chmod(0o755)
    shell.store.chmod(0o444)
    shell.folder.chmod(0o555)
    yield shell
    shell.folder.chmod(0o755)


def test_who_may_only_read_reads_everything_and_changes_nothing(
    shelf: Shell, evening: Shell
) -> None:
    before = shelf.store.read_bytes(), sorted(shelf.folder.iterdir())
    evening.now = shelf.now
    wanted = [evening.json(*line.split()).facts for line in READING]
    with without_rights():
        said = [shelf.json(*line.split()) for line in READING]
    for line, one, facts in zip(READING, said, wanted, strict=True):
        assert one.facts == facts, line
        assert (NOT_HEARD in str(one.envelope["diagnostics"])) is (line in HEARS), line
    assert (shelf.store.read_bytes(), sorted(shelf.folder.iterdir())) == before


def test_clocks_that_ran_out_on_the_shelf_are_shown_as_they_were_left(shelf: Shell) -> None:
    shelf.now += DAY
    with without_rights():
        said = shelf("view", "command")
    assert said.code == 0
    assert NOT_HEARD in said.told
    assert shelf("clock", "list", "--json").code == 0


@pytest.mark.parametrize("line", ["report gas-leak here", "ack 1 --as rq", "clock tick --json"])
def test_who_may_only_read_gives_no_order(shelf: Shell, line: str) -> None:
    shelf.now += DAY
    with without_rights():
        said = shelf(*line.split())
    assert said.code == 10
    assert "it may only be read here" in said.told + said.text


def test_a_backup_can_be_taken_from_a_shelf(shelf: Shell, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    copies.chmod(0o777)
    with without_rights():
        said = shelf.json("store", "backup", str(copies / "copy.db"))
    assert said.facts["size"] == len(shelf.rows("events"))


def test_what_a_writer_has_not_put_into_the_main_file_yet_is_read_too(
    shelf: Shell, tmp_path: Path
) -> None:
    shelf.folder.chmod(0o755)
    shelf.store.chmod(0o644)
    with closing(sqlite3.connect(shelf.store)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("UPDATE names SET place = 'behind the mill' WHERE number = 4")
        writer.commit()
        for path in shelf.folder.iterdir():
            path.chmod(0o444)
        shelf.folder.chmod(0o555)
        with without_rights():
            assert "behind the mill" in shelf("show", "4").text
        # without its index nobody can read the rest, and half a record is not told as the whole
        lone = tmp_path / "lone"
        lone.mkdir()
        for ending in ("", "-wal"):
            shutil.copy(f"{shelf.store}{ending}", lone / f"town.db{ending}")
        lone.chmod(0o555)
        with without_rights():
            said = shelf("show", "4", WHISTLE_STORE=f"sqlite:///{lone / 'town.db'}")
        lone.chmod(0o755)
        assert said.code == 10


@pytest.mark.parametrize("in_the_way", ["folder", "nothing"])
def test_views_that_cannot_be_kept_are_folded_each_time(
    shelf: Shell, monkeypatch: pytest.MonkeyPatch, in_the_way: str
) -> None:
    shelf.folder.chmod(0o755)
    shelf.store.chmod(0o644)
    wanted = shelf.json("view", "command").facts
    views = shelf.store.with_name("town.db.views")
    for path in shelf.folder.glob("town.db.views*"):
        path.unlink()
    if in_the_way == "folder":
        views.mkdir()
    else:
        from projections import file

        connected = file._connected

        def narrow(raw: sqlite3.Connection, record: object) -> None:
            connected(raw, record)
            if raw.execute("PRAGMA database_list").fetchone()[2]:  # a file, on a full disk
                raw.execute("PRAGMA max_page_count = 6")

        monkeypatch.setattr(file, "_connected", narrow)
    said = shelf.json("view", "command")
    assert said.facts == wanted
    assert shelf("status").code == 0
    if in_the_way == "nothing":
        told = shelf("projection", "rebuild", "command")
        assert (told.code, told.out) == (10, b"")
        assert "full" in told.told

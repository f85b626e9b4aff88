"""A database gets its name when it is whole: whoever stops in between leaves nothing in the way."""

import sqlite3
from pathlib import Path

import pytest

from tests.office import Office
from tests.shell import Shell
from whistle.domain.refusal import WhistleError
from whistle.log import sqlite as store
from whistle.log.backup import back_up


def cut_short(path: Path) -> None:
    """Half a database, as a killed process leaves it, with its journal."""
    for ending in ("", "-wal", "-journal", ".lock"):
        path.with_name(path.name + ending).write_bytes(b"SQLite format 3\0" + bytes(999))


@pytest.mark.sqlite("a file that gets its name last")
def test_a_store_that_cannot_be_finished_has_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "triggers", lambda: ["no such statement"])
    with pytest.raises(WhistleError):
        store.create(tmp_path / "town.db")
    assert not (tmp_path / "town.db").exists()


@pytest.mark.sqlite("a file that gets its name last")
def test_a_founding_that_was_killed_while_its_tables_were_made_is_begun_again(
    tmp_path: Path,
) -> None:
    desk = Shell(tmp_path)
    cut_short(tmp_path / "town.db.part")
    assert desk.founded().json("audit", "verify").facts["ok"]
    assert list(tmp_path.glob("*.part*")) == []


@pytest.mark.sqlite("a file that gets its name last")
def test_a_copy_that_was_killed_is_begun_again(office: Office) -> None:
    target = office.path.with_name("copy.db")
    cut_short(target.with_name("copy.db.part"))
    assert back_up(office.log, target).ok
    assert list(office.path.parent.glob("*.part*")) == []


@pytest.mark.sqlite("a file that gets its name last")
def test_a_folder_in_which_no_view_can_be_made_is_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Shell(tmp_path).founded()
    desk.line("whistle report street-vending 'Yuyuan Rd'")
    opened = sqlite3.connect

    def connect(*words: object, **more: object) -> sqlite3.Connection:
        if str([*words, *more.values()][0]).endswith(".views"):
            raise sqlite3.OperationalError("disk I/O error")
        return opened(*words, **more)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(sqlite3, "connect", connect)
    assert desk.json("status").code == 0

"""Making, opening and copying a store: what is there is never overwritten, faults are sentences."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests import places
from tests.office import Clock, Office, untie
from tests.rights import without_rights
from tests.town import at
from whistle.domain.refusal import Broken, NotFound, Refused, Unreachable
from whistle.log import stores
from whistle.log.backup import back_up
from whistle.log.schema import SCHEMA_VERSION
from whistle.log.sqlite import SQLiteLog, create

CLOCK = Clock(at("09:00"))


@pytest.fixture
def shelf() -> Iterator[Path]:
    """A directory that everybody may look into and nobody but its owner may write to."""
    path = Path(tempfile.mkdtemp(prefix="whistle-shelf-"))
    path.chmod(0o555)
    yield path
    path.chmod(0o755)
    shutil.rmtree(path)


def test_a_new_store_is_empty_and_proves_itself(tmp_path: Path) -> None:
    places.made(tmp_path / "deep" / "down" / "town.db")
    log = places.opened(tmp_path / "deep" / "down" / "town.db")
    verdict = log.verify()
    assert (verdict.ok, verdict.size) == (True, 0)
    assert log.identity.epoch == 1
    log.close()


def test_two_stores_have_two_ids(tmp_path: Path, office: Office) -> None:
    places.made(tmp_path / "other.db")
    other = places.opened(tmp_path / "other.db")
    assert other.identity.store_id != office.log.identity.store_id
    other.close()


def test_a_store_is_not_made_over_another(office: Office) -> None:
    before = office.told()
    with pytest.raises(Refused) as refused:
        stores.create(office.address)
    assert refused.value.rule == "store.exists"
    assert office.told() == before


@pytest.mark.sqlite("a file and its neighbours")
@pytest.mark.parametrize("content", [b"x", b"not a database at all, but long enough" * 40])
def test_a_store_is_not_made_over_anything_else(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(content)
    with pytest.raises(Refused):
        create(path)
    assert path.read_bytes() == content


@pytest.mark.sqlite("a file and its neighbours")
def test_a_store_is_not_made_of_a_directory(tmp_path: Path) -> None:
    with pytest.raises((Refused, Unreachable)):
        create(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.sqlite("a file and its neighbours")
def test_a_file_where_a_directory_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(Unreachable):
        create(tmp_path / "file" / "town.db")


@pytest.mark.sqlite("a file and its neighbours")
def test_a_store_is_not_made_where_nobody_may_write(shelf: Path) -> None:
    with without_rights(), pytest.raises(Unreachable):
        create(shelf / "town.db")
    with without_rights(), pytest.raises(Unreachable):
        create(shelf / "deep" / "town.db")


@pytest.mark.sqlite("a file and its neighbours")
def test_a_store_that_may_not_be_written_says_so(shelf: Path, founded: Path) -> None:
    shutil.copy(founded, shelf / "town.db")
    (shelf / "town.db").chmod(0o444)
    with without_rights(), pytest.raises(Unreachable):
        Office(shelf / "town.db", at("09:00")).report()


@pytest.mark.sqlite("a file and its neighbours")
def test_a_store_whose_queue_cannot_be_joined_says_so(office: Office) -> None:
    queue = office.path.with_name(office.path.name + ".lock")
    queue.unlink(missing_ok=True)
    queue.mkdir()
    with pytest.raises(Unreachable):
        office.report()


@pytest.mark.sqlite("a file and its neighbours")
@pytest.mark.parametrize("name", ["nowhere.db", "no/where.db", "."])
def test_no_store_is_not_found_and_none_is_made(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound, match="no store"):
        SQLiteLog(tmp_path / name, CLOCK)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.sqlite("a file and its neighbours")
@pytest.mark.parametrize("content", [b"", b"x", b"no database, though long enough for one" * 60])
def test_another_file_is_not_a_store_and_stays_as_it_was(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(content)
    with pytest.raises(Unreachable):
        SQLiteLog(path, CLOCK)
    assert path.read_bytes() == content


@pytest.mark.sqlite("a file and its neighbours")
def test_another_database_is_not_a_store(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    with closing(sqlite3.connect(path)) as tool:
        tool.execute("CREATE TABLE books (title TEXT)")
    with pytest.raises(Unreachable, match="not a store of Whistle"):
        SQLiteLog(path, CLOCK)


@pytest.mark.sqlite("a file and its neighbours")
@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
@pytest.mark.parametrize("table", ["books (title TEXT)", "store (shelf TEXT)"])
def test_another_database_stays_as_it_was_to_the_byte(
    tmp_path: Path, journal: str, table: str
) -> None:
    path = tmp_path / "books.db"
    with closing(sqlite3.connect(path)) as tool:
        tool.execute(f"PRAGMA journal_mode = {journal}")
        tool.execute(f"CREATE TABLE {table}")
    before = path.read_bytes()
    with pytest.raises(Unreachable, match="not a store of Whistle"):
        SQLiteLog(path, CLOCK)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.sqlite("a file and its neighbours")
def test_a_store_whose_writer_was_killed_is_known_by_what_stands_beside_it(
    office: Office, tmp_path: Path
) -> None:
    # what a kill leaves: the file as the last checkpoint wrote it, the rest in the -wal
    office.report()
    for ending in ("", "-wal", "-shm"):
        shutil.copy(f"{office.path}{ending}", tmp_path / f"left.db{ending}")
    left = Office(tmp_path / "left.db", at("10:00"))
    assert left.told() == office.told()
    left.close()


def test_a_store_without_its_id_is_not_opened(office: Office) -> None:
    with office.behind() as tool:
        untie(tool)
        tool.execute("DELETE FROM store")
    with pytest.raises(Unreachable, match="not a store of Whistle"):
        stores.open_log(office.address, CLOCK)


def test_a_newer_store_asks_for_a_newer_program(office: Office) -> None:
    with office.behind() as tool:
        untie(tool)
        tool.execute("UPDATE store SET schema_version = ?", (SCHEMA_VERSION + 1,))
    with pytest.raises(Refused, match="newer") as refused:
        stores.open_log(office.address, CLOCK)
    assert refused.value.rule == "store.newer"


@pytest.mark.sqlite("store backup copies a file; a server is copied by its own means")
def test_a_backup_is_proved_and_is_the_same_store(office: Office, tmp_path: Path) -> None:
    office.blow()
    target = tmp_path / "copies"
    target.mkdir()
    verdict = back_up(office.log, target / "copy.db")
    assert verdict == office.log.verify()
    assert [path.name for path in target.iterdir()] == ["copy.db"]
    copy = Office(target / "copy.db", at("10:00"))
    assert copy.log.identity == office.log.identity
    assert copy.told() == office.told()
    copy.report("i2")
    assert len(copy.told()) == len(office.told()) + 2
    copy.close()


@pytest.mark.sqlite("store backup copies a file; a server is copied by its own means")
def test_a_backup_holds_what_is_not_yet_in_the_main_file(office: Office, tmp_path: Path) -> None:
    # copying the file alone would lose what stands in the -wal beside it
    office.report()
    assert office.path.with_name(office.path.name + "-wal").stat().st_size > 0
    back_up(office.log, tmp_path / "copy.db")
    shutil.move(tmp_path / "copy.db", tmp_path / "moved.db")
    moved = Office(tmp_path / "moved.db", at("10:00"))
    assert moved.told() == office.told()
    moved.close()


@pytest.mark.sqlite("store backup copies a file; a server is copied by its own means")
def test_a_backup_overwrites_nothing(office: Office, tmp_path: Path) -> None:
    target = tmp_path / "letter.txt"
    target.write_text("x")
    with pytest.raises(Refused) as refused:
        back_up(office.log, target)
    assert refused.value.rule == "store.backup_exists"
    assert target.read_text() == "x"


@pytest.mark.sqlite("store backup copies a file; a server is copied by its own means")
def test_a_backup_that_does_not_prove_itself_is_not_handed_out(
    office: Office, tmp_path: Path
) -> None:
    office.report()
    with office.behind() as tool:
        untie(tool)
        tool.execute("UPDATE events SET state = x'00' WHERE position = 2")
    with pytest.raises(Broken, match="does not prove itself"):
        back_up(office.log, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.sqlite("store backup copies a file; a server is copied by its own means")
def test_a_backup_into_nowhere_is_told(office: Office, tmp_path: Path) -> None:
    with pytest.raises(Unreachable):
        back_up(office.log, tmp_path / "no" / "copy.db")

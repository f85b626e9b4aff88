"""Files that are cut off: a copy by a disk that came out too early, a new one by a full disk."""

import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from projections.desk.held import write_new
from projections.desk.paper import handed_out
from tests.shell import Shell


@pytest.mark.sqlite("a copy of a file")
@pytest.mark.parametrize("words", [["--check"], ["--dry-run"], []])
def test_a_copy_that_was_cut_is_told_as_the_copy_and_the_store_stays(
    desk: Shell, words: list[str]
) -> None:
    copy = desk.folder / "copy.db"
    desk.json("store", "backup", str(copy))
    before = desk.store.read_bytes()
    os.truncate(copy, 40_000)
    said = desk("store", "restore", str(copy), *words)
    assert (said.code, "The copy is damaged" in said.told) == (7, True), said
    assert desk.store.read_bytes() == before


@pytest.mark.parametrize(
    "write",
    [
        lambda path: write_new(path, "a checkpoint" * 9),
        lambda path: handed_out(b"a sheet" * 9, path, "W-WY26-00001", 1),
    ],
    ids=["checkpoint", "sheet"],
)
def test_of_a_new_file_that_finds_no_room_nothing_is_left(
    tmp_path: Path, write: Callable[[Path], object]
) -> None:
    path = tmp_path / "new"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            write(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not path.exists()
    write(path)
    assert path.stat().st_size > 20

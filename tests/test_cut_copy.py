"""A copy that was cut off, as by a disk that came out too early."""

import os

import pytest

from tests.shell import Shell

pytestmark = pytest.mark.sqlite("a copy of a file")


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

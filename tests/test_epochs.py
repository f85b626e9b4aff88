"""Epochs, drawn at random: copies taken, put back, and gone on from; what holds in each case."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.independent_leaf import leaf_of
from tests.office import Office
from tests.town import TOWN, actor, at
from whistle.domain.refusal import Broken, Conflict
from whistle.domain.restored import STREAM, StoreRestored
from whistle.engine import restoring
from whistle.engine.asked import command_id, digest
from whistle.log import checkpoint
from whistle.log.backup import back_up
from whistle.log.checkpoint import Checkpoint
from whistle.log.epochs import identity_of
from whistle.log.port import Stamp
from whistle.log.rows import listed
from whistle.log.sqlite import SQLiteLog
from whistle.log.store_log import StoreLog


class Copy(NamedTuple):
    """A copy on the shelf."""

    file: Path
    leaves: tuple[bytes, ...]


class Drill:
    """A store, its copies and the checkpoints that somebody kept, each with what it saw."""

    def __init__(self, folder: Path, founded: Path) -> None:
        self.folder = folder
        shutil.copy(founded, folder / "town.db")
        self.office = Office(folder / "town.db", at("09:00"))
        self.copies: list[Copy] = []
        self.held: list[tuple[Checkpoint, tuple[bytes, ...]]] = []
        self.epochs = [1]
        self.streams = 0

    def leaves(self) -> tuple[bytes, ...]:
        """The record as it is."""
        return tuple(row[18] for row in self.office.log.rows())

    def work(self) -> None:
        """An incident is reported and accepted, half a minute later."""
        self.office.clock.now += 30_000_000
        self.streams += 1
        before = self.leaves()
        self.office.report(f"i{self.streams}")
        assert self.leaves()[: len(before)] == before

    def copy(self) -> None:
        """A copy is put on the shelf."""
        file = self.folder / f"copy-{len(self.copies)}.db"
        back_up(self.office.log, file)
        self.copies.append(Copy(file, self.leaves()))

    def hold(self) -> None:
        """Somebody keeps a checkpoint."""
        self.held.append((checkpoint.take(self.office.log), self.leaves()))

    def restore(self, nth: int, *, gone: bool) -> None:
        """A copy is put back; with `gone` the store cannot be read any more, and a checkpoint is
        at hand as it is kept daily."""
        if not self.copies:
            return
        self.office.clock.now += 30_000_000
        copy = self.copies[nth % len(self.copies)]
        before, last = self.leaves(), checkpoint.take(self.office.log) if gone else None
        self.office.close()
        if gone:
            self.office.path.unlink()
        log = SQLiteLog(copy.file, self.office.clock, read_only=True)
        weighed = restoring.weigh(log, self.office.path, "drill", last)
        lose = weighed.loss.lost if weighed.loss else 0
        restoring.restore(log, self.office.path, weighed, lose, stamp(self.office, log))
        log.close()
        self.office = Office(self.office.path, self.office.clock.now)
        self.check(before, copy, gone=gone)

    def check(self, before: tuple[bytes, ...], copy: Copy, *, gone: bool) -> None:
        """Exactly the events of the copy, and one more where anything was lost, or may have been"""
        prefix = before == copy.leaves[: len(before)]
        if prefix and not gone:
            assert self.leaves() == copy.leaves
            return
        assert self.leaves()[:-1] == copy.leaves
        last = self.office.told()[-1].event
        assert isinstance(last, StoreRestored)
        assert last.epoch == self.office.log.identity.epoch > max(self.epochs)
        assert last.kept == len(copy.leaves)
        self.epochs.append(last.epoch)

    def end(self) -> None:
        """All of it proves itself; a checkpoint holds if and only if what it saw is still there."""
        assert self.office.log.verify().ok
        ours = self.leaves()
        for held, saw in self.held:
            found = checkpoint.compare(self.office.log, held)
            assert found.ok == (ours[: len(saw)] == saw), (found, held.origin)
            assert found.ok or "epoch" in str(found.reason)
        for row in self.office.log.rows():
            event = {**listed(row, self.office.log.identity), "state": bytes(row[17]).decode()}
            assert leaf_of(event) == row[18]
        self.office.close()


def stamp(office: Office, log: StoreLog) -> Stamp:
    """Who restores."""
    command = command_id(log.identity.store_id, TOWN, None)
    return Stamp(office.clock.now, command, digest(["restore"]), actor(TOWN))


ACTS = st.one_of(
    st.sampled_from(["work", "work", "copy", "hold"]),
    st.tuples(st.integers(0, 5), st.booleans()),
)


@pytest.mark.sqlite("files that are put in each other's place")
@given(acts=st.lists(ACTS, min_size=3, max_size=12))
@settings(max_examples=25)
def test_a_restored_store_holds_the_copy_and_then_what_is_new(
    acts: list[str | tuple[int, bool]],
    founded: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    drill = Drill(tmp_path_factory.mktemp("drill"), founded)
    for act in ["copy", "hold", "work", "hold", *acts, "hold", "work"]:
        if isinstance(act, tuple):
            drill.restore(act[0], gone=act[1])
        else:
            getattr(drill, act)()
    drill.end()


def told(office: Office, **other: object) -> StoreRestored:
    """What an honest operator says of the store as it is."""
    words = {"at": office.clock.now, "epoch": 2, "kept": office.log.size(),
             "root": office.log.root().hex(), **other}  # fmt: skip
    return StoreRestored(**words)  # type: ignore[arg-type]  # a test names other values


@pytest.mark.parametrize("other", [{"epoch": 1}, {"kept": 3}, {"root": "00"}])
def test_an_epoch_begins_only_where_the_record_is_what_it_says(
    office: Office, other: dict[str, object]
) -> None:
    before = office.told()
    with pytest.raises(Conflict):
        restoring.declare(office.log, told(office, **other), stamp(office, office.log))
    assert office.told() == before


def test_a_clock_that_leapt_is_told_within_the_new_epoch(office: Office) -> None:
    office.clock.now += 40 * 24 * 3600 * 1_000_000
    restoring.declare(office.log, told(office), stamp(office, office.log))
    assert office.topics()[-2:] == ["clock.anomaly/1", "store.restored/1"]
    assert office.log.verify().ok
    assert {row[0] for row in office.rows("SELECT stream FROM streams")} >= {STREAM, "clock"}


def test_epochs_that_do_not_follow_one_another_are_a_broken_record() -> None:
    def state(epoch: int, kept: int) -> tuple[str, bytes]:
        return StoreRestored.topic, b'{"epoch":%d,"kept":%d,"root":"","at":0}' % (epoch, kept)

    assert identity_of(("id", 1, 2), [state(2, 4), state(5, 9)]).begun == ((1, 1), (5, 2), (10, 5))
    for wrong in ([state(1, 4)], [state(2, 4), state(3, 4)], [state(2, 0)]):
        with pytest.raises(Broken):
            identity_of(("id", 1, 2), wrong)

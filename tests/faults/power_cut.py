"""What a power cut may leave at any moment of a town's first orders, state by state; a program.

Usage: python -m tests.faults.power_cut FOLDER STATES GUARD. A store is founded, gets its orders, is
closed and opened, read by views and copied; every call upon the disk is recorded, and every answer.
Then the disk is laid out as a power cut might have left it before each call. The store must open
and prove itself, with everything in it that had been answered by then. GUARD is `on`, or names what
is broken on purpose. Prints {"states", "records", "lost", "damaged"}.
"""

import hashlib
import json
import random
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from projections import open_views, views_path
from tests.faults import broken
from tests.faults.child import in_child
from tests.faults.disk import Disk
from tests.faults.kill_writers import numbers, send
from tests.faults.tap import WRITING, Call, Tap
from tests.office import Office
from tests.town import TOWN, at
from whistle.domain.refusal import WhistleError
from whistle.engine.asked import command_id
from whistle.log import recorder
from whistle.log.backup import back_up
from whistle.log.sqlite import create

STORE, COPY = "town.db", "copy.db"
DURABLE = WRITING | {"syncdir"}
OPENINGS, CASES = 3, 9  # how often the store is opened, and the cases of each time
PAGES = 100
VIEWED_EACH = 60  # states; in between only the record is looked at

Told = dict[str, str]
"""What was answered: keys with their numbers."""


def record(folder: Path) -> list[Any]:
    """Live through it; the calls, and between them the answers."""
    calls: list[Any] = []

    def heed(call: Call) -> None:
        if call.name in DURABLE and not call.path.endswith("-shm"):
            where, other = Path(call.path).name, Path(call.other).name
            calls.append([call.name, where, call.offset, call.content.hex(), other])

    recorder.CHECKPOINT_PAGES = PAGES  # so that checkpoints fall between orders
    Tap(folder, heed)
    create(folder / STORE)
    for opening in range(OPENINGS):
        office = Office(folder / STORE, at("09:00"))
        if not opening:
            office.found()
        for case in range(CASES):
            for what in ("report", "blow"):
                key = f"{opening}.{case}-{what}"
                calls.append(["told", key, numbers(send(office, key))])
        with open_views(office.log, views_path(office.path)) as views:
            views.catch_up()
        office.close()
    office = Office(folder / STORE, at("09:00"))
    verdict = back_up(office.log, folder / COPY)
    calls.append(["told", COPY, str(verdict.size)])
    return calls


class Explorer:
    """The states that were seen, and what is wrong with some."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder = folder
        self.chance = chance
        self.states = 0
        self.known: dict[str, Told | None] = {}
        self.lost: list[str] = []
        self.damaged: list[str] = []

    def look(self, disk: Disk, told: Told, moment: int) -> None:
        """Cut the power now, and look at what is left."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        disk.cut(self.folder, self.chance)
        self.states += 1
        for name in (STORE, COPY):
            found = self._found(self.folder / name)
            where = f"before call {moment}, {name}"
            if found is None:
                self.damaged.append(where)
            elif gone := {key for key, seqs in _of(told, name).items() if found.get(key) != seqs}:
                self.lost.append(f"{where}: {sorted(gone)[:3]}")
        if self.states % VIEWED_EACH == 0 and (self.folder / STORE).exists():
            self._view(f"before call {moment}")

    def _found(self, store: Path) -> Told | None:
        """What a store answers to every key; nothing where there is none, None if it is damaged."""
        if not store.exists():
            return {}
        try:
            with closing(sqlite3.connect(store)) as looking:
                image = hashlib.sha256(looking.serialize()).hexdigest()
        except sqlite3.DatabaseError:
            return None
        if image not in self.known:  # most states come to one of a few records
            self.known[image] = answers(store)
        return self.known[image]

    def _view(self, where: str) -> None:
        office = Office(self.folder / STORE, at("09:00"))
        with open_views(office.log, views_path(office.path)) as views:
            views.catch_up()
            if parked := [each.name for each in views.status() if each.parked]:
                self.damaged.append(f"{where}: parked {parked}")
            changed = [each.name for each in views.rebuild() if each.changed]
            if changed:
                self.damaged.append(f"{where}: {changed} differ from a rebuild")
        office.close()


def answers(store: Path) -> Told | None:
    """What a store answers to every key of the run; None when it does not prove itself."""
    try:
        office = Office(store, at("09:00"))
        if not (verdict := office.log.verify()).ok:
            return None
        known = dict(office.rows("SELECT command_id, group_concat(seq) FROM record GROUP BY 1"))
        keys = [
            f"{opening}.{case}-{what}"
            for opening in range(OPENINGS)
            for case in range(CASES)
            for what in ("report", "blow")
        ]
        store_id = office.log.identity.store_id
        found = {key: known.get(command_id(store_id, TOWN, key)) for key in keys}
        office.close()
    except WhistleError:
        return None
    return {COPY: str(verdict.size), **{key: seqs for key, seqs in found.items() if seqs}}


def _of(told: Told, name: str) -> Told:
    """What must be in the store, and what in its copy once there is one."""
    if name == STORE:
        return {key: seqs for key, seqs in told.items() if key != COPY}
    return told if COPY in told else {}


def moments(calls: list[Any]) -> Iterator[tuple[int, Disk, Told]]:
    """The disk, and what had been answered, before each call."""
    disk, told = Disk(), Told()
    for number, (name, *words) in enumerate(calls):
        if name == "told":
            told[words[0]] = words[1]
            continue
        yield number, disk, told
        where, offset, content, other = words
        disk.do(name, where, offset, bytes.fromhex(content), other)
    yield len(calls), disk, told


def main(folder: Path, states: int, guard: str) -> None:
    """Record once, then cut the power as often as asked, spread over the whole run."""
    broken.break_(guard)
    (folder / "run").mkdir()
    calls = in_child(lambda: record(folder / "run"))
    explorer = Explorer(folder / "cut", random.Random(7))  # noqa: S311 - which sectors, no secret
    changing = sum(call[0] != "told" for call in calls) + 1
    due = 0
    for number, (at_call, disk, told) in enumerate(moments(calls), 1):
        while due < states * number // changing:
            due += 1
            explorer.look(disk, told, at_call)
    print(
        json.dumps(
            {
                "states": explorer.states,
                "records": len(explorer.known),
                "lost": explorer.lost[:9],
                "damaged": explorer.damaged[:9],
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])

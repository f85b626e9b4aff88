"""A copy put back in the place of a store, killed at every call that it makes; a program.

Usage: python -m tests.faults.kill_restore FOLDER SHARE GUARD. The last orders of the store stand in
its -wal alone, as a killed writer leaves them. After each kill the store must be the old or the new
one, or the old one is set aside and nothing lies in its place; the old one is whole somewhere
always; and the same line given again leads to the new one. GUARD is `on`, or names what is broken
on purpose. Prints {"cases", "old", "none", "new", "wrong"}.
"""

import gc
import hashlib
import json
import os
import shutil
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.faults import broken
from tests.faults.child import Gone, in_child
from tests.faults.each_call import TOPIC
from tests.faults.tap import WRITING, Call, Fault, Tap
from tests.shell import Shell
from whistle import clock
from whistle.domain.refusal import WhistleError
from whistle.log.sqlite import SQLiteLog

BEFORE, CASE = "before", "case"


def prepare(folder: Path) -> Shell:
    """A town with a copy of this morning, and two orders since; the last is in the -wal alone."""
    (folder / BEFORE).mkdir()
    desk = Shell(folder / BEFORE).founded()
    desk.json("blow", "-e", "gas-leak", "12 Caoqiao Rd")
    desk.json("store", "backup", str(desk.folder / "copy.db"))
    desk.json("ack", "1", "--as", "FR")

    def left_open() -> None:
        reader = sqlite3.connect(desk.store)
        reader.execute("SELECT COUNT(*) FROM events").fetchone()  # else it is not open yet
        desk.json("arrive", "1", "--as", "FR")
        os._exit(0)  # as one who is killed: nothing is closed, nothing put into the file

    if (pid := os.fork()) == 0:
        left_open()
    os.waitpid(pid, 0)
    return desk


def topics(store: Path) -> list[str] | None:
    """What a store tells, looked at in a copy; none where there is no file, or no whole store."""
    look = store.parent / "look"
    shutil.rmtree(look, ignore_errors=True)
    look.mkdir()
    for ending in ("", "-wal"):
        if (part := Path(f"{store}{ending}")).exists():
            shutil.copy(part, look / f"town.db{ending}")
    try:
        log = SQLiteLog(look / "town.db", clock.now)
    except WhistleError:
        return None
    told = [row[TOPIC] for row in log.told(0, 10_000)] if log.verify().ok else None
    log.close()
    return told


def stores(folder: Path) -> list[Path]:
    """Every store of a folder but the copy."""
    files = [each for each in folder.iterdir() if each.name.startswith("town.db")]
    plain = [each for each in files if not each.name.endswith(("-wal", "-shm"))]
    return [each for each in plain if each.suffix == ".db" or ".before-" in each.name]


def image(store: Path) -> bytes:
    """What tells one store from another without opening it: its bytes, and those of its -wal."""
    parts = [Path(f"{store}{ending}") for ending in ("", "-wal")]
    there = [part.read_bytes() if part.exists() else b"" for part in parts]
    return b"".join(hashlib.sha256(each).digest() for each in there)


class Restoring:
    """The line that is harmed, and what is there before and after it."""

    def __init__(self, desk: Shell) -> None:
        self.desk = desk
        self.copy = desk.folder.with_name(CASE)
        self.before = in_child(lambda: topics(desk.store))
        kept = in_child(lambda: topics(desk.folder / "copy.db"))
        self.lost = len(self.before) - len(kept)
        self.after = [*kept, "store.restored/1"]
        self._known: dict[bytes, list[str] | None] = {}

    def afresh(self) -> Shell:
        """The same desk over a copy of the folder, files as they lie."""
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.desk.folder, self.copy)
        shell = Shell(self.copy)
        shell.now = self.desk.now
        return shell

    def give(self, shell: Shell) -> int:
        """Give the line."""
        words = ("store", "restore", str(shell.folder / "copy.db"), "--lose", str(self.lost))
        return shell(*words).code

    def calls(self) -> list[Call]:
        """What it does to the disk when nobody kills it."""
        heard: list[tuple[str, str]] = []
        shell = self.afresh()

        def work() -> list[Any]:
            Tap(self.copy, lambda call: heard.append((call.name, call.path)))
            return [self.give(shell), heard]

        code, made = in_child(work)
        if code:
            raise RuntimeError(f"unharmed it ends with {code}")
        return [Call(*each) for each in made]

    def told(self, store: Path) -> list[str] | None:
        """What a store tells; most cases leave the same one, which is opened once."""
        seen = image(store)
        if seen not in self._known:
            self._known[seen] = in_child(lambda: topics(store))
        return self._known[seen]

    def killed_at(self, at: int) -> tuple[str, list[str]]:
        """One case: how it left the store, and what is wrong with that."""
        shell = self.afresh()
        numbers = iter(range(sys.maxsize))

        def work() -> int:
            Tap(self.copy, lambda _call: Fault(0) if next(numbers) == at else None)
            return self.give(shell)

        wrong = [] if isinstance(in_child(work), Gone) else ["it was not killed"]
        found = {each.name: self.told(each) for each in stores(self.copy)}
        place = found.get("town.db")
        state = {str(self.before): "old", str(self.after): "new"}.get(str(place), "mixed")
        if "town.db" not in found:
            state = "none"
        if state == "mixed":
            wrong.append(f"a mix: {place}")
        if self.before not in found.values():
            wrong.append(f"the old one is nowhere whole: {found}")
        code, last = in_child(lambda: [self.give(shell), topics(shell.store)])
        if (code, last) not in ((0, self.after), (5, self.after)):
            wrong.append(f"once more: {code}, {last}")
        return state, wrong


def tried(restoring: Restoring, share: int) -> Iterator[tuple[str, list[str]]]:
    """Every call that changes the disk, of writes every so many-th; those at the end come first.

    A page more or less of a copy that has no name yet is one case; each call that names it is one.
    """
    for at, call in reversed([*enumerate(restoring.calls())]):
        if call.name in WRITING and (call.name != "pwrite" or at % share == 0):
            state, wrong = restoring.killed_at(at)
            where = f"before call {at}, {call.name} of {Path(call.path).name}"
            yield state, [f"{where}: {each}" for each in wrong]


def main(folder: Path, share: int, guard: str) -> None:
    """Kill it everywhere, or until something is wrong."""
    restoring = Restoring(prepare(folder))
    broken.break_(guard)
    restoring.give(restoring.afresh())  # what it imports is there when the others are forked
    gc.collect()
    gc.freeze()
    states, wrong = Counter[str](), list[str]()
    for state, faults in tried(restoring, share):
        states[state] += 1
        wrong += faults
        if wrong:
            break
    seen = {state: states[state] for state in ("old", "none", "new")}
    print(json.dumps({"cases": states.total(), **seen, "wrong": wrong}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])

"""A disk that is full at any byte, and then has room again; a program.

Usage: python -m tests.faults.full_disk FOLDER GUARD ROOM... With numbers a disk with so many bytes
of room is imitated, one after another; with `mounted SIZE` the folder is a small file system of its
own, which is then made SIZE large. Reports are made until one finds no room; it must say so,
reading must go on, and the same line must do it once there is room. GUARD is `on`, or names what is
broken on purpose. Prints {"disks", "wrong"}.
"""

import errno
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.faults import broken
from tests.faults.child import Fell, in_child
from tests.faults.tap import Call, Fault, Tap
from tests.shell import Said, Shell
from whistle import clock
from whistle.log.sqlite import SQLiteLog

UNREACHABLE = 10
REPORTS_MAX = 2_000
READING = (["show", "1"], ["events", "list"], ["status"], ["audit", "verify"])


class Room:
    """How many bytes a folder may still grow by; a write takes what there is, and then none."""

    def __init__(self, folder: Path, room: int) -> None:
        self.left = room
        self._sizes = {str(each): each.stat().st_size for each in folder.iterdir()}

    def heed(self, call: Call) -> Fault | None:
        """Let a call be done as far as there is room for it."""
        size = self._sizes.get(call.path, 0)
        if call.name == "pwrite":
            more = max(call.offset + len(call.content) - size, 0)
            if more <= self.left:
                self._take(call.path, size + more, more)
                return None
            done = max(len(call.content) - (more - self.left), 0)
            self._take(call.path, max(size, call.offset + done), self.left)
            return Fault(errno.ENOSPC, upto=done)
        if call.name == "ftruncate":
            self._take(call.path, call.offset, min(call.offset - size, 0))  # growth is a hole
        elif call.name == "unlink":
            self._take(call.path, 0, -size)
        return None

    def _take(self, path: str, size: int, taken: int) -> None:
        self._sizes[path] = size
        self.left -= taken


def report(shell: Shell, number: int) -> Said:
    """One report, under a key of its own."""
    return shell("report", "street-vending", f"{number}号", "--key", f"{number}", "--json")


def lived_through(shell: Shell, grow: Callable[[], Any]) -> Iterator[str]:
    """Report after a first one until the disk is full, look around, and go on; what is wrong."""
    for number in range(REPORTS_MAX):
        if (said := report(shell, number)).code:
            break
    if said.code != UNREACHABLE or said.told or said.envelope["status"] != "error":
        yield f"full: {said}"
    for words in READING:
        if (read := shell(*words, "--json")).code:
            yield f"full, {words}: {read}"
    grow()
    first, again = report(shell, number), report(shell, number)
    if first.code or again.code or not again.facts["replayed"]:
        yield f"with room again: {first}, {again}"
    log = SQLiteLog(shell.store, clock.now)
    if not log.verify().ok:
        yield "it does not prove itself"
    log.close()
    if (given := len(shell.rows("names", "name", "WHERE kind = 'incident'"))) != number + 2:
        yield f"{number + 2} reports are {given}"


def imitated(template: Path, case: Path, room: int) -> list[str]:
    """The same on a disk with so much room."""
    shutil.rmtree(case, ignore_errors=True)
    shutil.copytree(template, case)
    shell = Shell(case)
    limit = Room(case, room)

    def grow() -> None:
        limit.left += 10_000_000

    def work() -> list[str]:
        Tap(case, limit.heed)
        return list(lived_through(shell, grow))

    try:
        return [f"{room} bytes: {each}" for each in in_child(work)]
    except Fell as fell:
        return [f"{room} bytes: {fell}"]


def mounted(folder: Path, size: str) -> list[str]:
    """The same on a real file system that is made larger."""
    shell = Shell(folder).founded()
    report(shell, REPORTS_MAX)
    grow = ["mount", "-o", f"remount,size={size}", str(folder)]
    return list(lived_through(shell, lambda: subprocess.run(grow, check=True)))


def main(folder: Path, guard: str, words: list[str]) -> None:
    """Fill one disk after another."""
    broken.break_(guard)
    if words[0] == "mounted":
        found = mounted(folder, words[1])
    else:
        town, case = folder / "town", folder / "case"
        town.mkdir()
        report(Shell(town).founded(), REPORTS_MAX)
        found = [each for room in words for each in imitated(town, case, int(room))]
    print(json.dumps({"disks": len(words), "wrong": found[:9]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])

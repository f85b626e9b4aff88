"""Every call upon the file system failing once, for every line of a day; a program.

Usage: python -m tests.faults.each_call FOLDER SHARE GUARD LINE... Each LINE is a number in the day;
the lines before it are given without harm. Of the ways in which a call that the line makes may fail
every SHARE-th is tried, in a copy of the store: killed before it, or in the middle of a write; EIO;
ENOSPC. Then the state must be the one before or the one after, and the same line given again must
lead to the one after. GUARD is `on`, or names what is broken on purpose.
Prints {"cases", "untold", "wrong"}.
"""

import errno
import gc
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.faults import broken
from tests.faults.child import Fell, Gone, in_child
from tests.faults.day import FILES, LINES, Line
from tests.faults.tap import WRITING, Call, Fault, Tap
from tests.shell import Said, Shell
from whistle import clock
from whistle.domain.moment import MINUTE
from whistle.domain.refusal import WhistleError
from whistle.log.sqlite import SQLiteLog

UNREACHABLE = 10
OTHERWISE = {"read": 7, "open": 3}
"""The exit codes when a part of the store cannot be read, and when a list cannot be opened."""
ROOM = WRITING - {"unlink", "fchmod"}  # what may find the disk full
TOWN, CASE = "town", "case"
TOPIC = 3
"""Which column of a row as views are told it; the events themselves are proved, not read."""


class Stands(NamedTuple):
    """A store as it stands: its topics in order, whether it proves itself, the files around it."""

    topics: list[str]
    proved: bool
    files: list[str]


class Case(NamedTuple):
    """One failure: at which call, and how."""

    at: int
    call: Call
    fault: Fault

    def __str__(self) -> str:
        how = errno.errorcode.get(self.fault.errno, "KILL")
        return f"{how} at call {self.at}, {self.call.name} of {Path(self.call.path).name}"


def stands(folder: Path, *, prove: bool = True) -> Stands:
    """Look at a store, without any fault."""
    store = folder / "town.db"
    names = sorted(each.name for each in folder.iterdir())
    files = [name for name in names if not name.endswith(("-wal", "-shm", ".lock", ".views"))]
    if not store.exists() or not store.stat().st_size:
        return Stands([], proved=True, files=files)
    try:
        log = SQLiteLog(store, clock.now)
    except WhistleError:
        return Stands([], proved=True, files=[*files, "no store"])
    topics = [row[TOPIC] for row in log.told(0, 100_000)]
    proved = not prove or log.verify().ok
    log.close()
    return Stands(topics, proved, files)


class Town:
    """A store that lines are given to, and copies of it that come to harm."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / TOWN
        self.copy = folder / CASE
        self.folder.mkdir()
        for name, text in FILES.items():
            (self.folder / name).write_text(text, encoding="utf-8")
        self.now = Shell(self.folder).now

    def give(self, line: Line, folder: Path, size: int) -> Said:
        """Give a line, at the instant that the day has reached."""
        shell = Shell(folder)
        shell.now = self.now
        return shell(*line.words(folder, size), "--json")

    def harm(self, line: Line, size: int, heed: Callable[[Call], Fault | None]) -> Any:
        """Give a line to a fresh copy, while some of its calls fail: [code, out, err] or Gone."""
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.folder, self.copy)

        def work() -> list[Any]:
            Tap(self.copy, heed)
            said = self.give(line, self.copy, size)
            return [said.code, said.text, said.told]

        return in_child(work)

    def calls(self, line: Line, size: int) -> list[Call]:
        """The calls that a line makes when nothing fails."""
        seen: list[tuple[str, str]] = []
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.folder, self.copy)

        def work() -> list[Any]:
            Tap(self.copy, lambda call: seen.append((call.name, call.path)))
            said = self.give(line, self.copy, size)
            if said.code != 0:
                raise RuntimeError(f"{line.line}: {said}")
            return seen

        return [Call(*each) for each in in_child(work)]


def cases(calls: list[Call]) -> Iterator[Case]:
    """Every way in which one of the calls may fail."""
    for at, call in enumerate(calls):
        yield Case(at, call, Fault(errno.EIO))
        if call.name in WRITING:
            yield Case(at, call, Fault(0))
        if call.name in ROOM:
            yield Case(at, call, Fault(errno.ENOSPC))
        if call.name == "pwrite":
            yield Case(at, call, Fault(0, upto=1))


def heeding(case: Case) -> Callable[[Call], Fault | None]:
    """Fail at one call, and let everything else be done; a torn write is done by half."""
    made = 0

    def heed(call: Call) -> Fault | None:
        nonlocal made
        made += 1
        if made - 1 != case.at:
            return None
        return case.fault._replace(upto=len(call.content) // 2) if case.fault.upto else case.fault

    return heed


def judged(town: Town, line: Line, case: Case, before: Stands, after: Stands) -> tuple[bool, str]:
    """One case: whether it was recorded and not told, and what is wrong with it."""
    try:
        said = town.harm(line, len(before.topics), heeding(case))
    except Fell as fell:
        said = [UNREACHABLE, "{}\n", str(fell)]
    told = not isinstance(said, Gone) and said[0] == 0
    wrong = []
    if not isinstance(said, Gone):
        ends = {0, UNREACHABLE, OTHERWISE.get(case.call.name)}
        if said[0] not in ends or "Traceback" in said[2] or not said[1].endswith("}\n"):
            wrong.append(f"it said {said}")

    def look() -> list[Any]:
        found = stands(town.copy, prove=isinstance(said, Gone))
        again = town.give(line, town.copy, len(before.topics))
        return [found, [again.code, again.text], stands(town.copy)]

    found, again, at_last = in_child(look)
    found, at_last = Stands(*found), Stands(*at_last)
    if found.topics not in (before.topics, after.topics):
        wrong.append(f"between: {found.topics[len(before.topics) :]}")
    if told and found.topics != after.topics:
        wrong.append(f"lost: {said[1]}")
    if not found.proved or not at_last.proved:
        wrong.append("it does not prove itself")
    if again[0] not in line.again:
        wrong.append(f"once more: {again}")
    if at_last.topics != after.topics:
        wrong.append(f"at last: {at_last.topics[len(before.topics) :]}")
    if at_last.files != after.files:
        wrong.append(f"files: {at_last.files}")
    return not told and found.topics != before.topics, "; ".join(wrong)


def warm(folder: Path) -> None:
    """Live the day once: what is imported here need not be imported in every child."""
    town = Town(folder)
    for line in LINES:
        town.now += line.minutes * MINUTE
        size = len(stands(town.folder).topics)
        if (said := town.give(line, town.folder, size)).code:
            raise RuntimeError(f"{line.line}: {said}")
    shutil.rmtree(folder)
    gc.collect()
    gc.freeze()


def main(folder: Path, share: int, guard: str, numbers: list[int]) -> None:
    """Harm the lines, one after another, in the day's order."""
    (folder / "warm").mkdir()
    warm(folder / "warm")
    broken.break_(guard)
    town = Town(folder)
    tried, untold, wrong = 0, 0, list[str]()
    for number, line in enumerate(LINES[: max(numbers) + 1]):
        town.now += line.minutes * MINUTE
        before = Stands(*in_child(lambda: stands(town.folder)))
        size = len(before.topics)
        made = list(cases(town.calls(line, size))) if number in numbers else []
        after_harmless = Stands(*in_child(lambda: stands(town.copy))) if made else before
        for case in made[number % share :: share]:
            behind, complaint = judged(town, line, case, before, after_harmless)
            tried, untold = tried + 1, untold + behind
            if complaint:
                wrong.append(f"{line.line}: {case}: {complaint}")
        in_child(lambda line=line, size=size: town.give(line, town.folder, size).code)  # type: ignore[misc]  # what the loop has now
    print(json.dumps({"cases": tried, "untold": untold, "wrong": wrong}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], [int(each) for each in sys.argv[4:]])

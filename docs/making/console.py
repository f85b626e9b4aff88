"""Console blocks of the documents: run, compared with what the page says, or written anew.

A block fenced ```console holds commands after `$ ` and what they print. A block whose fence names
a file, such as ```toml ours.toml, is written into the working directory first. All blocks of a
page run in order, in one fresh directory, with a `whistle` of this very checkout on the path.

The year in a name that a command uses is that of the run. What differs from run to run is not compared: times, the year in a name, how much time is left,
digests and ids. `…` on a page stands for any text within a line, and alone for any lines.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from docs.making.terminal import Terminal

_FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PASSING = (
    (re.compile(r"\b([IWTPM]-[A-Z0-9]+?)\d\d-(\d{5,})"), r"\1YY-\2"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"), "TIME"),
    (re.compile(r"\b(\d{4}-)?(\d\d-\d\d )?\d\d:\d\d:\d\d\b"), "TIME"),
    (re.compile(r"\b[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}\b"), "UUID"),
    (re.compile(r"\b(?=[a-f]*\d)[0-9a-f]{12,64}\b"), "HASH"),
    (re.compile(r"-?\b(\d+h\d\dm|\d+[smhd])\b|-?\b\d+(小时\d+分|秒|分|天)"), "SPAN"),
    (re.compile(r"\b\d+\.\d+ s\b"), "SPAN"),
    (re.compile(r"\b\d{16}\b"), "INSTANT"),
    (re.compile(r"[ \t]+"), " "),
)


class Command(NamedTuple):
    """A command of a page, and what the page says it prints."""

    text: str
    said: str


class Step(NamedTuple):
    """A block that is run, or a file that is written."""

    place: tuple[int, int]  # of the block's body in the page
    file: str
    body: str

    @property
    def commands(self) -> list[Command]:
        """The commands of a console block."""
        found = []
        for part in re.split(r"^\$ ", self.body, flags=re.MULTILINE)[1:]:
            line, _newline, said = part.partition("\n")
            found.append(Command(line, said))
        return found


class Told(NamedTuple):
    """A command, what the page says it prints, and what it printed."""

    command: Command
    printed: str

    @property
    def true(self) -> bool:
        """Whether the page tells the truth."""
        return _pattern(self.command.said).fullmatch(settled(self.printed)) is not None


def steps(page: str) -> list[Step]:
    """The blocks of a page that are run or written, in order."""
    found = []
    for match in _FENCE.finditer(page):
        language, file, body = match.groups()
        if language == "console" or file:
            found.append(Step(match.span(3), file or "", body))
    return found


def settled(text: str) -> str:
    """A text with all that passes taken out of it."""
    for passing, instead in _PASSING:
        text = passing.sub(instead, text)
    return "".join(f"{line.strip()}\n" for line in text.splitlines() if line.strip())


def _pattern(said: str) -> re.Pattern[str]:
    parts = []
    for line in settled(said).splitlines():
        if line.strip() == "…":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*".join(map(re.escape, line.split("…"))) + r"\n")
    return re.compile("".join(parts))


def follow(step: Step, terminal: Terminal) -> Iterator[Told]:
    """Do what a block says."""
    if step.file:
        (terminal.desk / step.file).write_text(step.body, encoding="utf-8")
    else:
        for command in step.commands:
            yield Told(command, terminal.run(command.text))


def told(page: str, room: Path) -> list[Told]:
    """Every command of a page with what it printed."""
    with Terminal(room) as terminal:
        return [each for step in steps(page) for each in follow(step, terminal)]


def retold(page: str, room: Path) -> str:
    """The page with true output: if any of it was not true, all is new that is not cut short by hand.

    What time it was is not compared, and the times of two tellings do not follow one another.
    """
    made, at = [], 0
    with Terminal(room) as terminal:
        done = [(step, list(follow(step, terminal))) for step in steps(page)]
    true = all(each.true for _step, answers in done for each in answers)
    for step, answers in done:
        if step.file:
            continue
        made.append(page[at : step.place[0]])
        for each in answers:
            if "Traceback (most recent call last)" in each.printed:
                raise RuntimeError(f"{each.command.text}\n{each.printed}")
            made.append(f"$ {each.command.text}\n")
            kept = each.true and (true or "…" in each.command.said)
            made.append(each.command.said if kept else each.printed)
        at = step.place[1]
    return "".join([*made, page[at:]])

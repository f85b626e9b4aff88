"""A terminal for the documents: a directory, a home, a shell and a `whistle` of its own.

A plain `whistle …` runs in a fork of one warm process that has imported the program, since starting
Python for each of a hundred commands takes a minute; what needs a shell (`;`, `|`, `&&`, a variable)
gets one, and a `whistle` that starts cold.
"""

import gc
import importlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import IO

import cli
from projections import VIEWS
from whistle import clock
from whistle.domain import moment

HOUSE = Path(__file__).resolve().parent.parent.parent

_SHELL = re.compile(r"[;|&$`<>]|^\w+=")
_NAME = re.compile(r"\b([IW]-WY)\d\d-(?=\d{5})")


class Terminal:
    """A terminal in a room of its own; leave it to end its warm process."""

    def __init__(self, room: Path) -> None:
        self.desk = room / "desk"
        self._screen = room / "screen"
        programs = room / "bin"
        for folder in (self.desk, programs):
            folder.mkdir(parents=True)
        shim = programs / "whistle"
        shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m cli "$@"\n')
        shim.chmod(0o755)
        self.environment = {
            "HOME": str(room),
            "LANG": "C.UTF-8",
            "PATH": os.pathsep.join(
                [str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]
            ),
            "PYTHONPATH": str(HOUSE),
            "WHISTLE_LANG": "en",
            "XDG_CONFIG_DIRS": str(room / "machine"),
            "XDG_CONFIG_HOME": str(room / "config"),
            "XDG_DATA_HOME": str(room / "share"),
        }
        self._warm: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_raised: object) -> None:
        if self._warm is not None:
            self._warm.communicate()

    def run(self, command: str) -> str:
        """What a command prints, on both channels; `export NAME=VALUE` stays.

        The year in a name such as I-WY26-00042 is that of the run.
        """
        if command.startswith("export "):
            name, _equals, value = shlex.split(command)[1].partition("=")
            self.environment[name] = value
            return ""
        year = moment.local(clock.now()).strftime("%y")
        command = _NAME.sub(rf"\g<1>{year}-", command)
        words = [] if _SHELL.search(command) else shlex.split(command)
        if words[:1] == ["whistle"]:
            self._fork(words[1:])
        else:
            with self._screen.open("wb") as screen:
                self._cold(command, screen)
        return self._screen.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")

    def _cold(self, command: str, screen: IO[bytes]) -> None:
        subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.desk,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=screen,
            stderr=subprocess.STDOUT,
            check=False,
        )

    def _fork(self, words: list[str]) -> None:
        if self._warm is None:
            self._warm = subprocess.Popen(
                [sys.executable, "-m", "docs.making.terminal"],
                cwd=HOUSE,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        asked = [str(self.desk), self.environment, str(self._screen), words]
        if self._warm.stdin is None or self._warm.stdout is None:
            raise RuntimeError("the warm process has no pipes")
        self._warm.stdin.write(json.dumps(asked) + "\n")
        self._warm.stdin.flush()
        self._warm.stdout.readline()


def _serve() -> None:
    """Run each command line that is asked for in a fork of this process."""
    for verb in cli.VERBS.values():
        importlib.import_module(f"projections.desk.{verb.target.partition(':')[0]}")
    for place in VIEWS.values():
        importlib.import_module(place.partition(":")[0])
    gc.freeze()  # what is shared with the forks stays where it is
    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            _be(*json.loads(line))
        os.waitpid(child, 0)
        print(flush=True)


def _be(desk: str, environment: dict[str, str], screen: str, words: list[str]) -> None:
    """Become one run of the program, and leave as it leaves; a traceback is shown."""
    os.chdir(desk)
    os.environ.clear()
    os.environ.update(environment)
    channel = os.open(screen, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, target in ((0, nothing), (1, channel), (2, channel)):
        os.dup2(target, number)
    sys.argv = ["whistle", *words]
    try:
        cli.main()
    except SystemExit as left:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(
            left.code if isinstance(left.code, int) else 1
        )  # tidying up takes longer than a run


if __name__ == "__main__":
    _serve()

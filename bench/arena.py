"""Contestants side by side: each in its own process and environment, in turns on the same slice."""

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

HOUSE = Path(__file__).resolve().parent.parent
PEERS = HOUSE / ".peers"  # environments and the counter, made on demand; not in the repository

NEEDS: dict[str, tuple[str, ...]] = {
    "eventsourcing": ("eventsourcing>=9.5.6,<9.6",),
    "dbos": ("dbos>=3.4,<4",),
    "sqlalchemy": ("sqlalchemy>=2.1,<2.2",),
}
"""What a peer is installed with; whoever is not named here runs in our own environment."""


def python_of(name: str) -> str:
    """The interpreter of a contestant, its environment made if need be.

    Raises CalledProcessError when what it needs cannot be installed.
    """
    needs = NEEDS.get(name)
    if needs is None:
        return sys.executable
    home = PEERS / name
    python, ready = home / "bin" / "python", home / "ready"
    if not ready.exists() or ready.read_text(encoding="utf-8") != "\n".join(needs):
        venv.create(home, clear=True, with_pip=True)
        install = [str(python), "-m", "pip", "install", "-q", *needs]
        subprocess.run(install, check=True, capture_output=True, text=True)
        ready.write_text("\n".join(needs), encoding="utf-8")
    return str(python)


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
    """A contestant at work."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.rounds: list[dict[str, Any]] = []
        folder.mkdir(parents=True)
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"PYTHONPATH": str(HOUSE), "LD_PRELOAD": counter()}
        self._process = subprocess.Popen(
            [python_of(name), "-m", "bench.contestant", name, str(folder)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, *words: object) -> Any:
        """One line in, one line out; a contestant that fails ends the benchmark aloud."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(words) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} failed: {' '.join(map(str, words))}")
        return json.loads(line)

    def close(self) -> None:
        """Let it go."""
        self._process.communicate()

    def per_order(self, what: str) -> float:
        """The median over rounds of a figure, for one order."""
        return float(median(each[what] / each["orders"] for each in self.rounds))

    def median_of(self, what: str) -> float:
        """The median over rounds of a figure that is no sum."""
        return float(median(each[what] for each in self.rounds))


def contest(
    names: Sequence[str], folder: Path, rounds: int, orders: int, callers: int = 1
) -> list[Running]:
    """Every contestant does the same slice in every round, in turns; the first round is warm-up.

    They are left open, so that they can be asked for their answers and their bytes.
    """
    running = [Running(name, folder / name) for name in names]
    for number in range(rounds + 1):
        begins = number % len(running)
        for each in running[begins:] + running[:begins]:
            took = each.ask("do", orders, callers)
            if number:
                each.rounds.append(took)
    return running


def ratio(one: Running, other: Running, what: str) -> float:
    """How many times less `one` takes than `other`: the median of the ratios of the same round."""
    pairs = zip(one.rounds, other.rounds, strict=True)
    return float(median(theirs[what] / own[what] for own, theirs in pairs))

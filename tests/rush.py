"""A hundred desks of one town at once, each a process of its own; a program for test_rush.py.

Usage: python -m tests.rush WHISTLES. Before it starts, so many whistles sound in the store of
WHISTLE_STORE. The desks are forked (a start of Python each would only keep the machine busy), wait
for one another and then give their line: a quarter report, a quarter blow, a quarter see a call
through, the rest look. Who writes types under a key, and every fourth of them is nervous: it has
the key of the desk before it, as if a reply had been lost. Prints a JSON list, each desk's answers.
"""

import importlib
import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import cli
from tests.faults.child import in_child

DESKS = 100
UNITS = ("UT-GAS", "FR", "EM", "PS", "HC")
TRIED = (
    "report street-vending x --dry-run",
    "blow -e gas-leak x --dry-run",
    "ack 1 --as FR --dry-run",
    "status",
    "view command",
)


def lines(desk: int, whistles: int) -> list[str]:
    """What a desk types."""
    turn, kind = divmod(desk, 4)
    asked = turn - (turn % 4 == 3)  # a nervous desk asks once more what the one before it asked
    match kind:
        case 0:
            return [f"report street-vending {asked}号 --key report-{asked}"]
        case 1:
            return [f"blow -e gas-leak {asked}号 --key blow-{asked}"]
        case 2:
            whistle, unit = asked % whistles + 1, UNITS[asked // whistles]
            steps = (
                f"ack {whistle}",
                f"arrive {whistle}",
                f"act {whistle} 关阀",
                f"finish {whistle}",
            )
            return [f"{step} --as {unit} --key {step[:3]}-{asked}" for step in steps]
        case _:
            return [("inbox --all", "status", "view command", "show W-WY26-00001")[turn % 4]]


class Channel(io.TextIOWrapper):
    """A channel that keeps what was said."""

    def __init__(self) -> None:
        self._said = io.BytesIO()
        super().__init__(self._said, "utf-8", write_through=True)

    def getvalue(self) -> str:
        """All of it."""
        return self._said.getvalue().decode()


def answer(line: str) -> dict[str, Any]:
    """What one line answered: its exit code, both channels."""
    out, err = Channel(), Channel()
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.run([*line.split(), "--json"])
    return {"line": line, "code": code, "out": out.getvalue(), "err": err.getvalue()}


def desk(number: int, whistles: int, gate: int) -> list[dict[str, Any]]:
    """Wait until the gate is opened, then type."""
    os.read(gate, 1)
    return [answer(line) for line in lines(number, whistles)]


def used() -> list[str]:
    """The modules that lines like these need, on this kind of store."""
    for line in TRIED:
        answer(line)
    return [name for name, module in sys.modules.items() if getattr(module, "__spec__", None)]


def main(whistles: int) -> None:
    """Fork the desks, open the gate, collect what they were told."""
    for module in in_child(used):  # what a desk imports is there when the desks are forked
        importlib.import_module(module)
    gate, opener = os.pipe()
    answers = []
    for number in range(DESKS):
        here, there = os.pipe()
        if os.fork() == 0:
            os.close(opener)
            with os.fdopen(there, "w") as told:
                json.dump(desk(number, whistles, gate), told)
            os._exit(0)
        os.close(there)
        answers.append(here)
    os.close(opener)  # the gate is open: every desk reads its end
    said = []
    for here in answers:
        with os.fdopen(here) as told:
            said.append(json.load(told))
        os.wait()
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]))

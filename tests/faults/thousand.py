"""A thousand desks of one town at the same store at once, each a process; a program.

Usage: python -m tests.faults.thousand FOLDER DESKS HOW GUARD. All are there before the first may
start, and each gives one line under a key; every tenth is nervous and has the key of the one before
it. HOW is `forked`, or `started`: each a Python of its own, so many at a time as start. GUARD is
`on`, or names what is broken on purpose. Prints {"asked", "events", "wrong"}.
"""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any

import cli
from tests.faults import broken
from tests.faults.child import fork
from tests.rush import Channel
from tests.shell import HOUSE, Shell
from whistle import clock
from whistle.domain.moment import MINUTE
from whistle.log.sqlite import SQLiteLog

SAID = "said.jsonl"


def line(desk: int) -> list[str]:
    """What a desk types."""
    asked = desk - (desk % 10 == 9)
    return f"report street-vending {asked}号 --key {asked} --json".split()


def type_in(desk: int, said: int) -> None:
    """Give a line, and append what it answered: as one write, so that no two are mixed."""
    out, err = Channel(), Channel()
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.run(line(desk))
    told = {"desk": desk, "code": code, "out": out.getvalue(), "err": err.getvalue()}
    os.write(said, f"{json.dumps(told)}\n".encode())


def wait_and_type(desk: int, said: int, gate: int, opener: int) -> None:
    """Give the line when the gate is opened."""
    os.close(opener)
    os.read(gate, 1)
    type_in(desk, said)


def forked(desks: int, said: int) -> None:
    """Fork the desks, and open the gate when the last one is there."""
    gate, opener = os.pipe()
    for desk in range(desks):
        fork(partial(wait_and_type, desk, said, gate, opener))
    os.close(opener)
    for _desk in range(desks):
        os.wait()


def started(desks: int, said: int) -> None:
    """Start each desk as a shell would, without waiting for the ones before it."""
    words = [sys.executable, "-m", "cli"]
    running = [
        subprocess.Popen(
            [*words, *line(desk)], cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for desk in range(desks)
    ]
    for desk, each in enumerate(running):
        out, err = each.communicate()
        told = {"desk": desk, "code": each.returncode, "out": out.decode(), "err": err.decode()}
        os.write(said, f"{json.dumps(told)}\n".encode())


def wrong(store: Path, said: list[Any]) -> Iterator[str]:
    """What is wrong with the answers and the record."""
    recorded: dict[str, Any] = {}
    for each in said:
        if each["code"] or each["err"] or "locked" in each["out"]:
            yield f"{each}"
            continue
        told = json.loads(each["out"])["data"]
        key = line(each["desk"])[-2]
        first = recorded.setdefault(key, told["events"])
        if first != told["events"]:
            yield f"{key} was told {first} and {told['events']}"
    log = SQLiteLog(store, clock.now)
    if not log.verify().ok:
        yield "it does not prove itself"
    seqs = [each.seq for each in log.page(0, 100_000)]
    if seqs != list(range(1, len(seqs) + 1)):
        yield "numbers are missing"
    told_seqs = [event["seq"] for events in recorded.values() for event in events]
    if not set(told_seqs) <= set(seqs) or len(told_seqs) != len(set(told_seqs)):
        yield "what was told is not what is there"
    log.close()


def main(folder: Path, desks: int, how: str, guard: str) -> None:
    """Let them all in, and look at what they were told."""
    broken.break_(guard)
    shell = Shell(folder)
    shell.now = clock.now() - MINUTE
    shell.founded()
    os.environ.update(shell.env)
    said = os.open(folder / SAID, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    type_in(0, said)  # what it imports is there when the others are forked
    gc.freeze()
    {"forked": forked, "started": started}[how](desks, said)
    told = [json.loads(each) for each in (folder / SAID).read_text("utf-8").splitlines()]
    found = list(wrong(shell.store, told))
    events = len(shell.rows("ledger"))
    print(json.dumps({"asked": len(told), "events": events, "wrong": found[:9]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4])

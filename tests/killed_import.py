"""An import that is killed again and again; a program for test_killed_imports.py.

Usage: python -m tests.killed_import KILLS FOLDER WORD... The words are the import's own, without
--store. A child runs them at a store in the folder, in small batches; it is killed (SIGKILL) at
some moment and the same words are run again. An import that came to its end before its kill has
its store kept, and the next one starts with an empty store, until so many were killed. Prints the
stores, all imported to their end.
"""

import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import cli
from whistle.engine import importing

BATCH = 20
MOMENTS_S = 0.12  # a kill falls anywhere in this time after the start
EMPTY = "empty.db"


def child(store: Path, words: list[str], started: int) -> None:
    """Run the import to its end, unless killed."""
    importing.BATCH = BATCH
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 1)
    os.write(started, b".")
    os._exit(cli.run(["--store", f"sqlite:///{store}", *words]))


def run(store: Path, words: list[str], kill_after: float | None) -> bool:
    """Start the import and kill it after so many seconds; whether it was killed."""
    here, there = os.pipe()
    pid = os.fork()
    if pid == 0:
        child(store, words, there)
    os.close(there)
    os.read(here, 1)
    os.close(here)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, -signal.SIGKILL), code
    return code != 0


def main(kills: int, folder: Path, words: list[str]) -> None:
    """Kill until it is enough; let every import come to its end."""
    chance = random.Random(7)  # noqa: S311 - moments to kill at, no secret
    stores: list[Path] = []
    while kills:
        store = folder / f"{len(stores)}.db"
        shutil.copy(folder / EMPTY, store)
        stores.append(store)
        while kills and run(store, words, chance.random() * MOMENTS_S):
            kills -= 1
    run(stores[-1], words, None)
    print(*stores, sep="\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])

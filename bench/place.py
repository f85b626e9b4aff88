"""Where a benchmark puts its files: a folder that is gone afterwards, also when it was killed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108  # where the kernel keeps files in memory
PREFIX = "whistle-bench-"


@contextmanager
def place(memory: bool) -> Iterator[Path]:
    """A folder on the disk, or in memory where there is such a place."""
    root = MEMORY if memory and MEMORY.is_dir() else Path(tempfile.gettempdir())
    sweep(root)
    named = f"{PREFIX}{os.getpid()}-"
    with tempfile.TemporaryDirectory(
        dir=root,
        prefix=named,
        ignore_cleanup_errors=True,  # a contestant that was not waited for may still write
    ) as folder:
        yield Path(folder)


def sweep(root: Path) -> None:
    """Take away what a benchmark left that could not: its process is no more."""
    for left in root.glob(f"{PREFIX}*-*"):
        owner = left.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdecimal() and not alive(int(owner)):
            shutil.rmtree(left, ignore_errors=True)


def alive(process: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True

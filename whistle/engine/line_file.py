"""Files of lines as they come: plain or gzip, or a pipe that can be read only once."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from whistle.foreign_file import unpacked

LONGEST_LINE = 1 << 20
"""Bytes; what is longer is no event line, and is not held in memory to find that out."""


@contextmanager
def spooled(stream: BinaryIO) -> Iterator[Path]:
    """A stream that can be read only once, as a file for the time of an import."""
    with tempfile.NamedTemporaryFile(prefix="whistle-import-") as copy:
        shutil.copyfileobj(stream, copy)
        copy.flush()
        yield Path(copy.name)


def reading_lines(path: Path) -> Iterator[bytes]:
    """The raw lines of a file that may be gzip, none of them longer than a line may be.

    Raises NotFound when the file cannot be read, Refused when it is no whole gzip file.
    """
    with unpacked(path) as file:
        yield from _lines(partial(file.readline, LONGEST_LINE))


def _lines(read: Callable[[], bytes]) -> Iterator[bytes]:
    while raw := read():
        yield raw
        while len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            raw = read()  # the rest of a line that is bad by its length

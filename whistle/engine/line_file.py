"""Files of lines as they come: plain or gzip, or a pipe that can be read only once."""

import gzip
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from whistle.domain.refusal import NotFound, Refused, _

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
    try:
        with path.open("rb") as plain:
            zipped = plain.read(2) == b"\x1f\x8b"
        with gzip.open(path) if zipped else path.open("rb") as file:
            yield from _lines(partial(file.readline, LONGEST_LINE))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Refused(
            _("{path} is no whole gzip file: {fault}."),
            rule="import.gzip",
            path=path.name,
            fault=str(error),
        ) from error
    except OSError as error:
        raise NotFound(
            _("The file {path} cannot be read: {fault}."), path=str(path), fault=error.strerror
        ) from error


def _lines(read: Callable[[], bytes]) -> Iterator[bytes]:
    while raw := read():
        yield raw
        while len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            raw = read()  # the rest of a line that is bad by its length

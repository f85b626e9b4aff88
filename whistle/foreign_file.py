"""Files that people and other programs give: their bytes, unpacked, and how their text is written.

Every reader of such files goes through here, so that each says the same of one it cannot read.
"""

import codecs
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from io import BufferedReader
from pathlib import Path
from typing import IO, Final, cast

from whistle.domain.refusal import NotFound, Refused, _

DELIMITERS: Final = {",": ",", ";": ";", "tab": "\t", "|": "|"}
"""The signs that may stand between two cells, as a map names them."""

_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
                 (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip


@contextmanager
def opened(path: Path) -> Iterator[BufferedReader]:
    """A file's bytes; NotFound says why they cannot be read."""
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise NotFound(
            _("The file {path} cannot be read: {fault}."), path=str(path), fault=error.strerror
        ) from error


@contextmanager
def unpacked(path: Path) -> Iterator[IO[bytes]]:
    """A file's bytes, unpacked when it is gzip; Refused when it is no whole gzip file."""
    import gzip  # here, because only an import reads what may be gzip
    import zlib

    with opened(path) as plain:
        zipped = plain.read(2) == b"\x1f\x8b"
    with opened(path) as file:
        try:
            with gzip.GzipFile(fileobj=file) if zipped else nullcontext(file) as whole:
                yield cast("IO[bytes]", whole)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Refused(
                _("{path} is no whole gzip file: {fault}."),
                rule="import.gzip",
                path=path.name,
                fault=str(error),
            ) from error


def encoding_of(parts: Callable[[], Iterable[bytes]]) -> str | None:
    """The encoding of a text that `parts` gives in pieces, anew at each call.

    That of its byte order mark, else UTF-8 if all of it is, else GB 18030 if all of it is.
    """
    start = next(iter(parts()), b"")
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    return next((each for each in ("utf-8", "gb18030") if _is_all(parts(), each)), None)


def _is_all(parts: Iterable[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for part in parts:
            decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True

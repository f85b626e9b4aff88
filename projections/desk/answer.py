"""What a verb answers: facts for programs, lines for people, and one exit code for both."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import msgspec

Status = Literal[
    "done", "found", "refused", "not_allowed", "not_found", "conflict", "integrity", "pending",
    "queued", "usage", "error",
]  # fmt: skip

EXIT: dict[Status, int] = {
    "done": 0,
    "found": 1,
    "usage": 2,
    "not_found": 3,
    "not_allowed": 4,
    "refused": 5,
    "conflict": 6,
    "integrity": 7,
    "pending": 8,
    "queued": 9,
    "error": 10,
}


class LongList:
    """Rows of an answer that may be very many, as JSON: beyond a few they lie on the disk.

    The file has no name and is gone with the answer. All rows are read before anything is printed,
    so that what goes wrong on the way is an answer of its own.
    """

    MEMORY = 1 << 20  # bytes

    def __init__(self, rows: Iterable[Any]) -> None:
        from tempfile import SpooledTemporaryFile  # paid for by who lists much
        from weakref import finalize

        self._file = SpooledTemporaryFile(self.MEMORY)  # noqa: SIM115 - it lives as long as this
        finalize(self, self._file.close)
        for number, row in enumerate(rows):
            self._file.write((b"," if number else b"") + msgspec.json.encode(row))

    def pieces(self) -> Iterator[bytes]:
        """The list in pieces."""
        self._file.seek(0)
        yield b"["
        while piece := self._file.read(self.MEMORY):
            yield piece
        yield b"]"


class Diagnostic(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something to know beside the answer: a refusal, a warning, a banner."""

    message: str
    rule: str = ""
    hint: str = ""


class Answer(msgspec.Struct, kw_only=True):
    """What a verb found or did."""

    data: Any = None
    lines: Sequence[str] = ()
    status: Status = "done"
    diagnostics: list[Diagnostic] = []
    ids: Sequence[str] = ()  # what -q prints
    raw: bytes | None = None  # a body that is printed as it is: CSV, JSON lines
    stream: Iterator[bytes] | None = None  # lines of a listing that may be long
    live: Iterator[str] | None = None  # what is shown as it happens, until it ends or is ended
    after: str = ""  # what puts a terminal back that `live` has changed

    @property
    def exit_code(self) -> int:
        """The exit code that the contract gives this status."""
        return EXIT[self.status]

    @property
    def told(self) -> list[str]:
        """What people are told beside the answer: a refusal's sentence and its next step."""
        lines = []
        for each in self.diagnostics:
            lines.append(each.message)
            if each.hint:
                lines.append(f"  → {each.hint}")
        return lines

    @property
    def reads_on(self) -> bool:
        """Whether the store is still read while the answer is printed."""
        return self.stream is not None or self.live is not None

    @staticmethod
    def line_of(row: Any) -> bytes:
        """One row of a listing as a JSON line."""
        return msgspec.json.encode(row)

    def envelope(self) -> Iterator[bytes]:
        """The one JSON object of --json, in pieces if it is long."""
        return _pieces(
            {
                "version": 1,
                "status": self.status,
                "data": self.data,
                "diagnostics": self.diagnostics,
            }
        )


def _pieces(value: Any) -> Iterator[bytes]:
    """A value as JSON; only what has a long list in it comes in pieces."""
    if isinstance(value, LongList):
        yield from value.pieces()
    elif _is_long(value):
        for number, (name, each) in enumerate(value.items()):
            yield (b"," if number else b"{") + msgspec.json.encode(name) + b":"
            yield from _pieces(each)
        yield b"}"
    else:
        yield msgspec.json.encode(value)


def _is_long(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_is_long, value.values()))
    return isinstance(value, LongList)

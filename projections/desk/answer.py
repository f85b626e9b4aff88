"""What a verb answers: facts for programs, lines for people, and one exit code for both."""

from collections.abc import Iterator, Sequence
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

    def envelope(self) -> bytes:
        """The one JSON object of --json."""
        return msgspec.json.encode(
            {
                "version": 1,
                "status": self.status,
                "data": self.data,
                "diagnostics": self.diagnostics,
            }
        )

"""Colour where it helps: overdue red, due soon yellow, heads of tables bold. Nothing else."""

import os
from typing import TextIO

from projections.desk.hoist import COLORS
from whistle.domain.moment import MINUTE, Instant

SOON = 15 * MINUTE
_SGR = {"late": "31", "soon": "33", "head": "1"}  # ECMA-48 8.3.117, SELECT GRAPHIC RENDITION


class Toned(str):
    """A line that a terminal may show in colour; to everything else it is its text."""

    tone: str = ""

    def __new__(cls, text: str, tone: str) -> "Toned":
        """A text with its tone: late, soon, head, or none."""
        made = super().__new__(cls, text)
        made.tone = tone
        return made


def tone(due: Instant | None, now: Instant) -> str:
    """How a time that is due is shown: late when over, soon in its last quarter of an hour."""
    if due is None or due - now > SOON:
        return ""
    return "late" if due < now else "soon"


def painted(text: str, line: str) -> str:
    """The text of a line as a terminal shows its tone."""
    code = _SGR.get(getattr(line, "tone", ""))
    return f"\x1b[{code}m{text}\x1b[0m" if code else text


def wanted(wish: str | None, channel: TextIO) -> bool:
    """Whether a channel is given colour: by --color, else on a terminal that has it.

    NO_COLOR (no-color.org), set to anything, turns it off; --color always is stronger.
    """
    wish = COLORS.get(wish or "", wish)
    if wish in ("always", "never"):
        return wish == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") in ("dumb", None):
        return False
    return channel.isatty()

"""What a terminal that cannot show a sign gets instead: never a traceback."""

import codecs
import sys
import unicodedata

_SIGNS = {"→": "->", "…": "...", "—": "-", "–": "-", "·": "*", "“": '"', "”": '"', "‘": "'",
          "’": "'", "。": ".", "、": ",", "≥": ">=", "≤": "<=", "×": "x"}  # fmt: skip


def prepare() -> None:
    """Let both channels print any text, whatever the locale says they can show."""
    codecs.register_error("whistle.signs", in_ascii)
    for channel in (sys.stdout, sys.stderr):
        reconfigure = getattr(channel, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="whistle.signs")


def in_ascii(error: UnicodeError) -> tuple[str, int]:
    """Signs in ASCII, as codecs asks for them: 12：30 → becomes 12:30 ->, what has none a ?."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(_nearest(sign) for sign in signs), error.end


def _nearest(sign: str) -> str:
    near = _SIGNS.get(sign) or unicodedata.normalize("NFKC", sign)
    return near if near.isascii() else "?"

"""Signs as they were meant and as a terminal may show them."""

import unicodedata


def folded(text: str) -> str:
    """A word as it was meant: full-width signs folded (NFKC), spaces at its ends trimmed."""
    return unicodedata.normalize("NFKC", text).strip()


def plain(text: str) -> str:
    """Text that a terminal shows and does not obey: control and direction signs are spelled out."""
    if text.isprintable():  # none of the signs below is
        return text
    return "".join(_spelled(sign) for sign in text)


def _spelled(sign: str) -> str:
    if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
        return f"\\u{ord(sign):04x}" if sign != "\t" else " "
    return sign

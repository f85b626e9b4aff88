"""Terminals and locales that know no Chinese: what is typed is read, what is told is shown.

A Chinese sign is two columns wide. No locale may end a run with a traceback.
"""

import codecs
import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TextIO

_SIGNS = {"→": "->", "…": "...", "—": "-", "–": "-", "·": "*", "“": '"', "”": '"', "‘": "'",
          "’": "'", "。": ".", "、": ",", "≥": ">=", "≤": "<=", "×": "x"}  # fmt: skip


def typed(words: Sequence[str]) -> list[str]:
    """The words of a command line as they were meant.

    Under a locale that cannot read them, Python hands out the bytes as lone surrogates, which
    nothing can store: they are read as UTF-8, else as GB 18030, the two that terminals here send.
    """
    return [word if word.isascii() else _read(word) for word in words]


def _read(word: str) -> str:
    try:
        word.encode()
    except UnicodeEncodeError:
        sent = os.fsencode(word)
    else:
        return word
    try:
        return sent.decode()
    except UnicodeDecodeError:
        return sent.decode("gb18030", "replace")


def prepare() -> None:
    """Let both channels print any text, whatever the locale says they can show."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if (
            getattr(sys, name) is None
        ):  # closed by who started us: the store must not get its number
            nowhere = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - for good
            setattr(sys, name, nowhere)
    codecs.register_error("whistle.signs", in_ascii)
    for channel in (sys.stdout, sys.stderr):
        reconfigure = getattr(channel, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="whistle.signs")


def wide(text: str) -> int:
    """How many columns a terminal draws a text in (Unicode UAX 11: W and F take two)."""
    return len(text) if text.isascii() else sum(map(_columns, text))


@lru_cache(maxsize=4096)  # a listing says the same few signs again and again
def _columns(sign: str) -> int:
    if unicodedata.category(sign) in ("Mn", "Me") or unicodedata.combining(sign):
        return 0  # drawn over the sign before it
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def show(live: Iterable[str], after: str, channel: TextIO) -> None:
    """Show what happens as it happens; however it ends, `after` puts the terminal back."""
    try:
        for piece in live:
            channel.write(piece)
            channel.flush()
    finally:
        if after:
            channel.write(after)
            channel.flush()


def drop_output() -> None:
    """Let what is still to be printed go nowhere, so that the end of the run does not trip."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def in_ascii(error: UnicodeError) -> tuple[str, int]:
    """Signs in ASCII, as codecs asks for them: 12：30 → becomes 12:30 ->, what has none a ?."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(_nearest(sign) for sign in signs), error.end


def _nearest(sign: str) -> str:
    near = _SIGNS.get(sign) or unicodedata.normalize("NFKC", sign)
    return near if near.isascii() else "?"

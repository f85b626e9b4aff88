"""Tables for people: columns that stand straight although a Chinese sign is two columns wide."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, starmap, zip_longest
from typing import TypeVar

import click

from projections.desk.terminal import wide
from projections.desk.tones import Toned
from projections.desk.words import plain, say
from whistle.domain.refusal import _

T = TypeVar("T")
LISTED = 50
"""Rows of a listing that a person is shown at once; --all lists every one, --json always does."""

_MORE = _("… and {count} more: {ways}")

whole_option = click.option("--all", "--全部", "whole", is_flag=True, help="List every row.")

_NUMBER = re.compile(r"-?([\d.,:%]+|(\d+(s|m|h|d|秒|分|小时|天))+)", re.ASCII)
_FORMULA = "=+-@\t\r＝＋－＠"  # the full-width forms too: a spreadsheet folds them


def table(
    head: Sequence[str], rows: Iterable[Sequence[object]], tones: Sequence[str] = ()
) -> list[str]:
    """The lines of a table; numbers stand to the right, None is shown as a dash.

    Each row may have a tone (`tones.tone`); the head has its own.
    What a cell holds cannot break the line or steer the terminal (`words.plain`).
    """
    body = [[_cell(value) for value in row] for row in rows]
    lines = [[plain(text) for text in head], *body]
    columns = range(len(head))
    widths = [max(wide(line[at]) for line in lines) for at in columns]
    right = [bool(body) and all(_numeric(line[at]) for line in body) for at in columns]
    shown = [
        "  ".join(_set(line[at], widths[at], right=right[at]) for at in columns).rstrip()
        for line in lines
    ]
    return list(starmap(Toned, zip_longest(shown, ("head", *tones), fillvalue="")))


def _cell(value: object) -> str:
    return "-" if value is None else plain(str(value))


def _numeric(text: str) -> bool:
    return text in ("", "-") or _NUMBER.fullmatch(text) is not None


def _set(text: str, columns: int, *, right: bool) -> str:
    space = " " * (columns - wide(text))
    return space + text if right else text + space


def cut(rows: Sequence[T], ways: str, *, whole: bool) -> tuple[Sequence[T], list[str]]:
    """The first rows of a long listing, and a line that tells how to see the rest."""
    if whole or len(rows) <= LISTED:
        return rows, []
    return rows[:LISTED], [say(_MORE, count=len(rows) - LISTED, ways=ways)]


def beginning(rows: Iterator[T], ways: str, *, whole: bool) -> tuple[list[T], list[str]]:
    """The same of rows that are read only once: all of them are, and no more are kept."""
    shown = list(rows if whole else islice(rows, LISTED))
    more = sum(1 for _row in rows)
    return shown, [say(_MORE, count=more, ways=ways)] if more else []


def length(seconds: int | None) -> str | None:
    """Seconds as a person reads them in a table: 0:04:10."""
    if seconds is None:
        return None
    minutes, rest = divmod(seconds, 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def sheet(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table as CSV that spreadsheets open right, whole."""
    return b"".join(line + b"\n" for line in sheet_lines(head, rows))


def sheet_lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """A table as CSV that spreadsheets open right: RFC 4180, UTF-8 with BOM; rows without their LF.

    A text that a spreadsheet would take for a formula gets a ' in front (OWASP, "CSV injection");
    numbers stay numbers.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    yield out.getvalue().encode("utf-8-sig", errors="replace").removesuffix(b"\n")
    for row in rows:
        out.seek(0)
        out.truncate()
        writer.writerow([_harmless(value) for value in row])
        yield out.getvalue().encode(errors="replace").removesuffix(b"\n")


def _harmless(value: object) -> object:
    if isinstance(value, str) and value.startswith(tuple(_FORMULA)):
        return f"'{value}"
    return value

"""A table of texts out of a file: CSV in UTF-8, UTF-16 or GB 18030, or a workbook."""

import csv
from io import StringIO
from pathlib import Path
from typing import Final, NamedTuple

from whistle.domain.refusal import Refused, _
from whistle.foreign_file import DELIMITERS, encoding_of, opened
from whistle.toml_faults import folded

BYTES_MAX: Final = 16 << 20
ROWS_MAX: Final = 20_000
COLUMNS_MAX: Final = 100
SIGNS_MAX: Final = 4_000
"""What a list of a town holds many times over; more is another kind of file, or a hostile one."""

_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"  # .xls and WPS's .et: another format altogether


class Line(NamedTuple):
    """One row of a table with its number, from 1, as a spreadsheet program counts."""

    row: int
    cells: tuple[str, ...]


class Grid(NamedTuple):
    """A table: the name of its file, and its rows that are not empty."""

    file: str
    lines: tuple[Line, ...]


def grid(path: Path) -> Grid:
    """The table in a .csv or .xlsx file (its first sheet), every cell a folded text.

    Raises NotFound when the file cannot be read, Refused when it is no such table.
    """
    raw = contents(path)
    if raw.startswith(_OLD_WORKBOOK):
        raise Refused(
            _("{path} is a workbook of the old kind, which cannot be read."),
            rule="file.old_workbook",
            hint=_("open it and save it as .xlsx or .csv"),
            path=path.name,
        )
    if raw.startswith(b"PK\x03\x04"):
        from whistle.sheets import workbook  # only a workbook pays for its reader

        rows = workbook.rows(raw, path.name)
    else:
        rows = _csv(decoded(raw, path.name), path.name)
    lines = []
    for number, row in enumerate(rows, start=1):
        _check_size(path.name, number, row)
        cells = tuple(map(folded, row))
        if any(cells):
            lines.append(Line(number, cells))
    return Grid(path.name, tuple(lines))


def contents(path: Path) -> bytes:
    """A file's bytes; NotFound when it cannot be read, Refused when it is far too big."""
    with opened(path) as file:
        raw = file.read(BYTES_MAX + 1)
    if len(raw) > BYTES_MAX:
        raise too_big(path.name)
    return raw


def decoded(raw: bytes, name: str) -> str:
    """Bytes as text: by their mark, else UTF-8, else GB 18030; Refused when they are neither."""
    encoding = encoding_of(lambda: (raw,))
    try:
        text = raw.decode(encoding) if encoding is not None else "\0"
    except UnicodeDecodeError:  # the mark says something else than the rest
        text = "\0"
    if "\0" in text:
        raise Refused(
            _("The file {path} is no text in UTF-8 or GB 18030."), rule="file.encoding", path=name
        )
    return text


def too_big(name: str) -> Refused:
    """What is said to a file that is no list of a town, by its size."""
    return Refused(
        _(
            "{path} is too big for a list: at most 16 MB, {rows} rows, {columns} columns, "
            "{signs} signs in a cell."
        ),
        rule="file.too_big",
        path=name,
        rows=ROWS_MAX,
        columns=COLUMNS_MAX,
        signs=SIGNS_MAX,
    )


def _csv(text: str, name: str) -> list[list[str]]:
    head = next((line for line in text.splitlines() if line.strip()), "")
    mark = max(DELIMITERS.values(), key=head.count)  # spreadsheet programs follow the locale
    try:
        return list(csv.reader(StringIO(text, newline=""), delimiter=mark))
    except csv.Error as error:  # a cell without an end
        raise too_big(name) from error


def _check_size(name: str, number: int, row: list[str]) -> None:
    wide = len(row) > COLUMNS_MAX and any(row[COLUMNS_MAX:])
    if number > ROWS_MAX or wide or any(len(cell) > SIGNS_MAX for cell in row):
        raise too_big(name)

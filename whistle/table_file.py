"""Delimited tables as other systems export them: CSV or TSV, plain or gzip, in any encoding.

A row is read by the names of its columns. Nothing is guessed from the rows but the encoding and the
delimiter, and both are told. Rows are numbered as a spreadsheet does: the header is row 1.
"""

import csv
import difflib
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple

from whistle.domain.refusal import Refused, _
from whistle.foreign_file import DELIMITERS, encoding_of, unpacked
from whistle.toml_faults import Fault, FaultyFile, fault

_CHUNK: Final = 1 << 20

Column = tuple[str, ...]
"""The names that one column has in one edition or another of a table; the first found counts."""


class FaultyTable(FaultyFile):
    """A table whose columns cannot be read, with all its faults at once (rule `table.columns`)."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(_("This table cannot be read:\n{faults}"), "table.columns", faults)


class Layout(NamedTuple):
    """How a table is written."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]


class Row(NamedTuple):
    """One row: its number in a spreadsheet, and its cells, or what is wrong with it as a whole."""

    number: int
    cells: Sequence[str]
    fault: str = ""  # a sentence of `_`
    detail: str = ""


def layout_of(
    path: Path, wanted: Iterable[str], *, encoding: str = "", delimiter: str = ""
) -> Layout:
    """How a file is written; what is not given is found out from its bytes and its header.

    The encoding is that of its byte order mark, else UTF-8 if all of it is, else GB18030 if all of
    it is. The delimiter is the one that finds most of the `wanted` columns. Raises NotFound when
    the file cannot be read, Refused when it is in no such encoding or has no header.
    """
    found = encoding or _encoding_of(path)
    signs = [delimiter] if delimiter else [*DELIMITERS.values()]
    headers = {sign: _header(path, found, sign) for sign in signs}
    names = {folded(name) for name in wanted}
    sign = max(signs, key=lambda each: (len(names.intersection(headers[each])), len(headers[each])))
    if not any(headers[sign]):
        raise Refused(
            _("{path} has no header: its first row must name the columns."),
            rule="table.header",
            path=path.name,
        )
    return Layout(found, sign, headers[sign])


def columns(layout: Layout, wanted: Iterable[Column]) -> dict[Column, int]:
    """The place of each wanted column, by the first of its names that the header has.

    Raises FaultyTable with every column that is missing (and those that come near) or named twice.
    """
    header, faults = layout.header, []
    places: dict[Column, int] = {}
    for names in dict.fromkeys(map(tuple, wanted)):
        name = next((each for each in map(folded, names) if each in header), "")
        if not name:
            faults.append(_missing(names, header))
        elif header.count(name) > 1:
            faults.append(fault(1, name, _("the header names this column more than once")))
        places[names] = header.index(name) if name else 0
    if faults:
        raise FaultyTable(tuple(faults))
    return places


def rows(path: Path, layout: Layout) -> Iterator[Row]:
    """The rows under the header, one after another; empty rows are left out.

    A row with more or fewer cells than the header, and one whose quotation marks do not close,
    comes with its fault. Raises Refused when the file turns out to be in another encoding.
    """
    width = len(layout.header)
    with _opened(path, layout.encoding) as lines:
        reader = csv.reader(lines, delimiter=layout.delimiter, strict=True)
        header_seen = False
        number = 0
        while True:
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(number, (), _("its quotation marks do not fit: {detail}"), str(error))
                continue
            if not any(cells):
                continue
            if not header_seen:
                header_seen = True
            elif len(cells) != width:
                text = _("the header has another number of cells than this row: {detail}")
                yield Row(number, cells, text, f"{width} / {len(cells)}")
            else:
                yield Row(number, cells)


def is_encoding(name: str) -> bool:
    """Whether texts can be written in it."""
    try:
        "".encode(name)
    except LookupError:
        return False
    return True


def _missing(names: Column, header: Sequence[str]) -> Fault:
    """Tells the columns that come near; the whole header when it is short."""
    text = _("there is no such column; the header has {header}")
    near = difflib.get_close_matches(folded(names[0]), header, n=3)
    if not near and len(header) > 12:
        text = _("there is no such column, and none that comes near")
    return fault(1, " / ".join(names), text, header=", ".join(near or header))


def folded(name: str) -> str:
    """A column's name as it is compared: width folded, spaces and marks at its ends left out."""
    return " ".join(unicodedata.normalize("NFKC", name).replace("\ufeff", "").split())


def _header(path: Path, encoding: str, delimiter: str) -> tuple[str, ...]:
    """The first row that is not empty, as names; none when it cannot be read so."""
    with _opened(path, encoding) as lines:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        try:
            return tuple(map(folded, next((cells for cells in reader if any(cells)), ())))
        except csv.Error:
            return ()


def _encoding_of(path: Path) -> str:
    found = encoding_of(lambda: _parts(path))
    if found is None:
        raise Refused(
            _("{path} is neither UTF-8 nor GB18030."),
            rule="table.encoding",
            hint=_('name its encoding in the map, such as encoding = "cp1252"'),
            path=path.name,
        )
    return found


def _parts(path: Path) -> Iterator[bytes]:
    with unpacked(path) as file:
        while part := file.read(_CHUNK):
            yield part


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[IO[str]]:
    with unpacked(path) as file:
        try:
            yield io.TextIOWrapper(file, encoding=encoding, newline="")
        except UnicodeError as error:
            raise Refused(
                _("{path} is not in {encoding}: {fault}."),
                rule="table.encoding",
                hint=_("leave the encoding out, so that it is found out, or name the right one"),
                path=path.name,
                encoding=encoding,
                fault=str(error),
            ) from error

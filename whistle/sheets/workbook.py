"""The first sheet of an .xlsx file as texts; nothing in it is run or computed.

A workbook is an archive of XML that may come from anybody: what it would unpack to is bounded
before it is unpacked, and a part that declares entities is refused (by defusedxml, with which
openpyxl parses where it is installed, as it is with us).
"""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from io import BytesIO
from typing import Final
from xml.etree.ElementTree import ParseError  # the error alone; what parses is defused below

from whistle.domain.refusal import Refused, _
from whistle.sheets.cells import COLUMNS_MAX, ROWS_MAX, too_big

UNPACKED_MAX: Final = 64 << 20
PARTS_MAX: Final = 2_000


def rows(raw: bytes, name: str) -> list[list[str]]:
    """Every row of the first sheet, from its first row; a formula counts by its kept value.

    Raises Refused when the file is no whole workbook, or would unpack to more than a list has.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        _check_parts(raw, name)
        book = load_workbook(BytesIO(raw), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size need not be true
        return list(_texts(sheet.iter_rows(max_row=ROWS_MAX + 1, max_col=COLUMNS_MAX + 1,
                                           values_only=True)))  # fmt: skip
    except (
        zipfile.BadZipFile, InvalidFileException, ParseError,
        KeyError, IndexError, ValueError, TypeError, AttributeError, EOFError, OSError,
        NotImplementedError, RuntimeError,
    ) as error:  # fmt: skip
        raise Refused(
            _("{path} is no workbook that can be read."),
            rule="file.workbook",
            hint=_("open it and save it as .xlsx or .csv"),
            path=name,
        ) from error


def _check_parts(raw: bytes, name: str) -> None:
    """Refused before anything is unpacked; the archive's reader stops at the size that it names."""
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        parts = archive.infolist()
        if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_MAX:
            raise too_big(name)


def _texts(found: Iterator[tuple[object, ...]]) -> Iterator[list[str]]:
    for row in found:
        yield [_text(value) for value in row]


def _text(value: object) -> str:
    """A cell as it would have been typed: 101.0 is 101, a day is 2026-10-14."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date():
            return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
        case _:
            return str(value)

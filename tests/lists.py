"""Lists as an office hands them over: rows into .csv of any encoding, rows into .xlsx by hand."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

Rows = Sequence[Sequence[object]]

UNITS: Rows = [
    ["望榆镇单位名录（2026年）"],
    ["单位名称", "简称", "类型", "电话"],
    ["镇综合执法办", "执法办", "TZ", "1"],
    ["交警大队望榆中队", "交警、交通警察", "", "2"],
    ["燃气站", "燃气", "UT-GAS", "3"],
    ["城管中队", "", "", "4"],
]
PERSONS: Rows = [
    ["单位", "姓名", "角色"],
    ["执法办", "陈岚", "负责人"],
    ["交警", "王建国", "队员"],
]
ITEMS: Rows = [
    ["事项编码", "事项名称", "哨种", "牵头单位", "配合单位", "时限"],
    ["0101", "占道经营", "日常哨", "城管中队", "交警", "4工作时"],
    ["0502", "燃气泄漏", "应急哨", "燃气", "交警、城管中队", "签收 5分钟；办结 2紧急工作时"],
]

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def csv(path: Path, rows: Rows, encoding: str = "utf-8") -> Path:
    """Rows as a .csv file; none of our cells needs quotes."""
    text = "".join(",".join(map(str, row)) + "\r\n" for row in rows)
    path.write_bytes(text.encode(encoding))
    return path


def xlsx(path: Path, rows: Rows, **more: bytes) -> Path:
    """Rows as the smallest workbook that ECMA-376 allows; numbers as numbers, no formula."""
    return workbook(path, _sheet(rows), **more)


def workbook(path: Path, sheet: str, **more: bytes) -> Path:
    """A workbook around one sheet's XML, with more parts beside it."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/s.xml" ContentType="{_KIND}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELS}"><Relationship Id="r1" '
        f'Type="{_DOC}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOC}"><sheets>'
        '<sheet name="1" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELS}"><Relationship Id="r1" '
        f'Type="{_DOC}/worksheet" Target="s.xml"/></Relationships>',
        "xl/s.xml": sheet,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        for name, raw in more.items():
            archive.writestr(name, raw)
    return path


def _sheet(rows: Rows) -> str:
    lines = "".join(
        f'<row r="{number}">' + "".join(map(_cell, row)) + "</row>"
        for number, row in enumerate(rows, start=1)
    )
    return sheet_of(lines)


def sheet_of(lines: str, before: str = "") -> str:
    """A sheet's XML around its rows, with a document type before it if one is given."""
    return f'{before}<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData></worksheet>'


def _cell(value: object) -> str:
    if isinstance(value, int):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'

"""A sheet of paper as one HTML file: nothing fetched, no script, everything typed shown as text.

It prints on A4 in the type that official papers are set in (GB/T 9704 asks for 仿宋 and 宋体), with
whatever a machine has of it.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape

from projections.desk.words import plain

STYLE = """
@page { size: A4; margin: 22mm 20mm 20mm; }
* { box-sizing: border-box; }
body { font: 12pt/1.55 "Songti SC", SimSun, "Noto Serif CJK SC", "Source Han Serif SC", serif;
  color: #000; background: #fff; max-width: 176mm; margin: 0 auto; padding: 8mm 0; }
section { break-after: page; }
section:last-of-type { break-after: auto; }
h1 { font-size: 20pt; text-align: center; letter-spacing: .3em; margin: 0 0 2mm; }
h2 { font-size: 13pt; margin: 6mm 0 2mm; break-after: avoid; }
.number { text-align: right; font-size: 10.5pt; margin: 0 0 2mm; }
table { width: 100%; border-collapse: collapse; margin: 0 0 3mm; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border: 0.5pt solid #000; padding: 1.2mm 2mm; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; font-size: 10.5pt; }
th { font-weight: bold; background: #f2f2f2; }
.facts th { width: 24mm; white-space: nowrap; }
.ruled { table-layout: fixed; }
.ruled th, .ruled td { padding: 1.2mm 1.5mm; font-size: 9pt; }
.slim { width: 16mm; }
.time { width: 22mm; }
.name { width: 28mm; }
td span { white-space: nowrap; }
.late { font-weight: bold; text-decoration: underline; }
.blank td { height: 9mm; }
.sign { display: flex; gap: 8mm; margin: 8mm 0 0; break-inside: avoid; }
.sign div { flex: 1; border-bottom: 0.5pt solid #000; padding: 0 0 1mm; min-height: 10mm; }
.foot { font-size: 9pt; color: #333; margin: 4mm 0 0; overflow-wrap: anywhere;
  break-before: avoid; }
.demo { border: 1.5pt solid #000; text-align: center; font-weight: bold; padding: 1mm; }
@media print { body { max-width: none; padding: 0; } }
@media screen { section { border-bottom: 1px dashed #999; margin-bottom: 10mm; } }
"""

Cell = str | tuple[str, str]
"""A text, or a text with the class it is shown in."""

WHOLE = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d")  # a day, a time of day: never broken in two


def text(words: object) -> str:
    """Any text as text: what could act in a page or on a terminal is spelled out."""
    return escape("\n".join(plain(line) for line in str(words).split("\n"))).replace("\n", "<br>")


def facts(rows: Iterable[tuple[str, object]]) -> str:
    """Particulars: a heading and what belongs to it, a row each."""
    body = "".join(f"<tr><th>{text(name)}</th><td>{text(value)}</td></tr>" for name, value in rows)
    return f'<table class="facts">{body}</table>'


def grid(head: Sequence[Cell], rows: Iterable[Sequence[Cell]], *, blank: bool = False) -> str:
    """A table; where a heading has a class its column is as wide as that says, the others share.

    With `blank` its rows are high enough to write in.
    """
    top = "".join(_cell(name, "th") for name in head)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    ruled = any(isinstance(name, tuple) for name in head)
    shape = " ".join(["ruled"] * ruled + ["blank"] * blank)
    return f'<table class="{shape}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'


def _cell(cell: Cell, tag: str = "td") -> str:
    words, shape = cell if isinstance(cell, tuple) else (cell, "")
    shown = WHOLE.sub(r"<span>\g<0></span>", text(words))
    return f'<{tag} class="{shape}">{shown}</{tag}>' if shape else f"<{tag}>{shown}</{tag}>"


def heading(words: str) -> str:
    """A heading within a sheet."""
    return f"<h2>{text(words)}</h2>"


def signed(*places: str) -> str:
    """Lines to sign on."""
    return f'<div class="sign">{"".join(f"<div>{text(place)}</div>" for place in places)}</div>'


def sheet(title: str, number: str, *parts: str, foot: str, banner: str = "") -> str:
    """One sheet: its title, its number, what stands on it, and what it was taken from."""
    warned = f'<p class="demo">{text(banner)}</p>' if banner else ""
    return (
        f'<section>{warned}<h1>{text(title)}</h1><p class="number">{text(number)}</p>'
        f'{"".join(parts)}<p class="foot">{text(foot)}</p></section>'
    )


def page(title: str, language: str, sheets: Iterable[str]) -> bytes:
    """The whole file."""
    body = "\n".join(sheets)
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{text(title)}</title><style>{STYLE}</style></head><body>\n{body}\n</body></html>\n"
    ).encode()

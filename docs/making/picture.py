"""docs/reference/picture/*.svg: a terminal as it looks, drawn from true output, light and dark.

The program runs under a clock that is set, so that the same code draws the same picture. A Chinese
sign takes two columns here too, whatever font the reader has: each run of signs is given its place
and its length.
"""

import contextlib
import io
import os
import re
import shlex
import tempfile
from collections.abc import Iterator, Mapping
from html import escape
from types import SimpleNamespace
from typing import NamedTuple
from unittest.mock import patch

import cli
from projections.desk.terminal import wide
from whistle.domain.moment import MINUTE, parse

COLUMN, LINE, EDGE = 7.8, 19, 16  # pixels
FONTS = "ui-monospace,SFMono-Regular,Menlo,Consolas,Noto Sans Mono CJK SC,Microsoft YaHei,monospace"
EVENING = parse("2026-10-14T21:00:00+08:00")
FOUND = "init --town 望榆镇 --code WY"
SESSIONS: Mapping[str, tuple[tuple[int, str], ...]] = {
    "en": (
        (0, 'blow -e gas-leak "12 Caoqiao Rd" -q'),
        (1, "ack 1 -t 25m --as rq"),
        (17, "inbox --all"),
        (18, "status"),
    ),
    "zh": (
        (0, "吹哨 -e 燃气泄漏 草桥路12号 -q"),
        (1, "签收 1 -t 25分钟 --身份 燃气"),
        (17, "待办 --全部"),
        (18, "总览"),
    ),
}
"""Minutes after nine in the evening, and what is typed then."""


class Theme(NamedTuple):
    """The colours of a terminal."""

    paper: str
    ink: str
    prompt: str
    late: str
    soon: str
    bar: str


THEMES = {
    "light": Theme("#ffffff", "#17212f", "#1b5fad", "#b3261e", "#8a5a00", "#dde3ea"),
    "dark": Theme("#0b1522", "#e8eef6", "#7db4f0", "#ff8f86", "#f3b562", "#2a3a4f"),
}
_SGR = {"31": "late", "33": "soon", "1": "head"}


def texts() -> dict[str, str]:
    """Every picture by its file name."""
    return {
        f"terminal-{language}-{name}.svg": drawn(list(_session(language)), theme)
        for language in SESSIONS
        for name, theme in THEMES.items()
    }


def _session(language: str) -> Iterator[tuple[str, str]]:
    """The lines of a terminal, each with its tone."""
    desk = {"WHISTLE_STORE": "sqlite:///wangyu.db", "WHISTLE_LANG": language, "HOME": os.devnull}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WHISTLE_")}
    with (
        tempfile.TemporaryDirectory() as room,
        contextlib.chdir(room),
        patch.dict(os.environ, {**kept, **desk}, clear=True),
    ):
        _printed(FOUND, 0)
        for minutes, command in SESSIONS[language]:
            yield f"$ whistle {command}", "prompt"
            for line in _printed(f"{command} --color always", minutes).splitlines():
                match = re.fullmatch(r"\x1b\[(\d+)m(.*)\x1b\[0m", line)
                yield (match[2], _SGR[match[1]]) if match else (line, "")


def _printed(command: str, minutes: int) -> str:
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    time = SimpleNamespace(time_ns=lambda: (EVENING + minutes * MINUTE) * 1000)
    with patch("whistle.clock.time", time), contextlib.redirect_stdout(out):
        cli.run(shlex.split(command))
        out.seek(0)
        return out.read()


def drawn(lines: list[tuple[str, str]], theme: Theme) -> str:
    """A picture of these lines."""
    across = max(wide(text) for text, _tone in lines)
    width, height = across * COLUMN + 2 * EDGE, len(lines) * LINE + 2 * EDGE + 24
    said = escape(" ".join(text for text, tone in lines if tone == "prompt"))
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
            f'width="{width:.0f}" height="{height}" role="img" aria-label="{said}">'
        ),
        f'<rect width="100%" height="100%" rx="8" fill="{theme.paper}" stroke="{theme.bar}"/>',
        *(f'<circle cx="{20 + at * 16}" cy="16" r="5" fill="{theme.bar}"/>' for at in range(3)),
        f'<g font-family="{FONTS}" font-size="13" fill="{theme.ink}" xml:space="preserve">',
    ]
    for number, (text, tone) in enumerate(lines):
        parts.extend(_runs(text, EDGE + 24 + (number + 0.8) * LINE, _look(tone, theme)))
    return "\n".join([*parts, "</g>", "</svg>", ""])


def _look(tone: str, theme: Theme) -> str:
    if tone in ("late", "soon", "prompt"):
        return f' fill="{getattr(theme, tone)}"'
    return ' font-weight="700"' if tone == "head" else ""


def _runs(text: str, y: float, look: str) -> Iterator[str]:
    """The runs of a line: narrow signs or wide ones, each at its column and as long as it takes."""
    for match in re.finditer(r"[^\s⺀-￠]+(?: [^\s⺀-￠]+)*|[⺀-￠]+", text):
        x, length = EDGE + wide(text[: match.start()]) * COLUMN, wide(match[0]) * COLUMN
        yield (
            f'<text x="{x:.1f}" y="{y:.1f}" textLength="{length:.1f}"'
            f' lengthAdjust="spacingAndGlyphs"{look}>{escape(match[0])}</text>'
        )

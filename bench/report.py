"""Where results are told: a table on the terminal, and in its place of docs/benchmarks.md."""

import os
import platform
import re
import sqlite3
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def machine() -> str:
    """On what it was measured, and how busy that was."""
    cpu = "unknown processor"
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        told = ""
    if found := re.search(r"^model name\s*: (.*)$", told, re.MULTILINE):
        cpu = found[1]
    system, python = f"{platform.system()} {platform.release()}", platform.python_version()
    database, busy = f"SQLite {sqlite3.sqlite_version}", f"load {os.getloadavg()[0]:.1f}"
    return f"{os.cpu_count()} x {cpu}, {system}, Python {python}, {database}; {busy}"


def progress(said: str) -> None:
    """A line beside the results, with the time, for whoever waits."""
    print(f"{time.strftime('%H:%M:%S')} {said}", file=sys.stderr, flush=True)


def tell(part: str, text: str, *, write: bool) -> None:
    """Print a part's result; put it between its marks on the page, if asked to."""
    print(f"\n{text}", flush=True)
    if not write:
        return
    page = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- bench: {part} -->", f"<!-- end: {part} -->"
    before, _begin, rest = page.partition(begin)
    _old, _end, after = rest.partition(end)
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")

"""The command line as a person meets it: words in, answer and exit code out, all in one process.

A Shell has a folder of its own: its store, its profile and its home lie there, so that no test
reads what the machine's owner set up.
"""

import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest.mock import patch

import cli
from tests import places
from tests.places import tool_for
from whistle import clock
from whistle.domain.moment import SECOND, parse
from whistle.log.store_log import StoreLog
from whistle.log.stores import open_log

HOUSE = Path(__file__).parent.parent
RECORD = ("events", "ledger", "replies", "series", "names", "calls")
MORNING = parse("2026-10-14T09:00:00+08:00")  # a Wednesday
FORGOTTEN = ("WHISTLE_", "XDG_", "LC_", "LANG", "COLUMNS")  # of the machine's own environment


class Said(NamedTuple):
    """What one command line answered."""

    code: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.out.decode("utf-8")

    @property
    def told(self) -> str:
        """Standard error as text."""
        return self.err.decode("utf-8")

    @property
    def envelope(self) -> Any:
        """The one JSON object of --json; anything beside it fails."""
        assert self.out.endswith(b"\n"), self
        assert self.out.count(b"\n") == 1, self
        return json.loads(self.out)

    @property
    def facts(self) -> Any:
        """The data of the envelope."""
        return self.envelope["data"]

    @property
    def rules(self) -> list[str]:
        """The rules that the diagnostics name."""
        return [each.get("rule", "") for each in self.envelope["diagnostics"]]

    @property
    def topics(self) -> list[str]:
        """The topics of what was recorded."""
        return [event["topic"] for event in self.facts["events"]]


class Shell:
    """A desk with a store of its own, and a clock that goes on a second with each command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = MORNING
        self.store = folder / "town.db"
        self.env: dict[str, str] = {
            "WHISTLE_STORE": places.address(self.store),
            "XDG_DATA_HOME": str(folder / "share"),
            "XDG_CONFIG_HOME": str(folder / "etc"),
            "XDG_CONFIG_DIRS": str(folder / "machine"),
            "HOME": str(folder),
        }

    def __call__(self, *words: str, **env: str) -> Said:
        """Run one command line; what it said and its exit code."""
        out, err = _channel(), _channel()
        self.now += SECOND
        time = SimpleNamespace(time_ns=lambda: self.now * 1000)
        desk = _environment({**self.env, **env})
        with (
            patch("whistle.clock.time", time),
            patch("whistle.log.postgres.NOW", f"{self.now}::bigint"),  # the server's too
            patch("whistle.log.server_clock._steady", lambda: 0),
            desk,
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            code = cli.run(list(words))
            out.flush()
            err.flush()
        return Said(code, _bytes(out), _bytes(err))

    def json(self, *words: str, code: int = 0, **env: str) -> Said:
        """Run with --json, and insist on the exit code."""
        said = self(*words, "--json", **env)
        assert said.code == code, (words, said)
        return said

    def line(self, line: str, **env: str) -> Said:
        """Run a line as it stands in a manual; it must be done."""
        first, *words = shlex.split(line)
        assert first == "whistle"
        said = self(*words, **env)
        assert said.code == 0, (line, said)
        return said

    def child(self, *words: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
        """Run in a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "cli", *words],
            env=self.whole_env,
            cwd=HOUSE,
            capture_output=True,
            timeout=60,
            check=False,
            **more,
        )

    def python(self, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """A Python of its own at this desk, and what it printed."""
        return subprocess.run(
            [sys.executable, *words],
            env=self.whole_env,
            cwd=HOUSE,
            capture_output=True,
            text=True,
            check=False,
            **{"timeout": 60, **more},
        )

    @property
    def whole_env(self) -> dict[str, str]:
        """The environment that a process of its own gets."""
        return {**_kept(os.environ), **self.env, "PYTHONPATH": str(HOUSE)}

    def founded(self, town: str = "望榆镇", code: str = "WY") -> "Shell":
        """The same desk, after the record of its town was opened."""
        assert self("init", "--town", town, "--code", code).code == 0
        return self

    def copy_of(self, other: "Shell") -> "Shell":
        """The same desk, over a copy of another one's store."""
        places.copy(other.store, self.store)
        self.env["WHISTLE_STORE"] = places.address(self.store)
        self.now = other.now
        return self

    @property
    def address(self) -> str:
        """The store's address."""
        return self.env["WHISTLE_STORE"]

    @property
    def views_at(self) -> Path | str:
        """Where its views lie."""
        return places.views_at(self.address)

    @contextmanager
    def log(self) -> Iterator[StoreLog]:
        """Its log, opened by another program of the same machine."""
        with closing(open_log(self.address, clock.now)) as opened:
            yield opened

    def tool(self, *, views: bool = False) -> Any:
        """Somebody with a database tool, at the record or at its views."""
        if not views:
            return tool_for(self.address)
        if isinstance(self.views_at, Path):
            return tool_for(f"sqlite:///{self.views_at}")
        tool = tool_for(self.address)
        tool.execute("SET search_path = views")
        return tool

    def throw_views_away(self) -> None:
        """Remove all views; they can be made anew at any time."""
        if isinstance(self.views_at, Path):
            self.views_at.unlink()
        else:
            with closing(self.tool()) as tool:
                tool.execute("DROP SCHEMA views CASCADE")

    def rows(self, table: str, columns: str = "*", rest: str = "") -> list[Any]:
        """Rows of a table of the store, read behind the program's back."""
        with closing(self.tool()) as store:
            found: list[Any] = store.execute(f"SELECT {columns} FROM {table} {rest}").fetchall()
        return found

    def record(self) -> dict[str, list[Any]]:
        """Everything that a command which writes nothing must leave as it was."""
        return {table: self.rows(table) for table in RECORD}


def sentence(said: Said) -> str:
    """What is told on standard error, and nothing else anywhere."""
    assert said.out == b""
    assert said.err.strip()
    assert b"Traceback" not in said.err
    return said.told


def evening_at(folder: Path) -> Shell:
    """Two emergencies sound, a third incident is accepted, a fourth only reported."""
    shell = Shell(folder).founded()
    shell.json("blow", "-e", "gas-leak", "12 Caoqiao Rd")
    shell.json("blow", "-e", "road-collapse", "3 Yuyuan Rd")
    shell.json("report", "street-vending", "Yuyuan Rd", "--accept")
    shell.json("report", "shop-noise", "Yuyuan Rd")
    return shell


def _channel() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _bytes(channel: io.TextIOWrapper) -> bytes:
    buffer = channel.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue()


def _kept(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if not name.startswith(FORGOTTEN)}


@contextmanager
def _environment(more: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update({**_kept(before), **more})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)

"""The night screen: it draws, rings and gives the terminal back; into a pipe it writes events."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from projections.desk.board import clipped
from tests.shell import HOUSE, Shell
from whistle.domain.moment import HOUR

GUARD_S = 120  # against a test that hangs; nothing is measured by it
ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    return Shell(tmp_path).founded()


class Screen:
    """A terminal in which a program runs."""

    def __init__(self, master: int, run: "subprocess.Popen[bytes]") -> None:
        self.master = master
        self.run = run
        self.drawn = b""

    def until(self, *marks: bytes) -> None:
        """Read until all these marks were drawn."""
        self._read_until(lambda: all(mark in self.drawn for mark in marks))

    def until_high(self, lines: int) -> None:
        """Read until a whole frame of so many lines was drawn."""
        self._read_until(lambda: lines in self.heights())

    def heights(self) -> list[int]:
        """How many lines each whole frame has had."""
        frames = self.drawn.split(b"\x1b[H")[1:]
        whole = [frame.partition(b"\x1b[J")[0] for frame in frames if b"\x1b[J" in frame]
        return [len(frame.decode().splitlines()) for frame in whole]

    def _read_until(self, come: Callable[[], bool]) -> None:
        end = time.monotonic() + GUARD_S
        while not come():
            left = end - time.monotonic()
            assert left > 0, self.drawn
            ready, _, _ = select.select([self.master], [], [], left)
            try:
                self.drawn += os.read(self.master, 65536) if ready else b""
            except OSError:
                break
        assert come(), self.drawn


@contextmanager
def terminal(desk: Shell, *words: str, **env: str) -> Iterator[Screen]:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 12, 60, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "watch", "--interval", "1s", *words],
        env={**desk.whole_env, "TERM": "xterm", "LINES": "24", **env},
        cwd=HOUSE, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
    ) as run:  # fmt: skip
        os.close(slave)
        try:
            yield Screen(master, run)
        finally:
            run.kill()
            os.close(master)


def test_a_new_call_is_drawn_and_rings_and_ctrl_c_gives_the_terminal_back(desk: Shell) -> None:
    with terminal(desk) as screen:
        screen.until(ENTER, b"Nothing waits.")
        assert b"\a" not in screen.drawn
        assert desk.child("blow", "-e", "gas-leak", "草桥路12号").returncode == 0
        screen.until(b"\a", b"NEW", b"W-WY26-00001")
        screen.run.send_signal(signal.SIGINT)
        screen.until(LEAVE)
        assert screen.run.wait(60) == 130
        assert b"Traceback" not in screen.drawn


def test_who_is_ended_by_a_signal_gives_the_terminal_back_too(desk: Shell) -> None:
    with terminal(desk) as screen:
        screen.until(ENTER, b"Nothing waits.")
        screen.run.send_signal(signal.SIGTERM)
        screen.until(LEAVE)
        assert screen.run.wait(60) == 130


def test_a_window_of_another_size_is_drawn_anew_and_never_overrun(desk: Shell) -> None:
    for house in range(4):
        desk.json("blow", "-e", "gas-leak", f"草桥路{house}号")
    with terminal(desk) as screen:
        screen.until(ENTER, b"and ", b"\x1b[J")
        assert {*screen.heights()} == {12}
        fcntl.ioctl(screen.master, termios.TIOCSWINSZ, struct.pack("HHHH", 5, 60, 0, 0))
        screen.until_high(5)
        assert {*screen.heights()} == {5, 12}


def test_a_dumb_terminal_gets_lines_and_no_escape(desk: Shell) -> None:
    with terminal(desk, TERM="dumb") as screen:
        screen.until(b"Nothing waits.")
        screen.run.send_signal(signal.SIGINT)
        assert screen.run.wait(60) == 130
        assert b"\x1b" not in screen.drawn


@pytest.mark.parametrize("words", [(), ("--jsonl",)])
def test_into_a_pipe_goes_a_line_an_event_and_nothing_else(
    desk: Shell, words: tuple[str, ...]
) -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "cli", "watch", "--interval", "1s", *words],
        env=desk.whole_env, cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as run:  # fmt: skip
        assert run.stdout is not None
        line = b""
        while b"reported" not in line:  # until the watch is up
            assert run.poll() is None, run.stderr and run.stderr.read()
            assert desk.child("report", "shop-noise", "草桥路").returncode == 0
            ready, _, _ = select.select([run.stdout], [], [], 2)
            line = run.stdout.readline() if ready else b""
        run.stdout.close()
        assert run.wait(60) == 0
    if words:
        assert json.loads(line)["topic"] == "incident.reported/1"
    else:
        assert b"incident reported" in line
        assert b"\x1b" not in line


def test_the_board_once_names_what_is_overdue_first(desk: Shell) -> None:
    desk.json("blow", "-e", "gas-leak", "草桥路12号")
    desk.json("report", "shop-noise", "榆苑路")
    assert desk.json("watch", "--once").facts[0]["state"] == "new"
    desk.now += 3 * HOUR
    rows = desk.json("盯办", "--一次").facts
    assert rows[0]["state"] == "overdue"
    left = [row["left_s"] for row in rows if row["left_s"] is not None]
    assert left == sorted(left)
    assert rows[-1]["due"] is None
    only = desk.json("watch", "I-WY26-00002", "--once").facts
    assert [row["name"] for row in only] == ["I-WY26-00002"]
    assert "OVERDUE" in desk("watch", "--once").text


def test_a_unit_watches_its_own_calls(desk: Shell) -> None:
    desk.json("blow", "-e", "gas-leak", "草桥路12号")
    unit = desk.json("watch", "--once").facts[0]["unit"]
    assert {row["unit"] for row in desk.json("watch", "--once", "--as", unit).facts} == {unit}


def test_a_wide_sign_is_never_halved_at_the_edge() -> None:
    assert clipped("吹哨报到", 5) == "吹哨"
    assert clipped("W-19 到齐", 40) == "W-19 到齐"

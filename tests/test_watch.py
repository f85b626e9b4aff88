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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from projections.desk.board import clipped
from tests.shell import HOUSE, Shell
from whistle.domain.moment import HOUR

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

    def until(self, *marks: bytes) -> bytes:
        """What was drawn until all these marks stood in it."""
        while not all(mark in self.drawn for mark in marks):
            ready, _, _ = select.select([self.master], [], [], 60)
            assert ready, self.drawn
            try:
                self.drawn += os.read(self.master, 65536)
            except OSError:
                break
        assert all(mark in self.drawn for mark in marks), self.drawn
        return self.drawn


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
        screen.until(ENTER, b"and ")
        last = screen.drawn.rpartition(b"\x1b[H")[2].decode().splitlines()
        assert len(last) == 12
        screen.drawn = b""
        fcntl.ioctl(screen.master, termios.TIOCSWINSZ, struct.pack("HHHH", 5, 60, 0, 0))
        screen.until(b"\x1b[H", b"\x1b[J")
        assert len(screen.drawn.partition(b"\x1b[J")[0].decode().splitlines()) in (5, 12)


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

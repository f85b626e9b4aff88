"""Somebody sits at a terminal and is asked; somebody who does not is never asked."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests import lists
from tests.shell import HOUSE, Shell


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def at_terminal(desk: Shell, *words: str, typed: str) -> tuple[int, str]:
    """Run at a terminal where all this is typed: the exit code, and the whole screen."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "cli", *words],
        env=desk.whole_env,
        cwd=HOUSE,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    ) as run:
        os.close(slave)
        os.write(master, typed.encode())
        screen = b"".join(iter(lambda: _read(master), b""))
    os.close(master)
    return run.returncode, screen.decode()


def _read(master: int) -> bytes:
    try:
        return os.read(master, 4096)
    except OSError:  # the other end was closed
        return b""


def test_a_town_is_made_by_answering(desk: Shell) -> None:
    units = lists.csv(desk.folder / "单位.csv", lists.UNITS, "gb18030")
    typed = f"望榆镇\n\n\n{units}\n\n陈岚\n\n\n\n"
    code, screen = at_terminal(desk, "setup", typed=typed)
    assert code == 0, screen
    assert "Its code in every name [WY]" in screen
    assert "a template (default)" in screen
    assert "The record of 望榆镇 (WY) is open" in screen
    persons = desk.json("org", "person", "list").facts
    assert [(each["unit_name"], each["person"]) for each in persons] == [("镇综合执法办", "陈岚")]


def test_an_answer_that_cannot_be_is_asked_for_again(desk: Shell) -> None:
    typed = "望榆镇\n望榆\nWY\nnowhere.toml\ndefault\nnowhere.csv\n\n\na/b\n陈岚\n\n\ny\n"
    code, screen = at_terminal(desk, "setup", typed=typed)
    assert code == 0, screen
    for sentence in ("A town code is one to eight", "There is no file nowhere.toml",
                     "There is no file nowhere.csv", "without a / in it"):  # fmt: skip
        assert sentence in screen


def test_what_an_option_said_is_not_asked_and_yes_goes_on_at_once(desk: Shell) -> None:
    words = ("设置", "--镇街", "望榆镇", "--代码", "WY", "--yes", "--lang", "zh")
    code, screen = at_terminal(desk, *words, typed="\n\n\n\n\n\n")
    assert code == 0, screen
    assert "镇街名称" not in screen
    assert "审批的负责人" in screen
    assert "已建档" in screen


def test_who_says_no_at_the_end_has_made_nothing(desk: Shell) -> None:
    words = ("setup", "--town", "望榆镇", "--code", "WY")
    code, screen = at_terminal(desk, *words, typed="\n\n\n\n\n\nn\n")
    assert code == 130, screen
    assert not desk.store.exists()


def test_no_input_is_never_asked_even_at_a_terminal(desk: Shell) -> None:
    code, screen = at_terminal(desk, "setup", "--no-input", typed="\x04")  # EOF, should it ask
    assert code == 2
    assert "--town" in screen

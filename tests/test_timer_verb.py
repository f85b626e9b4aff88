"""The clocks speak each minute: by the account's own systemd, else by a line for cron."""

import shlex
import sys
from pathlib import Path

import pytest

from tests.shell import Shell

TOWN = ("setup", "--town", "望榆镇", "--code", "WY")


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def with_systemctl(desk: Shell, script: str) -> Path:
    """A systemctl that writes down what it was told, and does what the script says."""
    programs = desk.folder / "bin"
    programs.mkdir()
    told = desk.folder / "told"
    fake = programs / "systemctl"
    fake.write_text(f'#!/bin/sh\necho "$@" >> {told}\n{script}\n', encoding="utf-8")
    fake.chmod(0o755)
    desk.env["PATH"] = str(programs)
    return told


def test_the_line_for_cron_runs_as_it_is_printed(desk: Shell) -> None:
    said = desk(*TOWN, "--timer", "print")
    assert said.code == 0
    line = next(line.strip() for line in said.text.splitlines() if "* * * * *" in line)
    command, _hash, name = line.removeprefix("* * * * * ").partition(" # ")
    assert name == "whistle-wy"
    *program, store, address, quiet, noun, verb = shlex.split(command)
    assert program
    assert (store, address) == ("--store", desk.address)
    assert (quiet, noun, verb) == ("-q", "clock", "tick")
    assert desk(store, address, quiet, noun, verb).out == b""
    assert "crontab -l | grep -v '# whistle-wy$' | crontab -" in said.text


@pytest.mark.sqlite("a file of an odd name")
def test_a_store_with_signs_that_cron_and_systemd_read_is_written_so_that_they_do_not(
    desk: Shell,
) -> None:
    with_systemctl(desk, "exit 0")
    odd = desk.folder / "a 100% $HOME's.db"
    said = desk(*TOWN, "--timer", "--store", f"sqlite:///{odd}")
    assert said.code == 0, said
    unit = Path(desk.env["XDG_CONFIG_HOME"]) / "systemd" / "user" / "whistle-wy.service"
    assert 'a 100%% $$HOME\'s.db" "-q" "clock" "tick"' in unit.read_text("utf-8")
    said = desk("setup", "--timer", "print", "--store", f"sqlite:///{odd}")
    assert said.code == 0, "a town that runs gets a timer too"
    assert "100\\% $HOME" in said.text


def test_systemd_of_the_account_is_told_to_start_the_timer(desk: Shell) -> None:
    told = with_systemctl(desk, "exit 0")
    said = desk(*TOWN, "--timer")
    assert said.code == 0
    assert told.read_text("utf-8").splitlines() == [
        "--user show-environment",
        "--user daemon-reload",
        "--user enable --now whistle-wy.timer",
    ]
    folder = Path(desk.env["XDG_CONFIG_HOME"]) / "systemd" / "user"
    assert "OnCalendar=minutely" in (folder / "whistle-wy.timer").read_text("utf-8")
    assert "systemctl --user disable --now whistle-wy.timer" in said.text


@pytest.mark.parametrize("script", ["exit 1", '[ "$2" = show-environment ]'])
def test_where_systemd_does_not_do_it_cron_is_offered_and_no_unit_is_left(
    desk: Shell, script: str
) -> None:
    with_systemctl(desk, script)
    said = desk(*TOWN, "--timer")
    assert said.code == 0
    assert "* * * * *" in said.text
    assert list(Path(desk.env["XDG_CONFIG_HOME"]).glob("**/*.service")) == []


def test_what_the_timer_runs_is_there(desk: Shell) -> None:
    line = next(each for each in desk(*TOWN, "--timer", "print").text.splitlines() if "* *" in each)
    program = shlex.split(line)[5]
    assert Path(program).is_file()
    assert program == sys.executable or Path(program).name == "whistle"

"""A long inbox: the most urgent first, as many as a person reads, and how to see the rest."""

from pathlib import Path

import pytest

from tests.shell import Shell


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    """Given a desk that fifty-three findings wait on."""
    desk = Shell(tmp_path).founded()
    for number in range(53):
        assert desk("report", "street-vending", f"榆苑路{number}号", "-q").code == 0
    return desk


def test_a_person_sees_the_first_fifty_and_how_to_see_the_rest(desk: Shell) -> None:
    shown = desk("inbox").text
    assert shown.count("whistle accept I-") == 50
    assert "53 waiting" in shown
    assert "3 more: --whole, --json" in shown
    assert desk("inbox", "--whole").text.count("whistle accept I-") == 53


def test_a_program_gets_every_row(desk: Shell) -> None:
    assert len(desk.json("inbox").facts) == 53
    assert len(desk("inbox", "-q").text.splitlines()) == 53
    assert len(desk("inbox", "--jsonl").text.splitlines()) == 53

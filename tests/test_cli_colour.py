"""Colour where it helps, and nowhere else; the inbox says what it is about."""

import io
from unittest.mock import patch

import pytest

from projections.desk import tones
from tests.shell import Shell
from whistle.domain.moment import MINUTE

RED, YELLOW, BOLD = "\x1b[31m", "\x1b[33m", "\x1b[1m"


def test_what_is_due_soon_is_yellow_what_is_late_red_and_a_head_bold(desk: Shell) -> None:
    soon = desk("inbox", "--as", "rq", "--color", "always").text
    assert YELLOW in soon and BOLD in soon and RED not in soon
    desk.now += 20 * MINUTE
    for line in ("inbox --as rq", "clock list", "status"):
        assert RED in desk(*line.split(), "--color=always").text, line
    assert RED in desk("待办", "--身份", "rq", "--颜色", "总是").text


def test_a_pipe_json_names_and_never_get_no_colour(desk: Shell) -> None:
    for line in ("inbox", "inbox --color never", "inbox --color always --json",
                 "inbox --color always -q", "assess incidents --csv --color always"):  # fmt: skip
        assert b"\x1b" not in desk(*line.split()).out, line


@pytest.mark.parametrize(
    ("wish", "environment", "terminal", "coloured"),
    [
        (None, {"TERM": "xterm"}, True, True), ("auto", {"TERM": "linux"}, True, True),
        (None, {"TERM": "xterm"}, False, False), (None, {"TERM": "dumb"}, True, False),
        (None, {}, True, False), (None, {"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        ("always", {"TERM": "dumb", "NO_COLOR": "1"}, False, True),
        ("never", {"TERM": "xterm"}, True, False),
    ],
)  # fmt: skip
def test_colour_is_for_terminals_that_have_it(
    wish: str | None, environment: dict[str, str], terminal: bool, coloured: bool
) -> None:
    channel = io.StringIO()
    with (
        patch.object(channel, "isatty", lambda: terminal),
        patch.dict("os.environ", environment, clear=True),
    ):
        assert tones.wanted(wish, channel) is coloured


def test_the_inbox_names_item_and_place(desk: Shell) -> None:
    told = desk("inbox", "--as", "rq").text
    assert "12 Caoqiao Rd" in told
    duty = desk.json("inbox", "--as", "rq").facts[0]
    assert duty["place"] == "12 Caoqiao Rd"
    assert "燃气" in duty["item_name"]
    mine = [each["place"] for each in desk.json("inbox").facts]
    assert "Yuyuan Rd" in mine

"""A call upon the file system that fails, whichever it is: before or after, and never between."""

from pathlib import Path

import pytest

from tests.conftest import Often
from tests.faults.conftest import Harmed
from tests.faults.day import LINES

REPORT = next(number for number, line in enumerate(LINES) if line.line.startswith("report"))
PARTS = 2  # the day is cut in so many, to share the processors


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_call_of_whatever_line_fails_the_record_is_as_before_or_as_after(
    ram: Path, harmed: Harmed, often: Often, part: int
) -> None:
    # P2: killed before it, or in the middle of a write; EIO; ENOSPC; the line given again does it
    lines = range(len(LINES))[part :: PARTS * often(5, 1, 1)]
    found = harmed("each_call", ram, often(101, 97, 1), "on", *lines)
    assert found["wrong"] == []
    assert found["cases"] > often(5, 100, 5_000)


def test_the_calls_of_a_report_one_after_another(ram: Path, harmed: Harmed, often: Often) -> None:
    found = harmed("each_call", ram, often(13, 3, 1), "on", REPORT)
    assert found["wrong"] == []
    assert found["cases"] > often(20, 100, 300)
    assert found["untold"] > 0, "some were recorded though nobody was told: given again, not twice"


def test_the_suite_notices_a_repeat_that_is_not_recognised(ram: Path, harmed: Harmed) -> None:
    assert harmed("each_call", ram, 15, "reply", REPORT)["wrong"] != []

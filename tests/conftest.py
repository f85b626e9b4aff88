"""What holds for every test: in CI nothing is skipped, and hypothesis draws the same each time."""

import os
from collections.abc import Generator
from typing import TypeVar

import pytest
from hypothesis import settings

CI = bool(os.environ.get("CI"))

# A deadline is a timing, and no test of ours asserts one.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if CI else "desk")

pytest.register_assert_rewrite("tests.story")

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def _insist(report: Report) -> Report:
    if CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"nothing may be skipped in CI: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test proves nothing, so CI counts it as failed."""
    return _insist((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a file that skips itself whole."""
    return _insist((yield))

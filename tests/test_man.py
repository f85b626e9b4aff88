"""The manual pages: what formats them finds no fault, and they lie where the wheel looks."""

import shutil
import subprocess
import tomllib

import pytest

from cli import VERBS
from docs.making.man import escaped
from tests.shell import HOUSE

PAGES = HOUSE / "docs" / "reference" / "man"


def test_every_verb_has_a_page_and_the_wheel_takes_them() -> None:
    names = {"whistle.1", *(f"whistle-{name}.1" for name in VERBS)}
    assert {path.name for path in PAGES.iterdir()} == names
    wheel = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    assert wheel["targets"]["wheel"]["shared-data"] == {"docs/reference/man": "share/man/man1"}


def test_roff_shows_a_text_as_it_is() -> None:
    assert escaped("--at -5m\n.TH it's \\n") == "\\-\\-at \\-5m\n\\&.TH it\\(aqs \\en"


@pytest.mark.parametrize("name", ["whistle", "whistle-ack", "whistle-org"])
def test_groff_formats_a_page_without_a_word_of_complaint(name: str) -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed here")
    done = subprocess.run(
        ["groff", "-man", "-K", "utf8", "-T", "utf8", "-ww", str(PAGES / f"{name}.1")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{name.upper()}(1)" in done.stdout

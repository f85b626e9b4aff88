"""docs/coverage.md promises only what is there."""

import re
from collections import Counter
from pathlib import Path

import pytest

from cli import VERBS

HOUSE = Path(__file__).resolve().parent.parent
FIELDS = ("seed", "phrase", "does", "verb", "view", "test", "status")
CORE_ROWS = {"000": 9, "001": 13, "002": 11, "003": 7, "004": 8}  # as the founding documents have


def rows() -> list[dict[str, str]]:
    text = (HOUSE / "docs" / "coverage.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if re.match(r"\| \d{3} \|", line)]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(FIELDS, row, strict=True)) for row in cells]


ROWS = rows()


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def promised(field: str) -> list[str]:
    """What the rows that work name in a column; a row that names nothing stands there itself."""
    cells = [(row[field], row["phrase"]) for row in ROWS if row["status"] == "works"]
    return sorted({name for cell, phrase in cells for name in names(cell) or [f"none: {phrase}"]})


def test_every_core_row_of_the_founding_documents_is_listed() -> None:
    assert Counter(row["seed"] for row in ROWS) == CORE_ROWS


def test_a_row_works_or_says_what_is_missing() -> None:
    assert [r for r in ROWS if not re.fullmatch(r"works|not yet(: .+)?", r["status"])] == []


def test_a_row_that_works_names_verbs_that_exist() -> None:
    assert [verb for verb in promised("verb") if verb not in VERBS] == []


@pytest.mark.parametrize(("field", "path"), [("view", "projections/{}.py"), ("test", "tests/{}")])
def test_a_row_that_works_names_views_and_tests_that_exist(field: str, path: str) -> None:
    places = [HOUSE / path.format(name) for name in promised(field)]
    assert places
    assert [place.name for place in places if not place.is_file()] == []

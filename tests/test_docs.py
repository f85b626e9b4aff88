"""The documents tell the truth: what a terminal shows was typed, what is linked to is there."""

import re
from pathlib import Path

import pytest

from cli import ALIASES, VERBS
from docs.generate import TOLD
from docs.making import console

HOUSE = Path(__file__).resolve().parent.parent
PAGES = sorted([*HOUSE.glob("README*.md"), HOUSE / "CHANGELOG.md", *HOUSE.glob("docs/**/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SHOWING = [path for path in TOLD if "```console" in path.read_text(encoding="utf-8")]
QUOTE = re.compile(r"^```python (\S+\.py)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def told(path: Path) -> str:
    return str(path.relative_to(HOUSE))


def prose(page: str) -> str:
    """A page without its code, in which brackets are no links."""
    return re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", prose(path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", SHOWING, ids=told)
def test_a_page_shows_what_the_terminal_shows(path: Path, tmp_path: Path) -> None:
    found = console.told(path.read_text(encoding="utf-8"), tmp_path)
    untrue = [(each.command.text, each.printed) for each in found if not each.true]
    assert found
    assert untrue == []  # run `python3 dev.py docs`, and look at what it changed


@pytest.mark.parametrize(
    ("said", "printed", "true"),
    [
        ("I-WY26-00001: reported\n", "I-WY31-00001: reported\n", True),
        ("I-WY26-00001: reported\n", "I-WY26-00002: reported\n", False),
        ("due 11-23 09:00:00: squad\n", "due 21:15:07: squad\n", True),
        ("unit  left\nsquad  23h54m\n", "unit left\nsquad 5s\n", True),
        ("first\n…\nlast\n", "first\nsecond\nthird\nlast\n", True),
        ("all … prove\n", "all 59 events prove\n", True),
        ("all 58 events prove\n", "all 59 events prove\n", False),
        ("", "a traceback\n", False),
    ],
)
def test_only_what_passes_may_differ(said: str, printed: str, true: bool) -> None:
    assert console.Told(console.Command("whistle", said), printed).true is true


def test_a_page_that_is_untrue_anywhere_is_told_anew_as_a_whole(tmp_path: Path) -> None:
    true = "```console\n$ date +%T\n01:02:03\n$ echo two\ntwo\n```\n"
    assert console.retold(true, tmp_path / "true") == true
    anew = console.retold(true.replace("\ntwo", "\none"), tmp_path / "anew")
    assert anew.endswith("$ echo two\ntwo\n```\n")
    assert "01:02:03" not in anew, "its times follow one another"


def test_every_verb_is_in_the_reference() -> None:
    page = (HOUSE / "docs" / "reference" / "verbs.md").read_text(encoding="utf-8")
    names = [f"### {name}\n" for name in VERBS] + [f"`whistle {name}`" for name in ALIASES]
    assert [name for name in names if name not in page] == []


@pytest.mark.parametrize("path", PAGES, ids=told)
def test_a_link_leads_somewhere(path: Path) -> None:
    lost = []
    for link in LINK.findall(prose(path.read_text(encoding="utf-8"))):
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        name, _hash, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


def test_code_that_a_page_quotes_is_the_code_of_the_file() -> None:
    page = (HOUSE / "docs" / "adding-an-event.md").read_text(encoding="utf-8")
    quotes = QUOTE.findall(page)
    assert len(quotes) == 8
    wrong = [
        (name, text)
        for name, text in quotes
        if text not in (HOUSE / name).read_text(encoding="utf-8")
    ]
    assert wrong == []


def test_the_architecture_names_every_table_and_every_file_it_shows() -> None:
    page = (HOUSE / "docs" / "architecture.md").read_text(encoding="utf-8")
    schema = (HOUSE / "whistle" / "log" / "schema.py").read_text(encoding="utf-8")
    tables = re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", schema)
    assert [name for name in tables if f"`{name}`" not in page] == []
    paths = re.findall(r"`((?:whistle|projections|tests|docs)/[\w/.]+)`", page)
    assert paths
    assert [name for name in paths if not (HOUSE / name).exists()] == []

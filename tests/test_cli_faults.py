"""The clumsy and the hostile: stores that are none, texts that steer terminals, odd words."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cli
from tests.rights import without_rights
from tests.shell import Shell, evening_at, sentence

LOOKS = ("inbox", "status", "incident list", "events list", "audit verify", "item list", "")
WRITES = ("report gas-leak here", "accept 4", "arrive 1 --as rq", "clock tick")
PAGE = 4096


def gone(store: Path) -> None:
    store.unlink()


def folder(store: Path) -> None:
    store.unlink()
    store.mkdir()


def empty(store: Path) -> None:
    store.write_bytes(b"")


def letter(store: Path) -> None:
    store.write_text("Dear Madam, the stalls are back.\n" * 200)


def foreign(store: Path) -> None:
    store.unlink()
    with closing(sqlite3.connect(store)) as other:
        other.executescript("CREATE TABLE store (shelf TEXT); INSERT INTO store VALUES ('left')")


def half(store: Path) -> None:
    store.write_bytes(store.read_bytes()[: store.stat().st_size // 2])


def scratched(store: Path) -> None:
    body = bytearray(store.read_bytes())
    for page in range(3 * PAGE, len(body), PAGE):
        body[page : page + 200] = b"\xff" * 200
    store.write_bytes(body)


def newer(store: Path) -> None:
    with closing(sqlite3.connect(store)) as tool:
        tool.executescript("DROP TRIGGER store_no_update; UPDATE store SET schema_version = 999")


def contents(store: Path) -> list[str] | bytes | None:
    """What is in a file, as text if it is a database."""
    if not store.is_file():
        return None
    try:
        with closing(sqlite3.connect(store)) as tool:
            return list(tool.iterdump())
    except sqlite3.DatabaseError:
        return store.read_bytes()


@pytest.mark.sqlite("a file, its rights and its lock")
@pytest.mark.parametrize(
    ("broken", "code"),
    [(gone, 3), (folder, 3), (empty, 10), (letter, 10), (foreign, 10), (half, 7),
     (scratched, 7), (newer, 5)],
)  # fmt: skip
def test_a_store_that_is_none_is_told_and_left_as_it_is(
    desk: Shell, broken: Callable[[Path], None], code: int
) -> None:
    with closing(desk.tool()) as tool:
        tool.execute("PRAGMA journal_mode = DELETE")  # all of it in one file
    broken(desk.store)
    before = contents(desk.store)
    for line in (*LOOKS, *WRITES):
        said = desk(*line.split())
        assert said.code == code, (line, said)
        sentence(said)
        assert desk.json(*line.split(), code=code).facts is None
    assert contents(desk.store) == before


@pytest.mark.parametrize(
    "url",
    ["nonsense", "sqlite:///", "postgresql://user:secret@host/town", "sqlite:///" + "x" * 300],
)
def test_an_address_that_is_none_is_told_without_its_password(desk: Shell, url: str) -> None:
    for line in ("status", "report gas-leak here", "init --town a --code WY"):
        said = desk("--store", url, *line.split())
        assert said.code == 10
        assert "secret" not in sentence(said)


def test_a_record_is_not_opened_over_something_else_or_where_nothing_can_be(desk: Shell) -> None:
    before = desk.record()
    assert desk("init", "--town", "a", "--code", "XX").code == 5
    assert desk.record() == before
    said = desk("--store", "sqlite:////proc/nowhere/town.db", "init", "--town", "a", "--code", "XX")
    assert said.code == 10
    sentence(said)


@pytest.fixture
def shelf(desk: Shell) -> Iterator[Shell]:
    """The store where anybody may look, but a test takes rights away."""
    for above in (desk.folder, *desk.folder.parents):
        if above.stat().st_uid == os.geteuid() and above.stat().st_mode & 0o777 == 0o700:
            above.chmod(0o755)
    yield desk
    desk.folder.chmod(0o755)


@pytest.mark.sqlite("a file, its rights and its lock")
@pytest.mark.parametrize("mode", [0o444, 0o000])
def test_a_store_without_the_right_to_write_or_read_takes_no_order(shelf: Shell, mode: int) -> None:
    before = shelf.record()
    shelf.store.chmod(mode)
    shelf.folder.chmod(0o555)
    with without_rights():
        answers = [shelf(*line.split()) for line in WRITES if line != "clock tick"]
    shelf.folder.chmod(0o755)
    for said in answers:
        assert said.code == 10
        sentence(said)
    assert shelf.record() == before


@pytest.mark.sqlite("a file, its rights and its lock")
def test_a_store_that_another_program_keeps_locked_is_told(
    desk: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("whistle.log.recorder.BUSY_TIMEOUT_S", 0.05)
    before = desk.record()
    with closing(desk.tool()) as tool:
        tool.execute("BEGIN IMMEDIATE")
        said = desk("report", "gas-leak", "here")
        tool.rollback()
    assert said.code == 10
    assert "locked" in sentence(said)
    assert desk.record() == before


@pytest.mark.parametrize("body", ["= nonsense", "default = 5", "\xff", "[default]\nas = 'nobody'"])
def test_a_profile_that_cannot_be_read_is_told(desk: Shell, body: str) -> None:
    profile = desk.folder / "etc" / "whistle" / "config.toml"
    profile.parent.mkdir(parents=True)
    profile.write_bytes(body.encode("latin-1"))
    said = desk("report", "gas-leak", "here")
    assert said.code in (3, 5)
    sentence(said)
    profile.unlink()
    profile.mkdir()
    assert desk("report", "gas-leak", "here").code in (0, 10)


def test_evidence_that_is_no_file_is_told_and_not_recorded(desk: Shell) -> None:
    before = desk.record()
    for name in ("@/nowhere.jpg", "@" + str(desk.folder), "@" + "x" * 300, "@"):
        said = desk("report", "gas-leak", "here", "--photo", name)
        assert said.code == 3
        sentence(said)
    assert desk.record() == before


HOSTILE = (
    "\x1b[2J\x1b[31mred", "\x1b]52;c;cm0gLXJmIC8=\x07", "\x1b]8;;http://evil\x1b\\x", "\x9b2J",
    "left\u202egnp.exe", "\u2066inner\u2069", "over\rwritten", "two\nlines", "bell\x07",
    "back\b\b\b", "\u2028line", "\ufeffmark", "\U000e0041tag",
)  # fmt: skip
SHOWING = (
    "show I-WY26-00005", "show W-WY26-00003", "log W-WY26-00003", "inbox --all", "incident list",
    "status", "view inspect", "view command", "view coordinate",
)  # fmt: skip
OBEYED = {*map(chr, range(32)), "\x7f", *map(chr, range(0x80, 0xA0)), *"\u202e\u2066\u2069\u2028"}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_that_would_steer_the_terminal_is_shown_and_not_obeyed(
    desk: Shell, text: str
) -> None:
    assert desk("blow", "-e", "gas-leak", text, "-m", text).code == 0
    told = [desk(*line.split()) for line in SHOWING]
    told += [
        desk("report", text, text),
        desk("ack", text, "--as", text),
        desk(text),
        desk("-" + text),
    ]
    told.append(desk("show", "I-WY26-00005", WHISTLE_LANG="zh"))
    for said in told:
        for line in (said.text + said.told).split("\n"):
            assert not OBEYED & set(line), line
    assert desk.rows("names", "place", "WHERE name = 'I-WY26-00005'") == [(text,)], "kept as it was"


ODD = st.one_of(
    st.sampled_from(
        [
            "--", "-", "-1", "0", "00", "1", "1/", "/", "1/1/1", "#", "@", "🧨", "٣", "²", "NaN",
            "1e9", "-20m", "9999-12-31T23:59:59Z", "pass", "fail", "满意", "jj", "W-WY26-00001",
            "I-WY26-00002", "W-WY26-00001/FR", "gas-leak", "{name}", "{}", "%s", "%", "_", "$(id)",
            "'", "a=b", "score=1", "--set", "--reason", "--category", "--kind", "--lead", "--eta",
            "-t", "-m", "--at", "--as", "--behalf", "--key", "--expect", "--tz", "--lang", "--json",
            "--jsonl", "-q", "--yes", "--dry-run", "--photo", "--result", "--unit", "--after",
            "--until", "--limits", "list", "add", "unit", "person", "day", "due", "between",
            "ledger", "rank", "inspect", "show", "check",
        ]
    ),
    st.sampled_from(["", " ", "９" * 30, "9" * 5000, "x" * 70_000, "\x1b[2J", "\u202e", "\udcff"]),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8),
    st.integers().map(str),
)  # fmt: skip
# What needs a day to play, or waits for standard input, has tests of its own.
TRIED = sorted({*cli.VERBS, *cli.ALIASES} - {"demo", "演示", "import", "导入", "store", "存储"})
ENDING = {"watch": ["--once"], "wait": ["--timeout", "0s", "--for", "arrived"]}  # else they stay


@pytest.mark.parametrize(
    "line",
    ["ack {} --as rq", "show {}", "log {}", "accept {}", "verify {} pass", "rate {} 5 --as rq",
     "correct {} --set place=x --why y", "events list --after {}", "accept 4 --expect {}",
     "arrive 1 --as rq --at -{}d", "ack 1 --as rq -t {}d"],
)  # fmt: skip
@pytest.mark.parametrize("number", ["9" * 19, "9" * 30, "9" * 5000])
def test_a_number_that_no_store_can_hold_is_no_name_and_no_time(
    desk: Shell, line: str, number: str
) -> None:
    said = desk(*line.format(number).split())
    assert said.code in (2, 3, 6)
    sentence(said)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A town that odd people write to all night."""
    return evening_at(tmp_path_factory.mktemp("street"))


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(verb=st.sampled_from(TRIED), words=st.lists(ODD, max_size=5))
def test_no_words_however_odd_give_a_traceback(street: Shell, verb: str, words: list[str]) -> None:
    said = street(verb, *ENDING.get(cli.ALIASES.get(verb, verb), []), *words)
    assert said.code in (0, 1, 2, 3, 4, 5, 6, 7, 8, 10)
    assert said.code < 2 or said.err.strip() or said.out.strip(), "a failure says why"


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(verb=st.sampled_from(TRIED), words=st.lists(ODD, max_size=3))
def test_odd_words_with_json_give_one_object_or_the_help_asked_for(
    street: Shell, verb: str, words: list[str]
) -> None:
    said = street("--json", verb, *ENDING.get(cli.ALIASES.get(verb, verb), []), *words)
    if not {"-h", "--help", "--version"} & set(words):
        assert said.envelope["version"] == 1

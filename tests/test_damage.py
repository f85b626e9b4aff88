"""A damaged store is a broken record, not a full disk: exit 7, what was found, and the backup."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.office import untie
from tests.shell import Shell, evening_at

PAGE = 4096
SCORING = (
    "assess ledger",
    "assess rank",
    "assess incidents",
    "assess quality",
    "replay --until -1m",
)
BACKUP = "whistle store backup"


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Two emergencies sound, a third incident is accepted, a fourth only reported."""
    return evening_at(tmp_path_factory.mktemp("evening"))


@pytest.fixture
def desk(evening: Shell, tmp_path: Path) -> Shell:
    """A desk of its own over that store, all of it in one file."""
    shell = Shell(tmp_path).copy_of(evening)
    if shell.address == f"sqlite:///{shell.store}":
        with closing(shell.tool()) as tool:
            tool.execute("PRAGMA journal_mode = DELETE")
    return shell


def changed(statement: str) -> Callable[[Shell], None]:
    """What a database tool does to a store, past every trigger."""

    def change(desk: Shell) -> None:
        with closing(desk.tool()) as tool:
            untie(tool)
            tool.execute(statement)

    return change


def cut_short(desk: Shell) -> None:
    store = desk.store
    store.write_bytes(store.read_bytes()[: store.stat().st_size // 2])


def scratched(desk: Shell) -> None:
    store = desk.store
    body = bytearray(store.read_bytes())
    for page in range(3 * PAGE, len(body), PAGE):
        body[page : page + 200] = b"\xff" * 200
    store.write_bytes(body)


OF_A_FILE = pytest.mark.sqlite("the bytes of a file; PostgreSQL proves its pages itself")
UNTYPED = pytest.mark.sqlite("a column of PostgreSQL takes no value of another type")
IN_NO_ENCODING = "CAST(x'e88d' AS TEXT)"  # the first two of the three bytes of a sign
DAMAGES = {
    "cut short": pytest.param(cut_short, marks=OF_A_FILE),
    "scratched": pytest.param(scratched, marks=OF_A_FILE),
    "topic in no encoding": pytest.param(
        changed(f"UPDATE topics SET topic = {IN_NO_ENCODING} WHERE id = 1"), marks=UNTYPED
    ),
    "actor in no encoding": pytest.param(
        changed(f"UPDATE commands SET actor_unit = {IN_NO_ENCODING}"), marks=UNTYPED
    ),
    "leaves gone": changed("DROP TABLE ledger"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_record_is_told_as_broken_and_never_scored(
    desk: Shell, damage: Callable[[Shell], None]
) -> None:
    damage(desk)
    for line in ("audit verify", *SCORING):
        said = desk(*line.split())
        assert said.code == 7, (line, said)
        assert BACKUP in said.told
        assert "free disk space" not in said.told
        envelope = desk.json(*line.split(), code=7).envelope
        assert envelope["status"] == "integrity"
        assert any(BACKUP in each.get("hint", "") for each in envelope["diagnostics"])


@UNTYPED
@pytest.mark.parametrize(("column", "named"), [("topic", "topic"), ("stream", "originator_id")])
def test_the_event_whose_text_is_in_no_encoding_is_named(
    desk: Shell, column: str, named: str
) -> None:
    ((number, first),) = desk.rows(
        "events", f"{named}, MIN(position)", f"GROUP BY {named} ORDER BY 2 DESC LIMIT 1"
    )
    changed(f"UPDATE {column}s SET {column} = {IN_NO_ENCODING} WHERE id = {number}")(desk)
    found = desk.json("audit", "verify", code=7).facts
    assert (found["ok"], found["first_bad_seq"]) == (False, first)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(f"UPDATE names SET stage = {IN_NO_ENCODING}", marks=UNTYPED),
        "UPDATE names SET kind = 'lorry'",
        pytest.param("UPDATE names SET number = 'nine'", marks=UNTYPED),
        "UPDATE names SET name = '7' WHERE name IS NOT NULL AND kind = 'whistle' AND number = 1",
        "UPDATE units SET body = x'ff'",
        pytest.param("UPDATE adopted SET digest = x'ff' WHERE kind = 'playbook'", marks=UNTYPED),
        pytest.param("UPDATE unit_series SET last = 'nine'", marks=UNTYPED),
        "DELETE FROM series",
        "DROP TABLE calls",
    ],
)
def test_a_register_that_somebody_scribbled_in_is_told_as_broken(
    desk: Shell, statement: str
) -> None:
    changed(statement)(desk)
    said = desk.json("audit", "verify", code=7)
    assert said.facts["ok"] is False
    assert desk("assess", "ledger").code == 7


@pytest.mark.parametrize("kind", ["town", "playbook", "calendar"])
def test_what_is_in_force_can_be_damaged_too(desk: Shell, kind: str) -> None:
    changed(f"UPDATE adopted SET body = x'7b' WHERE kind = '{kind}'")(desk)
    for line in ("report gas-leak here", "blow -e gas-leak here"):
        said = desk(*line.split())
        assert (said.code, said.out) == (7, b""), said
        assert "damaged" in said.told


@UNTYPED
def test_a_listing_ends_in_a_sentence_at_the_event_that_was_spoilt(desk: Shell) -> None:
    changed("UPDATE ledger SET leaf = 7 WHERE seq = 3")(desk)
    said = desk("events", "list", "--jsonl")
    assert said.code == 7
    assert "event at 3" in said.told
    assert said.out.count(b"\n") == 2

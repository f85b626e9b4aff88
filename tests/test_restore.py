"""The night after: a store goes back to a copy, and everybody is told what that costs."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.independent_leaf import leaf_of, root_of
from tests.office import Clock, untie
from tests.shell import HOUSE, Shell, evening_at
from tests.town import at
from whistle.domain.refusal import Unreachable
from whistle.log.sqlite import SQLiteLog

pytestmark = pytest.mark.sqlite(
    "files change places; a server's way is in test_postgres_recovery.py"
)

SHAPE = HOUSE / "docs" / "reference" / "json" / "store-restore.schema.json"
SCHEMA = Draft202012Validator(json.loads(SHAPE.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """An evening; then a copy, a checkpoint of that moment, and more work with a later one."""
    shell = evening_at(tmp_path_factory.mktemp("evening"))
    held(shell, "early.txt")
    shell.json("store", "backup", str(shell.folder / "copy.db"))
    shell.json("ack", "1", "--as", "xf", "--key", "xf-1")
    shell.json("blow", "-e", "gas-leak", "5 Yuyuan Rd")
    shell.json("blow", "-e", "gas-leak", "6 Yuyuan Rd")
    held(shell, "late.txt")
    return shell


@pytest.fixture
def desk(evening: Shell, tmp_path: Path) -> Shell:
    """A desk of its own over that store, with the copy and both checkpoints."""
    shell = Shell(tmp_path).copy_of(evening)
    for name in ("copy.db", "early.txt", "late.txt"):
        shutil.copy(evening.folder / name, tmp_path / name)
    return shell


def held(shell: Shell, name: str) -> None:
    """A checkpoint that somebody keeps."""
    shell.json("audit", "checkpoint", "create", "--to", str(shell.folder / name))


def file(desk: Shell, name: str = "copy.db") -> str:
    """Where something lies."""
    return str(desk.folder / name)


def size(desk: Shell) -> int:
    """How many events the store holds."""
    return len(desk.rows("events"))


def in_copy(desk: Shell) -> list[Any]:
    """The leaves of the copy."""
    with closing(sqlite3.connect(desk.folder / "copy.db")) as tool:
        return tool.execute("SELECT leaf FROM ledger ORDER BY seq").fetchall()


def put_back(desk: Shell, *more: str) -> Any:
    """The copy put back, with the word that the newer events may go."""
    lost = size(desk) - len(in_copy(desk))
    told = desk.json("store", "restore", file(desk), "--lose", str(lost), *more).facts
    SCHEMA.validate(told)
    return told


def test_a_newer_store_is_not_replaced_without_the_word(desk: Shell) -> None:
    before = desk.store.read_bytes()
    lost = size(desk) - len(in_copy(desk))
    said = desk("store", "restore", file(desk))
    assert said.code == 5
    assert f"--lose {lost}" in said.told
    for word in (lost - 1, lost + 1):
        assert desk("store", "restore", file(desk), "--lose", str(word)).code == 5
    assert desk.store.read_bytes() == before
    assert not [path for path in desk.folder.iterdir() if "restoring" in path.name]


def test_a_rehearsal_tells_what_would_be_lost_and_changes_nothing(desk: Shell) -> None:
    before = desk.store.read_bytes()
    told = desk.json("store", "restore", file(desk), "--dry-run").facts
    assert told["lost"] == size(desk) - len(in_copy(desk))
    assert told["again"] == [
        {"series": "I-WY26", "first": 5, "last": 6},
        {"series": "W-WY26", "first": 3, "last": 4},
    ]
    assert (told["seq"], told["set_aside"]) == (None, None)
    assert desk.store.read_bytes() == before


def test_the_loss_is_announced_and_opens_an_epoch(desk: Shell) -> None:
    lost = desk.rows("ledger", "recorded_at", f"WHERE seq = {len(in_copy(desk)) + 1}")
    told = put_back(desk, "-m", "the disk died")
    assert desk.rows("ledger", "leaf", "ORDER BY seq")[:-1] == in_copy(desk)
    ((seq, topic, state),) = desk.rows("record", "seq, topic, state", "ORDER BY seq DESC LIMIT 1")
    event = json.loads(state)
    assert (seq, topic) == (told["seq"], "store.restored/1")
    assert (event["epoch"], event["kept"], event["lost"]) == (2, seq - 1, told["lost"])
    assert event["lost_from"] == lost[0][0]
    assert event["reason"] == "the disk died"
    assert desk.json("audit", "verify").facts["ok"]
    aside = Shell(desk.folder)
    aside.env["WHISTLE_STORE"] = f"sqlite:///{told['set_aside']}"
    assert aside.json("audit", "verify").facts["root"] == event["lost_root"]


def test_people_are_told_since_when_and_which_numbers_come_again(desk: Shell) -> None:
    lost = str(size(desk) - len(in_copy(desk)))
    said = desk("store", "restore", file(desk), "--lose", lost)
    assert f"Lost: {lost} events, recorded since" in said.text
    assert "W-WY26-00003…00004" in said.text
    assert "Epoch 2 begins" in said.text
    assert "forgotten" in said.told
    assert [desk.json("blow", "-e", "gas-leak", "7 Yuyuan Rd").facts["id"]] == ["W-WY26-00003"]


def test_the_leaves_of_the_new_epoch_are_those_of_an_independent_script(desk: Shell) -> None:
    put_back(desk)
    desk.json("ack", "1", "--as", "HC")
    made = []
    for line in desk("events", "list").out.splitlines():
        start, end = line.index(b'"state":') + 8, line.rindex(b',"leaf":')
        event = {**json.loads(line), "state": line[start:end].decode()}
        assert leaf_of(event).hex() == event["leaf"]
        assert event["epoch"] == (1 if event["seq"] <= len(in_copy(desk)) else 2)
        made.append(leaf_of(event))
    assert desk.json("audit", "verify").facts["root"] == root_of(made).hex()


def test_checkpoints_of_before_hold_and_one_of_the_lost_part_is_named(desk: Shell) -> None:
    put_back(desk)
    desk.json("ack", "1", "--as", "HC")
    early = desk.json("audit", "checkpoint", "compare", file(desk, "early.txt")).facts
    assert (early["ok"], early["lost"]) == (True, 0)
    late = desk.json("audit", "checkpoint", "compare", file(desk, "late.txt"), code=7).facts
    assert late["lost"] == late["seen"] - len(in_copy(desk))
    assert f"the event at {len(in_copy(desk)) + 1} says" in late["reason"]
    held(desk, "now.txt")
    assert desk.json("audit", "checkpoint", "compare", file(desk, "now.txt")).facts["ok"]


def test_a_file_put_back_by_hand_after_that_is_found_by_the_new_epochs_checkpoint(
    desk: Shell,
) -> None:
    put_back(desk)
    held(desk, "now.txt")
    desk.store.unlink()
    shutil.copy(desk.folder / "copy.db", desk.store)
    found = desk.json("audit", "checkpoint", "compare", file(desk, "now.txt"), code=7).facts
    assert "epoch 2, of which this record, in 1, tells nothing" in found["reason"]


def test_an_epochs_number_is_never_given_twice(desk: Shell) -> None:
    assert put_back(desk)["epoch"] == 2
    assert put_back(desk)["epoch"] == 3  # the copy knows of epoch 1 alone
    held(desk, "third.txt")
    desk.store.unlink()
    told = desk.json("store", "restore", file(desk), "--checkpoint", file(desk, "third.txt"))
    assert told.facts["epoch"] == 4  # the store is gone, and the checkpoint remembers


def test_where_nothing_is_lost_the_old_epoch_goes_on(desk: Shell) -> None:
    desk.json("store", "backup", file(desk, "now.db"))
    told = desk.json("store", "restore", file(desk, "now.db")).facts
    assert (told["lost"], told["epoch"], told["epoch_begins"]) == (0, 1, False)
    ahead = desk.json("audit", "verify").facts
    shutil.copy(desk.folder / "copy.db", desk.store)  # an older file, put there by hand
    assert desk.json("store", "restore", file(desk, "now.db")).facts["epoch_begins"] is False
    assert desk.json("audit", "verify").facts == ahead


def test_a_dead_disk_cannot_tell_what_is_lost_and_the_epoch_ends_all_the_same(desk: Shell) -> None:
    desk.store.unlink()
    said = desk("store", "restore", file(desk))
    assert said.code == 0
    assert "nobody can tell" in said.text
    assert desk.json("audit", "verify").facts["ok"]
    assert json.loads(desk.rows("events", "state", "ORDER BY position DESC")[0][0])["epoch"] == 2


def test_a_held_checkpoint_says_how_much_is_lost_at_least(desk: Shell) -> None:
    lost = size(desk) - len(in_copy(desk))
    desk.store.unlink()
    said = desk("store", "restore", file(desk), "--checkpoint", file(desk, "late.txt"))
    assert f"Lost: {lost} events at least" in said.text


def test_a_damaged_store_is_set_aside_and_needs_no_word(desk: Shell) -> None:
    body = bytearray(desk.store.read_bytes())
    body[4096 * 3 :] = b"\xff" * (len(body) - 4096 * 3)
    desk.store.write_bytes(body)
    told = desk.json("store", "restore", file(desk)).facts
    assert Path(told["set_aside"]).read_bytes() == bytes(body)
    assert desk.json("audit", "verify").facts["ok"]


def test_what_stands_beside_the_old_file_does_not_come_back(desk: Shell) -> None:
    # a -wal left beside another file is played into it: 130 rows came back instead of 50
    lost = size(desk) - len(in_copy(desk))
    open_before = SQLiteLog(desk.store, Clock(at("22:00")))
    assert open_before.size() == size(desk)  # whoever is last to close it empties the -wal
    desk.json("refuse", "4", "--category", "not-ours", "-m", "theirs")
    assert desk.store.with_name("town.db-wal").stat().st_size > 0
    said = desk.json("store", "restore", file(desk), code=5).envelope["diagnostics"][0]
    lost += 1
    assert f"--lose {lost}" in said["hint"]
    told = put_back(desk)
    assert told["lost"] == lost
    assert not desk.store.with_name("town.db-wal").exists()
    assert size(desk) == len(in_copy(desk)) + 1
    open_before.close()
    aside = Shell(desk.folder)
    aside.env["WHISTLE_STORE"] = f"sqlite:///{told['set_aside']}"
    assert aside.json("audit", "verify").facts["size"] == len(in_copy(desk)) + lost


def test_who_had_the_old_file_open_records_nothing_into_it(desk: Shell) -> None:
    open_before = SQLiteLog(desk.store, Clock(at("22:00")))
    with open_before.reading() as reader:
        assert reader.units()
    put_back(desk)
    with pytest.raises(Unreachable, match="Another file"), open_before.writing():
        pass
    with pytest.raises(Unreachable, match="Another file"), open_before.reading():
        pass
    open_before.close()


def test_views_of_the_lost_part_are_made_anew(desk: Shell) -> None:
    assert "W-WY26-00004" in desk("inbox").text
    put_back(desk)
    assert "W-WY26-00004" not in desk("inbox").text


def test_a_lost_command_is_recorded_once_when_it_is_repeated(desk: Shell) -> None:
    put_back(desk)
    first = desk.json("ack", "1", "--as", "xf", "--key", "xf-1").facts
    again = desk.json("ack", "1", "--as", "xf", "--key", "xf-1").facts
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert first["events"] == again["events"]


def test_checking_a_copy_writes_nothing_anywhere(desk: Shell) -> None:
    before = {path: path.read_bytes() for path in desk.folder.iterdir() if path.is_file()}
    for name in ("early.txt", ""):
        more = ("--checkpoint", file(desk, name)) if name else ()
        found = desk.json("store", "restore", file(desk), "--check", *more).facts
        assert (found["verdict"]["ok"], found["verdict"]["size"]) == (True, len(in_copy(desk)))
    after = {path: path.read_bytes() for path in desk.folder.iterdir() if path.is_file()}
    assert after == before


def test_a_copy_from_before_the_checkpoint_is_told_as_older_and_not_as_broken(desk: Shell) -> None:
    said = desk("store", "restore", file(desk), "--check", "--checkpoint", file(desk, "late.txt"))
    assert said.code == 1
    assert "before the checkpoint" in said.told


def test_a_copy_that_was_changed_is_found_and_never_put_back(desk: Shell) -> None:
    with closing(sqlite3.connect(desk.folder / "copy.db")) as tool:
        untie(tool)
        tool.execute("UPDATE events SET state = x'00' WHERE position = 2")
        tool.commit()
    before = desk.store.read_bytes()
    assert desk("store", "restore", file(desk), "--check").code == 7
    assert desk("store", "restore", file(desk), "--lose", "99").code == 7
    assert desk.store.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "code"), [(None, 3), (b"", 10), (b"a letter", 10), (b"x" * 9000, 10)]
)
def test_what_is_no_copy_is_told_as_such(desk: Shell, content: bytes | None, code: int) -> None:
    path = desk.folder / "letter.txt"
    if content is not None:
        path.write_bytes(content)
    before = desk.store.read_bytes()
    assert desk("store", "restore", str(path)).code == code
    assert desk.store.read_bytes() == before


def test_it_is_said_in_chinese(desk: Shell) -> None:
    lost = str(size(desk) - len(in_copy(desk)))
    assert desk("存储", "恢复", file(desk), "--检验", "--lang", "zh").code == 0
    assert desk("存储", "恢复", file(desk), "--放弃", lost, "--lang", "zh").code == 0

"""Somebody without Whistle checks a bundle, and comes to what Whistle itself comes to."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.independent_leaf import leaf_of
from tests.office import untie
from tests.shell import Shell, evening_at
from whistle.outsider import verify

VECTORS = Path(__file__).parent / "data" / "tlog"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """An evening, a checkpoint held since before its end, and a bundle of all of it."""
    shell = evening_at(tmp_path_factory.mktemp("town"))
    shell.json("audit", "checkpoint", "create", "--to", str(shell.folder / "held.txt"))
    shell.json("ack", "1", "--as", "xf")
    shell.json("audit", "bundle", str(shell.folder / "town.zip"))
    return shell


def check(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str]:
    """What the outsider's program says."""
    capsys.readouterr()
    code = verify.main([str(word) for word in words])
    return code, capsys.readouterr().out


def test_it_runs_alone_with_nothing_but_the_file_from_the_bundle(
    town: Shell, tmp_path: Path
) -> None:
    with zipfile.ZipFile(town.folder / "town.zip") as bundle:
        bundle.extract("verify.py", tmp_path)
    said = subprocess.run(
        [sys.executable, "-I", "-S", str(tmp_path / "verify.py"), str(town.folder / "town.zip")],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert (said.returncode, said.stderr) == (0, "")
    assert f"ok: all {len(town.rows('events'))} events prove themselves" in said.stdout
    assert "only --checkpoint or --key shows more" in said.stdout


def test_a_checkpoint_held_elsewhere_is_compared(
    town: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    held = town.folder / "held.txt"
    code, said = check(capsys, town.folder / "town.zip", "--checkpoint", held)
    assert code == 0
    assert f"{held}: {len(town.rows('events')) - 1} events, sha256" in said


def test_a_unit_sees_that_nothing_of_its_record_is_left_out(
    town: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = town.rows("ledger", "seq, units", "WHERE units IS NOT NULL")
    own = [str(seq) for seq, units in ours if "FR:" in units]
    _code, said = check(capsys, town.folder / "town.zip", "--unit", "FR")
    assert f"FR: {len(own)} events, none left out: {' '.join(own)}" in said


def test_a_code_that_no_event_names_is_not_told_as_a_whole_record(
    town: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    _code, said = check(capsys, town.folder / "town.zip", "--unit", "消防")
    assert "消防: no event names this unit" in said
    assert "none left out" not in said


def changed(town: Shell, target: Path, change: Callable[[list[bytes]], object]) -> Path:
    """The bundle after somebody changed its lines."""
    with zipfile.ZipFile(town.folder / "town.zip") as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            if name == "events.jsonl":
                lines = body.splitlines()
                change(lines)
                body = b"".join(line + b"\n" for line in lines)
            new.writestr(name, body)
    return target


def set_field(line: bytes, **fields: Any) -> bytes:
    """The line with other fields, and the leaf that fits them."""
    start = line.index(b'"state":') + 8
    state = line[start : line.rindex(b',"leaf":')].decode()
    event = {**json.loads(line), "state": state, **fields}
    event.pop("leaf")
    leaf = leaf_of(event)
    event.pop("state")
    head = json.dumps(event, ensure_ascii=False, separators=(",", ":"))[:-1]
    return f'{head},"state":{state},"leaf":"{leaf.hex()}"}}'.encode()


def _swap(lines: list[bytes]) -> None:
    lines[9], lines[10] = lines[10], lines[9]


def _set(lines: list[bytes], place: int, **fields: Any) -> None:
    lines[place] = set_field(lines[place], **fields)


CHANGES: dict[str, tuple[Callable[[list[bytes]], object], str]] = {
    "a letter": (lambda ls: ls.__setitem__(29, ls[29].replace(b'"at":1', b'"at":2')), "event 30"),
    "a line out": (lambda ls: ls.pop(11), "event 12"),
    "a line twice": (lambda ls: ls.insert(5, ls[4]), "event 6"),
    "two swapped": (_swap, "event 10"),
    "the last cut off": (lambda ls: ls.pop(), "event"),
    "no JSON": (lambda ls: ls.__setitem__(3, b"{"), "event 4"),
    "two objects": (lambda ls: ls.__setitem__(3, ls[3] + b" "), "event 4"),
    "another leaf": (lambda ls: ls.__setitem__(3, ls[3][:-66] + b"0" * 64 + b'"}'), "event 4"),
    "a time, rehashed": (lambda ls: _set(ls, 20, received_at=1), "not those that"),
    "a time backwards": (lambda ls: _set(ls, 20, recorded_at=1), "event 21"),
    "a version": (lambda ls: _set(ls, 20, version=9), "event 21"),
    "a unit's number": (lambda ls: _set(ls, 30, units="FR:9"), "event 31"),
    "another store": (lambda ls: _set(ls, 20, store_id="z"), "event 21"),
    "a number as text": (lambda ls: _set(ls, 20, version="1"), "event 21"),
}


@pytest.mark.parametrize(("change", "named"), CHANGES.values(), ids=CHANGES)
def test_a_changed_bundle_is_named_where_it_breaks(
    town: Shell,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[list[bytes]], object],
    named: str,
) -> None:
    code, said = check(capsys, changed(town, tmp_path / "changed.zip", change))
    assert code == verify.BROKEN
    assert named in said


def test_set_field_alone_changes_nothing(town: Shell) -> None:
    with zipfile.ZipFile(town.folder / "town.zip") as bundle:
        lines = bundle.read("events.jsonl").splitlines()
    assert [set_field(line) for line in lines] == lines


def test_it_finds_the_event_that_whistle_finds(
    town: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Shell(tmp_path).copy_of(town)
    with closing(desk.tool()) as tool:
        untie(tool)
        tool.execute("UPDATE ledger SET units = 'jj:1' WHERE seq = 29")
    ours = desk.json("audit", "verify", code=7).facts["first_bad_seq"]
    lines = desk("events", "list").out.splitlines()
    theirs = changed(town, tmp_path / "t.zip", lambda old: old.__setitem__(slice(None), lines))
    assert f"event {ours}:" in check(capsys, theirs)[1]
    assert desk("audit", "bundle", str(tmp_path / "no.zip")).code == 7
    assert not (tmp_path / "no.zip").exists()


@pytest.mark.parametrize("body", [b"", b"no zip", b"PK\x03\x04"])
def test_what_is_no_bundle_is_said_to_be_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], body: bytes
) -> None:
    (tmp_path / "b.zip").write_bytes(body)
    assert check(capsys, tmp_path / "b.zip")[0] == verify.UNKNOWN


def test_a_signed_checkpoint_is_checked_by_its_key(
    town: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("cryptography", reason="the extra `proof` is not installed")
    key, file = tmp_path / "town.key", tmp_path / "signed.zip"
    town.json("audit", "checkpoint", "key", str(key))
    town.json("audit", "bundle", str(file), "--signer", str(key))
    public = (tmp_path / "town.key.pub").read_text(encoding="utf-8").strip()
    code, said = check(capsys, file, "--key", public)
    assert (code, "signed" in said) == (0, True)
    code, said = check(capsys, town.folder / "town.zip", "--key", public)
    assert (code, "no good signature" in said) == (verify.BROKEN, True)


def test_its_ed25519_answers_as_the_vectors_of_others_do() -> None:
    text = (VECTORS / "wycheproof_ed25519_a.json").read_text(encoding="utf-8")
    groups = json.loads(text)["testGroups"]
    answers = [
        (
            verify.signature_holds(
                bytes.fromhex(group["publicKey"]["pk"]),
                bytes.fromhex(each["msg"]),
                bytes.fromhex(each["sig"]),
            ),
            each["result"] == "valid",
        )
        for group in groups
        for each in group["tests"]
    ]
    assert len(answers) > 60
    assert {found is wanted for found, wanted in answers} == {True}
    assert {wanted for _found, wanted in answers} == {True, False}


def test_a_bundle_overwrites_nothing(town: Shell) -> None:
    before = (town.folder / "town.zip").read_bytes()
    town.json("audit", "bundle", str(town.folder / "town.zip"), code=5)
    assert (town.folder / "town.zip").read_bytes() == before


@pytest.fixture(scope="module")
def put_back(town: Shell, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """The same town after its store was put back to a copy of that evening, and went on."""
    shell = Shell(tmp_path_factory.mktemp("back")).copy_of(town)
    shell.json("ack", "1", "--as", "HC")
    shell.json("audit", "checkpoint", "create", "--to", str(shell.folder / "lost.txt"))
    shell.copy_of(town)
    lost = str(shell.folder / "lost.txt")
    shell.json("store", "restored", "--checkpoint", lost, "-m", "snapshot")
    shell.json("ack", "1", "--as", "HC")
    shell.json("audit", "bundle", str(shell.folder / "town.zip"))
    return shell


def test_a_store_that_was_put_back_tells_an_outsider_so(
    town: Shell, put_back: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, lost = put_back.folder / "town.zip", put_back.folder / "lost.txt"
    kept = len(town.rows("events"))
    assert check(capsys, bundle, "--checkpoint", town.folder / "held.txt")[0] == 0
    code, said = check(capsys, bundle, "--checkpoint", lost)
    assert code == 7
    assert f"an epoch that ends at {kept}: the store was put back, as event {kept + 1} says" in said


@pytest.mark.parametrize(
    ("at", "fields", "reason"),
    [
        (-1, {"epoch": 3}, "nothing says why"),
        (-1, {"epoch": 1}, "an epoch that was over"),
        (-2, {"epoch": 1}, "does not begin here"),
        (-2, {"topic": "clock.settled/1"}, "nothing says why"),
        (5, {"epoch": 2}, "nothing says why"),
        (5, {"store_id": "another"}, "another store"),
    ],
)
def test_an_epoch_that_nothing_announces_is_found(
    put_back: Shell,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    at: int,
    fields: dict[str, Any],
    reason: str,
) -> None:
    def change(lines: list[bytes]) -> None:
        lines[at] = set_field(lines[at], **fields)

    code, said = check(capsys, changed(put_back, tmp_path / "changed.zip", change))
    assert (code, reason in said) == (7, True), said

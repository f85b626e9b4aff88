"""A checkpoint that somebody else keeps finds what a record alone cannot show."""

import hashlib
import stat
from contextlib import closing
from pathlib import Path

import pytest

from tests.independent_leaf import ORDER, root_of
from tests.office import untie
from tests.shell import Shell, evening_at

pytest.importorskip("cryptography", reason="the extra `proof` is not installed")


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Two emergencies sound; a key pair lies beside, and a signed checkpoint of that evening."""
    shell = evening_at(tmp_path_factory.mktemp("evening"))
    shell.json("audit", "checkpoint", "key", str(shell.folder / "town.key"))
    signed = ("--signer", str(shell.folder / "town.key"))
    shell.json("audit", "checkpoint", "create", *signed, "--to", str(shell.folder / "held.txt"))
    return shell


@pytest.fixture
def desk(evening: Shell, tmp_path: Path) -> Shell:
    """A desk over a copy of that store, with the checkpoint and the public key."""
    shell = Shell(tmp_path).copy_of(evening)
    for name in ("held.txt", "town.key.pub"):
        (tmp_path / name).write_bytes((evening.folder / name).read_bytes())
    return shell


def compare(desk: Shell, *more: str, code: int = 0) -> dict[str, object]:
    """What the held checkpoint says of the desk's store."""
    held = str(desk.folder / "held.txt")
    facts: dict[str, object] = desk.json(
        "audit", "checkpoint", "compare", held, *more, code=code
    ).facts
    return facts


def test_the_record_goes_on_and_the_checkpoint_still_holds(desk: Shell) -> None:
    seen = len(desk.rows("events"))
    desk.json("ack", "1", "--as", "xf")
    found = compare(desk, "--public", str(desk.folder / "town.key.pub"))
    assert (found["ok"], found["seen"], found["signature"]) == (True, seen, "good")
    assert found["size"] == len(desk.rows("events")) > seen
    assert found["root"] == desk.json("audit", "verify").facts["root"]


def test_the_checkpoints_two_roots_are_those_of_an_independent_script(desk: Shell) -> None:
    made = desk.json("audit", "checkpoint", "create").facts
    with closing(desk.tool()) as tool:
        leaves = [row[0] for row in tool.execute("SELECT leaf FROM ledger ORDER BY seq")]
    assert made["root"] == root_of(leaves).hex()
    if "sm3" in hashlib.algorithms_available:
        lines = desk("events", "list").out.splitlines()
        assert made["sm3"] == sm3_root([sm3_leaf(line) for line in lines]).hex()


def sm3_leaf(line: bytes) -> bytes:
    """The SM3 leaf of an event as it is listed, packed from the decision's text."""
    import json

    start = line.index(b'"state":') + len(b'"state":')
    event = {**json.loads(line), "state": line[start : line.rindex(b',"leaf":')].decode()}
    octets = b"\x00whistle-leaf/v1"
    for name in ORDER:
        value = None if event[name] is None else str(event[name]).encode()
        octets += b"\xff" * 4 if value is None else len(value).to_bytes(4, "big") + value
    return hashlib.new("sm3", octets).digest()


def sm3_root(leaves: list[bytes]) -> bytes:
    """RFC 6962's recursion, with SM3."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.new("sm3", b"\x01" + sm3_root(leaves[:k]) + sm3_root(leaves[k:])).digest()


def test_a_store_put_back_to_an_earlier_day_is_found(desk: Shell, tmp_path: Path) -> None:
    (tmp_path / "earlier").mkdir()
    earlier = Shell(tmp_path / "earlier").copy_of(desk)
    desk.json("ack", "1", "--as", "xf")
    (desk.folder / "held.txt").unlink()
    desk.json("audit", "checkpoint", "create", "--to", str(desk.folder / "held.txt"))
    desk.copy_of(earlier)
    assert desk.json("audit", "verify").facts["ok"] is True  # the store alone cannot show it
    found = compare(desk, code=7)
    assert "put back" in str(found["reason"])


def test_the_checkpoint_of_another_store_says_so(desk: Shell, tmp_path: Path) -> None:
    other = Shell(tmp_path / "other")
    other.folder.mkdir()
    other.founded()
    (other.folder / "held.txt").write_bytes((desk.folder / "held.txt").read_bytes())
    assert "this store is" in str(compare(other, code=7)["reason"])


def test_a_record_broken_in_itself_is_named_where_it_breaks(desk: Shell) -> None:
    with closing(desk.tool()) as tool:
        untie(tool)
        tool.execute("UPDATE ledger SET recorded_at = recorded_at - 1 WHERE seq = 28")
    assert compare(desk, code=7)["first_bad_seq"] == 28
    assert desk("audit", "checkpoint", "create").code == 7


def test_a_checkpoint_that_somebody_rewrote_is_found_by_its_signature(desk: Shell) -> None:
    held = desk.folder / "held.txt"
    lines = held.read_text(encoding="utf-8").splitlines(keepends=True)
    held.write_text("".join([lines[0], "3\n", *lines[2:]]), encoding="utf-8")
    said = desk("audit", "checkpoint", "compare", str(held), "--public",
                str(desk.folder / "town.key.pub"))  # fmt: skip
    assert said.code == 7
    assert "no good signature" in said.told


def test_an_unsigned_checkpoint_typed_off_paper_is_compared(desk: Shell) -> None:
    printed = desk("audit", "checkpoint", "create")
    (desk.folder / "held.txt").write_bytes(printed.out)
    assert compare(desk)["signature"] == "none"
    said = desk("audit", "checkpoint", "compare", str(desk.folder / "held.txt"))
    assert "unsigned" in said.told


def test_without_a_key_the_signature_is_not_taken_for_checked(desk: Shell) -> None:
    assert compare(desk)["signature"] == "unchecked"
    assert "--public" in desk("audit", "checkpoint", "compare", str(desk.folder / "held.txt")).told


def test_the_private_key_is_its_owners_alone_and_is_not_overwritten(evening: Shell) -> None:
    key = evening.folder / "town.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    evening.json("audit", "checkpoint", "key", str(key), code=5)
    assert key.read_bytes() == before


def test_nothing_is_overwritten_by_a_checkpoint(desk: Shell) -> None:
    held = str(desk.folder / "held.txt")
    assert desk.json("audit", "checkpoint", "create", "--to", held, code=5)


@pytest.mark.parametrize(
    ("held", "code"), [(b"", 5), (b"\xff\n", 5), (b"x" * 70_000, 5), (b"a\n\nb\n", 5), (None, 3)]
)
def test_a_file_that_is_no_checkpoint_is_told_as_such(
    desk: Shell, held: bytes | None, code: int
) -> None:
    path = desk.folder / "held.txt"
    path.unlink() if held is None else path.write_bytes(held)
    compare(desk, code=code)


def test_without_the_package_it_says_what_to_install(
    desk: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "cryptography", None)
    said = desk("audit", "checkpoint", "key", str(desk.folder / "new.key"))
    assert said.code == 10
    assert "whistle[proof]" in said.told
    assert desk("audit", "checkpoint", "create").code == 0

"""Signed notes and their keys, against the vectors of those who wrote the format."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from whistle.domain.refusal import Refused
from whistle.log import checkpoint, note
from whistle.log.tree import Frontier, sha256, sm3

pytest.importorskip("cryptography", reason="the extra `proof` is not installed")

VECTORS = Path(__file__).parent / "data" / "tlog"
NOTES = json.loads((VECTORS / "note_vectors.json").read_text(encoding="utf-8"))
UPSTREAM = json.loads((VECTORS / "checkpoints.json").read_text(encoding="utf-8"))
[GOOD] = NOTES["good"]


def test_a_note_of_others_is_read_and_its_signature_holds() -> None:
    read = note.read(GOOD["note"])
    assert read.text == GOOD["text"]
    assert note.signed_by(read, note.verifier(GOOD["verifier_key"]))


def test_our_signature_is_that_of_others_to_the_byte() -> None:
    assert str(note.sign(GOOD["text"], GOOD["test_private_key"])) == GOOD["note"]


def test_a_changed_text_loses_its_signature() -> None:
    read = note.read(GOOD["note"].replace("answer", "question"))
    assert not note.signed_by(read, note.verifier(GOOD["verifier_key"]))


@pytest.mark.parametrize("key", [*NOTES["verifier_keys_that_must_be_refused"], "", "a+b", "a+b+c"])
def test_a_key_that_does_not_name_itself_rightly_is_refused(key: str) -> None:
    with pytest.raises(Refused):
        note.verifier(key)


@pytest.mark.parametrize("change", [("PRIVATE", "PUBLIC"), ("c74f20a3", "c74f20a4"), ("AYEK", "A")])
def test_a_text_that_is_no_private_key_signs_nothing(change: tuple[str, str]) -> None:
    with pytest.raises(Refused):
        note.sign("x\n", GOOD["test_private_key"].replace(*change))


@pytest.mark.parametrize("text", ["", "a", "a\n\n", "a\n\nb\n", "a\n\n— b\n", "a\n\n— b AAAA\n"])
def test_what_is_no_note_is_told_from_one(text: str) -> None:
    with pytest.raises(ValueError):
        note.read(text)


def test_a_new_key_signs_and_its_public_half_shows_it() -> None:
    signer, public = note.make_key("town.example/ledger")
    signed = note.read(str(note.sign("said\n", signer)))
    assert note.signed_by(signed, note.verifier(str(public)))
    assert not note.signed_by(signed, note.make_key("town.example/ledger")[1])


@pytest.mark.parametrize("vector", UPSTREAM["checkpoints"], ids=lambda each: str(each["size"]))
def test_a_checkpoint_of_others_has_the_root_that_our_tree_gives(vector: dict[str, Any]) -> None:
    read = note.read(vector["checkpoint"])
    assert note.signed_by(read, note.verifier(UPSTREAM["verifier_key"]))
    tree = Frontier()
    for entry in vector["entries"]:
        tree.add(sha256(b"\x00" + entry.encode()))
    held = checkpoint.read(read.text)
    assert held == checkpoint.Checkpoint(UPSTREAM["origin"], vector["size"], tree.root)
    assert held.root == b64decode(vector["root_b64"])
    assert str(note.sign(str(held), UPSTREAM["test_private_key"])) == vector["checkpoint"]


@pytest.mark.parametrize(
    "text",
    ["", "o\n1\n", "o\n01\nAAAA\n", "o\n-1\nAAAA\n", "o\n1\nAAAA\n", "o\n1\n!\n", "\n1\nAA\n",
     "o\n1\n\n"],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        checkpoint.read(text)


def test_extension_lines_of_others_are_passed_over() -> None:
    held = checkpoint.Checkpoint("town.example", 3, b"r" * 32, b"s" * 32)
    assert checkpoint.read(f"{held}fire-station 7\n") == held


@pytest.mark.skipif(sm3() is None, reason="this platform's OpenSSL has no SM3")
@pytest.mark.parametrize(
    "vector",
    json.loads((VECTORS / "sm3.json").read_text(encoding="utf-8"))["official"],
    ids=lambda each: each["name"],
)
def test_sm3_is_the_standards_own(vector: dict[str, str]) -> None:
    digest = sm3()
    assert digest is not None
    assert digest(bytes.fromhex(vector["hex"])).hex() == vector["sm3"]

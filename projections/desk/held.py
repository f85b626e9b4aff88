"""Files that are held outside the store: checkpoints and keys."""

import os
from pathlib import Path
from typing import Literal, NamedTuple

from whistle.domain.refusal import Broken, Refused, _
from whistle.foreign_file import opened
from whistle.log import checkpoint, note
from whistle.log.checkpoint import Checkpoint, Comparison
from whistle.log.note import Note, Verifier
from whistle.log.placing import or_nothing
from whistle.log.store_log import StoreLog

_LONGEST = 64 * 1024  # bytes of a checkpoint or key; what is longer is none

Signature = Literal["good", "unchecked", "none"]
"""What is known of a checkpoint's signature; `none` when it has none."""


class Checked(NamedTuple):
    """What a checkpoint shows, and whether its signature was checked."""

    comparison: Comparison
    signature: Signature


def checkpoint_of(log: StoreLog, signer: Path | None) -> tuple[Checkpoint, str]:
    """A checkpoint of a record, and its text as a note; signed when there is a signer."""
    key = None
    if signer is not None:
        note.check_signing()
        key = read(signer)
    made = checkpoint.take(log)
    signed = Note(str(made)) if key is None else note.sign(str(made), key)
    return made, str(signed)


def compared(log: StoreLog, file: Path, public: str | None) -> Checked:
    """Hold a checkpoint against the record; its signature first, when a key is given."""
    held = _note(file)
    seen = checkpoint.read(held.text)
    signature: Signature = "unchecked" if held.signatures else "none"
    if public is not None:
        note.check_signing()
        key = note.verifier(read(Path(public)) if Path(public).is_file() else public)
        if not note.signed_by(held, key):
            raise Broken(
                _("The checkpoint carries no good signature of {name}."),
                rule="proof.signature",
                hint=_("ask its keeper for the checkpoint anew, and for the signer's public key"),
                name=key.name,
            )
        signature = "good"
    return Checked(checkpoint.compare(log, seen), signature)


def checkpoint_in(file: Path | None) -> Checkpoint | None:
    """The checkpoint in a file, if one is named; Refused when it is none."""
    return None if file is None else checkpoint.read(_note(file).text)


def _note(file: Path) -> Note:
    try:
        return note.read(read(file))
    except ValueError as error:
        raise checkpoint.no_checkpoint() from error


def make_pair(log: StoreLog, file: Path) -> tuple[Verifier, Path]:
    """A new key pair in two files that do not exist yet, the private one for its owner alone."""
    note.check_signing()
    public_file = file.with_name(f"{file.name}.pub")
    for path in (file, public_file):
        if path.exists():
            raise _exists(path)
    secret, public = note.make_key(checkpoint.origin(log.identity))
    write_new(file, f"{secret}\n", mode=0o600)
    write_new(public_file, f"{public}\n")
    return public, public_file


def read(path: Path) -> str:
    """A short text file; NotFound when it cannot be read."""
    try:
        with opened(path) as file:
            octets = file.read(_LONGEST + 1)
        if len(octets) > _LONGEST:
            raise checkpoint.no_checkpoint()
        return octets.decode()
    except UnicodeDecodeError as error:
        raise checkpoint.no_checkpoint() from error


def write_new(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file that did not exist, whole or not at all; Refused when it does."""
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise _exists(path) from error
    with or_nothing(path), os.fdopen(number, "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


def _exists(path: Path) -> Refused:
    return Refused(
        _("There is something at {path} already."),
        rule="proof.exists",
        hint=_("name a file that does not exist"),
        path=str(path),
    )

"""Signed notes: a text, an empty line, and a line for each who signed it with Ed25519.

As C2SP signed-note (https://c2sp.org/signed-note) has it, with the keys written as
golang.org/x/mod/sumdb/note writes them: the signer `PRIVATE+KEY+name+id+key`, the verifier
`name+id+key`. A key's id is the first 4 bytes of SHA-256(name || 0x0A || 0x01 || public key).

The signing is done by the package `cryptography` (extra `proof`); it is imported when a key is
used, so that everything else works without it.
"""

import binascii
import hashlib
from base64 import b64decode, b64encode
from typing import NamedTuple

from whistle.domain.refusal import Refused, Unreachable, _

ED25519 = b"\x01"
PRIVATE = "PRIVATE+KEY+"
DASH = "— "  # em dash and space lead a signature line
_ID, _RAW = 4, 32


class Verifier(NamedTuple):
    """Whose signature it is, and the key that shows it."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes by which a signature line finds its key."""
        head = self.name.encode() + b"\n" + ED25519
        return hashlib.sha256(head + self.public).digest()[:_ID]

    def __str__(self) -> str:
        key = b64encode(ED25519 + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{key}"


class Signature(NamedTuple):
    """One signature line of a note."""

    name: str
    key_id: bytes
    body: bytes


class Note(NamedTuple):
    """A text (ending in a newline) with its signatures; a text on paper may have none."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def __str__(self) -> str:
        if not self.signatures:
            return self.text
        lines = (
            f"{DASH}{name} {b64encode(key_id + body).decode()}\n"
            for name, key_id, body in self.signatures
        )
        return f"{self.text}\n{''.join(lines)}"


def read(text: str) -> Note:
    """A note as it was written; ValueError when it is none."""
    body, empty, signed = text.rpartition("\n\n")
    if not empty:
        if not text.endswith("\n"):
            raise ValueError(text)
        return Note(text)
    if not signed.endswith("\n"):
        raise ValueError(signed)
    return Note(f"{body}\n", tuple(_signature(line) for line in signed[:-1].split("\n")))


def _signature(line: str) -> Signature:
    name, _space, key = line.removeprefix(DASH).partition(" ")
    octets = b64decode(key, validate=True)
    if not line.startswith(DASH) or not _a_name(name) or len(octets) <= _ID:
        raise ValueError(line)
    return Signature(name, octets[:_ID], octets[_ID:])


def verifier(text: str) -> Verifier:
    """A public key as it is handed on, `name+id+key`; Refused when it is none."""
    name, _plus, rest = text.strip().partition("+")
    key_id, _plus, key = rest.partition("+")
    try:
        octets = b64decode(key, validate=True)
        found = Verifier(name, octets[1:])
        right = octets[:1] == ED25519 and len(found.public) == _RAW and _a_name(name)
        if right and bytes.fromhex(key_id) == found.key_id:
            return found
    except (binascii.Error, ValueError) as error:
        raise _no_key() from error
    raise _no_key()


def make_key(name: str) -> tuple[str, Verifier]:
    """A new key: the signer's text, which stays secret, and the verifier."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    seed = Ed25519PrivateKey.generate()
    public = Verifier(name, seed.public_key().public_bytes_raw())
    secret = b64encode(ED25519 + seed.private_bytes_raw()).decode()
    return f"{PRIVATE}{name}+{public.key_id.hex()}+{secret}", public


def sign(text: str, signer: str) -> Note:
    """The text with a signature; Refused when the signer's text is no private key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if not signer.startswith(PRIVATE):
        raise _no_key()
    name, _plus, rest = signer.strip().removeprefix(PRIVATE).partition("+")
    key_id, _plus, key = rest.partition("+")
    try:
        octets = b64decode(key, validate=True)
        seed = Ed25519PrivateKey.from_private_bytes(octets[1:])
    except (binascii.Error, ValueError) as error:
        raise _no_key() from error
    public = Verifier(name, seed.public_key().public_bytes_raw())
    if octets[:1] != ED25519 or public.key_id.hex() != key_id:
        raise _no_key()
    return Note(text, (Signature(name, public.key_id, seed.sign(text.encode())),))


def signed_by(note: Note, key: Verifier) -> bool:
    """Whether one of the note's signatures is good and made by this key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    for name, key_id, body in note.signatures:
        if (name, key_id) == (key.name, key.key_id):
            try:
                public = Ed25519PublicKey.from_public_bytes(key.public)
                public.verify(body, note.text.encode())
            except InvalidSignature:
                return False
            return True
    return False


def check_signing() -> None:
    """Unreachable when this installation has nothing to sign and check signatures with."""
    try:
        import cryptography  # noqa: F401 - asked only whether it is there
    except ImportError as error:
        raise Unreachable(
            _("Signatures need the package cryptography, which is not installed here."),
            rule="proof.extra",
            hint=_("install it: pip install 'whistle[proof]'; an unsigned checkpoint needs none"),
        ) from error


def _a_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(sign.isspace() for sign in name)


def _no_key() -> Refused:
    return Refused(
        _("This is no Ed25519 key of a signed note."),
        rule="proof.key",
        hint=_("make one: whistle audit checkpoint key FILE; FILE.pub is the public one"),
    )

"""Evidence enters the record as the digest of its bytes; the photo itself stays where it is."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import click

from whistle.foreign_file import opened

photo = click.option(
    "--photo", "--照片", "photos", multiple=True, metavar="@FILE", help="Evidence; its digest only."
)


def digests(files: Sequence[str]) -> tuple[str, ...]:
    """SHA-256 of each file named @FILE or FILE; NotFound when one cannot be read."""
    return tuple(_digest(Path(name.removeprefix("@"))) for name in files)


def _digest(path: Path) -> str:
    with opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

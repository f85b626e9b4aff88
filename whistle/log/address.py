"""What a store's address says.

sqlite:///PATH                          one file
postgresql://USER@HOST:PORT/DATABASE    a database, as libpq writes it; postgres:// as well
"""

import re
from pathlib import Path
from typing import Final

from whistle.domain.refusal import Unreachable, _

SQLITE: Final = "sqlite:///"
POSTGRES: Final = ("postgresql://", "postgres://")
_SECRET: Final = r"(?<=//)([^:/@\s]*):\S*@|(password=)[^&\s]*"  # noqa: S105  # a pattern


def file_of(address: str) -> Path | None:
    """The file of an embedded store; None for a database on a server.

    Raises Unreachable when the address is neither.
    """
    if address.startswith(SQLITE) and len(address) > len(SQLITE):
        return Path(address.removeprefix(SQLITE))
    if address.startswith(POSTGRES):
        return None
    raise no_address(address)


def place_of(address: str) -> str:
    """Where the store is, for people: the file, or the address without its password."""
    path = file_of(address)
    return masked(address) if path is None else str(path)


def masked(text: str) -> str:
    """A text without the password of an address in it."""
    return re.sub(_SECRET, _without, text)


def _without(found: re.Match[str]) -> str:
    return f"{found[2]}…" if found[2] else f"{found[1]}:…@"


def no_address(address: str) -> Unreachable:
    """The sentence for an address that means no store."""
    return Unreachable(
        _("{url} is no store: write sqlite:///PATH or postgresql://USER@HOST/DATABASE."),
        rule="settings.store",
        url=masked(address).split("@")[-1],
    )

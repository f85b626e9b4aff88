"""What SQLite and the disk complain of, as a sentence: damage is one thing, no room is another."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from eventsourcing.persistence import PersistenceError

from whistle.domain.refusal import Broken, Unreachable, _

DAMAGED: Final = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
"""Codes for a file that is not as it was written; SQLITE_ERROR is what a lost table gives."""
NO_ROOM: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})

MISTYPED: Final = (TypeError, ValueError, AttributeError)
"""What a value of another type, put in by hand, leads to: SQLite holds any type in any column."""

RESTORE: Final = _("restore a copy that whistle store backup made earlier")
_UNDECODABLE: Final = "Could not decode to UTF-8"  # the driver's own; it has no code
_GUARDED: Final = ("what is recorded stays", "ledger_head:", "UNIQUE")


@contextmanager
def reaching() -> Iterator[None]:
    """Say in a sentence what the disk or the file would not do.

    Raises Broken for a damaged file and for a write that the record's guards refused, and
    Unreachable for everything else.
    """
    try:
        yield
    except (sqlite3.DatabaseError, PersistenceError) as error:
        if damaged(error):
            raise broken(error) from error
        if any(guard in str(error) for guard in _GUARDED):
            raise Broken(
                _("The store refused the write: {fault}."),
                hint="whistle audit verify",
                fault=str(error),
            ) from error
        raise unreachable(error) from error


def damaged(error: Exception) -> bool:
    """Whether the file is damaged; busy, full and forbidden are other errors."""
    if isinstance(error, PersistenceError) and error.__cause__ is not None:
        error = error.__cause__  # type: ignore[assignment]  # the library wraps the driver's errors
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return str(error).startswith(_UNDECODABLE)
    return code & 0xFF in DAMAGED  # the rest of an extended code says where


def without_room(error: BaseException) -> bool:
    """Whether nothing can be made beside a store: the disk is full, or will not be written."""
    cause: BaseException | None = error
    while cause is not None and not hasattr(cause, "sqlite_errorcode"):
        cause = cause.__cause__
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF in NO_ROOM


def broken(error: object) -> Broken:
    """The sentence for a damaged file."""
    return Broken(
        _("The store is damaged: {fault}."), rule="store.damaged", hint=RESTORE, fault=str(error)
    )


def unreachable(fault: object) -> Unreachable:
    """The sentence for a store that cannot be opened, read or written."""
    return Unreachable(
        _("The store cannot be used: {fault}."),
        hint=_("free disk space or check the path and its rights"),
        fault=str(fault),
    )

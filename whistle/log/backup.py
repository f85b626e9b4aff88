"""A copy of a live store, by SQLite's own backup and never by copying files, then proved."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from whistle.domain.moment import Instant
from whistle.domain.refusal import Broken, Refused, _
from whistle.log.faults import reaching
from whistle.log.opening import address
from whistle.log.placing import put_in_place, throw_away
from whistle.log.rights import open_beside
from whistle.log.sqlite import SQLiteLog
from whistle.log.store_log import StoreLog
from whistle.log.verify import Verdict


class Taken(msgspec.Struct, frozen=True):
    """A copy that was taken and proved."""

    at: Instant
    file: str
    size: int
    root: str


def back_up(log: StoreLog, target: Path) -> Verdict:
    """Copy the store and verify the copy; an existing file is never overwritten.

    Raises Refused when the target exists or the store is no file, Broken when the copy does not
    prove itself.
    """
    if not isinstance(log, SQLiteLog):
        raise Refused(
            _("The store at {path} is backed up by its server's own means, not as one file."),
            rule="store.backup_server",
            hint="docs/howto/recover-postgresql.md",
            path=log.place,
        )
    if target.exists():
        raise Refused(
            _("There is something at {path} already."),
            rule="store.backup_exists",
            hint=_("name a file that does not exist"),
            path=str(target),
        )
    part = target.with_name(target.name + ".part")
    throw_away(part)  # of a backup that was killed
    copied(log, part)
    verdict = _proved(log, part)
    with reaching():
        put_in_place(part, target)
    _remember(log, Taken(log.clock(), str(target.absolute()), verdict.size, verdict.root))
    return verdict


def last_taken(store: Path) -> Taken | None:
    """The last copy that was taken of a store, as far as the list beside it tells.

    The list is for `doctor` alone: a copy changes nothing of the record, so it is no event of it.
    """
    try:
        *_lines, last = _list(store).read_bytes().splitlines()
        return msgspec.json.decode(last, type=Taken)
    except (OSError, ValueError):
        return None


def _remember(log: SQLiteLog, taken: Taken) -> None:
    """Write a copy down beside the store; who may not write there goes without."""
    with suppress(OSError):
        handle = open_beside(_list(log.path), log.path)
        try:
            os.lseek(handle, 0, os.SEEK_END)
            os.write(handle, msgspec.json.encode(taken) + b"\n")
        finally:
            os.close(handle)


def _list(store: Path) -> Path:
    return store.with_name(f"{store.name}.backups")


def copied(log: SQLiteLog, target: Path) -> None:
    """Copy the store as it is at one moment, whoever writes it meanwhile, to a file of its own."""
    target.unlink(missing_ok=True)
    with reaching(), closing(_source(log)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def _source(log: SQLiteLog) -> sqlite3.Connection:
    if log.read_only:
        return sqlite3.connect(address(log.path), uri=True)
    return sqlite3.connect(log.path)


def _proved(log: SQLiteLog, part: Path) -> Verdict:
    copy = SQLiteLog(part, log.clock, read_only=True)
    verdict = copy.verify()
    copy.close()
    if not verdict.ok:
        raise Broken(
            _("The copy does not prove itself: {reason}."),
            hint="whistle audit verify",
            reason=verdict.reason,
        )
    return verdict

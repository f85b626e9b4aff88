"""A copy of a live store, by SQLite's own backup and never by copying files, then proved."""

import sqlite3
from contextlib import closing
from pathlib import Path

from whistle.domain.refusal import Broken, Refused, _
from whistle.log.faults import reaching
from whistle.log.opening import address
from whistle.log.placing import put_in_place, throw_away
from whistle.log.sqlite import SQLiteLog
from whistle.log.store_log import StoreLog
from whistle.log.verify import Verdict


def back_up(log: StoreLog, target: Path) -> Verdict:
    """Copy the store and verify the copy; an existing file is never overwritten.

    Raises Refused when the target exists or the store is no file, Broken when the copy does not
    prove itself.
    """
    if not isinstance(log, SQLiteLog):
        raise Refused(
            _("The store at {path} is backed up by its server's own means, not as one file."),
            rule="store.backup_server",
            hint="docs/howto/postgresql.md: pg_basebackup, pg_dump",
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
    with reaching(), closing(_source(log)) as source:
        with closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        verdict = _proved(log, part)
        put_in_place(part, target)
    return verdict


def _source(log: SQLiteLog) -> sqlite3.Connection:
    if log.read_only:
        return sqlite3.connect(address(log.path), uri=True)
    return sqlite3.connect(log.path)


def _proved(log: SQLiteLog, part: Path) -> Verdict:
    copy = SQLiteLog(part, log.clock)
    verdict = copy.verify()
    copy.close()
    if not verdict.ok:
        raise Broken(
            _("The copy does not prove itself: {reason}."),
            hint="whistle audit verify",
            reason=verdict.reason,
        )
    return verdict

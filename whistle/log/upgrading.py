"""The tables of a store brought up to what this program makes: a short list of steps.

An event never changes: a step lays the record out anew, or adds what is derived from the events or
guards them, and the root of the record is the same afterwards. Every step can be told from the
version that a store says it has.

A step is a line of STEPS, its statements in whistle/log/steps.py. With a new one: raise
SCHEMA_VERSION, make the tables of a new store (schema.py) as the step leaves them, keep a store of
the version before in tests/data/stores.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec

from whistle.domain.refusal import Broken, _
from whistle.log.backup import back_up, copied
from whistle.log.faults import RESTORE
from whistle.log.opening import may_write
from whistle.log.port import Altering
from whistle.log.proving import proved_on
from whistle.log.reader import SQLReader
from whistle.log.sqlite import SQLiteLog
from whistle.log.steps import STEPS, Step
from whistle.log.store_log import StoreLog
from whistle.log.verify import Verdict


class Upgraded(NamedTuple):
    """What an upgrade did, or would do."""

    before: int
    after: int
    steps: tuple[Step, ...]
    verdict: Verdict
    backup: Path | None = None


class _Rehearsed(Exception):
    def __init__(self, done: Upgraded) -> None:
        super().__init__()
        self.done = done


def upgrade(log: StoreLog, backup: Path | None = None) -> Upgraded:
    """Bring a store up to date in one transaction, the whole record proved before it commits.

    A file is copied to `backup` first (without a place for it, beside the store), the copy proved,
    and the steps rehearsed on another. A store that has every step is left alone, and no copy is
    made. Raises Refused where `backup` exists or this account may not change the tables, Broken
    when a copy or what came of it does not prove itself: the store is then as it was.
    """
    if not _missing(log):
        return _nothing(log)
    if not isinstance(log, SQLiteLog):
        return take_steps(log)
    target = backup or log.path.with_name(f"{log.path.name}.v{log.identity.schema_version}")
    log.check_may_alter()
    back_up(log, target)
    rehearse(log)
    return take_steps(log)._replace(backup=target)


def rehearse(log: StoreLog) -> Upgraded:
    """Take the steps and leave the store as it was: on a copy of a file, that is thrown away
    afterwards; in a database in a transaction that is rolled back.
    """
    if not _missing(log):
        return _nothing(log)
    if not isinstance(log, SQLiteLog):
        try:
            return take_steps(log, rehearsed=True)
        except _Rehearsed as rehearsed:
            return rehearsed.done
    beside = log.path.parent if may_write(log.path) else None
    with TemporaryDirectory(prefix=f".{log.path.name}-", dir=beside) as folder:
        path = Path(folder) / log.path.name
        copied(log, path)
        copy = SQLiteLog(path, log.clock)
        try:
            return take_steps(copy)
        finally:
            copy.close()


def _nothing(log: StoreLog) -> Upgraded:
    version = log.identity.schema_version
    return Upgraded(version, version, (), log.verify())


def _missing(log: StoreLog) -> tuple[Step, ...]:
    return tuple(step for step in STEPS if step.to > log.identity.schema_version)


def take_steps(log: StoreLog, *, rehearsed: bool = False) -> Upgraded:
    """Take the steps; Broken, and nothing done, when one touched the record itself."""
    before, steps = log.identity.schema_version, _missing(log)
    with log.altering() as tables:
        held = _head(tables)
        tables.loosen()
        for step in steps:
            step.act(tables)
        tables.run(f"UPDATE store SET schema_version = {steps[-1].to}")
        tables.guard()
        if _head(tables) != held:
            raise _unproved("ledger_head")
        try:
            verdict = proved_on(SQLReader(tables.cursor))
        except Broken as broken:
            raise _unproved(broken) from broken
        done = Upgraded(before, steps[-1].to, steps, verdict)
        if rehearsed:
            raise _Rehearsed(done)
    log.identity = msgspec.structs.replace(log.identity, schema_version=steps[-1].to)
    return done


def _head(tables: Altering) -> tuple[object, ...]:
    tables.cursor.execute("SELECT size, frontier, last_recorded_at FROM ledger_head")
    return tuple(tables.cursor.fetchone())


def _unproved(reason: object) -> Broken:
    return Broken(
        _("The upgraded store does not prove itself: {reason}."),
        rule="store.upgrade",
        hint=RESTORE,
        reason=reason,
    )

"""The tables of a store brought up to what this program makes: a short list of steps.

An event never changes: a step adds what is derived from the events, or what guards them, and the
root of the record is the same afterwards. Every step can be told from the version that a store
says it has, and leaves a store that has it already as it was.

A step is a line of STEPS. With a new one: raise SCHEMA_VERSION, make the tables of a new store
(schema.py) as the step leaves them, keep a store of the version before in tests/data/stores.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from whistle.domain.refusal import Broken, Refused, _
from whistle.log import sites
from whistle.log.backup import back_up, copied
from whistle.log.faults import RESTORE
from whistle.log.schema import SITES, triggers
from whistle.log.sqlite import SQLiteLog
from whistle.log.store_log import StoreLog
from whistle.log.verify import Verdict


class Step(NamedTuple):
    """One change of the tables."""

    to: int
    """The version that a store has afterwards."""
    says: str
    """What it brings, as a sentence for the operator."""
    act: Callable[[Any], None]
    """The SQL, and what fills new tables from the events; on the cursor of the one transaction."""


class Upgraded(NamedTuple):
    """What an upgrade did, or would do."""

    before: int
    after: int
    steps: tuple[Step, ...]
    verdict: Verdict
    backup: Path | None = None


def upgrade(log: StoreLog, backup: Path | None = None) -> Upgraded:
    """Copy the store to `backup` and prove the copy, rehearse on it, then do it in one transaction.

    Without a place for it, the copy lies beside the store. A store that has every step is left
    alone, and no copy is made. Raises Refused where `backup` exists or this account may not write
    the store, Broken when a copy or what came of it does not prove itself: the store is then as it
    was.
    """
    if not _missing(log):
        return _nothing(log)
    file = _file(log)
    if file.read_only:
        raise _read_only()
    target = backup or file.path.with_name(f"{file.path.name}.v{log.identity.schema_version}")
    back_up(file, target)
    rehearse(file)
    return _taken(file)._replace(backup=target)


def rehearse(log: StoreLog) -> Upgraded:
    """Take the steps on a copy that is thrown away afterwards; the store is only read."""
    if not _missing(log):
        return _nothing(log)
    file = _file(log)
    beside = None if file.read_only else file.path.parent
    with TemporaryDirectory(prefix=f".{file.path.name}-", dir=beside) as folder:
        path = Path(folder) / file.path.name
        copied(file, path)
        copy = SQLiteLog(path, file.clock)
        try:
            return _taken(copy)
        finally:
            copy.close()


def _nothing(log: StoreLog) -> Upgraded:
    version = log.identity.schema_version
    return Upgraded(version, version, (), log.verify())


def _missing(log: StoreLog) -> tuple[Step, ...]:
    return tuple(step for step in STEPS if step.to > log.identity.schema_version)


def _file(log: StoreLog) -> SQLiteLog:
    """The log in a file; on servers no store has tables older than these steps lead to."""
    if not isinstance(log, SQLiteLog):
        raise Refused(
            _("The store at {path} has tables that no program ever made there."),
            rule="store.upgrade",
            path=log.place,
        )
    return log


def _taken(log: SQLiteLog) -> Upgraded:
    """Take the steps; Broken, and nothing done, when one touched the record itself."""
    before, steps = log.identity.schema_version, _missing(log)
    if steps:
        with log.writing() as txn, _untied(txn.cursor):
            held = _head(txn.cursor)
            for step in steps:
                step.act(txn.cursor)
            txn.cursor.execute("UPDATE store SET schema_version = ?", (steps[-1].to,))
            if _head(txn.cursor) != held:
                raise _unproved("ledger_head")
        log.identity = log.identity._replace(schema_version=steps[-1].to)
    verdict = log.verify()
    if not verdict.ok:
        raise _unproved(verdict.reason)
    return Upgraded(before, log.identity.schema_version, steps, verdict)


def _head(cursor: Any) -> tuple[Any, ...]:
    cursor.execute("SELECT size, frontier, last_recorded_at FROM ledger_head")
    return tuple(cursor.fetchone())


def _unproved(reason: object) -> Broken:
    return Broken(
        _("The upgraded store does not prove itself: {reason}."),
        rule="store.upgrade",
        hint=RESTORE,
        reason=reason,
    )


@contextmanager
def _untied(cursor: Any) -> Iterator[None]:
    """The guards off and on again, as this program makes them, within the one transaction."""
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    for (name,) in cursor.fetchall():
        cursor.execute(f"DROP TRIGGER {name}")
    yield
    for statement in triggers():
        cursor.execute(statement)


def _read_only() -> Refused:
    return Refused(
        _("This account may only read the store."),
        rule="store.read_only",
        hint=_("let an account upgrade it that may write the file and its folder"),
    )


def _sites(cursor: Any) -> None:
    if not sites.known(cursor):
        for statement in SITES:
            cursor.execute(statement)
    sites.fill(cursor)


STEPS: tuple[Step, ...] = (
    Step(2, _("duplicates and repeat places are found; no row is replaced by accident"), _sites),
)
"""In order; the last one leads to what `create` makes, which a test holds."""

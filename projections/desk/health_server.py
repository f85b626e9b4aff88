"""How a store on a PostgreSQL server is: durable, whole at its head, archived lately."""

from collections.abc import Callable
from typing import Any

import msgspec

from projections.desk import times
from projections.desk.desk import Desk
from projections.desk.findings import Finding, alarm, look, ok
from projections.desk.health_record import counted, growing
from projections.desk.words import say
from whistle.domain.refusal import _
from whistle.log.store_log import StoreLog

DURABLE = ("on", "remote_apply", "remote_write", "local")  # values of synchronous_commit
RECOVERY = _("see how to: docs/howto/recover-postgresql.md")
_ARCHIVED = """
SELECT archived_count, failed_count, (extract(epoch FROM last_archived_time) * 1000000)::bigint,
  coalesce(last_failed_time > last_archived_time, failed_count > 0) FROM pg_stat_archiver
"""


def _store(_desk: Desk, log: StoreLog) -> Finding:
    identity = log.identity
    figures = {**msgspec.structs.asdict(identity), "file": log.place, "read_only": log.read_only}
    says = say(_("{path}, epoch {epoch}, tables of version {version}"), path=log.place,
               epoch=identity.epoch, version=identity.schema_version)  # fmt: skip
    if log.read_only:
        return look(
            "store", says, say(_("orders need a role that may add to the record")), **figures
        )
    return ok("store", says, **figures)


def _durable(_desk: Desk, log: StoreLog) -> Finding:
    found = {name: _setting(log, name) for name in ("synchronous_commit", "fsync")}
    text = _("an order is on the disk before it is answered (synchronous_commit {commit})")
    if found["fsync"] != "on" or found["synchronous_commit"] not in DURABLE:
        text = _(
            "a power cut can lose what was answered: fsync {fsync}, synchronous_commit {commit}"
        )
        then = say(_("set both to on in postgresql.conf"))
        says = say(text, fsync=found["fsync"], commit=found["synchronous_commit"])
        return alarm("durable", says, then, **found)
    return ok("durable", say(text, commit=found["synchronous_commit"]), **found)


def _record(_desk: Desk, log: StoreLog) -> Finding:
    ledger = _one(log, "SELECT coalesce(MAX(seq), 0) FROM ledger")
    events = _one(log, "SELECT coalesce(MAX(position), 0) FROM events")
    return counted(log.size(), ledger, events)


def _size(desk: Desk, log: StoreLog) -> Finding:
    octets = _one(log, "SELECT pg_database_size(current_database())")
    return growing(desk, log, octets)


def _archive(desk: Desk, log: StoreLog) -> Finding:
    """Whether the server hands on what it writes, so that it can go back to a moment."""
    mode = _setting(log, "archive_mode")
    if mode == "off":
        says = say(_("off: this store can only go back to a base backup or a dump"))
        return look("archive", says, say(RECOVERY), mode=mode)
    with log.reading() as reader:
        count, failed, last, failing = next(iter(reader.scan(_ARCHIVED)))
    figures = {"mode": mode, "archived": count, "failed": failed}
    if failing:
        says = say(
            _("it fails, {failed} times so far: nothing newer can be recovered"), failed=failed
        )
        return alarm("archive", says, say(_("see the server's log for archive_command")), **figures)
    when = times.shown(last, desk.zone) if last else "-"
    return ok("archive", say(_("the last piece at {when}"), when=when), **figures)


def _setting(log: StoreLog, name: str) -> str:
    return str(_one(log, f"SELECT current_setting('{name}')"))


def _one(log: StoreLog, statement: str) -> Any:
    with log.reading() as reader:
        return next(iter(reader.scan(statement)))[0]


LOOKS: dict[str, Callable[[Desk, StoreLog], Finding]] = {
    "store": _store,
    "durable": _durable,
    "record": _record,
    "size": _size,
    "archive": _archive,
}

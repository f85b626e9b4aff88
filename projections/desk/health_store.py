"""How the store's file is: durable, whole at its head, with room on the disk, copied lately."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from projections.desk import times
from projections.desk.desk import Desk
from projections.desk.findings import Finding, alarm, look, ok
from projections.desk.health_record import BEGUN, a_day, counted, growing
from projections.desk.measuring import amount
from projections.desk.words import say
from whistle.domain.moment import DAY, SECOND
from whistle.domain.refusal import _
from whistle.log import sizes
from whistle.log.backup import last_taken
from whistle.log.mounts import NETWORK, file_system
from whistle.log.reader import SQLReader
from whistle.log.schema import SCHEMA_VERSION
from whistle.log.sqlite import SQLiteLog

FREE_ALARM, FREE_LOOK = 0.10, 0.20  # of the disk; a full one stops every order
WAL_LOOK = 64_000_000  # bytes: some reader keeps it from being emptied
COPY_LOOK, COPY_ALARM = DAY, 7 * DAY
UNFINISHED = (".part", ".restoring")
BACKUP = "whistle store backup FILE"


def _store(_desk: Desk, log: SQLiteLog) -> Finding:
    identity = log.identity
    version = identity.schema_version
    figures = {
        "file": str(log.path),
        "store_id": identity.store_id,
        "epoch": identity.epoch,
        "schema_version": version,
        "read_only": log.read_only,
    }
    text = _("{path}, epoch {epoch}, tables of version {version}")
    says = say(text, path=str(log.path), epoch=identity.epoch, version=version)
    if version < SCHEMA_VERSION:
        return look("store", says, "whistle store upgrade", **figures)
    if log.read_only:
        then = say(_("orders need an account that may write the file and its folder"))
        return look("store", says, then, **figures)
    return ok("store", says, **figures)


def _durable(_desk: Desk, log: SQLiteLog) -> Finding:
    system = file_system(log.path)
    if system in NETWORK:
        text = _("it lies on a network file system ({system}): no lock there can be relied on")
        then = say(_("move it: whistle store backup, and restore on a disk of this machine"))
        return alarm("durable", say(text, system=system), then, system=system)
    if log.read_only:
        return ok("durable", say(_("read only here: nothing is written")), system=system)
    with log.reading() as reader:
        journal = _one(reader, "PRAGMA journal_mode")
        synchronous = _one(reader, "PRAGMA synchronous")
    text = _("an order is on the disk before it is answered ({journal}, synchronous {synchronous})")
    says = say(text, journal=journal, synchronous=synchronous)
    return ok("durable", says, journal=journal, synchronous=synchronous, system=system)


def _record(_desk: Desk, log: SQLiteLog) -> Finding:
    with log.reading() as reader:
        ledger = _one(reader, "SELECT ifnull(MAX(seq), 0) FROM ledger")
        events = _one(reader, "SELECT ifnull(MAX(position), 0) FROM events")
    return counted(log.size(), ledger, events)


def _size(desk: Desk, log: SQLiteLog) -> Finding:
    return growing(desk, log, log.path.stat().st_size)


def _disk(desk: Desk, log: SQLiteLog) -> Finding:
    room = shutil.disk_usage(log.path.parent)
    share = room.free / room.total if room.total else 0.0
    daily = a_day(desk, log, log.path.stat().st_size)
    figures = {"free": room.free, "total": room.total, "share": round(share, 4)}
    says = say(_("{free} free of {total} ({share}%)"), free=amount(room.free),
               total=amount(room.total), share=int(share * 100))  # fmt: skip
    if daily:
        years = room.free // (daily * 365)
        enough = say(_("; enough for {years} years of this"), years=min(years, 100))
        says += enough if years else ""
    then = say(_("free room on this disk; a full one stops every order"))
    if share < FREE_ALARM:
        return alarm("disk", says, then, **figures)
    return look("disk", says, then, **figures) if share < FREE_LOOK else ok("disk", says, **figures)


def _wal(_desk: Desk, log: SQLiteLog) -> Finding:
    octets = sizes.beside(log.path).get("-wal", 0)
    says = say(_("{size} beside the store"), size=amount(octets))
    if octets > WAL_LOOK:
        then = say(_("some program keeps reading the store: end it, and the next order empties it"))
        return look("wal", says, then, bytes=octets)
    return ok("wal", says, bytes=octets)


def _copy(desk: Desk, log: SQLiteLog) -> Finding:
    taken, size = last_taken(log.path), log.size()
    if taken is None:
        says = say(_("no copy is known"))
        with log.reading() as reader:
            begun = _one(reader, BEGUN)
        old = begun is not None and desk.received_at - begun > COPY_ALARM
        return (alarm if old else look)("copy", says, BACKUP, file=None)
    since, age = max(0, size - taken.size), desk.received_at - taken.at
    text = _("{when}, {since} events ago: {file}")
    says = say(text, when=times.shown(taken.at, desk.zone), since=since, file=taken.file)
    figures = {"file": taken.file, "age_s": age // SECOND, "events_since": since}
    if since and age > COPY_ALARM:
        return alarm("copy", says, BACKUP, **figures)
    if since and age > COPY_LOOK:
        return look("copy", says, BACKUP, **figures)
    return _where(log, says, Path(taken.file), figures)


def _where(log: SQLiteLog, says: str, file: Path, figures: dict[str, Any]) -> Finding:
    """A young copy: is it still there, and on another disk?"""
    if not file.is_file():
        then = say(_("it is not to be found from here; prove it where it is: {line}"),
                   line="whistle store restore FILE --check")  # fmt: skip
        return look("copy", says, then, **figures)
    if file.stat().st_dev == log.path.stat().st_dev:
        then = say(_("it lies on the disk of the store, and goes with it: copy to another disk"))
        return look("copy", says, then, **figures)
    return ok("copy", says, **figures)


def _left(_desk: Desk, log: SQLiteLog) -> Finding:
    lying = sizes.beside(log.path)
    unfinished = [each for each in lying if each.startswith(UNFINISHED)]
    aside = [each for each in lying if each.startswith(".before-e") and "-wal" not in each]
    if unfinished:
        says = say(_("unfinished copies lie here: {names}"), names=" ".join(unfinished))
        return look("left", says, say(_("delete them; they were never whole")), files=unfinished)
    if aside:
        octets = sum(lying[each] for each in aside)
        text = _("set aside by a restore, {size}: {names}; they prove what was lost")
        says = say(text, size=amount(octets), names=" ".join(aside))
        return ok("left", says, files=aside, bytes=octets)
    return ok("left", say(_("nothing")), files=[])


def _one(reader: SQLReader, statement: str) -> Any:
    reader.cursor.execute(statement)
    row = reader.cursor.fetchone()
    return row[0] if row else None


LOOKS: dict[str, Callable[[Desk, SQLiteLog], Finding]] = {
    "store": _store,
    "durable": _durable,
    "record": _record,
    "size": _size,
    "disk": _disk,
    "wal": _wal,
    "copy": _copy,
    "left": _left,
}

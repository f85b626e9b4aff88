"""A store's file put where another one lies, which is set aside whole and never lost.

What lies beside a store in -wal belongs to that very file: left beside another one, its writes
would come back there.
"""

import shutil
from pathlib import Path

from whistle.domain.refusal import Refused, _
from whistle.log.backup import copied
from whistle.log.faults import unreachable
from whistle.log.placing import sync_folder, throw_away
from whistle.log.rights import STORE, shared_group
from whistle.log.sqlite import SQLiteLog


def prepared(copy: SQLiteLog, path: Path) -> Path:
    """A copy of a copy beside the place where it will lie, with the rights it will have there."""
    part = path.with_name(f"{path.name}.restoring")
    throw_away(part)
    try:
        copied(copy, part)
        _given_rights(part, path)
    except OSError as error:
        raise unreachable(error.strerror) from error
    return part


def put(part: Path, path: Path, epoch: int) -> Path | None:
    """Set aside what lies at a path and put a file there; where the former now lies, if any.

    The caller holds the store's queue. A kill leaves the old file, or no file, or the new one; in
    each case the same command can be given again.
    """
    aside = None
    if path.exists():
        aside = _aside(path, epoch)
        _beside(path, aside)
        path.rename(aside)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    part.rename(path)
    sync_folder(path.parent)  # the names too survive a power cut
    return aside


def _beside(path: Path, aside: Path) -> None:
    """Give what stands in -wal the name by which it is found beside the file's new one, too.

    A kill finds both names or the old one alone, and never a file without what belongs to it.
    """
    wal, there = (each.with_name(f"{each.name}-wal") for each in (path, aside))
    there.unlink(missing_ok=True)  # of a try that was killed
    if wal.exists():
        try:
            there.hardlink_to(wal)
        except OSError:  # a file system without links
            shutil.copyfile(wal, there)


def _aside(path: Path, epoch: int) -> Path:
    """A name that is free, and says what came after."""
    plain = path.with_name(f"{path.name}.before-e{epoch}")
    more = (plain.with_name(f"{plain.name}.{nth}") for nth in range(2, 100))
    free = next((each for each in (plain, *more) if not each.exists()), None)
    if free is None:
        raise Refused(
            _("There is something at {path} already."),
            rule="store.exists",
            hint=_("put the stores that were set aside earlier somewhere else"),
            path=str(plain),
        )
    return free


def _given_rights(part: Path, path: Path) -> None:
    """The rights and the group of the file that lies there; in a shared folder its group's."""
    if path.exists():
        there = path.stat()
        if part.stat().st_gid != there.st_gid:
            shutil.chown(part, group=there.st_gid)
        part.chmod(there.st_mode & 0o777)
    elif (group := shared_group(path.parent)) is not None:
        if part.stat().st_gid != group:
            shutil.chown(part, group=group)
        part.chmod(STORE)

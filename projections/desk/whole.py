"""A store that appears only when it is whole: made beside its place, then put there."""

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from projections.desk.desk import Desk
from projections.desk.founding import found
from whistle.domain.refusal import Refused, _
from whistle.engine import Given, Reply
from whistle.log.rights import share_file
from whistle.log.sqlite import SQLiteLog, create


def found_whole(desk: Desk, path: Path, orders: Sequence[Given], group: int | None = None) -> Reply:
    """Open a town's record at a path where nothing is: after any failure nothing is there still.

    With a group its accounts share the store. Raises Refused when something came to lie there
    meanwhile, OSError when the disk says no.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as folder:
        unfinished = Path(folder) / path.name
        create(unfinished)
        log = SQLiteLog(unfinished, desk.now)
        try:
            reply = found(log, desk, list(orders))
        finally:
            log.close()  # the last to close it writes everything into the one file
        if group is not None:
            share_file(unfinished, group)
        _put(unfinished, path)
    return reply


def _put(unfinished: Path, path: Path) -> None:
    """Give the file its name, which nobody else's file may have."""
    try:
        os.link(unfinished, path)
    except FileExistsError as error:
        raise Refused(
            _("There is something at {path} already."), rule="store.exists", path=str(path)
        ) from error
    except OSError:  # a file system without links
        unfinished.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name too survives a power cut
    finally:
        os.close(folder)

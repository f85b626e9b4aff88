"""A store that appears only when it is whole: made beside its place, then put there.

A database is made where it stays; of a founding that fails there, nothing is left.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from projections.desk.desk import Desk
from projections.desk.founding import found
from whistle.domain.refusal import Refused, WhistleError, _
from whistle.engine import Given, Reply
from whistle.log import stores
from whistle.log.address import file_of
from whistle.log.placing import sync_folder
from whistle.log.rights import share_file
from whistle.log.sqlite import SQLiteLog, create


def found_whole(desk: Desk, orders: Sequence[Given], group: int | None = None) -> Reply:
    """Open a town's record where nothing is: after any failure nothing is there still.

    With a group its accounts share the store. Raises Refused when something came to lie there
    meanwhile, OSError when the disk says no.
    """
    path = file_of(desk.address)
    if path is None:
        return _on_server(desk, orders)
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


def _on_server(desk: Desk, orders: Sequence[Given]) -> Reply:
    """In a database; the tables may have been made before by who owns it (`store init`)."""
    fresh = not stores.exists(desk.address)
    if fresh:
        stores.create(desk.address)
    try:
        return found(desk.log, desk, list(orders))
    except WhistleError:
        if fresh:
            stores.unmake(desk.address)
        raise


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
    sync_folder(path.parent)

"""Making a store in a database, and looking whether there is one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from whistle.domain.refusal import Refused, _
from whistle.log.address import masked
from whistle.log.postgres import THERE
from whistle.log.postgres_cursor import Cursor
from whistle.log.postgres_faults import reaching
from whistle.log.postgres_recorder import LOCK, Datastore
from whistle.log.postgres_schema import statements, undone

_WRITE: Final = f"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {LOCK}"


@contextmanager
def beginning(url: str) -> Iterator[Cursor]:
    """A write in a database that need not hold a store yet."""
    datastore = Datastore(url)
    try:
        with reaching(), datastore.pool.begun(lambda wire: wire.say(_WRITE)) as (wire, _told):
            cursor = Cursor(wire)
            yield cursor
            cursor.end("COMMIT")
    finally:
        datastore.close()


def exists(url: str) -> bool:
    """Whether the database holds a store, or tables where one would be."""
    with beginning(url) as cursor:
        return bool(cursor.execute(THERE).fetchone()[0])


def unmake(url: str) -> None:
    """Drop the tables of a store that holds no event."""
    with beginning(url) as cursor:
        if cursor.execute("SELECT size FROM ledger_head").fetchone()[0] == 0:
            for statement in undone():
                cursor.run(statement)


def create(url: str) -> None:
    """Make an empty store in an empty database; Refused when there is one already.

    Raises Unreachable when the server or its rights do not let it be made.
    """
    with beginning(url) as cursor:
        _make(cursor, masked(url))


def _make(cursor: Cursor, place: str) -> None:
    there, _named, encoding = cursor.execute(
        f"{THERE}, current_setting('server_encoding')"
    ).fetchone()
    if there:
        raise Refused(
            _("There is something at {path} already."),
            rule="store.exists",
            hint=_("choose another --store, or use the one that is there"),
            path=place,
        )
    if encoding != "UTF8":
        raise Refused(
            _("The database's encoding is {encoding}; a store needs UTF8."),
            rule="store.encoding",
            hint="createdb --template=template0 --encoding=UTF8",
            encoding=encoding,
        )
    for statement in statements():
        cursor.run(statement)

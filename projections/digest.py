"""The digest of a view's rows: the same on every machine, for the same log."""

import hashlib
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa

from projections.projection import Projection, Table

AT_ONCE: Final = 5_000  # rows in memory
_encoder = msgspec.json.Encoder()


class Digest(NamedTuple):
    """How many rows a view has, and SHA-256 over them as lines of JSON in the order of keys."""

    rows: int
    digest: str


def of(tx: sa.Connection, view: Projection, suffix: str = "") -> Digest:
    """The digest of a view as a transaction sees it, table by table, in little memory."""
    total, sha = 0, hashlib.sha256()
    for table in view.tables:
        sha.update(_encoder.encode_lines([[table.name, list(table.columns)]]))
        for rows in _rows(tx, table, suffix):
            sha.update(_encoder.encode_lines(rows))
            total += len(rows)
    return Digest(total, sha.hexdigest())


def _rows(tx: sa.Connection, table: Table[Any], suffix: str) -> Iterator[list[tuple[Any, ...]]]:
    """Rows in the order of their keys, as the driver has them: what is true is 1 everywhere."""
    sql = table.sql(suffix)
    columns = [
        sa.cast(column, sa.Integer) if isinstance(column.type, sa.Boolean) else column
        for column in sql.c
    ]
    wanted = sa.select(*columns).order_by(*(sql.c[name] for name in table.key))
    raw: Any = tx.connection.driver_connection
    named = {"name": "digest"} if tx.dialect.name == "postgresql" else {}  # kept on the server
    statement, faults = str(wanted.compile(dialect=tx.dialect)), tx.dialect.loaded_dbapi.Error
    try:
        with closing(raw.cursor(**named)) as cursor:
            cursor.execute(statement)
            while rows := cursor.fetchmany(AT_ONCE):
                yield rows
    except faults as error:  # told as every other fault of the views is
        told = sa.exc.DBAPIError.instance(statement, None, error, faults, dialect=tx.dialect)
        raise told from error

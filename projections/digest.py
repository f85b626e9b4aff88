"""The digest of a view's rows: the same on every machine, for the same log.

A view is what its cases come to, and a case is known whole to whoever folds it. So each is summed
up by itself, table by table, and the sums are added: in any order, of any parts of the log, as its
rows are made or as they are read back.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa

from projections.projection import Projection, Table
from projections.table import Values

AT_ONCE: Final = 5_000  # rows in memory
_WIDTH: Final = 32  # bytes of SHA-256
_encoder = msgspec.json.Encoder()


class Digest(NamedTuple):
    """How many rows a view has, and SHA-256 over its tables' columns and the sum of its cases."""

    rows: int
    digest: str


class Sum(msgspec.Struct):
    """Rows that are counted, and the sum of their cases modulo 2**256.

    What is added for a case in a table is the SHA-256 over the table's name and the case's rows in
    the order of their keys, as lines of JSON.
    """

    rows: int = 0
    total: int = 0

    def take(self, table: Table[Any], rows: Sequence[Values]) -> None:
        """Add all rows that a case has in a table, in the order of their keys."""
        sha = hashlib.sha256(table.named)
        sha.update(_encoder.encode_lines(table.plain(rows)))
        self.rows += len(rows)
        self.total += int.from_bytes(sha.digest(), "big")

    def join(self, other: "Sum") -> None:
        """Add what others have added for other cases."""
        self.rows += other.rows
        self.total += other.total

    def of(self, view: Projection) -> Digest:
        """The digest of a view that has these cases and no others."""
        tables = _encoder.encode_lines([[each.name, each.columns] for each in view.tables])
        total = (self.total % 2 ** (8 * _WIDTH)).to_bytes(_WIDTH, "big")
        return Digest(self.rows, hashlib.sha256(tables + total).hexdigest())


def of(tx: sa.Connection, view: Projection, suffix: str = "") -> Digest:
    """The digest of a view as a transaction sees it, table by table, in little memory."""
    found = Sum()
    for table in view.tables:
        for _case, rows in groupby(_rows(tx, table, suffix), key=itemgetter(0)):
            found.take(table, list(rows))
    return found.of(view)


def _rows(tx: sa.Connection, table: Table[Any], suffix: str) -> Iterator[Values]:
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
                yield from rows
    except faults as error:  # told as every other fault of the views is
        told = sa.exc.DBAPIError.instance(statement, None, error, faults, dialect=tx.dialect)
        raise told from error

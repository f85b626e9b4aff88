"""The digest of a view's rows: the same on every machine, for the same log."""

import hashlib
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from projections.projection import Projection

_encoder = msgspec.json.Encoder()


class Digest(NamedTuple):
    """How many rows a view has, and SHA-256 over them as sorted lines of JSON."""

    rows: int
    digest: str


def of(tx: sa.Connection, view: Projection, suffix: str = "") -> Digest:
    """The digest of a view as a transaction sees it, table by table."""
    total, sha = 0, hashlib.sha256()
    for table in view.tables:
        columns = list(table.sql(suffix).c)
        found = tx.execute(sa.select(*columns))
        lines = sorted(_encoder.encode(tuple(row)) for row in found)
        sha.update(_encoder.encode([table.name, [str(column.name) for column in columns]]))
        sha.update(b"\n".join(lines))
        total += len(lines)
    return Digest(total, sha.hexdigest())

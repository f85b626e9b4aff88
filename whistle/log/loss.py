"""What a store holds that a copy of it lacks: what would be lost if the copy were put back."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from whistle.domain.moment import Instant
from whistle.domain.restored import Again
from whistle.log.reader import SQLReader
from whistle.log.sqlite import SQLiteLog


class Loss(NamedTuple):
    """The part of a store that a copy does not hold."""

    common: int
    """Events that both begin with."""
    lost: int
    """Events of the store beyond these."""
    gained: int
    """Events of the copy beyond these."""
    lost_from: Instant | None
    """When the first of the lost ones was recorded."""
    root: str
    """The root of the store as it is, in hex."""
    again: tuple[Again, ...]
    """Numbers that were given, and will be given again."""
    attempts: int
    """Refused attempts on record beyond those of the copy."""


def loss(store: SQLiteLog, copy: SQLiteLog) -> Loss:
    """Compare two logs of one store, leaf by leaf; either may be the longer one, or neither."""
    with store.reading() as ours, copy.reading() as theirs:
        common = 0
        for one, other in zip(_leaves(ours), _leaves(theirs), strict=False):
            if one != other:
                break
            common += 1
        return Loss(
            common=common,
            lost=store.size() - common,
            gained=copy.size() - common,
            lost_from=_one(ours, "SELECT recorded_at FROM ledger WHERE seq = ?", common + 1),
            root=store.root().hex(),
            again=_again(ours, theirs),
            attempts=max(0, _attempts(ours) - _attempts(theirs)),
        )


def _leaves(reader: SQLReader) -> Iterator[bytes]:
    cursor = reader.cursor.connection.cursor()
    cursor.row_factory = None
    cursor.execute("SELECT leaf FROM ledger ORDER BY seq")
    return (leaf for (leaf,) in cursor)


def _again(ours: SQLReader, theirs: SQLReader) -> tuple[Again, ...]:
    given, kept = _series(ours), _series(theirs)
    return tuple(
        Again(series=series, first=kept.get(series, 0) + 1, last=last)
        for series, last in sorted(given.items())
        if last > kept.get(series, 0)
    )


def _series(reader: SQLReader) -> dict[str, int]:
    reader.cursor.execute("SELECT series, last FROM series")
    return dict(reader.cursor.fetchall())


def _attempts(reader: SQLReader) -> int:
    return int(_one(reader, "SELECT COUNT(*) FROM attempts"))


def _one(reader: SQLReader, statement: str, *values: object) -> Any:
    reader.cursor.execute(statement, values)
    row = reader.cursor.fetchone()
    return row[0] if row else None

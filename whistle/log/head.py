"""The head of a record: how many leaves its tree has, and the frontier they come to."""

from collections.abc import Sequence
from typing import Any, Final

from whistle.domain.refusal import Broken, _
from whistle.log.faults import MISTYPED, RESTORE
from whistle.log.reader import SQLReader
from whistle.log.tree import Frontier

DISAGREES: Final = _("the head names {size} events and another root than the leaves give")


def disagreeing(seq: int, size: object) -> Broken:
    """The head is not that of the leaves, which a first event shows."""
    return Broken(DISAGREES, rule="audit.verify", hint=RESTORE, seq=seq, size=size)


def head(rows: Sequence[Sequence[Any]]) -> Frontier:
    """The tree that the head's row (size, frontier, ...) stands for; Broken when it is none."""
    try:
        size, frontier = rows[0][:2]
        return Frontier(size, bytes(frontier))
    except (*MISTYPED, IndexError) as error:
        raise disagreeing(1, rows[0][0] if rows else 0) from error


def head_of(reader: SQLReader) -> Frontier:
    """The tree that the head stands for; Broken when it is none."""
    reader.cursor.execute("SELECT size, frontier FROM ledger_head")
    return head(reader.cursor.fetchall())

"""Proving the record: every leaf recomputed, every number in its place, the root as the head says.

A local check finds mistakes and clumsy hands; who recomputes everything passes it, and is found by
an earlier root that somebody else keeps.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import msgspec

from whistle.domain.refusal import _
from whistle.log.faults import MISTYPED, damaged
from whistle.log.head import disagreeing
from whistle.log.leaf import Sealed, leaves
from whistle.log.reader import SQLReader
from whistle.log.rows import Identity, sealed
from whistle.log.stretch import (
    BACKWARDS,
    GAP,
    UNIT,
    VERSION,
    Before,
    Numbering,
    Stretch,
    Versions,
    broken,
)
from whistle.log.tree import Frontier, Subtrees

_MISSING_EVENT = _("the ledger has a leaf at {seq}, but no event stands there")
_LEAF = _("the event at {seq} is not the one that was recorded")
_UNREADABLE = _("the event at {seq} cannot be read: {fault}")
_NO_LEAF = _("the event at {seq} has no leaf")


T = TypeVar("T")

BATCH = 1000  # rows whose leaves are computed together, for speed


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification found."""

    ok: bool
    size: int
    root: str
    first_bad_seq: int | None = None
    reason: str | None = None


Taking = Callable[[Iterator[Any]], T]
"""What somebody makes of the proved rows of a stretch; he reads them to their end."""


def nothing(rows: Iterator[Any]) -> None:
    """Take nothing but the proof."""
    deque(rows, maxlen=0)


class Gathering(Protocol):
    """Where what was taken from the stretches of a record is put, as it comes; a list is one."""

    def append(self, taken: Any, /) -> None:
        """Take in what was taken from the next stretch."""
        ...


G = TypeVar("G", bound=Gathering)


class Found(NamedTuple, Generic[G]):
    """A whole record that was proved, and what was taken from its stretches, in their order."""

    size: int
    root: bytes
    taken: G


class Proof:
    """Checks rows as they stream by, so that whoever reads a whole log can prove it in one pass."""

    def __init__(self, identity: Identity, after: int = 0) -> None:
        """Begin with the event that follows `after`: 0, or a place where a subtree begins that
        holds all that is to be checked.
        """
        self._identity = identity
        self._after = after
        self.tree = Frontier()
        self._first_at = self._last_at = -1
        self._versions = Versions()
        self._units = Numbering(from_one=after == 0)

    @property
    def unit_numbers(self) -> Mapping[str, int]:
        """How many events of each unit's own record were proved."""
        return self._units.last

    @property
    def stretch(self) -> Stretch:
        """What was proved, to be joined with what stands before it and after."""
        tree = Subtrees.of(self._after, self.tree)
        at = self._first_at, self._last_at
        return Stretch(tree, *at, self._units)

    def proved(self, rows: Iterator[Any], before: Before) -> Iterator[Any]:
        """The same rows, each checked before it is handed on; Broken at the first that is wrong."""
        self._before = before
        kept: list[Any] = []
        try:
            for row in rows:
                if row[1] is None:
                    yield from self._checked(kept)
                    raise broken(_MISSING_EVENT, row[0])
                kept.append(row)
                if len(kept) == BATCH:
                    yield from self._checked(kept)
                    kept = []
        except sqlite3.DatabaseError as error:
            if not damaged(error):
                raise
            yield from self._checked(kept)
            raise broken(_UNREADABLE, self._next, fault=str(error)) from error
        yield from self._checked(kept)

    def _checked(self, kept: list[Any]) -> list[Any]:
        try:
            pairs = list(sealed(kept, self._identity))
        except MISTYPED as error:
            if len(kept) == 1:
                raise broken(_LEAF, kept[0][0]) from error
            return [row for each in kept for row in self._checked([each])]
        try:
            self._add(pairs)
        except MISTYPED as error:
            raise broken(_LEAF, self._next) from error
        return kept

    @property
    def _next(self) -> int:
        return self._after + self.tree.size + 1

    def _add(self, pairs: list[tuple[Sealed, bytes]]) -> None:
        for (row, stored), computed in zip(pairs, leaves(pair[0] for pair in pairs), strict=True):
            self._in_place(row)
            if stored != computed:
                raise broken(_LEAF, row.seq)
            self.tree.add(stored)

    def _in_place(self, row: Sealed) -> None:
        if row.seq != (missing := self._next):
            raise broken(GAP, row.seq, before=missing - 1, first_bad=missing)
        if row.recorded_at <= self._last_at:
            raise broken(BACKWARDS, row.seq)
        if self._first_at < 0:
            self._first_at = row.recorded_at
        self._last_at = row.recorded_at
        if not self._versions.goes_on(row.stream, row.version, row.seq, self._before):
            raise broken(VERSION, row.seq)
        for numbered in row.units.split(";") if row.units else ():
            unit, _colon, digits = numbered.rpartition(":")
            number = int(digits) if digits.isdecimal() else 0
            if digits != str(number) or not self._units.goes_on(unit, number):
                raise broken(UNIT, row.seq)

    def ends_at(self, kept: Frontier, unsealed: int | None) -> None:
        """Check the end: the head must agree, and no event may stand without a leaf."""
        if unsealed is not None:
            raise broken(_NO_LEAF, unsealed)
        if (kept.size, kept.hashes) != (self.tree.size, self.tree.hashes):
            raise disagreeing(min(kept.size, self.tree.size) + 1, kept.size)


def unsealed(reader: SQLReader, size: int) -> int | None:
    """The first event without a leaf, where those from 1 to `size` all have one."""
    reader.cursor.execute(
        "SELECT MIN(position) FROM events WHERE position > ? OR position < 1", (size,)
    )
    found: int | None = reader.cursor.fetchone()[0]
    return found

"""Proving the record: every leaf recomputed, every number in its place, the root as the head says.

A local check finds mistakes and clumsy hands; who recomputes everything passes it, and is found by
an earlier root that somebody else keeps.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from whistle.domain.history import HistoryRecorded
from whistle.domain.refusal import Broken, _
from whistle.log.faults import RESTORE, damaged
from whistle.log.leaf import Sealed, leaves
from whistle.log.rows import Identity, sealed
from whistle.log.tree import Frontier

_MISSING_EVENT = _("the ledger has a leaf at {seq}, but no event stands there")
_GAP = _("the numbering jumps from {before} to {seq}")
_LEAF = _("the event at {seq} is not the one that was recorded")
_BACKWARDS = _("the event at {seq} is recorded before the one in front of it")
_VERSION = _("the stream of the event at {seq} misses a version")
_UNIT = _("the record of a unit named at {seq} misses a number")
_HEAD = _("the head names {size} events and another root than the leaves give")
_UNREADABLE = _("the event at {seq} cannot be read: {fault}")
_NO_LEAF = _("the event at {seq} has no leaf")


MISTYPED = (TypeError, ValueError, AttributeError)
"""What a value of another type, put in by hand, leads to: SQLite holds any type in any column."""

BATCH = 1000  # rows whose leaves are computed together, for speed


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification found."""

    ok: bool
    size: int
    root: str
    first_bad_seq: int | None = None
    reason: str | None = None


class Proof:
    """Checks rows as they stream by, so that whoever reads a whole log can prove it in one pass."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self.tree = Frontier()
        self._last_at = -1
        self._versions: dict[str, int] = defaultdict(int)
        self._units: dict[str, int] = defaultdict(int)
        self.begun: dict[str, str] = {}
        """The topic that each stream of Whistle's own begins with; imported ones have no line."""

    @property
    def unit_numbers(self) -> Mapping[str, int]:
        """How many events of each unit's own record were proved."""
        return self._units

    def proved(self, rows: Iterator[Any]) -> Iterator[Any]:
        """The same rows, each checked before it is handed on; Broken at the first that is wrong."""
        kept: list[Any] = []
        try:
            for row in rows:
                if row[1] is None:
                    yield from self._checked(kept)
                    raise _broken(_MISSING_EVENT, row[0])
                kept.append(row)
                if len(kept) == BATCH:
                    yield from self._checked(kept)
                    kept = []
        except sqlite3.DatabaseError as error:
            if not damaged(error):
                raise
            yield from self._checked(kept)
            raise _broken(_UNREADABLE, self.tree.size + 1, fault=str(error)) from error
        yield from self._checked(kept)

    def _checked(self, kept: list[Any]) -> list[Any]:
        try:
            pairs = list(sealed(kept, self._identity))
        except MISTYPED as error:
            if len(kept) == 1:
                raise _broken(_LEAF, kept[0][0]) from error
            return [row for each in kept for row in self._checked([each])]
        try:
            self._add(pairs)
        except MISTYPED as error:
            raise _broken(_LEAF, self.tree.size + 1) from error
        return kept

    def _add(self, pairs: list[tuple[Sealed, bytes]]) -> None:
        for (row, stored), computed in zip(pairs, leaves(pair[0] for pair in pairs), strict=True):
            self._in_place(row)
            if stored != computed:
                raise _broken(_LEAF, row.seq)
            self.tree.add(stored)

    def _in_place(self, row: Sealed) -> None:
        if row.seq != self.tree.size + 1:
            missing = self.tree.size + 1
            raise _broken(_GAP, row.seq, before=self.tree.size, first_bad=missing)
        if row.recorded_at <= self._last_at:
            raise _broken(_BACKWARDS, row.seq)
        self._last_at = row.recorded_at
        self._versions[row.stream] += 1
        if row.version != self._versions[row.stream]:
            raise _broken(_VERSION, row.seq)
        if row.version == 1 and row.topic != HistoryRecorded.topic:
            self.begun[row.stream] = row.topic
        for numbered in (row.units or "").split(";") if row.units else ():
            unit, _colon, number = numbered.rpartition(":")
            self._units[unit] += 1
            if number != str(self._units[unit]):
                raise _broken(_UNIT, row.seq)

    def ends_at(self, kept: Frontier, unsealed: int | None) -> None:
        """Check the end: the head must agree, and no event may stand without a leaf."""
        if unsealed is not None:
            raise _broken(_NO_LEAF, unsealed)
        if (kept.size, kept.hashes) != (self.tree.size, self.tree.hashes):
            raise _broken(_HEAD, min(kept.size, self.tree.size) + 1, size=kept.size)


def head(rows: Sequence[Sequence[Any]]) -> Frontier:
    """The tree that the head's row (size, frontier, ...) stands for; Broken when it is none."""
    try:
        size, frontier = rows[0][:2]
        return Frontier(size, bytes(frontier))
    except (*MISTYPED, IndexError) as error:
        raise _broken(_HEAD, 1, size=rows[0][0] if rows else 0) from error


def _broken(text: str, seq: int, **words: object) -> Broken:
    return Broken(text, rule="audit.verify", hint=RESTORE, seq=seq, **words)

"""The response-time ledger: facts told in any order become one row per assignment.

An assignment is one unit whistled at for one incident. Live calls and imported history are read
through the same `fact`; what is computed from the rows lies in `measures`, `ranking`, `standing`,
`quality` and `by_incident`.
"""

from collections.abc import Mapping
from sys import intern
from typing import NamedTuple, TypeVar, cast

import msgspec

from whistle.domain.facts import NO_DUES, AssignmentKey, Fact, FactKind, IncidentKey, fact
from whistle.domain.moment import Instant

__all__ = [
    "Assignment",
    "AssignmentKey",
    "Extra",
    "Fact",
    "FactKind",
    "IncidentKey",
    "Ledger",
    "fact",
]

_NEVER: Instant = 1 << 62  # past the year 9999


class Assignment(msgspec.Struct, frozen=True, gc=False):
    """A row of the ledger: the earliest instant of each kind, but of finishes see `Ledger`.

    `dues` are the deadlines of its own that a live assignment may carry, by metric.
    """

    key: AssignmentKey
    incident: IncidentKey
    unit: str
    label: str  # how the source names the row
    reported: Instant | None
    whistled: Instant | None  # none: flagged, and counted nowhere
    acknowledged: Instant | None
    arrived: Instant | None
    finished: Instant | None
    dues: Mapping[str, Instant] = NO_DUES


class Extra(NamedTuple):
    """A fact that does not count: an earlier one of its kind does, or a rework took it back."""

    incident: IncidentKey
    unit: str | None
    kind: FactKind
    counts_at: Instant
    label: str


_Held = tuple[Instant, str, IncidentKey]
"""Counts_at, label, incident; the least one counts."""

_Due = tuple[int, Instant]
"""Seq, deadline; the last one told counts."""

_Subject = TypeVar("_Subject", AssignmentKey, IncidentKey)


class Ledger:
    """The fold of facts into assignments; the order in which they are told carries no meaning.

    The earliest fact of a kind counts, of two at the same instant the one with the lesser label.
    A finish that a rework took back does not count: a part is finished when it is done for good,
    and while the rework lasts it is not finished.
    With `until` only facts that count by then are folded, with `known_at` only facts known by
    then: what happened so far, and what one could have known of it.
    """

    def __init__(self, *, until: Instant | None = None, known_at: Instant | None = None) -> None:
        self._until = _NEVER if until is None else until
        self._known_at = _NEVER if known_at is None else known_at
        self._reported: dict[IncidentKey, _Held] = {}
        self._whistled: dict[AssignmentKey, _Held] = {}
        self._acknowledged: dict[AssignmentKey, _Held] = {}
        self._arrived: dict[AssignmentKey, _Held] = {}
        self._finished: dict[AssignmentKey, _Held] = {}
        self._first: dict[FactKind, dict[AssignmentKey, _Held]] = {
            "whistled": self._whistled,
            "acknowledged": self._acknowledged,
            "arrived": self._arrived,
            "finished": self._finished,
        }
        self._finishes: dict[AssignmentKey, set[tuple[int, _Held]]] = {}  # live ones, by seq
        self._reworks: dict[AssignmentKey, set[tuple[int, Instant]]] = {}
        self._withdrawn: set[AssignmentKey] = set()
        self._extras: set[Extra] = set()
        self._dues: dict[AssignmentKey, dict[str, _Due]] = {}
        self._keys: dict[tuple[str, ...], tuple[str, ...]] = {}

    def __len__(self) -> int:
        """How many different facts were folded, those that do not count included."""
        counted = (*self._first.values(), *self._finishes.values(), *self._reworks.values())
        return (
            len(self._reported) + sum(map(len, counted)) + len(self._extras) + len(self._withdrawn)
        )

    def tell(self, fact: Fact, label: str = "") -> None:
        """Fold one fact; `label` is the event's id at its source, or the call's name.

        A fact told again is the same.
        """
        assignment, incident, unit, kind, counts_at, known_at, seq, dues = fact
        if counts_at > self._until or known_at > self._known_at:
            return
        incident = self._same(incident)
        if assignment is not None:
            assignment = self._same(assignment)
        new = (counts_at, label, incident)
        if assignment is None:
            later = _keep(self._reported, incident, new)
        elif kind == "withdrawn":
            self._withdrawn.add(assignment)
            return
        elif kind == "reworked":
            self._reworks.setdefault(assignment, set()).add((seq, counts_at))
            return
        elif kind == "finished" and not incident[0]:
            self._finishes.setdefault(assignment, set()).add((seq, new))
            return
        else:
            later = _keep(self._first[kind], assignment, new)
        if later is not None:
            self._extras.add(_extra(later, unit, kind))
        if assignment is not None and dues:
            told = {metric: (seq, due) for metric, due in dues.items()}
            _last(self._dues.setdefault(assignment, {}), told)

    def _same(self, key: _Subject) -> _Subject:
        """The key as it was met first: of many facts of one call, one is kept."""
        known = self._keys.get(key)
        if known is None:
            known = tuple(map(intern, key))
            self._keys[known] = known
        return cast("_Subject", known)

    def assignments(self, at: Instant | None = None) -> list[Assignment]:
        """The rows that count, by key: every assignment whose whistle is known.

        Not those that the town took back: `withdrawn` has them.
        With `at` a rework that was ordered later takes nothing back yet: what `standing` asks.
        """
        counting = self._whistled
        if self._withdrawn:
            counting = {key: counting[key] for key in counting.keys() - self._withdrawn}
        return self._rows(counting, _NEVER if at is None else at)

    def withdrawn(self) -> list[Assignment]:
        """The rows of calls that the town took back: kept, and counted nowhere."""
        told = {key: told for key, told in self._whistled.items() if key in self._withdrawn}
        return self._rows(told, _NEVER)

    def unwhistled(self) -> list[Assignment]:
        """The rows kept and counted nowhere: lines of an assignment without a whistle (yet)."""
        told = self._acknowledged | self._arrived | self._all_finished()
        return self._rows({key: told[key] for key in told.keys() - self._whistled.keys()}, _NEVER)

    def extras(self) -> list[Extra]:
        """The facts that do not count: a duplicate of its kind, or a finish that was taken back."""
        finished = self._all_finished()
        taken_back = {
            Extra(held[2], key[2], "finished", held[0], held[1])
            for key, told in self._finishes.items()
            for _, held in told
            if finished.get(key) is not held
        }
        every = self._extras | taken_back
        return sorted(every, key=lambda extra: (extra.incident, extra.unit or "", extra[2:]))

    def _all_finished(self, at: Instant = _NEVER) -> dict[AssignmentKey, _Held]:
        """The finish that counts of each assignment: the earliest not taken back by then."""
        if not self._finishes:
            return self._finished
        finished = dict(self._finished)
        for key, told in self._finishes.items():
            reworks = self._reworks.get(key, ())
            again = max((seq for seq, ordered in reworks if ordered <= at), default=-1)
            if standing := [held for seq, held in told if seq > again]:
                finished[key] = min(standing)
        return finished

    def _rows(self, told: Mapping[AssignmentKey, _Held], at: Instant) -> list[Assignment]:
        whistled, acknowledged = self._whistled.get, self._acknowledged.get
        arrived, reported = self._arrived.get, self._reported.get
        finished = self._all_finished(at).get
        rows = []
        for key, (_, _, incident) in sorted(told.items()):
            r, w = reported(incident), whistled(key)
            a, v, f = acknowledged(key), arrived(key), finished(key)
            dues = self._dues.get(key)
            rows.append(
                Assignment(
                    key,
                    incident,
                    key[2],
                    _label(w, incident, key[2]),
                    r and r[0],
                    w and w[0],
                    a and a[0],
                    v and v[0],
                    f and f[0],
                    {metric: due for metric, (_, due) in dues.items()} if dues else NO_DUES,
                )
            )
        return rows


def _keep(first: dict[_Subject, _Held], subject: _Subject, new: _Held) -> _Held | None:
    """Hold the lesser of what is held and what is new; the other one, unless they are the same."""
    held = first.setdefault(subject, new)
    if held is new or held == new:
        return None
    if new < held:
        first[subject] = new
        return held
    return new


def _last(mine: dict[str, _Due], told: Mapping[str, _Due]) -> None:
    """Hold the due that was told last of each metric, in the log's order."""
    for metric, due in told.items():
        mine[metric] = max(due, mine.get(metric, due))


def _extra(held: _Held, unit: str | None, kind: FactKind) -> Extra:
    return Extra(held[2], unit, kind, held[0], held[1])


def _label(whistled: _Held | None, incident: IncidentKey, unit: str) -> str:
    named = whistled[1].removesuffix("/whistled") if whistled else ""
    return named or f"{incident[1]}-{unit}"

"""The response-time ledger: facts told in any order become one row per assignment.

An assignment is one unit whistled at for one incident. Live calls and imported history are read
through the same `fact`; what is computed from the rows lies in `measures`, `ranking`, `standing`,
`quality` and `by_incident`.
"""

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

import msgspec

from whistle.domain.history import HistoryRecorded, Kind
from whistle.domain.message import Event
from whistle.domain.moment import Instant

IncidentKey = tuple[str, str]
"""(source, incident); the source is empty for live work."""

AssignmentKey = tuple[str, str, str]
"""(source, incident, unit) of history; ("", whistle stream, unit) of live work."""

_NEVER: Instant = 1 << 62  # past the year 9999
_NO_DUES: Mapping[str, Instant] = {}


class Fact(NamedTuple):
    """What an event tells the ledger."""

    assignment: AssignmentKey | None  # none for a report, which belongs to the whole incident
    incident: IncidentKey
    unit: str | None
    kind: Kind
    counts_at: Instant
    known_at: Instant


class Assignment(msgspec.Struct, frozen=True, gc=False):
    """A row of the ledger: the earliest instant of each kind.

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
    dues: Mapping[str, Instant] = _NO_DUES


class Extra(NamedTuple):
    """A fact of a kind that an assignment (or incident) already had earlier; it does not count."""

    incident: IncidentKey
    unit: str | None
    kind: Kind
    counts_at: Instant
    label: str


def fact(event: Event) -> Fact | None:
    """What an event means to the ledger, or None if nothing.

    Imported history counts at its `at` and was known when the source received it, or else at
    `at` (DESIGN, "Imported history").
    """
    match event:
        case HistoryRecorded():
            return _of_history(event)
        case _:
            return None


def _of_history(event: HistoryRecorded) -> Fact:
    source, incident, unit, at = event.source, event.incident, event.unit, event.at
    known = event.source_received_at
    return Fact(
        None if unit is None else (source, incident, unit),
        (source, incident),
        unit,
        event.kind,
        at,
        at if known is None else known,
    )


_Held = tuple[Instant, str, IncidentKey]
"""Counts_at, label, incident; the least one counts."""

_Subject = TypeVar("_Subject", AssignmentKey, IncidentKey)


class Ledger:
    """The fold of facts into assignments; the order in which they are told carries no meaning.

    The earliest fact of a kind counts, of two at the same instant the one with the lesser label.
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
        self._first: dict[Kind, dict[AssignmentKey, _Held]] = {
            "whistled": self._whistled,
            "acknowledged": self._acknowledged,
            "arrived": self._arrived,
            "finished": self._finished,
        }
        self._extras: set[Extra] = set()
        self._dues: dict[AssignmentKey, dict[str, Instant]] = {}

    def __len__(self) -> int:
        """How many different facts were folded, those that do not count included."""
        counted = sum(map(len, self._first.values()))
        return len(self._reported) + counted + len(self._extras)

    def tell(self, fact: Fact, label: str = "") -> None:
        """Fold one fact; `label` is the event's id at its source. A fact told again is the same."""
        assignment, incident, unit, kind, counts_at, known_at = fact
        if counts_at > self._until or known_at > self._known_at:
            return
        new = (counts_at, label, incident)
        if assignment is None:
            later = _keep(self._reported, incident, new)
        else:
            later = _keep(self._first[kind], assignment, new)
        if later is not None:
            self._extras.add(Extra(incident, unit, kind, later[0], later[1]))

    def owe(self, assignment: AssignmentKey, metric: str, due: Instant) -> None:
        """Set the deadline of a live assignment for a metric; the last one told is in force."""
        self._dues.setdefault(assignment, {})[metric] = due

    def assignments(self) -> list[Assignment]:
        """The rows that count, by key: every assignment whose whistle is known."""
        return self._rows(self._whistled)

    def unwhistled(self) -> list[Assignment]:
        """The rows kept and counted nowhere: lines of an assignment without a whistle (yet)."""
        told = self._acknowledged | self._arrived | self._finished
        return self._rows({key: told[key] for key in told.keys() - self._whistled.keys()})

    def extras(self) -> list[Extra]:
        """The facts that did not count because an earlier one of their kind does."""
        return sorted(self._extras, key=lambda extra: (extra.incident, extra.unit or "", extra[2:]))

    def _rows(self, told: Mapping[AssignmentKey, _Held]) -> list[Assignment]:
        whistled, acknowledged = self._whistled.get, self._acknowledged.get
        arrived, finished, reported = self._arrived.get, self._finished.get, self._reported.get
        rows = []
        for key, (_, _, incident) in sorted(told.items()):
            r, w = reported(incident), whistled(key)
            a, v, f = acknowledged(key), arrived(key), finished(key)
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
                    self._dues.get(key, _NO_DUES),
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


def _label(whistled: _Held | None, incident: IncidentKey, unit: str) -> str:
    named = whistled[1].removesuffix("/whistled") if whistled else ""
    return named or f"{incident[1]}-{unit}"

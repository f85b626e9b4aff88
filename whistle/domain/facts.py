"""What an event tells the ledger, live or imported: one pure function for all who count.

Live work counts at the server's receipt, which is the event's `at`; a unit's clock starts when its
call is delivered to it (decision 0007), so the delivery is its whistle. Imported history counts at
its `at`, and was known when its source received it, or else at `at` (decision 0010).
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from whistle.domain.history import HistoryRecorded
from whistle.domain.incident.events import IncidentReported
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.playbook import ClockName
from whistle.domain.whistle.changes import CallWithdrawn
from whistle.domain.whistle.events import (
    Acknowledged,
    Arrived,
    CallDelivered,
    CallEvent,
    Finished,
    ReworkOrdered,
)

FactKind = Literal[
    "reported", "whistled", "acknowledged", "arrived", "finished", "reworked", "withdrawn"
]
"""`reworked` takes back every earlier finish of the assignment: it must be done again; `withdrawn`
takes back the whole assignment: the town excused the unit, and it counts nowhere."""

IncidentKey = tuple[str, str]
"""(source, incident) of history; ("", incident's stream) of live work."""

AssignmentKey = tuple[str, str, str]
"""(source, incident, unit) of history; ("", whistle's stream, unit) of live work."""

NO_DUES: Mapping[str, Instant] = {}

METRIC_OF: Mapping[ClockName, str] = {"ack": "ack", "arrive": "arrival", "dispose": "commitment"}
"""The metric that each clock of a call limits; the clock of the first word limits none."""


class Fact(NamedTuple):
    """What an event tells the ledger."""

    assignment: AssignmentKey | None  # none for a report, which belongs to the whole incident
    incident: IncidentKey
    unit: str | None
    kind: FactKind
    counts_at: Instant
    known_at: Instant
    seq: int = 0  # the event's place in the log; 0 where nobody asks
    dues: Mapping[str, Instant] = NO_DUES  # by metric, from the clocks that a delivery starts


def fact(event: Event, stream: str = "", case: str = "", seq: int = 0) -> Fact | None:
    """What an event of a stream means to the ledger, or None if nothing.

    `case` is the incident that the event belongs to (its correlation id), `seq` its place in the
    log: a rework takes back the finishes before it. History needs neither stream nor case. A
    corrected event is told as it should have been (`correction.amend`).
    """
    match event:
        case HistoryRecorded():
            return _of_history(event, seq)
        case IncidentReported(at=at):
            return Fact(None, ("", stream), None, "reported", at, at, seq)
        case CallDelivered():
            return _of_call(event, "whistled", stream, case, seq)._replace(dues=_dues(event))
        case Acknowledged():
            return _of_call(event, "acknowledged", stream, case, seq)
        case Arrived():
            return _of_call(event, "arrived", stream, case, seq)
        case Finished():
            return _of_call(event, "finished", stream, case, seq)
        case ReworkOrdered():
            return _of_call(event, "reworked", stream, case, seq)
        case CallWithdrawn():
            return _of_call(event, "withdrawn", stream, case, seq)
        case _:
            return None


TELLING: frozenset[type[Event]] = frozenset(
    {
        HistoryRecorded,
        IncidentReported,
        CallDelivered,
        Acknowledged,
        Arrived,
        Finished,
        ReworkOrdered,
        CallWithdrawn,
    }
)
"""The events that tell the ledger anything; who reads whole logs need not decode the others."""


def _of_history(event: HistoryRecorded, seq: int) -> Fact:
    source, incident, unit, at = event.source, event.incident, event.unit, event.at
    known = event.source_received_at
    return Fact(
        None if unit is None else (source, incident, unit),
        (source, incident),
        unit,
        event.kind,
        at,
        at if known is None else known,
        seq,
        event.dues or NO_DUES,
    )


def _of_call(event: CallEvent, kind: FactKind, stream: str, case: str, seq: int) -> Fact:
    unit, at = event.unit, event.at
    return Fact(("", stream, unit), ("", case), unit, kind, at, at, seq)


def _dues(event: CallDelivered) -> Mapping[str, Instant]:
    """The deadlines by metric, as the playbook in force set them when the call was delivered."""
    return {METRIC_OF[each.clock]: each.due for each in event.clocks if each.clock in METRIC_OF}

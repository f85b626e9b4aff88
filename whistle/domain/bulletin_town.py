"""What the month's bulletin (通报) says of the town itself (双考核): its whistles, its incidents,
its own omissions, and what reporters said when they were called back.

The rate of satisfaction is satisfied ÷ valid call-backs (回访满意率; Lianyungang's bulletins,
source S43 of docs/sources.md): valid is who was reached, and 基本满意 (fairly) is told apart.
For the two other rates of Beijing's three (响应率, 解决率) no formula is published, and that of the
whistles' accuracy (吹哨准确率) asks for rulings on objections, which no event records: left out.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Literal, get_args

import msgspec

from whistle.domain.incident.events import (
    CallBackResult,
    CalledBack,
    IncidentClosed,
    IncidentMerged,
    IncidentRefused,
    IncidentReopened,
    IncidentReported,
    IncidentTransferred,
    Outcome,
    SelfHandled,
    WhistleNoted,
    WhistleWithdrawnNoted,
)
from whistle.domain.measures import rate
from whistle.domain.message import Event
from whistle.domain.month import Month
from whistle.domain.playbook import Kind
from whistle.domain.whistle.changes import (
    ApprovalContested,
    ConfirmationOverdue,
    ConfirmationOverdueVoided,
    WhistleWithdrawn,
)
from whistle.domain.whistle.events import ApprovalRefused, WhistleBlown

Way = Literal["self", "transfer", "whistle", "refused", "merged"]

LEFT_OUT = ("response_rate", "resolution_rate", "whistle_accuracy")
"""Figures that are often asked for, and cannot be computed from what is on record."""

TELLING = (
    WhistleBlown | WhistleWithdrawn | ApprovalRefused | ApprovalContested | ConfirmationOverdue
    | ConfirmationOverdueVoided | IncidentReported | IncidentClosed | IncidentReopened
    | IncidentRefused | IncidentTransferred | IncidentMerged | SelfHandled | WhistleNoted
    | WhistleWithdrawnNoted | CalledBack
)  # fmt: skip
"""The events that are counted here."""


class TownMonth(msgspec.Struct, frozen=True, kw_only=True):
    """A month of the town itself."""

    whistles: dict[str, int]  # blown, by kind
    whistles_withdrawn: int  # after they were blown or before
    not_approved: int
    incidents_in: int
    ways: dict[str, int]  # incidents by the last way out that they took in the month
    closed: dict[str, int]
    reopened: int
    confirmations_missed: int
    approvals_contested: int
    callbacks: dict[str, int]
    satisfaction: float | None  # satisfied ÷ reached


class Town:
    """The fold of a log into the town's figures of one month, some whole cases at a time."""

    def __init__(self, month: Month) -> None:
        self._month = month
        self._noted: set[tuple[str, str]] = set()  # rework notes a whistle again
        self._plain: Counter[type[Event]] = Counter()
        self._whistles: Counter[str] = Counter()
        self._closed: Counter[str] = Counter()
        self._ways: dict[str, Way] = {}
        self._missed: set[tuple[str, int]] = set()
        self._callbacks: dict[tuple[str, str], CallBackResult] = {}  # each reporter's last word

    def take(self, told: Iterable[tuple[str, Event]]) -> None:
        """Take the events of some whole cases as they count, each with its stream."""
        self._noted.clear()
        for stream, event in told:
            self._take(stream, event)

    def month(self) -> TownMonth:
        """The town's own figures."""
        plain, callbacks = self._plain, Counter[str](self._callbacks.values())
        reached = sum(callbacks.values()) - callbacks["unreached"]
        return TownMonth(
            whistles=_ordered(self._whistles, get_args(Kind)),
            whistles_withdrawn=plain[WhistleWithdrawn],
            not_approved=plain[ApprovalRefused],
            incidents_in=plain[IncidentReported],
            ways=_ordered(Counter[str](self._ways.values()), get_args(Way)),
            closed=_ordered(self._closed, get_args(Outcome)),
            reopened=plain[IncidentReopened],
            confirmations_missed=len(self._missed),
            approvals_contested=plain[ApprovalContested],
            callbacks=_ordered(callbacks, get_args(CallBackResult)),
            satisfaction=rate(callbacks["satisfied"], reached),
        )

    def _take(self, stream: str, event: Event) -> None:
        """Take an event; one of another month only where it tells of this one."""
        if isinstance(event, ConfirmationOverdueVoided):
            self._missed.discard((stream, event.due))
            return
        way = self._way(stream, event)
        if not self._month.holds(event.at):
            return
        self._plain[type(event)] += 1
        if way is not None:
            self._ways[stream] = way
        match event:
            case WhistleBlown(kind=kind):
                self._whistles[kind] += 1
            case IncidentClosed(outcome=outcome):
                self._closed[outcome] += 1
            case IncidentRefused():
                self._closed["refused"] += 1
            case IncidentMerged():
                self._closed["merged"] += 1
            case WhistleWithdrawnNoted(back=True):
                self._ways.pop(stream, None)
            case ConfirmationOverdue(at=at):
                self._missed.add((stream, at))
            case CalledBack(result=result, source=source):
                self._callbacks[stream, source] = result
            case _:
                pass

    def _way(self, stream: str, event: Event) -> Way | None:
        match event:
            case SelfHandled():
                return "self"
            case IncidentTransferred():
                return "transfer"
            case IncidentRefused():
                return "refused"
            case IncidentMerged():
                return "merged"
            case WhistleNoted(whistle=whistle) if (stream, whistle) not in self._noted:
                self._noted.add((stream, whistle))
                return "whistle"
            case _:
                return None


def _ordered(counted: Counter[str], names: Iterable[str]) -> dict[str, int]:
    return {name: counted[name] for name in names if counted[name]}

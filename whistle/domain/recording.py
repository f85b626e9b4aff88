"""What tellings come to in figures: how late each recorder typed, and which times are contested.

The recording delay of an act is its receipt less the instant that counts once the other side has
confirmed it, or the leader ruled: it is the recorder's own figure, never the unit's
(decision 0007).
"""

from collections.abc import Iterable
from typing import NamedTuple

from whistle.domain.facts import AssignmentKey
from whistle.domain.measures import Shape
from whistle.domain.message import Event
from whistle.domain.moment import SECOND, Instant
from whistle.domain.percentiles import nearest
from whistle.domain.spans import Spans
from whistle.domain.taken_back import TakenBack
from whistle.domain.whistle.told_events import (
    ActTold,
    ToldConfirmed,
    ToldContested,
    ToldEvent,
    ToldRuled,
)


class Heard(NamedTuple):
    """An event of a telling with its place in the log."""

    seq: int
    stream: str
    event: ToldEvent


class Delay(NamedTuple):
    """How late one telling was typed."""

    recorder: str
    unit: str
    seq: int  # of the first act told
    late: Instant  # the receipt less what counts, in microseconds


class Tellings:
    """The fold of all tellings of a log, in its order."""

    def __init__(self) -> None:
        self._heard: list[Heard] = []
        self._gone: set[int] = set()

    def take(self, seq: int, stream: str, event: Event) -> None:
        """Take an event; what is no telling tells nothing."""
        if isinstance(event, TakenBack):
            self._gone.update(event.seqs)
        elif isinstance(event, ToldEvent):
            self._heard.append(Heard(seq, stream, event))

    def _counted(self) -> Iterable[Heard]:
        return (each for each in self._heard if each.seq not in self._gone)

    def contested(self) -> frozenset[AssignmentKey]:
        """The assignments of which a time is contested and not ruled on."""
        open_ones: set[tuple[AssignmentKey, tuple[int, ...]]] = set()
        for each in self._counted():
            key = (("", each.stream, each.event.unit), each.event.acts)
            if isinstance(each.event, ToldContested):
                open_ones.add(key)
            elif isinstance(each.event, ToldRuled):
                open_ones.discard(key)
        return frozenset(key for key, _acts in open_ones)

    def delays(self) -> list[Delay]:
        """How late each telling was typed of which a claimed time counts, in the log's order."""
        typed: dict[tuple[int, ...], ActTold] = {}
        found: dict[tuple[int, ...], Delay] = {}
        for each in self._counted():
            event = each.event
            if isinstance(event, ActTold):
                typed[event.acts] = event
            elif isinstance(event, ToldConfirmed | ToldRuled) and event.counts is not None:
                told = typed[event.acts]
                late = told.at - event.counts
                found[event.acts] = Delay(told.recorder, told.unit, event.acts[0], late)
        return [found[acts] for acts in sorted(found)]


class Lateness:
    """The recording delays of each unit that typed, counted and not kept."""

    def __init__(self) -> None:
        self._late: dict[str, Spans] = {}

    def take(self, delays: Iterable[Delay]) -> None:
        """Add delays."""
        found: dict[str, list[int]] = {}
        for each in delays:
            found.setdefault(each.recorder, []).append(each.late // SECOND)
        for recorder, late in found.items():
            self._late.setdefault(recorder, Spans()).add(Spans(late))

    def by_recorder(self) -> Shape:
        """The delays of each unit that typed, in whole seconds, by code."""
        return {recorder: _shape(late) for recorder, late in sorted(self._late.items())}


def by_recorder(delays: Iterable[Delay]) -> Shape:
    """The recording delays of each unit that typed, in whole seconds, by code."""
    lateness = Lateness()
    lateness.take(delays)
    return lateness.by_recorder()


def _shape(late: Spans) -> Shape:
    return {
        "n": len(late),
        "sum_s": late.total,
        "max_s": late[-1],
        "p50_nearest_s": nearest(late, 50),
    }

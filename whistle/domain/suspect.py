"""Which events were stamped by a clock that nobody vouches for.

A clock that stepped back is suspect until it has passed the last instant on record again; a clock
that leapt, until it steps back. A verdict ends the suspicion, or makes it final.
"""

from collections.abc import Iterator

import msgspec

from whistle.domain.clock_anomaly import ClockAnomaly, ClockSettled
from whistle.domain.moment import SECOND, Instant

CAUGHT_UP: Instant = 5 * SECOND
"""How far behind the record a clock may be and still be trusted (decision 0007)."""


class Span(msgspec.Struct, frozen=True):
    """A run of events under one anomaly; `right` is the verdict, none while it waits."""

    number: int
    anomaly: ClockAnomaly
    first: int
    last: int | None
    right: bool | None


class Suspicion:
    """The anomalies of a log, heard in its order."""

    def __init__(self) -> None:
        self._spans: list[Span] = []

    def hear(self, seq: int, event: ClockAnomaly | ClockSettled) -> None:
        """Take an anomaly, or the verdict on one."""
        if isinstance(event, ClockSettled):
            at = event.number - 1
            self._spans[at] = msgspec.structs.replace(self._spans[at], right=event.right)
            return
        if event.stepped_back:
            self._end(seq - 1, stepped_back=False)
        self._spans.append(Span(len(self._spans) + 1, event, seq, None, None))

    def stamped(self, seq: int, recorded_at: Instant, received_at: Instant) -> None:
        """Take what the clock said of an event: has it caught up with the record?"""
        if self._spans and received_at >= recorded_at - CAUGHT_UP:
            self._end(seq - 1, stepped_back=True)

    def _end(self, last: int, *, stepped_back: bool) -> None:
        for at, span in enumerate(self._spans):
            if span.last is None and span.anomaly.stepped_back is stepped_back:
                self._spans[at] = msgspec.structs.replace(span, last=last)

    def __iter__(self) -> Iterator[Span]:
        return iter(self._spans)

    def of(self, seq: int) -> Span | None:
        """The anomaly that an event stands under, unless its clock was found right."""
        for span in self._spans:
            if span.first <= seq and (span.last is None or seq <= span.last) and not span.right:
                return span
        return None

"""Who held the ball: an incident's elapsed time in segments that neither overlap nor leave a gap.

While any called unit owes its part, the units that still owe hold it together; otherwise the town
office does, until the incident is closed. The segments sum to the whole, so no minute is charged
to nobody, and none to two holders (time conservation).
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from whistle.domain.aggregate import Aggregate
from whistle.domain.aggregates import of_kind
from whistle.domain.duties import ASIDE, Duty
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.whistle.state import Sounding

TOWN: tuple[str, ...] = ("",)
"""The holder when no unit owes anything: the town office."""


class Happened(NamedTuple):
    """An event of a case, with the stream it stands in and that stream's kind."""

    stream: str
    kind: str
    event: Event


class Segment(NamedTuple):
    """A length of time and the units that held the ball through all of it."""

    holders: tuple[str, ...]
    start: Instant
    end: Instant


def segments(history: Iterable[Happened], now: Instant) -> list[Segment]:
    """The segments of a case from its first event to its close, or to now while it is open.

    The history is in the order of the log; an event that counts earlier than one before it (a
    correction, a timer heard late) takes effect where it stands and never runs time backwards.
    """
    states: dict[str, tuple[Aggregate, Any]] = {}
    found: list[Segment] = []
    holders: tuple[str, ...] = ()
    since: Instant | None = None
    for stream, kind, event in history:
        at = event.at if since is None else max(event.at, since)
        if holders and since is not None and at > since:
            found.append(Segment(holders, since, at))
        aggregate = of_kind(kind)
        _same, before = states.get(stream, (aggregate, aggregate.start))
        states[stream] = aggregate, aggregate.evolve(before, event)
        holders, since = _holders(states.values()), at
    if holders and since is not None and now > since:
        found.append(Segment(holders, since, now))
    return _joined(found)


def _holders(states: Iterable[tuple[Aggregate, Any]]) -> tuple[str, ...]:
    owing = {
        duty.unit
        for aggregate, state in states
        for duty in aggregate.duties(state)
        if _holds_up(state, duty)
    }
    return tuple(sorted(owing - set(TOWN))) or (TOWN if owing else ())


def _holds_up(state: Any, duty: Duty) -> bool:
    """Whether the case waits for it: it does not for a mark, nor for a word given afterwards."""
    return duty.verb not in ASIDE and not (duty.verb == "approve" and isinstance(state, Sounding))


def _joined(found: list[Segment]) -> list[Segment]:
    joined: list[Segment] = []
    for segment in found:
        last = joined[-1] if joined else None
        if last and last.holders == segment.holders and last.end == segment.start:
            joined[-1] = Segment(last.holders, last.start, segment.end)
        else:
            joined.append(segment)
    return joined


def held(found: Iterable[Segment]) -> dict[tuple[str, ...], Instant]:
    """How long each holder held the ball in all, in microseconds."""
    total: dict[tuple[str, ...], Instant] = {}
    for segment in found:
        total[segment.holders] = total.get(segment.holders, 0) + segment.end - segment.start
    return total

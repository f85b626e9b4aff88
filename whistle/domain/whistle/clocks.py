"""The clocks of a call: how they start, what they owe, and when what they said is void.

A clock says the same things in the same order whoever looks, and however often: what it owes was
fixed when it started, and an act's own instant decides what was still to be said. An act at the
very due instant is in time (the boundary belongs to the assessed).
"""

from collections.abc import Iterator

import msgspec

from whistle.domain.calendar import NoCalendar, weekend_rule
from whistle.domain.limit import Limit
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.playbook import ClockName, Item, Kind, Ruled
from whistle.domain.surroundings import Surroundings
from whistle.domain.whistle.events import (
    ClockStarted,
    DueSoon,
    Level,
    Overdue,
    OverdueVoided,
    Owed,
    Supervised,
)
from whistle.domain.whistle.state import Call, Clock, Sounding, WhistleState
from whistle.domain.working_time import due as due_after


def start(kind: Kind, item: Item | None, around: Surroundings) -> tuple[ClockStarted, ...]:
    """The clocks that a delivery starts, with the shortest limit of each (时限就低)."""
    bound = around.playbook.limits(kind, item)
    return tuple(_started(clock, ruled, around) for clock, ruled in bound.items())


def _started(clock: ClockName, bound: tuple[Ruled, ...], around: Surroundings) -> ClockStarted:
    limits = [(*reckoned(around, around.at, ruled.limit), ruled) for ruled in bound]
    due, provisional, ruled = min(limits, key=lambda each: each[0])
    owed = list(_warning(due, around, ruled.rule))
    owed.append(Owed("overdue", due, ruled.rule))
    for rung in around.playbook.ladder.rungs:
        at, guessed = (due, False) if rung.after is None else reckoned(around, due, rung.after)
        provisional = provisional or guessed
        owed.append(Owed(rung.level, at, f"ladder.{rung.level}"))
    return ClockStarted(
        clock=clock,
        limit=str(ruled.limit),
        due=due,
        rule=ruled.rule,
        owed=tuple(owed),
        provisional=provisional,
    )


def _warning(due: Instant, around: Surroundings, rule: str) -> Iterator[Owed]:
    """The warning some percent of the time before the due instant."""
    if percent := around.playbook.ladder.warn_percent:
        yield Owed("warn", due - (due - around.at) * percent // 100, rule)


def reckoned(around: Surroundings, start: Instant, limit: Limit) -> tuple[Instant, bool]:
    """The due instant, and whether it is provisional.

    A whistle never waits for a year's calendar: in a year without one weekends alone are counted,
    and the clock says so.
    """
    slots, reading = around.playbook.slots, around.playbook.reading
    try:
        return due_after(around.calendar, slots, start, limit, reading), False
    except NoCalendar:
        known = weekend_rule(around.calendar)
        return due_after(known, slots, start, limit, reading), True


class Said(msgspec.Struct, frozen=True, order=True):
    """What a clock of a unit's call owes or said."""

    due: Instant
    unit: str
    clock: ClockName
    level: Level
    rule: str


def owed(state: WhistleState, before: Instant | None = None) -> list[Said]:
    """What the whistle's clocks will say if nothing more happens, in due order.

    Only what is due before an instant, if one is given.
    """
    return sorted(
        Said(each.due, unit, name, each.level, each.rule)
        for unit, name, clock in _running(state)
        for each in clock.coming
        if before is None or each.due < before
    )


def next_due(state: WhistleState) -> Instant | None:
    """When the first of them will be said."""
    dues = [each.due for _unit, _name, clock in _running(state) for each in clock.coming]
    return min(dues, default=None)


def _running(state: WhistleState) -> Iterator[tuple[str, ClockName, Clock]]:
    if not isinstance(state, Sounding):
        return
    for unit, call in state.calls.items():
        if call.withdrawn is None:  # all it said was voided and stays so: it would say it for ever
            for name, clock in call.clocks.items():
                yield unit, name, clock


def said(due: Said) -> Event:
    """The event of a clock saying what it owed, at the instant it owed it."""
    match due.level:
        case "warn":
            return DueSoon(at=due.due, unit=due.unit, clock=due.clock, rule=due.rule)
        case "overdue":
            return Overdue(at=due.due, unit=due.unit, clock=due.clock, rule=due.rule)
        case "yellow" | "red":
            return Supervised(
                at=due.due, unit=due.unit, clock=due.clock, level=due.level, rule=due.rule
            )


def voided(state: WhistleState, at: Instant) -> list[Event]:
    """What was said too early: the act was received in time, set right, or the call withdrawn."""
    if not isinstance(state, Sounding):
        return []
    return [
        OverdueVoided(at=at, unit=unit, clock=name, level=level, due=due, rule=clock.started.rule)
        for unit, call in state.calls.items()
        for name, clock in call.clocks.items()
        for level, due in _too_early(call, clock)
    ]


def _too_early(call: Call, clock: Clock) -> list[tuple[Level, Instant]]:
    if call.withdrawn is not None:
        return list(clock.fired)  # a call that was taken back counts nowhere against its unit
    if clock.stopped is None:
        return []
    return [(level, due) for level, due in clock.fired if due >= clock.stopped]

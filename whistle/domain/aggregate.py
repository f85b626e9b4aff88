"""What an aggregate is to the engine: a first state, pure functions, and what time makes it owe."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from whistle.domain.correction import Told
from whistle.domain.duties import ClockChange, Duty
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.policies import Reaction
from whistle.domain.register import Entry
from whistle.domain.surroundings import Surroundings

Kind = Literal["incident", "whistle", "team", "patrol", "unit", "rulebook", "clock", "view"]


def _nothing(*_asked: Any) -> list[Any]:
    return []


def _never(*_asked: Any) -> None:
    return None


class Aggregate(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the engine asks of an aggregate; each is a function of the state alone."""

    kind: Kind
    start: Any
    decide: Callable[[Any, Any, Surroundings], list[Event]]
    """What follows from an order; Refused and its like when it may not be."""
    evolve: Callable[[Any, Any], Any]
    """What an event makes of the state."""
    owed: Callable[[Any, Instant], list[Event]] = _nothing
    """What its clocks should have said before an instant."""
    settle: Callable[[Any, Instant], list[Event]] = _nothing
    """What follows by itself from where it stands now."""
    next_due: Callable[[Any], Instant | None] = _never
    """When its clocks speak next, if nothing more happens."""
    told: Callable[[Sequence[Told], Sequence[Told], Surroundings], list[Event]] = _nothing
    """What stands beside acts just recorded because another spoke: (history, acts, around)."""
    react: Callable[[Event, str, Any], list[Reaction]] = _nothing
    """When this happens, that is ordered: (event, stream, state after it)."""
    case: Callable[[str, Event], str | None] = _never
    """The incident that it belongs to from its first event on: (stream, event)."""
    line: Callable[[str, Any, Instant | None], Entry | None] = _never
    """Its line of the register, if it is one that is looked up: (stream, state, next due)."""
    duties: Callable[[Any], list[Duty]] = _nothing
    """Every step that somebody owes for it to go on."""
    offered: Callable[[Any, str], list[Duty]] = _nothing
    """What nobody owes and may come next, by the stage of its incident; in nobody's inbox."""
    clock_changes: Callable[[Any, Any], list[ClockChange]] = _nothing
    """Which clocks run now that did not, and which stopped: (state before, state after)."""

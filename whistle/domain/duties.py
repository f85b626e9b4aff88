"""Steps that are owed: who owes what by when, for replies and the inbox.

Each aggregate says from its decided state what is owed (its module `standing`).
"""

from collections.abc import Iterable
from typing import Protocol, TypeVar

import msgspec

from whistle.domain.moment import Instant
from whistle.domain.playbook import ClockName, Kind

TOWN = ""
"""The unit of a duty that is the town office's own."""

ASIDE = frozenset({"rate", "undo", "confirm", "rule"})
"""Verbs of steps that hold nothing up: whoever owes one does not hold the ball."""


class Duty(msgspec.Struct, frozen=True):
    """What a unit owes next: the verb to type, on which name, by when if a clock runs."""

    unit: str
    verb: str
    name: str
    due: Instant | None = None
    changed: bool = False  # what is asked was amended since the unit's last act
    kind: Kind | None = None  # of the whistle that a leader is to approve
    leader: str = ""  # whose word it must be, if only one person's will do
    event: int | None = None  # which one is meant, where the name alone stands for several


class Step(Protocol):
    """A step that is owed, in whatever row it is kept."""

    @property
    def verb(self) -> str:
        """The verb to type."""

    @property
    def name(self) -> str:
        """What it is typed for."""


_S = TypeVar("_S", bound=Step)


def still_to_do(steps: Iterable[_S]) -> list[_S]:
    """The steps of one or more aggregates, without those that another has overtaken.

    An accepted incident asks for a whistle; once one waits for its approval or its time, that is
    the step.
    """
    found = list(steps)
    coming = {step.name for step in found if step.verb in ("approve", "show")}
    return [step for step in found if not (step.verb == "blow" and step.name in coming)]


class ClockChange(msgspec.Struct, frozen=True):
    """A clock that an order started or stopped."""

    call: str
    clock: ClockName
    action: str  # start | stop
    due: Instant
    provisional: bool = False  # counted without the year's calendar

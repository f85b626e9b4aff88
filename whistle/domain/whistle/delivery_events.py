"""What is on record of a call on its way to a unit that does not read the inbox."""

from typing import ClassVar, Literal

import msgspec

from whistle.domain.moment import Instant
from whistle.domain.whistle.events import CallEvent

Rung = Literal["alternate", "leader", "county", "nobody"]
"""Who is told next: the stand-in (AB岗), the unit's leader, the county's desk; then nobody."""

Line = Literal["phone", "radio", "paper"]


class Passing(msgspec.Struct, frozen=True):
    """Whom the call goes on to, and when, unless it is delivered before."""

    to: Rung
    due: Instant
    rule: str


class DeliveryAwaited(CallEvent, frozen=True):
    """The unit does not read the inbox: no clock of its own runs until somebody there was told."""

    topic: ClassVar[str] = "whistle.delivery_awaited/1"
    owed: tuple[Passing, ...] = ()


class DeliveryTried(CallEvent, frozen=True):
    """Somebody of the unit was called and not reached."""

    topic: ClassVar[str] = "whistle.delivery_tried/1"
    channel: Line
    to: str


class DeliveryTaken(CallEvent, frozen=True):
    """A person or the duty desk of the unit took the call, which is thereby delivered."""

    topic: ClassVar[str] = "whistle.delivery_taken/1"
    channel: Line
    to: str


class DeliveryPassedOn(CallEvent, frozen=True):
    """The call was not taken in time and goes on to the next who may take it."""

    topic: ClassVar[str] = "whistle.delivery_passed_on/1"
    to: Rung
    rule: str


class UnitUnreachable(CallEvent, frozen=True):
    """Nobody of the unit could be reached: it is not late, it is unreachable."""

    topic: ClassVar[str] = "whistle.unit_unreachable/1"
    attempts: int
    rule: str


DeliveryEvent = DeliveryAwaited | DeliveryTried | DeliveryTaken | DeliveryPassedOn | UnitUnreachable

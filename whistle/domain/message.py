"""The two kinds of word the engine understands: an order, which may be refused, and an event."""

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from whistle.domain.moment import Instant


class Needs(msgspec.Struct, frozen=True):
    """What the decision on an order must know from other streams than its own."""

    incident: str = ""
    duplicate: str = ""  # the incident that is another's
    whistle: str = ""
    command_of: int | None = None  # the command that this event belongs to, and what came after


NOTHING_ELSE = Needs()


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person, a policy or the clock asks for; it may be refused."""

    series: ClassVar[str] = ""  # the letter of the names that this order may give: I, W, T, P, M
    decided_by: ClassVar[str] = ""  # the kind of aggregate; none: any, by what the stream is

    def needs(self) -> Needs:
        """What must be known of other streams to decide it."""
        return NOTHING_ELSE


class HearClock(Order, frozen=True):
    """Let the clock speak: record what is owed by now and nothing else."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened; it is never refused, changed or deleted.

    `topic` is the name under which it is stored for ever, with the version of its shape.
    """

    topic: ClassVar[str] = ""
    amending: ClassVar[bool] = False  # whether it changes how events before it count
    at: Instant  # the instant that counts: the server's receipt, or a timer's nominal due time

    def concerns(self) -> tuple[str, ...]:
        """The codes of the units whose own numbered record this event belongs to."""
        return ()

    def naming(self) -> str | None:
        """The name that this event gives, which uses up a number of its series."""
        return None

    def amends(self) -> Mapping[int, Mapping[str, Any] | None]:
        """How earlier events count from here on, by seq: with other values, or (none) not at all.

        Asked of amending events alone. The earlier events themselves stay as they were written.
        """
        return {}

"""To take an act back, and what is left on record of it; `taking_back` says when it may be."""

from collections.abc import Mapping
from typing import Any, ClassVar

from whistle.domain.correction import RecordOrder
from whistle.domain.message import Event, Needs


class TakenBack(Event, frozen=True):
    """An act was taken back: it stays on record, and counts no more."""

    topic: ClassVar[str] = "record.taken_back/1"
    amending: ClassVar[bool] = True
    seq: int  # the event that was named
    seqs: tuple[int, ...]  # every event of the act, in whatever stream
    topics: tuple[str, ...]  # of these, in their order
    streams: tuple[str, ...] = ()  # the other streams that the act had reached
    why: str = ""
    agreed: bool = False  # asked for by the recorder, granted by the other side
    unit: str = ""  # the unit whose call it was, if it was one unit's

    def concerns(self) -> tuple[str, ...]:
        """The unit whose call it was."""
        return (self.unit,) if self.unit else ()

    def amends(self) -> Mapping[int, Mapping[str, Any] | None]:
        """None of these events counts."""
        return dict.fromkeys(self.seqs)


class TakeBack(RecordOrder, frozen=True):
    """Take back the act that an event belongs to."""

    seq: int
    why: str = ""

    def needs(self) -> Needs:
        """Its whole command, and what came after it."""
        return Needs(command_of=self.seq)


class TakeBackToo(RecordOrder, frozen=True):
    """Let a stream that the act had reached count without it too (a policy orders this)."""

    taken: TakenBack

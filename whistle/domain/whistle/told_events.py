"""What is on record of an act that another told, or that happened before it was typed.

An event of its own beside the acts, and not more fields in them: one telling may hold several acts,
it is confirmed or contested by itself, and whatever acts a call knows tomorrow can be told as well.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from whistle.domain.moment import Instant
from whistle.domain.whistle.events import CallEvent

Mouth = Literal["phone", "radio", "paper", "own"]
"""By what an act was told; `own`: the unit typed itself, and claims that it was earlier."""


class ActTold(CallEvent, frozen=True):
    """Acts of the unit were told by phone, radio or paper, or are claimed to be of earlier."""

    topic: ClassVar[str] = "whistle.told/1"
    acts: tuple[int, ...]  # seqs
    topics: tuple[str, ...]  # of these
    mouth: Mouth
    recorder: str  # the unit that typed
    by_person: str = ""  # who typed
    speaker: str = ""  # who of the unit spoke: a person of its register, or a duty name
    claimed: Instant | None = None


class ToldConfirmed(CallEvent, frozen=True):
    """The other side of the call confirmed what was told; a claimed time counts from here on."""

    topic: ClassVar[str] = "whistle.told_confirmed/1"
    amending: ClassVar[bool] = True
    acts: tuple[int, ...]
    counts: Instant | None = None
    by_person: str = ""

    def amends(self) -> Mapping[int, Mapping[str, Any] | None]:
        """The claimed instant, if there was one."""
        return _counted(self.acts, self.counts)


class ToldContested(CallEvent, frozen=True):
    """The other side of the call says that it was not so: kept out of figures until ruled."""

    topic: ClassVar[str] = "whistle.told_contested/1"
    acts: tuple[int, ...]
    reason: str
    stated: Instant | None = None  # when it was, by who contests
    by_person: str = ""


class ToldRuled(CallEvent, frozen=True):
    """The leader ruled which time counts; none: that of the receipt, as it was typed."""

    topic: ClassVar[str] = "whistle.told_ruled/1"
    amending: ClassVar[bool] = True
    acts: tuple[int, ...]
    reason: str
    counts: Instant | None = None
    by_person: str = ""

    def amends(self) -> Mapping[int, Mapping[str, Any] | None]:
        """The ruled instant, if it is another than that of the receipt."""
        return _counted(self.acts, self.counts)


def _counted(acts: tuple[int, ...], at: Instant | None) -> Mapping[int, Mapping[str, Any] | None]:
    return {} if at is None else {act: {"at": at} for act in acts}


ToldEvent = ActTold | ToldConfirmed | ToldContested | ToldRuled

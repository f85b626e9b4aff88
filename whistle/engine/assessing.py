"""Assessing a log: proved and folded in one pass, so that nothing unproved is ever scored.

Reads only the log, never a view (DESIGN D12). Imported history and live work go through the same
`fact`; a corrected instant counts from the moment the correction was known. A live call that was
stamped by a clock nobody vouches for, or of which a time is contested, is kept out of every figure,
and said to be (DESIGN D7).
"""

from collections.abc import Iterator, Mapping
from functools import partial, reduce
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

import msgspec

from whistle.domain.facts import AssignmentKey
from whistle.domain.ledger import Assignment, Extra, Ledger
from whistle.domain.moment import Instant
from whistle.domain.reaching import Unreached
from whistle.domain.recording import Delay
from whistle.domain.suspect import Span, Suspicion
from whistle.engine.shares import Question, Share
from whistle.log.verify import Found, Taking
from whistle.workers import Workers

T = TypeVar("T")

KeptOut = Literal["clock", "contested"]
"""Why an assignment counts nowhere: its instants came from a clock nobody vouches for, or the other
side of the call contests one of them and nobody has ruled yet."""


class ProvedLog(Protocol):
    """What an assessment needs of a log."""

    def proved(self, taking: Taking[T], workers: Workers | None = None) -> Found[T]:
        """The whole log proved, and what was taken from its rows; Broken when it is not whole."""
        ...


class Verified(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """The range of the log that was proved, and the root that it gives."""

    first: int
    last: int
    root: str


class Gathered(NamedTuple):
    """What was asked of a log, and the range of it that was proved."""

    share: Share
    verified: Verified


class Assessed(NamedTuple):
    """A log as the ledger reads it."""

    ledger: Ledger
    verified: Verified
    names: dict[str, str]  # of whistles and incidents, by stream
    groups: dict[AssignmentKey, str]  # the asked attribute of each assignment that has it
    anomalies: tuple[Span, ...] = ()  # of the server's clock, with their verdicts
    kept_out: Mapping[AssignmentKey, KeptOut] = {}  # assignments that count nowhere, and why
    delays: tuple[Delay, ...] = ()  # how late claimed times that count were typed
    unreached: tuple[Unreached, ...] = ()  # calls that nobody of the unit has taken
    stands_at: Instant | None = None  # what is due later is still running; none: an empty log

    def assignments(self) -> list[Assignment]:
        """The rows that count: every whistled assignment but those kept out."""
        rows = self.ledger.assignments()
        return [row for row in rows if row.key not in self.kept_out] if self.kept_out else rows

    def unwhistled(self) -> list[Assignment]:
        """The rows kept and counted nowhere: lines of an assignment without a whistle (yet)."""
        return self.ledger.unwhistled()

    def extras(self) -> list[Extra]:
        """The facts that do not count: an earlier one does, or it was taken back."""
        return self.ledger.extras()

    def group_of(self, row: Assignment) -> str | None:
        """The value of the asked attribute."""
        return self.groups.get(row.key)


def assess(
    log: ProvedLog,
    *,
    until: Instant | None = None,
    known_at: Instant | None = None,
    attribute: str | None = None,
    workers: Workers | None = None,
) -> Assessed:
    """Prove the whole log and fold it; Broken when it does not prove itself.

    `until` and `known_at` as `Ledger` has them; it stands at the earlier of these, and at the last
    instant on record if that is earlier still: of what comes later a log knows nothing, and no
    machine's clock is asked. An assignment's `attribute` is that of its
    earliest whistle, as the imported line carries it. Several workers come to what one comes to.
    """
    return assessed(gather(log, Question(until, known_at, attribute), workers))


def gather(log: ProvedLog, asked: Question, workers: Workers | None = None) -> Gathered:
    """Prove the whole log and take from it what is asked; Broken when it does not prove itself."""
    return gathered(log.proved(partial(share_of, asked), workers))


def gathered(found: Found[Share]) -> Gathered:
    """The shares of a whole log as one; they are used up."""
    share = reduce(Share.join, found.taken)
    return Gathered(share, Verified(min(1, found.size), found.size, found.root.hex()))


def share_of(asked: Question, rows: Iterator[Any]) -> Share:
    """What some rows tell of what is asked."""
    return Share(asked).take(rows)


def assessed(found: Gathered) -> Assessed:
    """What was gathered as the ledger reads it in the end: corrected, named, and what is kept out.

    What was gathered is used up.
    """
    share, verified = found
    tellings, reaching, suspicion = share.tellings(), share.reaching(), share.suspicion()
    set_right = share.amend()
    contested: dict[AssignmentKey, KeptOut] = dict.fromkeys(tellings.contested(), "contested")
    kept_out = contested | _doubted(share, suspicion, set_right)
    share.tell_live()
    asked = share.asked
    return Assessed(
        share.ledger,
        verified,
        share.names,
        {key: value for key, (_, _, value) in share.groups.items()},
        tuple(suspicion),
        kept_out,
        tuple(tellings.delays()),
        tuple(reaching.unreached()),
        min((at for at in (share.last_at, *asked[:2]) if at is not None), default=None),
    )


def _doubted(
    share: Share, suspicion: Suspicion, set_right: set[int]
) -> dict[AssignmentKey, KeptOut]:
    """The live assignments with an instant from a clock that nobody vouches for.

    A report's instant is shared by all assignments of its incident; one that a correction
    gave is not the clock's.
    """
    if not share.anomalies:
        return {}
    doubted = [
        told
        for seq, told in share.live.items()
        if seq not in set_right and suspicion.of(seq) is not None
    ]
    reports = {told.incident for told in doubted if told.assignment is None}
    calls = {told.assignment for told in doubted}
    return {
        told.assignment: "clock"
        for told in share.live.values()
        if told.assignment is not None and (told.assignment in calls or told.incident in reports)
    }

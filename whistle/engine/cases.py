"""Some whole cases of a log as the ledger reads them: corrected, named, and what is kept out.

Imported history and live work go through the same `fact`; a corrected instant counts from the
moment the correction was known. A live call that was stamped by a clock nobody vouches for, or of
which a time is contested, is kept out of every figure, and said to be (decision 0007).
"""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

import msgspec

from whistle.domain.facts import AssignmentKey, Fact, IncidentKey
from whistle.domain.ledger import Assignment, Extra, Ledger
from whistle.domain.moment import Instant
from whistle.domain.reaching import Reaching, Unreached
from whistle.domain.recording import Delay, Tellings
from whistle.domain.suspect import Span, Suspicion
from whistle.engine.shares import Imported, Placed, Question, Told

KeptOut = Literal["clock", "contested"]
"""Why an assignment counts nowhere: its instants came from a clock nobody vouches for, or the other
side of the call contests one of them and nobody has ruled yet."""


class Verified(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """The range of the log that was proved, and the root that it gives."""

    first: int
    last: int
    root: str


class Assessed(NamedTuple):
    """A log, or some whole cases of it, as the ledger reads it."""

    ledger: Ledger
    verified: Verified
    names: dict[str, str]  # of whistles and incidents, by stream
    groups: dict[AssignmentKey, str]  # the asked attribute of each assignment that has it
    anomalies: tuple[Span, ...] = ()  # of the server's clock, with their verdicts
    kept_out: Mapping[AssignmentKey, KeptOut] = {}  # assignments that count nowhere, and why
    delays: tuple[Delay, ...] = ()  # how late claimed times that count were typed
    unreached: tuple[Unreached, ...] = ()  # calls that nobody of the unit has taken
    stands_at: Instant | None = None  # what is due later is still running; none: an empty log
    heard: tuple[Placed, ...] = ()  # what was asked for as it is, and was not taken back

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


class Common(NamedTuple):
    """What all cases of a log have in common."""

    asked: Question
    verified: Verified
    stands_at: Instant | None
    gone: frozenset[int]
    suspicion: Suspicion


class Cases:
    """The fold of what was told of some whole cases."""

    def __init__(self, common: Common) -> None:
        self._common = common
        self._ledger = Ledger(until=common.asked.until, known_at=common.asked.known_at)
        self._groups: dict[AssignmentKey, tuple[Instant, str, str]] = {}
        self._live: dict[int, Fact] = {}  # by seq
        self._names: dict[str, str] = {}
        self._beside: list[Placed] = []
        self._heard: list[Placed] = []
        self.facts = 0

    def take(self, key: IncidentKey, told: Told) -> None:
        """Take all that was told of a case."""
        tell, group = self._ledger.tell, self._common.asked.attribute is not None
        for each in told.imported:
            known = each.fact(key)
            tell(known, each.label)
            if group and each.group is not None and known.assignment is not None:
                self._group(known.assignment, each, each.group)
        self._live.update((each.seq, each) for each in told.live)
        self._names |= told.names
        self._beside += [each.placed() for each in told.beside]
        self._heard += [each.placed() for each in told.heard]
        self.facts += len(told.imported) + len(told.live)

    def _group(self, key: AssignmentKey, told: Imported, value: str) -> None:
        """An assignment's group is that of its earliest whistle, as the imported line has it."""
        new = (told.counts_at, told.label, value)
        self._groups[key] = min(new, self._groups.get(key, new))

    def assessed(self) -> Assessed:
        """The cases as the ledger reads them in the end; what was taken is used up."""
        common = self._common
        self._beside.sort()
        tellings, reaching = self._tellings(), self._reaching()
        set_right = self._amend()
        contested: dict[AssignmentKey, KeptOut] = dict.fromkeys(tellings.contested(), "contested")
        kept_out = contested | self._doubted(set_right)
        for told in self._live.values():
            stream = told.assignment[1] if told.assignment else ""
            self._ledger.tell(told, f"{self._names.get(stream, stream)}/{told.unit or ''}")
        return Assessed(
            self._ledger,
            common.verified,
            self._names,
            {key: value for key, (_, _, value) in self._groups.items()},
            tuple(common.suspicion),
            kept_out,
            tuple(tellings.delays()),
            tuple(reaching.unreached()),
            common.stands_at,
            tuple(sorted(each for each in self._heard if each.seq not in common.gone)),
        )

    def _counting(self) -> Iterable[Placed]:
        return (each for each in self._beside if each.seq not in self._common.gone)

    def _tellings(self) -> Tellings:
        """What was told by another's mouth, and what came of it."""
        folded = Tellings()
        for seq, stream, event in self._counting():
            folded.take(seq, stream, event)
        return folded

    def _reaching(self) -> Reaching:
        """Which calls are on their way to somebody."""
        folded, known_at = Reaching(), self._common.asked.known_at
        for seq, stream, event in self._counting():
            folded.take(seq, stream, event)
        for seq, told in self._live.items():
            known = known_at is None or told.known_at <= known_at
            if seq in self._common.gone or not known:
                continue
            if told.kind == "whistled" and told.assignment is not None:
                folded.delivered(seq, *told.assignment[1:])
        return folded

    def _amend(self) -> set[int]:
        """Let right instants count, and nothing that was taken back, as far as it was known.

        The seqs whose instant a correction gave.
        """
        set_right = set()
        for _seq, _stream, event in self._counting():
            for seq, now in event.amends().items() if event.amending else ():
                if now is not None and "at" in now and seq in self._live:
                    self._live[seq] = self._live[seq]._replace(counts_at=now["at"])
                    set_right.add(seq)
        for seq in self._common.gone & self._live.keys():
            del self._live[seq]
        return set_right

    def _doubted(self, set_right: set[int]) -> dict[AssignmentKey, KeptOut]:
        """The live assignments with an instant from a clock that nobody vouches for.

        A report's instant is shared by all assignments of its incident; one that a correction
        gave is not the clock's.
        """
        suspicion = self._common.suspicion
        if not any(suspicion):
            return {}
        doubted = [
            told
            for seq, told in self._live.items()
            if seq not in set_right and suspicion.of(seq) is not None
        ]
        reports = {told.incident for told in doubted if told.assignment is None}
        calls = {told.assignment for told in doubted}
        return {
            told.assignment: "clock"
            for told in self._live.values()
            if told.assignment is not None
            and (told.assignment in calls or told.incident in reports)
        }

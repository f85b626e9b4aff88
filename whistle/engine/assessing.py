"""Assessing a log: proved and folded in one pass, so that nothing unproved is ever scored.

Reads only the log, never a view (DESIGN D12). Imported history and live work go through the same
`fact`; a corrected instant counts from the moment the correction was known. A live call that was
stamped by a clock nobody vouches for, or of which a time is contested, is kept out of every figure,
and said to be (DESIGN D7).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, Protocol, get_args

import msgspec

from whistle import codec
from whistle.domain.clock_anomaly import ClockAnomaly, ClockSettled
from whistle.domain.correction import Corrected
from whistle.domain.facts import TELLING, AssignmentKey, Fact, fact
from whistle.domain.history import HistoryRecorded
from whistle.domain.incident.events import IncidentReported
from whistle.domain.ledger import Assignment, Ledger
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.reaching import ON_THE_WAY, Reaching, Unreached
from whistle.domain.recording import Delay, Tellings
from whistle.domain.suspect import Span, Suspicion
from whistle.domain.taken_back import TakenBack
from whistle.domain.whistle.events import WhistleBlown
from whistle.domain.whistle.told_events import ToldEvent
from whistle.log.tree import Frontier

READ = (
    TELLING
    | {WhistleBlown, Corrected, TakenBack, ClockAnomaly, ClockSettled}
    | {*get_args(ToldEvent), *ON_THE_WAY}
)
UNREAD = frozenset(topic for topic, kind in codec.EVENTS.items() if kind not in READ)
"""Topics that tell the ledger nothing: proved like all others, and not decoded."""


KeptOut = Literal["clock", "contested"]
"""Why an assignment counts nowhere: its instants came from a clock nobody vouches for, or the other
side of the call contests one of them and nobody has ruled yet."""


class ProvedLog(Protocol):
    """What an assessment needs of a log."""

    def proved_rows(self) -> Iterator[Any]:
        """Every row, each proved before it is handed on; Broken at the first that is not."""
        ...

    def rows(self) -> Iterator[Any]:
        """Every row as it stands."""
        ...

    def root(self) -> bytes:
        """The root that the head stands for."""
        ...

    def size(self) -> int:
        """How many events are recorded."""
        ...


class Verified(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """The range of the log that was proved, and the root that it gives."""

    first: int
    last: int
    root: str


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

    def group_of(self, row: Assignment) -> str | None:
        """The value of the asked attribute."""
        return self.groups.get(row.key)


def assess(
    log: ProvedLog,
    *,
    until: Instant | None = None,
    known_at: Instant | None = None,
    attribute: str | None = None,
) -> Assessed:
    """Prove the whole log and fold it; Broken when it does not prove itself.

    `until` and `known_at` as `Ledger` has them; it stands at the earlier of these, and at the last
    instant on record if that is earlier still: of what comes later a log knows nothing, and no
    machine's clock is asked. An assignment's `attribute` is that of its
    earliest whistle, as the imported line carries it.
    """
    fold = _Fold(Ledger(until=until, known_at=known_at), known_at, attribute)
    size, last = 0, None
    for row in log.proved_rows():
        size, last = row[0], row[4]
        topic = row[3]
        if fold.clock_doubted:
            fold.suspicion.stamped(size, row[4], row[5])
        if topic not in UNREAD:
            fold.take(codec.decode(topic, row[17]), row)
    fold.tell_live()
    verified = Verified(min(1, size), size, _root(log, size).hex())
    return Assessed(
        fold.ledger,
        verified,
        fold.names,
        fold.groups(),
        tuple(fold.suspicion),
        fold.kept_out(),
        tuple(fold.tellings.delays()),
        tuple(fold.reaching.unreached()),
        min((at for at in (last, until, known_at) if at is not None), default=None),
    )


class _Fold:
    """The events of a log on their way into the ledger."""

    def __init__(self, ledger: Ledger, known_at: Instant | None, attribute: str | None) -> None:
        self.ledger = ledger
        self.names: dict[str, str] = {}
        self._known_at = known_at
        self._attribute = attribute
        self._live: dict[int, Fact] = {}  # held back: a later event may correct its instant
        self._groups: dict[AssignmentKey, tuple[Instant, str, str]] = {}
        self.suspicion = Suspicion()
        self.clock_doubted = False
        self.tellings = Tellings()
        self.reaching = Reaching()
        self._amending: list[tuple[int, Event]] = []  # what is known of it, in order
        self._set_right: set[int] = set()  # seqs whose instant a correction gave

    def take(self, event: Event, row: Any) -> None:
        """Take an event with its row."""
        told = fact(event, row[1], row[14] or "", row[0])
        if isinstance(event, HistoryRecorded):
            if told is not None:  # always: it is history
                self.ledger.tell(told, event.source_event_id)
                if self._attribute is not None:
                    self._group(told, event)
            return
        if told is not None:
            self._live[row[0]] = told
        if self._known_at is None or event.at <= self._known_at:
            self.tellings.take(row[0], row[1], event)
            self.reaching.take(row[0], row[1], event)
        if isinstance(event, WhistleBlown | IncidentReported):
            self.names[row[1]] = event.name
        elif event.amending and (self._known_at is None or event.at <= self._known_at):
            self._amending.append((row[0], event))
        elif isinstance(event, ClockAnomaly | ClockSettled):
            self.clock_doubted = True
            self.suspicion.hear(row[0], event)

    def _amend(self) -> None:
        """Let right instants count, and nothing that was taken back, as far as it was known."""
        amended = [(seq, event.amends()) for seq, event in self._amending]
        gone = {seq for _, changes in amended for seq, now in changes.items() if now is None}
        for by, changes in amended:
            for seq, now in changes.items():
                if by not in gone and now is not None and "at" in now and seq in self._live:
                    self._live[seq] = self._live[seq]._replace(counts_at=now["at"])
                    self._set_right.add(seq)
        for seq in gone:
            self._live.pop(seq, None)

    def _group(self, told: Fact, event: HistoryRecorded) -> None:
        value = event.attributes.get(self._attribute or "")
        if told.assignment is None or told.kind != "whistled" or value is None:
            return
        new = (told.counts_at, event.source_event_id, value)
        self._groups[told.assignment] = min(new, self._groups.get(told.assignment, new))

    def groups(self) -> dict[AssignmentKey, str]:
        """The value of the asked attribute by assignment."""
        return {key: value for key, (_, _, value) in self._groups.items()}

    def kept_out(self) -> dict[AssignmentKey, KeptOut]:
        """The live assignments that count nowhere, with the reason."""
        contested: dict[AssignmentKey, KeptOut] = dict.fromkeys(
            self.tellings.contested(), "contested"
        )
        return contested | self._doubted()

    def _doubted(self) -> dict[AssignmentKey, KeptOut]:
        """The live assignments with an instant from a clock that nobody vouches for.

        A report's instant is shared by all assignments of its incident; one that a correction
        gave is not the clock's.
        """
        if not self.clock_doubted:
            return {}
        doubted = [
            told
            for seq, told in self._live.items()
            if seq not in self._set_right and self.suspicion.of(seq) is not None
        ]
        reports = {told.incident for told in doubted if told.assignment is None}
        calls = {told.assignment for told in doubted}
        return {
            told.assignment: "clock"
            for told in self._live.values()
            if told.assignment is not None
            and (told.assignment in calls or told.incident in reports)
        }

    def tell_live(self) -> None:
        """Tell the ledger the live facts as they count in the end, each call by its name."""
        self._amend()
        for told in self._live.values():
            stream = told.assignment[1] if told.assignment else ""
            self.ledger.tell(told, f"{self.names.get(stream, stream)}/{told.unit or ''}")


def _root(log: ProvedLog, size: int) -> bytes:
    """The root over exactly the rows that were proved."""
    root = log.root()
    if log.size() == size:
        return root
    tree = Frontier()  # somebody wrote meanwhile
    for row in log.rows():
        if row[0] > size:
            break
        tree.add(row[18])
    return tree.root

"""What a stretch of a log tells an assessment, and how such shares are put together.

Imported facts, which are many, are folded at once: their order carries no meaning. Live ones wait,
each under its seq: a later event, of another stretch perhaps, may correct them or take them back.
So shares can be taken of any stretches, anywhere, and joined in any order.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple, get_args

from whistle import codec
from whistle.domain.clock_anomaly import ClockAnomaly, ClockSettled
from whistle.domain.correction import Corrected
from whistle.domain.facts import TELLING, AssignmentKey, Fact, fact
from whistle.domain.history import HistoryRecorded
from whistle.domain.incident.events import IncidentReported
from whistle.domain.ledger import Ledger
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.reaching import ON_THE_WAY, Reaching
from whistle.domain.recording import Tellings
from whistle.domain.suspect import CAUGHT_UP, Suspicion
from whistle.domain.taken_back import TakenBack
from whistle.domain.whistle.events import WhistleBlown
from whistle.domain.whistle.told_events import ToldEvent

READ = (
    TELLING
    | {WhistleBlown, Corrected, TakenBack, ClockAnomaly, ClockSettled}
    | {*get_args(ToldEvent), *ON_THE_WAY}
)
BESIDE = (*get_args(ToldEvent), *ON_THE_WAY)
"""What tells the ledger nothing by itself, but how a fact of it came about."""

UNREAD = frozenset(topic for topic, kind in codec.EVENTS.items() if kind not in READ)
"""Topics that tell the ledger nothing: proved like all others, and not decoded."""


class Question(NamedTuple):
    """What is asked of a log."""

    until: Instant | None = None  # what had happened by then
    known_at: Instant | None = None  # what was known by then
    attribute: str | None = None  # of the imported lines, to group by
    heard: frozenset[str] = frozenset()  # topics whose events are wanted as they are


class Placed(NamedTuple):
    """An event with its place in the log."""

    seq: int
    stream: str
    event: Any


class Share:
    """What a stretch of a log tells an assessment."""

    def __init__(self, asked: Question) -> None:
        self.asked = asked
        self.ledger = Ledger(until=asked.until, known_at=asked.known_at)
        self.last_seq = 0
        self.last_at: Instant | None = None
        self.names: dict[str, str] = {}  # of whistles and incidents, by stream
        self.live: dict[int, Fact] = {}  # by seq
        self.groups: dict[AssignmentKey, tuple[Instant, str, str]] = {}
        self.beside: list[Placed] = []  # what amends, tells, or reaches nobody yet
        self.anomalies: list[Placed] = []  # of the server's clock, with their verdicts
        self.caught_up: list[tuple[int, Instant, Instant]] = []
        """Events whose clock stood with the record: the first of the stretch, and the first after
        each anomaly in it. No other can end a suspicion."""
        self.heard: list[Placed] = []

    def take(self, rows: Iterable[Any]) -> "Share":
        """Take all rows of the stretch, in order."""
        heard, waits = self.asked.heard, True
        for row in rows:
            seq, topic = row[0], row[3]
            self.last_seq, self.last_at = seq, row[4]
            if waits and row[5] >= row[4] - CAUGHT_UP:
                self.caught_up.append((seq, row[4], row[5]))
                waits = False
            if topic in heard:
                self.heard.append(Placed(seq, row[1], codec.decode(topic, row[17])))
            if topic not in UNREAD:
                waits = self._told(codec.decode(topic, row[17]), row) or waits
        return self

    def join(self, other: "Share") -> "Share":
        """Both as one, in this one; the other is used up."""
        self.ledger.join(other.ledger)
        if other.last_seq > self.last_seq:
            self.last_seq, self.last_at = other.last_seq, other.last_at
        self.names |= other.names
        self.live |= other.live
        for key, value in other.groups.items():
            self.groups[key] = min(value, self.groups.get(key, value))
        self.beside += other.beside
        self.anomalies += other.anomalies
        self.caught_up += other.caught_up
        self.heard += other.heard
        return self

    def _told(self, event: Event, row: Any) -> bool:
        """Take an event with its row; whether it is one of the server's clock."""
        seq, stream = row[0], row[1]
        told = fact(event, stream, row[14] or "", seq)
        if isinstance(event, HistoryRecorded):
            if told is not None:  # always: it is history
                self.ledger.tell(told, event.source_event_id)
                if self.asked.attribute is not None:
                    self._group(told, event)
            return False
        if told is not None:
            self.live[seq] = told
        if isinstance(event, WhistleBlown | IncidentReported):
            self.names[stream] = event.name
        elif isinstance(event, ClockAnomaly | ClockSettled):
            self.anomalies.append(Placed(seq, stream, event))
            return True
        elif self._is_beside(event):
            self.beside.append(Placed(seq, stream, event))
        return False

    def _is_beside(self, event: Event) -> bool:
        known = self.asked.known_at is None or event.at <= self.asked.known_at
        return known and (event.amending or isinstance(event, BESIDE))

    def _group(self, told: Fact, event: HistoryRecorded) -> None:
        value = event.attributes.get(self.asked.attribute or "")
        if told.assignment is None or told.kind != "whistled" or value is None:
            return
        new = (told.counts_at, event.source_event_id, value)
        self.groups[told.assignment] = min(new, self.groups.get(told.assignment, new))

    def tellings(self) -> Tellings:
        """What was told by another's mouth, and what came of it."""
        folded = Tellings()
        for seq, stream, event in sorted(self.beside):
            folded.take(seq, stream, event)
        return folded

    def reaching(self) -> Reaching:
        """Which calls are on their way to somebody."""
        folded, known_at = Reaching(), self.asked.known_at
        for seq, stream, event in sorted(self.beside):
            folded.take(seq, stream, event)
        for seq, told in self.live.items():
            known = known_at is None or told.known_at <= known_at
            if told.kind == "whistled" and told.assignment is not None and known:
                folded.delivered(seq, *told.assignment[1:])
        return folded

    def suspicion(self) -> Suspicion:
        """Which events were stamped by a clock that nobody vouches for."""
        folded = Suspicion()
        heard = {each.seq: each.event for each in self.anomalies}
        stamped = {each[0]: each for each in self.caught_up}
        for seq in sorted({*heard, *stamped}):
            if seq in stamped:
                folded.stamped(*stamped[seq])
            if (event := heard.get(seq)) is not None:
                folded.hear(seq, event)
        return folded

    def amend(self) -> set[int]:
        """Let right instants count, and nothing that was taken back, as far as it was known.

        The seqs whose instant a correction gave.
        """
        amended = [(seq, event.amends()) for seq, _, event in sorted(self.beside) if event.amending]
        gone = {seq for _, changes in amended for seq, now in changes.items() if now is None}
        set_right = set()
        for by, changes in amended:
            for seq, now in changes.items():
                if by not in gone and now is not None and "at" in now and seq in self.live:
                    self.live[seq] = self.live[seq]._replace(counts_at=now["at"])
                    set_right.add(seq)
        for seq in gone:
            self.live.pop(seq, None)
        return set_right

    def tell_live(self) -> None:
        """Tell the ledger the live facts as they count in the end, each call by its name."""
        for told in self.live.values():
            stream = told.assignment[1] if told.assignment else ""
            self.ledger.tell(told, f"{self.names.get(stream, stream)}/{told.unit or ''}")

"""What a stretch of a log tells an assessment: case by case, packed to be put aside.

A case is an incident with its whistles, live or imported. No stretch knows whether others tell more
of it, or correct what it tells: what it has is filed under the case, each live fact under its seq,
and looked at when all stretches have been read. So shares can be taken of any stretches, anywhere,
and gathered in any order (`gathering`).
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, get_args

import msgspec

from whistle import codec
from whistle.domain.clock_anomaly import ClockAnomaly, ClockSettled
from whistle.domain.correction import Corrected
from whistle.domain.facts import TELLING, Fact, IncidentKey, fact
from whistle.domain.history import HistoryRecorded, Kind
from whistle.domain.incident.events import IncidentReported
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.reaching import ON_THE_WAY
from whistle.domain.suspect import CAUGHT_UP
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


class Imported(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A fact of imported history, filed under its incident."""

    unit: str | None
    kind: Kind
    counts_at: Instant
    known_at: Instant
    seq: int
    label: str  # its id at the source
    dues: Mapping[str, Instant]
    group: str | None  # the asked attribute, of a whistle

    def fact(self, incident: IncidentKey) -> Fact:
        """The fact as the ledger is told it."""
        unit = self.unit
        subject = None if unit is None else (*incident, unit)
        instants = self.counts_at, self.known_at
        return Fact(subject, incident, unit, self.kind, *instants, self.seq, self.dues)


class Raw(NamedTuple):
    """An event as it is stored, with its place in the log."""

    seq: int
    stream: str
    topic: str
    state: bytes

    def placed(self) -> Placed:
        """The event itself."""
        return Placed(self.seq, self.stream, codec.decode(self.topic, self.state))


class Told(msgspec.Struct, array_like=True):
    """What was told of a case."""

    imported: list[Imported] = []
    live: list[Fact] = []
    names: dict[str, str] = {}  # of whistles and incidents, by stream
    beside: list[Raw] = []  # what amends, tells, or reaches nobody yet
    heard: list[Raw] = []

    def join(self, other: "Told") -> None:
        """Take what was told of the same case elsewhere."""
        self.imported += other.imported
        self.live += other.live
        self.names |= other.names
        self.beside += other.beside
        self.heard += other.heard


Packed = tuple[str, str, bytes]
"""A case, by the two parts of its key, and what was told of it."""

_pack = msgspec.msgpack.Encoder().encode
unpack = msgspec.msgpack.Decoder(Told).decode


class Share:
    """What a stretch of a log tells an assessment."""

    def __init__(self, asked: Question) -> None:
        self._asked = asked
        self.last_seq = 0
        self.last_at: Instant | None = None
        self.cases: list[Packed] = []
        self.gone: set[int] = set()  # what was taken back, in whatever case
        self.anomalies: list[Placed] = []  # of the server's clock, with their verdicts
        self.caught_up: list[tuple[int, Instant, Instant]] = []
        """Events whose clock stood with the record: the first of the stretch, and the first after
        each anomaly in it. No other can end a suspicion."""

    def take(self, rows: Iterable[Any]) -> "Share":
        """Take all rows of the stretch, in order."""
        heard, waits, cases = self._asked.heard, True, dict[IncidentKey, Told]()
        for row in rows:
            seq, topic = row[0], row[3]
            self.last_seq, self.last_at = seq, row[4]
            if waits and row[5] >= row[4] - CAUGHT_UP:
                self.caught_up.append((seq, row[4], row[5]))
                waits = False
            if topic in heard:
                _of(cases, _live(row)).heard.append(_raw(row))
            if topic not in UNREAD:
                waits = self._told(cases, codec.decode(topic, row[17]), row) or waits
        self.cases = [(*key, _pack(told)) for key, told in cases.items()]
        return self

    def _told(self, cases: dict[IncidentKey, Told], event: Event, row: Any) -> bool:
        """Take an event with its row; whether it is one of the server's clock."""
        if isinstance(event, HistoryRecorded):
            told = _of(cases, (event.source, event.incident))
            told.imported.append(self._imported(event, row[0]))
        elif isinstance(event, ClockAnomaly | ClockSettled):
            self.anomalies.append(Placed(row[0], row[1], event))
            return True
        else:
            self._take_live(cases, event, row)
        return False

    def _imported(self, event: HistoryRecorded, seq: int) -> Imported:
        asked, whistled = self._asked.attribute, event.kind == "whistled"
        return Imported(
            event.unit,
            event.kind,
            event.at,
            event.at if event.source_received_at is None else event.source_received_at,
            seq,
            event.source_event_id,
            event.dues,
            event.attributes.get(asked) if asked is not None and whistled else None,
        )

    def _take_live(self, cases: dict[IncidentKey, Told], event: Event, row: Any) -> None:
        seq, stream, told = row[0], row[1], _of(cases, _live(row))
        if (known := fact(event, stream, row[14] or "", seq)) is not None:
            told.live.append(known)
        if isinstance(event, WhistleBlown | IncidentReported):
            told.names[stream] = event.name
        elif self._is_beside(event):
            told.beside.append(_raw(row))
            if event.amending:
                self.gone.update(gone for gone, now in event.amends().items() if now is None)

    def _is_beside(self, event: Event) -> bool:
        known = self._asked.known_at is None or event.at <= self._asked.known_at
        return known and (event.amending or isinstance(event, BESIDE))


def _of(cases: dict[IncidentKey, Told], key: IncidentKey) -> Told:
    told = cases.get(key)
    if told is None:
        told = cases[key] = Told()
    return told


def _live(row: Any) -> IncidentKey:
    """The case of a live event."""
    return "", row[14] or row[1]


def _raw(row: Any) -> Raw:
    return Raw(row[0], row[1], row[3], bytes(row[17]))

"""One act under way: each order is decided on what the clock has said, and policies answer."""

from collections import deque
from typing import Any

import msgspec

from whistle.domain import aggregates
from whistle.domain.aggregate import Aggregate
from whistle.domain.correction import RecordOrder, Told
from whistle.domain.duties import ClockChange, Duty
from whistle.domain.message import Event, HearClock
from whistle.domain.policies import REACTIONS_MAX, ReactionRefused, react
from whistle.domain.refusal import Conflict, NotFound, Refused, _
from whistle.engine.asked import Asked, Given
from whistle.engine.loaded import Known, Loaded
from whistle.engine.reply import ClockMoved, NextStep, RecordedEvent, Reply
from whistle.engine.surroundings import Around
from whistle.log.port import Draft, Txn

AMENDED_KINDS = ("incident", "whistle", "team", "patrol")
REACTIONS = "reactions"  # the stream of what policies asked and the rules refused


class Cause(msgspec.Struct, frozen=True):
    """An order, and the event whose policy gave it (none for a person's own)."""

    given: Given
    seq: int | None
    correlation: str | None = None


class Session:
    """One act under way in one transaction."""

    def __init__(self, txn: Txn, asked: Asked, known: Known) -> None:
        self._txn = txn
        self._asked = asked
        self._stamp = asked.stamp
        self._known = known
        known.as_of(txn)
        self._around = Around(txn, asked, known)
        self._loaded: dict[str, Loaded] = {}
        self._events: list[RecordedEvent] = []
        self._unfilled: tuple[str, ...] = ()
        self._reactions: deque[Cause] = deque()

    def obey(self, given: Given) -> None:
        """Obey a person's order, then whatever the policies ask because of it."""
        first = not self._loaded
        self._obey(Cause(given, None), expect=self._asked.expect if first else None)
        answered = 0
        while self._reactions:
            answered += 1
            if answered > REACTIONS_MAX:
                raise RuntimeError(f"more than {REACTIONS_MAX} reactions to {self._asked.verb}")
            self._try(self._reactions.popleft())

    def _try(self, cause: Cause) -> None:
        """Obey a policy's order; a refusal is one more event, never the undoing of the cause."""
        try:
            self._obey(cause)
        except (Refused, NotFound) as refusal:
            event = ReactionRefused(
                at=self._asked.received_at,
                order=type(cause.given.order).__name__,
                stream=cause.given.stream,
                rule=refusal.rule,
                because=str(refusal),
            )
            version = self._txn.versions([REACTIONS]).get(REACTIONS, 0) + 1
            draft = Draft(REACTIONS, version, event, cause.correlation, cause.seq)
            (seq,) = self._txn.append([draft], self._stamp)
            self._events.append(RecordedEvent(seq, event.topic))

    def _obey(self, cause: Cause, expect: int | None = None) -> None:
        stream, order = cause.given.stream, cause.given.order
        loaded = self._load(stream, order)
        if expect is not None and expect != loaded.version:
            raise Conflict(
                _("It is at version {version} now, not {expected}."),
                hint=_("look at it again: whistle show"),
                version=loaded.version,
                expected=expect,
            )
        at, aggregate = self._asked.received_at, loaded.aggregate
        self._record(loaded, loaded.owed(at), cause.seq)
        around = self._around.of(order)
        decided: list[Event]
        if isinstance(order, HearClock):
            decided = []  # what it owes is recorded before and after any order
        elif isinstance(order, RecordOrder):
            from whistle.domain import on_record

            decided = on_record.decide(loaded.history, order, around)
        else:
            decided = aggregate.decide(loaded.state, order, around)
        recorded = self._record(loaded, decided, cause.seq)
        if cause.seq is None:
            self._record(loaded, aggregate.told(loaded.history, recorded, around), None)
        # an amendment may let clocks run that an act had stopped: what they owe by now is said too
        self._record(loaded, loaded.owed(at), cause.seq)
        self._record(loaded, aggregate.settle(loaded.state, at), cause.seq)
        if (line := loaded.entry) is not None:
            self._txn.enter(line, loaded.entered)
            loaded.entered = line
        if aggregate.kind in ("unit", "rulebook"):
            self._around.founding()

    def _load(self, stream: str, order: Any) -> Loaded:
        if stream not in self._loaded:
            aggregate = self._aggregate(stream, order)
            known = self._known.take(stream, aggregate)
            self._loaded[stream] = known or Loaded(stream, aggregate, self._txn.stream(stream))
        return self._loaded[stream]

    def _aggregate(self, stream: str, order: Any) -> Aggregate:
        if not isinstance(order, RecordOrder | HearClock):
            return aggregates.deciding(order)
        named = self._txn.of_stream(stream)
        if isinstance(order, HearClock):  # every stream that owes something is on the register
            return aggregates.of_kind(named.kind if named else "whistle")
        if named is None or named.kind not in AMENDED_KINDS:
            raise Refused(
                _("Event {seq} is not one that is amended this way."),
                rule="record.kept",
                hint=_("see what it is: whistle events list"),
                seq=getattr(order, "seq", 0),
            )
        return aggregates.of_kind(named.kind)

    def _record(self, loaded: Loaded, events: list[Event], cause: int | None) -> list[Told]:
        """Record what one decision came to, let the state follow, and hear the policies."""
        if not events:
            return []
        case = _case(loaded, events)
        drafts = [
            Draft(loaded.stream, version, event, case, cause)
            for version, event in enumerate(events, start=loaded.version + 1)
        ]
        seqs = self._txn.append(drafts, self._stamp)
        recorded = list(map(Told, seqs, events))
        for each in recorded:
            seq, event = each.seq, each.event
            loaded.take(each)
            self._events.append(RecordedEvent(seq, event.topic))
            self._number(event)
            self._unfilled = getattr(event, "unfilled", self._unfilled)
            for reaction in react(loaded.aggregate, event, loaded.stream, loaded.state):
                given = Given(reaction.stream, reaction.order)
                self._reactions.append(Cause(given, seq, case))
        return recorded

    def _number(self, event: Event) -> None:
        """Use up the number in a name that was just given."""
        if name := event.naming():
            series, _dash, number = name.rpartition("-")
            self._txn.take_number(series, int(number))

    def reply(self) -> Reply:
        """What the act did."""
        last = self._loaded[self._asked.orders[-1].stream]
        line = last.entry
        touched = self._loaded.values()
        owed = [duty for each in touched for duty in each.aggregate.duties(each.state)]
        owed = owed or last.aggregate.offered(last.state, self._incident_stage(last))
        steps = dict.fromkeys(map(_step, owed))
        moved = (
            change
            for each in touched
            for change in each.aggregate.clock_changes(each.before, each.state)
        )
        return Reply(
            id=_shown(last),
            stream=last.stream,
            version=last.version,
            stage=line.stage if line else "",
            events=tuple(self._events),
            clocks=tuple(map(_moved, moved)),
            next=tuple(steps),
            unfilled=self._unfilled,
        )

    @property
    def incident(self) -> str:
        """The stream of the incident that the act belongs to; empty if it belongs to none."""
        lines = (each.entry for each in self._loaded.values())
        return next((line.correlation for line in lines if line and line.correlation), "")

    def done(self) -> None:
        """Remember where the streams stand: the act is whole, and its transaction commits."""
        self._known.keep(self._txn.head, self._loaded, self._around.rules)

    def _incident_stage(self, loaded: Loaded) -> str:
        """At which stage the incident of a whistle stands; empty for what has none."""
        named = self._txn.of_stream(getattr(loaded.state, "incident", ""))
        return named.stage if named else ""


def _step(duty: Duty) -> NextStep:
    return NextStep(duty.unit, duty.verb, duty.name, duty.due, duty.event)


def _moved(change: ClockChange) -> ClockMoved:
    return ClockMoved(change.call, change.clock, change.action, change.due, change.provisional)


def _case(loaded: Loaded, events: list[Event]) -> str | None:
    """The incident that the events of one decision belong to."""
    line = loaded.entry
    return line.correlation if line else loaded.aggregate.case(loaded.stream, events[0])


def _shown(loaded: Loaded) -> str:
    """The name people see: a draft goes by its incident's name."""
    line = loaded.entry
    named = line.name if line else None
    return named or getattr(loaded.state, "incident_name", None) or loaded.stream

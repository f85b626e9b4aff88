"""Folding a batch of the log into a view's rows: decode, park what cannot be taken, correct."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from projections.projection import Handler, Projection
from projections.rows import Held
from projections.store import Parked
from whistle import codec
from whistle.domain.correction import Told, effective
from whistle.domain.message import Event
from whistle.domain.refusal import WhistleError
from whistle.domain.skipping import STREAM, SkipRuled, left_out
from whistle.log.port import Log
from whistle.log.rows import Recorded, told

UNTAKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,  # msgspec's errors are of this kind
    WhistleError,
)
"""What an event that a handler cannot take ends in; a full disk or a lost store is none of it."""

FOLLOWS = "follows a parked event"

AMENDING = frozenset(kind for kind in codec.EVENTS.values() if kind.amending)
_SEQ, _STREAM, _TOPIC, _CORRELATION = 0, 1, 3, 12  # columns of a row of TOLD


class Line(msgspec.Struct, frozen=True, gc=False):
    """An event on its way to the views; one without `told` cannot be read, for a `fault`."""

    seq: int
    stream: str
    case_id: str
    kind: type[Event] | None  # of the event; None when nobody knows its topic
    told: Recorded | None
    fault: str = ""


class Batch(NamedTuple):
    """Lines of the log in order, and which kinds of events there are among them."""

    lines: Sequence[Line]
    kinds: frozenset[type[Event] | None]

    @classmethod
    def of(cls, lines: Sequence[Line]) -> "Batch":
        """These lines."""
        return cls(lines, frozenset({line.kind for line in lines}))


def read(rows: Iterable[Any], views: Sequence[Projection]) -> Batch:
    """Rows of TOLD, decoded once for all the views that are told of them."""
    shown = frozenset[type[Event] | None]((None,)).union(*map(_shown, views))
    rows = list(rows)
    kinds = {topic: codec.EVENTS.get(topic) for topic in {row[_TOPIC] for row in rows}}
    return Batch.of([_line(row, kind) for row in rows if (kind := kinds[row[_TOPIC]]) in shown])


def _shown(view: Projection) -> frozenset[type[Event] | None]:
    """What a view must be told of: what it shows or is amended by, and what nobody knows."""
    return frozenset((None, SkipRuled, *AMENDING, *view.handlers))


def _line(row: Any, kind: type[Event] | None) -> Line:
    stream: str = row[_STREAM]
    case_id: str = row[_CORRELATION] or stream
    try:
        return Line(row[_SEQ], stream, case_id, kind, told(row))
    except UNTAKEN as error:
        return Line(row[_SEQ], stream, case_id, kind, None, _named(error))


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


class Fold:
    """A view's rows under way, and the cases that are parked."""

    def __init__(self, log: Log, view: Projection, rows: Held, parked: set[str]) -> None:
        self.rows = rows
        self.untaken: list[Parked] = []  # not written yet
        self.freed: set[str] = set()  # cases of which nothing is parked but what `untaken` says
        self._log = log
        self._view = view
        self._parked = parked
        self._shown = _shown(view)
        self._plain: dict[type[Event] | None, Handler] = {
            kind: each for kind, each in view.handlers.items() if not kind.amending
        }

    def written(self) -> None:
        """What was changed and parked so far is in the store now."""
        self.rows.written()
        self.untaken, self.freed = [], set()

    def take(self, batch: Batch) -> None:
        """Fold lines of the log, in order."""
        rows, shown = self.rows, self._shown
        if shown.isdisjoint(batch.kinds):
            return
        mine = batch.lines
        if not shown.issuperset(batch.kinds):
            mine = [line for line in mine if line.kind in shown]
        if not rows.whole:
            rows.expect({line.case_id for line in mine})
        for (case_id, kind), lines in groupby(mine, attrgetter("case_id", "kind")):
            run = list(lines)
            if not self._told_at_once(case_id, kind, run):
                self._one_by_one(run)
        if self._view.follows is not None:
            self._follow({line.case_id: line.seq for line in mine})

    def _told_at_once(self, case_id: str, kind: type[Event] | None, run: Sequence[Line]) -> bool:
        """Tell the view lines of a case and kind together; False where that cannot be done."""
        many = self._view.at_once.get(kind) if kind and len(run) > 1 else None
        told = [line.told for line in run if line.told is not None] if many else []
        if many is None or self._parked or len(told) < len(run):
            return False
        self.rows.begin(case_id)
        try:
            many(self.rows, told, [each.event for each in told])
        except UNTAKEN:
            self.rows.undo()
            return False
        return True

    def _one_by_one(self, run: Sequence[Line]) -> None:
        handler_of, begin, rows = self._plain.get, self.rows.begin, self.rows
        for line in run:
            told, handler = line.told, handler_of(line.kind)
            if told is None or handler is None or self._parked:
                self._carefully(line)
                continue
            begin(line.case_id)
            try:
                handler(rows, told, told.event)
            except UNTAKEN as error:
                self._undone(line, error)

    def anew(self, case_id: str, until: int) -> None:
        """Fold a case from its beginning to where the view stands, with today's handlers."""
        self._again(case_id, until)
        self._follow({case_id: until})

    def _again(self, case_id: str, until: int) -> None:
        self.rows.expect({case_id})
        self.rows.begin(case_id)
        self.rows.forget(case_id)
        self._parked.discard(case_id)
        self.untaken = [each for each in self.untaken if each.case_id != case_id]
        self.freed.add(case_id)
        for line in self._history(case_id, until):
            self._carefully(line)

    def _history(self, case_id: str, until: int) -> list[Line]:
        """What happened in a case up to a place in the log, without what this view leaves out."""
        with self._log.reading() as reader:
            skipped = left_out(reader.stream(STREAM), self._view.name, until)
            streams = {each.stream for each in reader.of_case(case_id)} | {case_id}
            rows = reader.rows_of(sorted(streams))
        return [
            line
            for line in read(rows, (self._view,)).lines
            if line.case_id == case_id and line.seq <= until and line.seq not in skipped
        ]

    def _follow(self, last: Mapping[str, int]) -> None:
        """Compute what follows from the rows that were changed; park what could not be.

        `last` is the seq of each case's last event of the batch.
        """
        if self._view.follows is None:
            return
        table, follower = self._view.follows
        for row in self.rows.changed(table):
            self.rows.begin(row.case_id)
            try:
                follower(self.rows, row)
            except UNTAKEN as error:
                self.rows.undo()
                seq = last.get(row.case_id) or max(last.values())
                self._park(seq, row.case_id, _named(error))

    def _carefully(self, line: Line) -> None:
        """Let the view take an event, unless its case is parked."""
        told = line.told
        if told is not None and isinstance(told.event, SkipRuled):
            self._skip(told.event, told.seq)
        elif not self._parked.isdisjoint((line.case_id, line.stream)):
            self._park(line.seq, line.case_id, FOLLOWS)
        elif told is None:
            self._park(line.seq, line.case_id, line.fault)
        else:
            self.rows.begin(line.case_id)
            try:
                if told.event.amending:
                    self._refold(told)
                else:
                    self._tell(told)
            except UNTAKEN as error:
                self._undone(line, error)

    def _undone(self, line: Line, error: BaseException) -> None:
        self.rows.undo()
        self._park(line.seq, line.case_id, _named(error))

    def _park(self, seq: int, case_id: str, because: str) -> None:
        self._parked.add(case_id)
        self.untaken.append(Parked(seq, case_id, because))

    def _tell(self, told: Recorded) -> None:
        if handler := self._view.handlers.get(type(told.event)):
            handler(self.rows, told, told.event)

    def _skip(self, ruling: SkipRuled, until: int) -> None:
        """An event is left out of this view, or taken in again: its case is folded anew."""
        if ruling.view != self._view.name:
            return
        with self._log.reading() as reader:
            stream = reader.stream_of(ruling.seq)
            rows = reader.rows_of([stream] if stream else [])
        for row in rows:
            if row[_SEQ] == ruling.seq:
                self._again(row[_CORRELATION] or row[_STREAM], until)

    def _refold(self, correction: Recorded) -> None:
        """Fold the whole case anew as it counts now: a view of all that happened shows it all."""
        self.rows.forget(self.rows.case_id)
        lines = self._history(self.rows.case_id, correction.seq)
        history = [line.told for line in lines if line.told is not None]
        counted = {each.seq: each.event for each in effective(map(_told, history))}
        for each in history:
            if each.seq in counted or self._view.whole:
                event = counted.get(each.seq, each.event)
                self._tell(msgspec.structs.replace(each, event=event))


def _told(recorded: Recorded) -> Told:
    return Told(recorded.seq, recorded.event)

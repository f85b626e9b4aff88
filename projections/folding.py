"""Folding a batch of the log into a view's rows: decode, park what cannot be taken, correct."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from projections.projection import Projection, Rows
from projections.store import Parked
from whistle import codec
from whistle.domain.correction import Told, effective
from whistle.domain.refusal import WhistleError
from whistle.log.port import Log
from whistle.log.rows import Recorded, recorded

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

_SEQ, _STREAM, _TOPIC, _CORRELATION = 0, 1, 3, 14  # columns of a raw row of the log

_Line = tuple[int, str, str, Recorded | None, str]
"""Seq, stream, case, the event unless it cannot be read, and why not."""
_CASE: Final = 2


class Fold:
    """A view's rows under way, and the cases that are parked."""

    def __init__(self, log: Log, view: Projection, rows: Rows, parked: set[str]) -> None:
        self.rows = rows
        self._log = log
        self._view = view
        self._parked = parked

    def take(self, lines: Sequence[Any]) -> list[Parked]:
        """Fold raw rows of the log, in order; what could not be taken."""
        batch = [_read(line) for line in lines if self._shows(line[_TOPIC])]
        self.rows.expect({line[_CASE] for line in batch})
        parked: list[Parked] = []
        handlers, rows = self._view.handlers, self.rows
        for line in batch:
            seq, _stream, case_id, told, _fault = line
            if told is None or self._parked or told.event.amending:
                because = self._carefully(line)
            else:
                rows.begin(case_id)
                try:
                    handlers[type(told.event)](rows, told, told.event)
                    continue
                except UNTAKEN as error:
                    because = self._undone(error)
            if because:
                self._parked.add(case_id)
                parked.append(Parked(seq, case_id, because))
        return parked + self._followed({line[_CASE]: line[0] for line in batch})

    def _followed(self, last: Mapping[str, int]) -> list[Parked]:
        """Compute what follows from the rows that the batch has changed; what could not be.

        `last` is the seq of each case's last event of the batch.
        """
        if self._view.follows is None:
            return []
        table, follower = self._view.follows
        parked: list[Parked] = []
        for row in self.rows.changed(table):
            self.rows.begin(row.case_id)
            try:
                follower(self.rows, row)
            except UNTAKEN as error:
                because = self._undone(error)
                self._parked.add(row.case_id)
                parked.append(Parked(last[row.case_id], row.case_id, because))
        return parked

    def _shows(self, topic: str) -> bool:
        """Whether an event of a topic concerns this view; one that nobody knows is parked."""
        kind = codec.EVENTS.get(topic)
        return kind is None or kind.amending or kind in self._view.handlers

    def _carefully(self, line: _Line) -> str:
        """Let the handler take an event, unless its case is parked; why it could not."""
        _seq, stream, case_id, told, fault = line
        if self._parked and not self._parked.isdisjoint((case_id, stream)):
            return "follows a parked event"
        if told is None:
            return fault
        self.rows.begin(case_id)
        try:
            if told.event.amending:
                self._refold(told)
            else:
                self._tell(told)
        except UNTAKEN as error:
            return self._undone(error)
        return ""

    def _undone(self, error: BaseException) -> str:
        self.rows.undo()
        return _named(error)

    def _tell(self, told: Recorded) -> None:
        if handler := self._view.handlers.get(type(told.event)):
            handler(self.rows, told, told.event)

    def _refold(self, correction: Recorded) -> None:
        """Fold the whole case anew as it counts now: a view of all that happened shows it all."""
        self.rows.forget(self.rows.case_id)
        history = list(case_history(self._log, self.rows.case_id, correction))
        told = effective([Told(each.seq, each.event) for each in history])
        counted = {each.seq: each.event for each in told}
        for each in history:
            if each.seq in counted or self._view.whole:
                event = counted.get(each.seq, each.event)
                self._tell(msgspec.structs.replace(each, event=event))


def _read(line: Any) -> _Line:
    stream: str = line[_STREAM]
    case_id: str = line[_CORRELATION] or stream
    try:
        told = recorded(line)
    except UNTAKEN as error:
        return line[_SEQ], stream, case_id, None, _named(error)
    return told.seq, stream, case_id, told, ""


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def case_history(log: Log, case_id: str, until: Recorded) -> Iterator[Recorded]:
    """Every event of a case up to one of them, in the order of the log."""
    with log.reading() as reader:
        streams = {each.stream for each in reader.of_case(case_id)} | {until.stream}
        seqs = sorted(told.seq for stream in streams for told in reader.stream(stream))
    for seq in seqs:
        if seq <= until.seq:
            yield recorded(next(log.rows(seq - 1)))

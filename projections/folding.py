"""Folding a batch of the log into a view's rows: decode, park what cannot be taken, correct."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, NamedTuple

import msgspec

from projections.projection import Projection, Rows
from projections.store import Parked
from whistle.domain.correction import Corrected, Told, effective
from whistle.domain.history import HistoryRecorded
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

_SEQ, _STREAM, _CORRELATION = 0, 1, 14  # columns of a raw row of the log


class Fold:
    """A view's rows under way, and the cases that are parked."""

    def __init__(self, log: Log, view: Projection, rows: Rows, parked: set[str]) -> None:
        self.rows = rows
        self._log = log
        self._view = view
        self._parked = parked

    def take(self, lines: Sequence[Any]) -> list[Parked]:
        """Fold raw rows of the log, in order; what could not be taken."""
        batch = [_read(line) for line in lines]
        shown = [each for each in batch if self._is_shown(each)]
        self.rows.expect({each.case_id for each in shown})
        parked = []
        for each in shown:
            if because := self._untaken(each):
                self._parked.add(each.case_id)
                parked.append(Parked(each.seq, each.case_id, because))
        return parked

    def _is_shown(self, line: "_Line") -> bool:
        told = line.told
        if told is None:
            return True  # nobody knows what it is: it is parked
        kind = type(told.event)
        return kind is Corrected or self._view.handler(kind) is not None

    def _untaken(self, line: "_Line") -> str:
        """Let the handler take an event; if it cannot, undo what it did and say why."""
        if self._parked and not self._parked.isdisjoint((line.case_id, line.stream)):
            return "follows a parked event"
        if line.told is None:
            return line.fault
        self.rows.begin(line.case_id)
        try:
            if type(line.told.event) is Corrected:
                self._refold(line.told)
            else:
                self._tell(line.told)
        except UNTAKEN as error:
            self.rows.undo()
            return f"{type(error).__name__}: {error}"
        return ""

    def _tell(self, told: Recorded) -> None:
        if handler := self._view.handler(type(told.event)):
            handler(self.rows, told, told.event)

    def _refold(self, correction: Recorded) -> None:
        """Fold the whole case anew with the corrected values in the place of the old ones."""
        self.rows.forget(self.rows.case_id)
        history = list(case_history(self._log, self.rows.case_id, correction))
        counted = effective([Told(each.seq, each.event) for each in history])
        for each, told in zip(history, counted, strict=True):
            self._tell(msgspec.structs.replace(each, event=told.event))


class _Line(NamedTuple):
    """A row of the log with its case; without an event if it cannot be read."""

    seq: int
    stream: str
    case_id: str
    told: Recorded | None
    fault: str = ""


def _read(line: Any) -> _Line:
    seq, stream, correlation = line[_SEQ], line[_STREAM], line[_CORRELATION]
    try:
        told = recorded(line)
    except UNTAKEN as error:
        return _Line(seq, stream, correlation or stream, None, f"{type(error).__name__}: {error}")
    event = told.event
    if type(event) is HistoryRecorded:
        return _Line(seq, stream, f"{event.source}/{event.incident}", told)
    return _Line(seq, stream, correlation or stream, told)


def case_history(log: Log, case_id: str, until: Recorded) -> Iterator[Recorded]:
    """Every event of a case up to one of them, in the order of the log."""
    with log.reading() as reader:
        streams = {each.stream for each in reader.of_case(case_id)} | {until.stream}
        seqs = sorted(told.seq for stream in streams for told in reader.stream(stream))
    for seq in seqs:
        if seq <= until.seq:
            with closing(log.rows(seq - 1)) as rows:  # type: ignore[type-var]
                yield recorded(next(rows))

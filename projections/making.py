"""What a view makes of whole cases from nothing: each folded once, with no way back.

Nothing was there before, so nothing is looked up, no row is remembered to be undone, and what a
case has come to is put aside as it will be written. Where an event cannot be taken so, all is
folded again by `folding`, which parks it; a case that was amended is folded there in any case.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from projections.digest import Sum
from projections.folding import AMENDING, UNTAKEN, Batch, Fold, Line
from projections.projection import ManyHandler, Projection, Rows, Table
from projections.rows import Held
from projections.store import Parked
from projections.table import Values
from whistle.domain.message import Event
from whistle.log.port import Log
from whistle.log.rows import Recorded


class Case(NamedTuple):
    """All that happened in one case."""

    case_id: str
    kind: type[Event] | None  # of all its events, if they are of one kind
    told: Sequence[Recorded]
    events: Sequence[Event]

    @classmethod
    def of(cls, case_id: str, told: Sequence[Recorded]) -> "Case":
        """What was told of it, and of which kind that is."""
        events = [each.event for each in told]
        kinds = {*map(type, events)}
        return cls(case_id, kinds.pop() if len(kinds) == 1 else None, told, events)


class Cases(NamedTuple):
    """Whole cases, up to a place in the log."""

    lines: Sequence[Line]  # all of them, with the rulings on what is left out
    plain: Sequence[Case]  # those of which nothing was amended, and all can be read
    amended: Sequence[Line]  # of the others
    ruled: bool  # whether there is a ruling

    @classmethod
    def of(cls, lines: Sequence[Line], rulings: Sequence[Line]) -> "Cases":
        """The cases of some lines; all lines of each are among them."""
        by_case: dict[str, list[Recorded]] = defaultdict(list)
        unplain = set[str]()
        for line in lines:
            if line.told is None or line.kind in AMENDING:
                unplain.add(line.case_id)
            else:
                by_case[line.case_id].append(line.told)
        return cls(
            sorted([*lines, *rulings], key=attrgetter("seq")) if rulings else lines,
            [Case.of(each, by_case[each]) for each in sorted(by_case.keys() - unplain)],
            [line for line in lines if line.case_id in unplain] if unplain else (),
            bool(rulings),
        )


class Made(NamedTuple):
    """What a view made of some cases from their beginning."""

    rows: list[list[Values]]  # of each of its tables
    sum: Sum
    untaken: list[Parked]
    took_s: float


class Pile:
    """Rows to be written, and their sum."""

    def __init__(self, view: Projection) -> None:
        self._rows: dict[Table[Any], list[Values]] = {table: [] for table in view.tables}
        self._sum = Sum()

    def take(self, table: Table[Any], rows: Sequence[Any]) -> None:
        """Put aside all rows that a case has in a table, in the order of their keys."""
        self._rows[table] += (values := table.values(rows))
        self._sum.take(table, values)

    def made(self, untaken: list[Parked], begun: float) -> Made:
        """All that was put aside."""
        return Made([*self._rows.values()], self._sum, untaken, time.perf_counter() - begun)


def made(log: Log, view: Projection, cases: Cases) -> Made:
    """What a view makes of cases, of which nothing is there yet."""
    begun, pile = time.perf_counter(), Pile(view)
    if not cases.ruled and _plainly(view, cases.plain, pile):
        parked = _carefully(log, view, cases.amended, pile)
        if not parked:
            return pile.made([], begun)
    pile = Pile(view)
    return pile.made(_carefully(log, view, cases.lines, pile), begun)


def _plainly(view: Projection, cases: Iterable[Case], pile: Pile) -> bool:
    """Fold cases one after the other; False when an event cannot be taken."""
    rows, handler_of = Rows(), view.handlers.get
    many_of: Callable[[Any], ManyHandler | None] = view.at_once.get
    try:
        for case_id, kind, told, events in cases:
            rows.begin(case_id)
            if kind is not None and kind not in view.handlers:
                continue
            if many := many_of(kind):
                many(rows, told, events)
            else:
                for each, event in zip(told, events, strict=True):
                    if handler := handler_of(type(event)):
                        handler(rows, each, event)
            if view.follows:
                changed, follower = view.follows
                for row in rows.changed(changed):
                    follower(rows, row)
            for table in view.tables:
                if mine := rows.taken(table):
                    pile.take(table, mine)
    except UNTAKEN:
        return False
    return True


def _carefully(log: Log, view: Projection, lines: Sequence[Line], pile: Pile) -> list[Parked]:
    """Fold lines in the order of the log, with a way back; what could not be taken."""
    if not lines:
        return []
    rows = Held(lambda _cases: {})
    rows.all_held()
    fold = Fold(log, view, rows, set())
    fold.take(Batch.of(lines))
    for table in view.tables:
        for _case, of_case in groupby(rows.made(table), attrgetter("case_id")):
            pile.take(table, list(of_case))
    return fold.untaken

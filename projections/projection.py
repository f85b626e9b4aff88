"""What every view is made of: tables of frozen rows, and one small handler per event.

A handler works on rows held in memory for a batch, and touches only rows of its own case (an
incident with all its whistles; an imported incident). So a case can be loaded in bulk, parked when
one of its events cannot be taken, and folded anew when one of them is corrected.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, get_args

from projections.rows import Rows as Rows
from projections.table import R, is_union
from projections.table import Row as Row
from projections.table import Table as Table
from whistle.domain.message import Event
from whistle.log.rows import Recorded

Handler = Callable[[Rows, Recorded, Any], None]
ManyHandler = Callable[[Rows, Sequence[Recorded], Sequence[Any]], None]
AnyHandler = TypeVar("AnyHandler", bound=Callable[..., None])


class Projection:
    """A view: its tables, and what each event does to their rows.

    `version` is raised when a handler changes its mind; a view of another version is made anew.
    A `whole` view shows what was taken back too.
    """

    def __init__(
        self, name: str, *tables: Table[Any], version: int = 1, whole: bool = False
    ) -> None:
        self.whole = whole
        self.name = name
        self.tables = tables
        self.version = version
        self.handlers: dict[type[Event], Handler] = {}
        self.at_once: dict[type[Event], ManyHandler] = {}
        self.follows: tuple[Table[Any], Callable[[Rows, Any], None]] | None = None

    def after_batch(
        self, table: Table[R]
    ) -> Callable[[Callable[[Rows, R], None]], Callable[[Rows, R], None]]:
        """Register what follows from a row of a table once a batch of events has changed it.

        It is computed once however many events the batch had, and must follow from the row alone.
        """

        def register(follower: Callable[[Rows, R], None]) -> Callable[[Rows, R], None]:
            self.follows = (table, follower)
            return follower

        return register

    def when(self, handler: AnyHandler) -> AnyHandler:
        """Register a handler for the event (or union of events) that its annotation names."""
        *_told, kind = (k for name, k in handler.__annotations__.items() if name != "return")
        for each in get_args(kind) if is_union(kind) else (kind,):
            if each in self.handlers:
                raise TypeError(f"{self.name} handles {each.__name__} twice")
            self.handlers[each] = handler
        return handler

    def when_many(self, handler: ManyHandler) -> ManyHandler:
        """Register a handler for a kind of event of which a case may have many.

        It is told of any number of them at once, by the annotation of its last argument; in
        however many calls it is told of them, the same rows come out.
        """

        def one(rows: Rows, told: Recorded, event: Any) -> None:
            handler(rows, (told,), (event,))

        (kind,) = get_args([*handler.__annotations__.values()][2])
        one.__annotations__["event"] = kind
        self.when(one)
        self.at_once[kind] = handler
        return handler

    @property
    def shape(self) -> str:
        """The digest of its code's version and of its tables."""
        tables = "".join(table.shape for table in self.tables)
        return hashlib.sha256(f"{self.version}{tables}".encode()).hexdigest()

    @property
    def events(self) -> frozenset[type[Event]]:
        """The events that this view shows."""
        return frozenset(self.handlers)

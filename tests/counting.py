"""A view that only ever adds up: an event that it is told twice, or never, shows in its rows."""

from projections.projection import Projection, Row, Rows, Table
from whistle.domain.whistle.events import Arrived
from whistle.log.rows import Recorded


class Heard(Row, frozen=True, kw_only=True):
    """How often a whistle's units were told to have come, and when the last one did."""

    whistle: str
    times: int
    last: int


heard_table = Table("heard", Heard, "whistle")


def counting() -> Projection:
    """The view, made anew for each test."""
    view = Projection("heard", heard_table)

    @view.when
    def heard(rows: Rows, told: Recorded, event: Arrived) -> None:
        row = rows.get(heard_table, told.stream)
        times = row.times + 1 if row else 1
        rows.put(
            heard_table,
            Heard(case_id=rows.case_id, whistle=told.stream, times=times, last=event.at),
        )

    return view


heard_view = counting()
NAMED = {"heard": "tests.counting:heard_view"}
"""What `VIEWS` is to know besides, where the view is to be followed like any other."""

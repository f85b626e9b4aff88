"""待办 and deadlines: who owes the next step by when, and which clocks run.

The domain's own `evolve`, `duties` and clocks say what is owed; here it is only kept, so that it
can be looked up by unit. What owes nothing has no duties and no clocks here, only its state.
"""

from typing import TYPE_CHECKING, cast

import msgspec
import sqlalchemy as sa

from projections.projection import Projection, Row, Rows, Table
from whistle.domain import incident, whistle
from whistle.domain.duties import duties
from whistle.domain.incident.state import IncidentEvent, IncidentState
from whistle.domain.moment import Instant
from whistle.domain.whistle import WhistleEvent
from whistle.domain.whistle import clocks as whistle_clocks
from whistle.domain.whistle.state import Sounding, WhistleState
from whistle.log.rows import Recorded

if TYPE_CHECKING:
    from projections.catch_up import Views


class StateRow(Row, frozen=True, kw_only=True):
    """An incident or whistle as the domain sees it, to be evolved by its next event."""

    stream: str
    state: IncidentState | WhistleState
    duties: int = 0  # rows below that are its own
    clocks: int = 0


class DutyRow(Row, frozen=True, kw_only=True):
    """A step that a unit owes; the unit is empty for the town office."""

    stream: str
    nr: int  # within its stream
    unit: str
    verb: str
    name: str  # what to type after the verb
    due: Instant | None


class ClockRow(Row, frozen=True, kw_only=True):
    """A clock of a call that no act has stopped yet."""

    stream: str
    nr: int
    unit: str
    call: str  # whistle/unit
    clock: str
    limit: str
    rule: str
    provisional: bool
    started_at: Instant
    due: Instant
    next_level: str  # what it says next, if nothing happens: warn | overdue | yellow | red | ""
    next_at: Instant | None


states_table = Table("deadlines_states", StateRow, "stream")
duties_table = Table("deadlines_duties", DutyRow, "stream", "nr")
clocks_table = Table("deadlines_clocks", ClockRow, "stream", "nr")
deadlines = Projection("deadlines", states_table, duties_table, clocks_table)


@deadlines.when
def moved(rows: Rows, told: Recorded, event: IncidentEvent | WhistleEvent) -> None:
    """Something happened to an incident or a whistle."""
    row = rows.get(states_table, told.stream)
    known = row.state if row else None
    state: IncidentState | WhistleState
    if isinstance(event, _OF_INCIDENT):
        before = incident.START if known is None else known
        state = incident.evolve(cast("IncidentState", before), cast("IncidentEvent", event))
    elif isinstance(event, _OF_WHISTLE):
        before = whistle.START if known is None else known
        state = whistle.evolve(cast("WhistleState", before), cast("WhistleEvent", event))
    else:
        return  # a correction: the case has been folded anew
    owed = _duties(rows.case_id, told.stream, state)
    running = _clocks(rows.case_id, told.stream, state)
    for nr in range(len(owed), row.duties if row else 0):
        rows.delete(duties_table, told.stream, nr)
    for nr in range(len(running), row.clocks if row else 0):
        rows.delete(clocks_table, told.stream, nr)
    for duty in owed:
        rows.put(duties_table, duty)
    for clock in running:
        rows.put(clocks_table, clock)
    rows.put(
        states_table,
        StateRow(
            case_id=rows.case_id,
            stream=told.stream,
            state=state,
            duties=len(owed),
            clocks=len(running),
        ),
    )

"""待办 and deadlines: who owes the next step by when, and which clocks run.

The domain's own `evolve`, `duties` and clocks say what is owed; here it is only kept, so that it
can be looked up by unit. What owes nothing has no duties and no clocks here, only its state.
"""

from typing import TYPE_CHECKING, get_args

import msgspec

from projections.projection import Projection, Row, Rows, Table
from whistle.domain.aggregate import Aggregate
from whistle.domain.correction import Corrected
from whistle.domain.duties import still_to_do
from whistle.domain.incident import INCIDENT
from whistle.domain.incident.state import IncidentEvent, IncidentState
from whistle.domain.moment import Instant
from whistle.domain.patrol import PATROL, PatrolEvent, PatrolState
from whistle.domain.taken_back import TakenBack
from whistle.domain.team import TEAM
from whistle.domain.team.events import TeamEvent
from whistle.domain.team.state import TeamState
from whistle.domain.whistle import WHISTLE, WhistleEvent
from whistle.domain.whistle import clocks as whistle_clocks
from whistle.domain.whistle.state import Sounding, WhistleState
from whistle.domain.whistle.telling import Telling
from whistle.log.rows import Recorded

if TYPE_CHECKING:
    from projections.catch_up import Views


class StateRow(Row, frozen=True, kw_only=True):
    """An incident, whistle, team or patrol as the domain sees it, to be evolved by its events."""

    stream: str
    state: IncidentState | WhistleState | TeamState | PatrolState
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
    changed: bool = False  # what is asked was amended since the unit's last act
    kind: str = ""  # of the whistle that a leader is to approve
    leader: str = ""  # whose word it must be, if only one person's will do
    event: int | None = None  # to be named with --event


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


_DECIDED_BY: dict[type, Aggregate] = {
    kind: aggregate
    for aggregate, events, states in (
        (INCIDENT, IncidentEvent, IncidentState),
        (WHISTLE, WhistleEvent, WhistleState),
        (TEAM, TeamEvent, TeamState),
        (PATROL, PatrolEvent, PatrolState),
    )
    for kind in (*get_args(events), *get_args(states))
}
"""Whose an event is, or a state."""


@deadlines.when
def moved(
    rows: Rows, told: Recorded, event: IncidentEvent | WhistleEvent | TeamEvent | PatrolEvent
) -> None:
    """Something happened to an incident, a whistle, a team or a patrol."""
    if isinstance(event, Corrected | TakenBack):
        return  # its case has just been folded anew
    row = rows.get(states_table, told.stream)
    if row is None:
        start = _DECIDED_BY[type(event)].start
        row = StateRow(case_id=rows.case_id, stream=told.stream, state=start)
    state = _DECIDED_BY[type(event)].evolve(row.state, event)
    rows.put(states_table, msgspec.structs.replace(row, state=state))


@deadlines.after_batch(states_table)
def owing(rows: Rows, row: StateRow) -> None:
    """What a state owes, and which clocks run in it, as a batch of events has left it."""
    owed = _duties(row.case_id, row.stream, row.state)
    running = _clocks(row.case_id, row.stream, row.state)
    for nr in range(len(owed), row.duties):
        rows.delete(duties_table, row.stream, nr)
    for nr in range(len(running), row.clocks):
        rows.delete(clocks_table, row.stream, nr)
    for duty in owed:
        rows.put(duties_table, duty)
    for clock in running:
        rows.put(clocks_table, clock)
    counted = msgspec.structs.replace(row, duties=len(owed), clocks=len(running))
    rows.put(states_table, counted)


def _duties(case_id: str, stream: str, state: object) -> list[DutyRow]:
    # a declined call and a sibling may ask the town for the very same step
    owed = dict.fromkeys(_DECIDED_BY[type(state)].duties(state))
    return [
        DutyRow(
            case_id=case_id,
            stream=stream,
            nr=nr,
            unit=duty.unit,
            verb=duty.verb,
            name=duty.name,
            due=duty.due,
            changed=duty.changed,
            kind=duty.kind or "",
            leader=duty.leader,
            event=duty.event,
        )
        for nr, duty in enumerate(owed)
    ]


def _clocks(case_id: str, stream: str, state: object) -> list[ClockRow]:
    if not isinstance(state, Sounding):
        return []
    coming: dict[tuple[str, str], whistle_clocks.Said] = {}
    for said in whistle_clocks.owed(state):
        coming.setdefault((said.unit, said.clock), said)
    running = [
        (unit, name, clock, coming.get((unit, name)))
        for unit, call in state.calls.items()
        for name, clock in call.clocks.items()
        if clock.stopped is None
    ]
    return [
        ClockRow(
            case_id=case_id,
            stream=stream,
            nr=nr,
            unit=unit,
            call=f"{state.name}/{unit}",
            clock=name,
            limit=clock.started.limit,
            rule=clock.started.rule,
            provisional=clock.started.provisional,
            started_at=clock.at,
            due=clock.started.due,
            next_level=said.level if said else "",
            next_at=said.due if said else None,
        )
        for nr, (unit, name, clock, said) in enumerate(running)
    ]


def inbox(views: "Views", *units: str) -> list[DutyRow]:
    """What waits on some units (on everybody, if none is named), least time left first.

    The unit "" is the town office; what no clock hurries comes last.
    """
    mine = (duties_table.c.unit.in_(units),) if units else ()
    with views.reading(deadlines) as tx:
        found = duties_table.select(tx, *mine)
    mine_now = still_to_do(found)
    return sorted(mine_now, key=lambda row: (row.due is None, row.due or 0, row.name, row.verb))


def clocks(views: "Views", *units: str) -> list[ClockRow]:
    """The clocks that run for some units (for everybody, if none is named), by due instant."""
    mine = (clocks_table.c.unit.in_(units),) if units else ()
    with views.reading(deadlines) as tx:
        found = clocks_table.select(tx, *mine)
    return sorted(found, key=lambda row: (row.due, row.call, row.clock))


def tellings(views: "Views", *streams: str) -> dict[str, list[tuple[str, Telling]]]:
    """What was told of calls and is not settled, with the unit, by whistle."""
    with views.reading(deadlines) as tx:
        found = states_table.select(tx, states_table.c.stream.in_(streams))
    whistles = {row.stream: row.state.calls for row in found if isinstance(row.state, Sounding)}
    return {
        stream: [(unit, each) for unit, call in calls.items() for each in call.tellings]
        for stream, calls in whistles.items()
    }

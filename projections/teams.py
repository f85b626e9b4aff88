"""联合队伍, joint teams: who belongs to each, who is here, and how soon each unit signed in.

The domain's own `evolve` says what a team is; a turnout is one unit's part in one dispatch, which
the team itself forgets when it goes on. The four views and the ledger show these rows beside
their own, and count calls without them.
"""

from typing import TYPE_CHECKING, Any

import msgspec

from projections.projection import Projection, Row, Rows, Table
from whistle.domain.moment import Instant
from whistle.domain.team.events import DispatchEnded, StoodDown, TeamEvaluated, TeamEvent
from whistle.domain.team.evolving import evolve
from whistle.domain.team.state import Dispatch, Formed, Squad, Unformed
from whistle.log.rows import Recorded

if TYPE_CHECKING:
    from projections.catch_up import Views


class TeamRow(Row, frozen=True, kw_only=True):
    """A team as the domain sees it, to be evolved by its next event."""

    team: str  # the stream
    state: Formed


class TurnoutRow(Row, frozen=True, kw_only=True):
    """One unit's people in one dispatch of a team."""

    team: str
    nr: int
    unit: str
    team_name: str
    whistle: str  # the stream
    whistle_name: str
    incident_name: str
    mode: str
    sent_at: Instant  # or when the unit joined or relieved another out there
    heads: int
    present: int = 0  # at the last sign-in or roll call
    signed_in_at: Instant | None = None  # its first on the scene
    ended_at: Instant | None = None
    broken_off: bool = False
    mark: int | None = None


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many of each."""

    teams: int
    out: int
    stood_down: int
    dispatches: int
    turnouts: int
    turnouts_signed_in: int


teams_table = Table("teams_states", TeamRow, "team")
turnouts_table = Table("teams_turnouts", TurnoutRow, "team", "nr", "unit")
teams_view = Projection("teams", teams_table, turnouts_table)

Over = DispatchEnded | StoodDown


@teams_view.when
def moved(rows: Rows, told: Recorded, event: TeamEvent) -> None:
    """Something happened to a team."""
    if event.amending:
        return  # its case, a team's or not, has just been folded anew
    row = rows.get(teams_table, told.stream)
    before = row.state if row else Unformed()
    team = evolve(before, event)
    if not isinstance(team, Formed):
        raise LookupError(f"{told.stream} was not formed")
    rows.put(teams_table, TeamRow(case_id=rows.case_id, team=told.stream, state=team))
    if team.out is not None:
        for unit, squad in team.expected.items():
            _here(rows, told.stream, team, team.out, unit, squad, event.at)
    match event:
        case DispatchEnded() | StoodDown():
            over = {"ended_at": event.at, "broken_off": isinstance(event, StoodDown)}
            _each(rows, told.stream, before, event.nr, **over)
        case TeamEvaluated():
            _each(rows, told.stream, team, event.nr, mark=event.score)
        case _:
            pass


def _here(
    rows: Rows, stream: str, team: Formed, out: Dispatch, unit: str, squad: Squad, at: Instant
) -> None:
    """Where one unit's people stand in the dispatch that is under way."""
    row = rows.get(turnouts_table, stream, out.nr, unit) or TurnoutRow(
        case_id=rows.case_id,
        team=stream,
        nr=out.nr,
        unit=unit,
        team_name=team.name,
        whistle=out.whistle,
        whistle_name=out.whistle_name,
        incident_name=out.incident_name,
        mode=squad.contingent.mode,
        sent_at=at,
        heads=squad.heads,
    )
    changes: dict[str, Any] = {
        "mode": squad.contingent.mode,
        "heads": squad.heads,
        "present": squad.present,
        "signed_in_at": squad.since if row.signed_in_at is None else row.signed_in_at,
    }
    rows.put(turnouts_table, msgspec.structs.replace(row, **changes))


def _each(rows: Rows, stream: str, team: object, nr: int, **changes: Any) -> None:
    """Change every turnout of a dispatch: who was sent, and who came beside them."""
    if not isinstance(team, Formed):
        return
    sent = next((each.units for each in team.dispatches if each.nr == nr), ())
    for unit in dict.fromkeys((*sent, *team.squads)):
        if rows.get(turnouts_table, stream, nr, unit) is not None:
            rows.change(turnouts_table, stream, nr, unit, **changes)


def teams(views: "Views", *, open_only: bool = False) -> list[TeamRow]:
    """Teams by name; without those that were stood down, if only open ones are asked for."""
    with views.reading(teams_view) as tx:
        found = teams_table.select(tx)
    wanted = (row for row in found if not (open_only and row.state.stood_down))
    return sorted(wanted, key=lambda row: row.state.name)


def turnouts(
    views: "Views", *, whistle: str | None = None, unit: str | None = None
) -> list[TurnoutRow]:
    """Turnouts by team and dispatch; of one whistle (by name or stream) or of one unit."""
    with views.reading(teams_view) as tx:
        found = turnouts_table.select(tx)
    wanted = (
        row
        for row in found
        if whistle in (None, row.whistle, row.whistle_name) and unit in (None, row.unit)
    )
    return sorted(wanted, key=lambda row: (row.team_name, row.nr, row.unit))


def counts(views: "Views") -> Counts:
    """How many teams, dispatches and turnouts."""
    found, sent = teams(views), turnouts(views)
    return Counts(
        teams=len(found),
        out=sum(row.state.out is not None for row in found),
        stood_down=sum(row.state.stood_down for row in found),
        dispatches=sum(len(row.state.dispatches) for row in found),
        turnouts=len(sent),
        turnouts_signed_in=sum(row.signed_in_at is not None for row in sent),
    )

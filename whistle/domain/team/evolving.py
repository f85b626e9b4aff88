"""How each event moves a team; history cannot be refused, so nothing here says no."""

from typing import assert_never

import msgspec

from whistle.domain.correction import Corrected
from whistle.domain.taken_back import TakenBack
from whistle.domain.team.events import (
    Contingent,
    DispatchEnded,
    HeadsCounted,
    SignedIn,
    StoodDown,
    TeamDispatched,
    TeamEvaluated,
    TeamEvent,
    TeamFormed,
    UnitJoined,
    UnitLeft,
    UnitRelieved,
)
from whistle.domain.team.state import Dispatch, Formed, Squad, TeamState, Unformed

change = msgspec.structs.replace


def evolve(state: TeamState, event: TeamEvent) -> TeamState:
    """What an event makes of the team."""
    match event, state:
        case TeamFormed(), _:
            return Formed(
                name=event.name,
                title=event.title,
                squads={each.unit: Squad(contingent=each) for each in event.contingents},
                leader=event.leader,
                leader_person=event.leader_person,
            )
        case _, Unformed():
            return state
        case _, Formed():
            return _moved(state, event)
        case _:
            assert_never(state)


def _moved(team: Formed, event: TeamEvent) -> Formed:
    match event:
        case UnitJoined():
            return _with(team, event.unit, event)
        case UnitLeft():
            return change(team, squads=_without(team, event.unit))
        case UnitRelieved():
            relieved = change(team, squads=_without(team, event.unit))
            if team.leader == event.unit:
                relieved = change(relieved, leader=event.by, leader_person=event.leader_person)
            return _with(relieved, event.by, event)
        case SignedIn() if event.unit in team.squads:
            return _signed(team, team.squads[event.unit], event)
        case HeadsCounted():
            return _counted(team, event)
        case TeamDispatched():
            return _sent(team, event)
        case DispatchEnded():
            return _over(team, event)
        case StoodDown():
            return change(_over(team, event), stood_down=True)
        case TeamEvaluated():
            marked = (
                change(each, score=event.score) if each.nr == event.nr else each
                for each in team.dispatches
            )
            return change(team, dispatches=tuple(marked))
        case TeamFormed() | SignedIn() | Corrected() | TakenBack():
            return team
        case _:
            assert_never(event)


def _without(team: Formed, unit: str) -> dict[str, Squad]:
    return {code: squad for code, squad in team.squads.items() if code != unit}


def _with(team: Formed, unit: str, event: UnitJoined | UnitRelieved) -> Formed:
    """The team with fresh people of a unit; while it is out they are awaited on the scene."""
    fresh = Contingent(unit=unit, mode=event.mode, heads=event.heads, persons=event.persons)
    team = change(team, squads={**team.squads, unit: Squad(contingent=fresh)})
    if team.out is None or unit in team.out.units:
        return team
    awaited = change(team.out, units=(*team.out.units, unit))
    return change(team, dispatches=(*team.dispatches[:-1], awaited))


def _signed(team: Formed, squad: Squad, event: SignedIn) -> Formed:
    signed = change(
        squad,
        here=(*squad.here, *event.persons),
        others=squad.others + event.heads - len(event.persons),
        since=event.at if squad.since is None else squad.since,
    )
    return change(team, squads={**team.squads, event.unit: signed})


def _counted(team: Formed, event: HeadsCounted) -> Formed:
    squads = dict(team.squads)
    for roll in event.rolls:
        if squad := squads.get(roll.unit):
            here = tuple(each for each in squad.here if each not in roll.gone)
            since = squad.since if roll.present else None
            squads[roll.unit] = change(
                squad, here=here, others=roll.present - len(here), since=since
            )
    return change(team, squads=squads, counted=event.at)


def _sent(team: Formed, event: TeamDispatched) -> Formed:
    sent = Dispatch(
        nr=event.nr,
        whistle=event.whistle,
        whistle_name=event.whistle_name,
        incident_name=event.incident_name,
        units=event.units,
        at=event.at,
    )
    return change(_dispersed(team), dispatches=(*team.dispatches, sent))


def _over(team: Formed, event: DispatchEnded | StoodDown) -> Formed:
    ended = tuple(
        change(each, ended=event.at, broken_off=isinstance(event, StoodDown))
        if each.nr == event.nr and each.ended is None
        else each
        for each in team.dispatches
    )
    return change(_dispersed(team), dispatches=ended)


def _dispersed(team: Formed) -> Formed:
    """The team with nobody signed in: each place has its own sign-in."""
    squads = {unit: Squad(contingent=squad.contingent) for unit, squad in team.squads.items()}
    return change(team, squads=squads, counted=None)

"""Who belongs to a team: formed of several units, joined, left, relieved.

mode              who commands its people      how they are called         named
stationed team    the town office, every day   by the team's dispatch      as it likes
stationed staff   the town office, every day   by the team's dispatch      each of them
on call           their own unit, until there  by a whistle that calls it  as it likes

state       order     what follows
unformed    form      formed: two units or more, one of which leads
formed      join      its people are counted
formed      leave     gone; the leading unit is relieved instead; while out only with a reason
formed      relieve   others in the place of its people, who sign in anew
"""

from typing import ClassVar, Final

from whistle.domain.message import Event, Order
from whistle.domain.refusal import Refused, _
from whistle.domain.surroundings import Surroundings
from whistle.domain.team.events import (
    Contingent,
    TeamFormed,
    UnitJoined,
    UnitLeft,
    UnitRelieved,
)
from whistle.domain.team.guards import (
    by_town,
    by_town_or_leader,
    check,
    member,
    no_team,
    own_or_town,
    registered,
    standing,
)
from whistle.domain.team.state import Formed, TeamState, Unformed

UNITS_MIN: Final = 2


class MembershipOrder(Order, frozen=True):
    """An order about who belongs to a team."""

    decided_by: ClassVar[str] = "team"


class FormTeam(MembershipOrder, frozen=True):
    """Form a team of people of several units; the first unit leads unless another is named."""

    series: ClassVar[str] = "T"
    title: str
    contingents: tuple[Contingent, ...]
    leader: str = ""
    leader_person: str = ""
    note: str = ""


class JoinTeam(MembershipOrder, frozen=True):
    """Take a unit's people into the team."""

    contingent: Contingent
    note: str = ""


class LeaveTeam(MembershipOrder, frozen=True):
    """Let a unit's people go from the team."""

    unit: str
    reason: str = ""


class RelieveUnit(MembershipOrder, frozen=True):
    """Put others in the place of a unit's people."""

    unit: str
    by: Contingent
    leader_person: str = ""
    note: str = ""


def decide(state: TeamState, order: MembershipOrder, around: Surroundings) -> list[Event]:
    """What follows from an order about membership."""
    match state, order:
        case Unformed(), FormTeam():
            by_town(around)
            return [_formed(order, around)]
        case Formed(), FormTeam():
            raise Refused(_("{name} is formed already."), rule="team.formed", name=state.name)
        case Formed(), JoinTeam(contingent=contingent):
            standing(state)
            own_or_town(contingent.unit, around)
            return [_joined(state, order, around)]
        case Formed(), LeaveTeam():
            standing(state)
            own_or_town(order.unit, around)
            return [_left(state, order, around)]
        case Formed(), RelieveUnit():
            standing(state)
            by_town_or_leader(state, around)
            return [_relieved(state, order, around)]
        case _:
            raise no_team()


def _formed(order: FormTeam, around: Surroundings) -> Event:
    units = [each.unit for each in order.contingents]
    if not order.title.strip():
        raise Refused(_("Say what the team is for."), rule="team.title")
    if len(set(units)) < max(UNITS_MIN, len(units)):
        raise Refused(
            _("A joint team has people of two units or more, each named once."), rule="team.joint"
        )
    for each in order.contingents:
        check(each, around)
    leader = order.leader or units[0]
    leading = next((each for each in order.contingents if each.unit == leader), None)
    if leading is None:
        raise Refused(
            _("{unit} gives no people to the team and cannot lead it."),
            rule="team.leader",
            unit=around.known_unit(leader).name,
        )
    _check_leader(order.leader_person, leading, around)
    return TeamFormed(
        at=around.at,
        name=around.next_names["T"],
        title=order.title,
        contingents=order.contingents,
        leader=leader,
        leader_person=order.leader_person,
        note=order.note,
    )


def _joined(team: Formed, order: JoinTeam, around: Surroundings) -> Event:
    contingent = order.contingent
    check(contingent, around)
    if contingent.unit in team.squads:
        raise _belongs(team, contingent.unit, around)
    return UnitJoined(
        at=around.at,
        unit=contingent.unit,
        mode=contingent.mode,
        heads=contingent.heads,
        persons=contingent.persons,
        note=order.note,
    )


def _left(team: Formed, order: LeaveTeam, around: Surroundings) -> Event:
    member(team, order.unit, around)
    if order.unit == team.leader:
        raise Refused(
            _("{unit} leads {name}; it is relieved, and whoever takes over leads."),
            rule="team.leader_leaves",
            hint="whistle team relieve {name} {code} --on-call UNIT=N",
            unit=around.known_unit(order.unit).name,
            code=order.unit,
            name=team.name,
        )
    if team.out is not None and not order.reason.strip():
        raise Refused(
            _("{name} is at {whistle}; leaving now is put on record: say why with -m."),
            rule="team.leave_reason",
            hint=_("wait for the end of the whistle, or relieve {unit}: whistle team relieve"),
            name=team.name,
            whistle=team.out.whistle_name,
            unit=around.known_unit(order.unit).name,
        )
    return UnitLeft(at=around.at, unit=order.unit, reason=order.reason)


def _relieved(team: Formed, order: RelieveUnit, around: Surroundings) -> Event:
    member(team, order.unit, around)
    check(order.by, around)
    if order.by.unit != order.unit and order.by.unit in team.squads:
        raise _belongs(team, order.by.unit, around)
    leads = team.leader == order.unit
    if leads:
        _check_leader(order.leader_person, order.by, around)
    elif order.leader_person:
        raise Refused(
            _("{unit} does not lead {name}; who takes over from it leads nobody."),
            rule="team.leader",
            unit=around.known_unit(order.unit).name,
            name=team.name,
        )
    return UnitRelieved(
        at=around.at,
        unit=order.unit,
        by=order.by.unit,
        mode=order.by.mode,
        heads=order.by.heads,
        persons=order.by.persons,
        leader_person=order.leader_person,
        note=order.note,
    )


def _check_leader(person: str, contingent: Contingent, around: Surroundings) -> None:
    """Refused when who leads on the spot is not one of the leading unit's people."""
    if not person:
        return
    unit = around.known_unit(contingent.unit)
    registered([person], unit)
    if person not in contingent.persons and len(contingent.persons) == contingent.heads:
        raise Refused(
            _("{person} leads, and is not among those whom {unit} gives."),
            rule="team.leader",
            person=person,
            unit=unit.name,
        )


def _belongs(team: Formed, unit: str, around: Surroundings) -> Refused:
    return Refused(
        _("{unit} belongs to {name} already."),
        rule="team.member",
        hint=_("change its people: whistle team relieve {name}"),
        unit=around.known_unit(unit).name,
        name=team.name,
    )

"""What every order to a team asks first: who speaks, whether it stands, whose people they are."""

from collections.abc import Iterable
from typing import Final

from whistle.domain.refusal import NotAllowed, NotFound, Refused, _
from whistle.domain.surroundings import Surroundings, UnitEntry
from whistle.domain.team.events import Contingent
from whistle.domain.team.state import Formed, Squad
from whistle.domain.whistle.call import heard_by_town

HEADS_MAX: Final = 999  # of one unit in a team; more is a slip of the keyboard


def check(contingent: Contingent, around: Surroundings) -> None:
    """Refused when nobody could count these people: each has a place, and a name is registered."""
    unit = around.known_unit(contingent.unit)
    persons, heads = contingent.persons, contingent.heads
    if not max(1, len(persons)) <= heads <= HEADS_MAX:
        raise Refused(
            _("{unit} gives from {least} to {most} people, not {heads}."),
            rule="team.heads",
            unit=unit.name,
            least=max(1, len(persons)),
            most=HEADS_MAX,
            heads=heads,
        )
    if contingent.mode == "stationed_staff" and len(persons) < heads:
        raise Refused(
            _("Staff posted to the town (派驻人员) are named one by one: {unit} names {named}."),
            rule="team.staff_named",
            hint=_("write {code}/NAME,NAME"),
            unit=unit.name,
            code=unit.code,
            named=len(persons),
        )
    registered(persons, unit)


def registered(persons: Iterable[str], unit: UnitEntry) -> None:
    """Refused when a name is not one of the unit's own people, or stands twice."""
    seen: set[str] = set()
    for person in persons:
        if person not in unit.persons:
            raise Refused(
                _("{person} is not in the register of {unit}; a team names staff only."),
                rule="team.person",
                hint="whistle org person add {code} {person}",
                person=person,
                unit=unit.name,
                code=unit.code,
            )
        if person in seen:
            raise Refused(_("{person} is named twice."), rule="team.person_twice", person=person)
        seen.add(person)


def heard(around: Surroundings) -> None:
    """NotAllowed when who types another unit's word does not sit in the town office."""
    if around.actor.behalf and not heard_by_town(around):
        raise NotAllowed(
            _("Only the town office records what {unit} told by phone."),
            rule="call.behalf",
            hint=_("{unit} itself types with --as {unit}"),
            unit=around.actor.behalf,
        )


def by_town(around: Surroundings) -> None:
    """NotAllowed unless the town office asks: it is the owner of every team."""
    if not around.by_commander:
        raise NotAllowed(
            _("Only the town office forms, sends, marks and stands down a team, not {unit}."),
            rule="team.town_only",
            unit=around.actor.speaks_for,
        )


def by_town_or_leader(team: Formed, around: Surroundings) -> None:
    """NotAllowed unless the town office or the leading unit asks."""
    if around.actor.speaks_for != team.leader and not around.by_commander:
        raise NotAllowed(
            _("Only {leader}, which leads {name}, or the town office does this."),
            rule="team.leader_only",
            leader=around.known_unit(team.leader).name,
            name=team.name,
        )


def own_or_town(unit: str, around: Surroundings) -> None:
    """NotAllowed unless the unit itself or the town office asks."""
    if around.actor.speaks_for != unit and not around.by_commander:
        raise NotAllowed(
            _("Only {unit} itself or the town office says so."),
            rule="team.own",
            unit=around.known_unit(unit).name,
        )


def member(team: Formed, unit: str, around: Surroundings) -> Squad:
    """The unit's people in the team; NotFound when it gives none."""
    if unit not in team.squads:
        raise NotFound(
            _("{unit} does not belong to {name}; these do: {units}."),
            hint="whistle team show {name}",
            unit=around.known_unit(unit).name,
            name=team.name,
            units=", ".join(around.known_unit(each).name for each in team.squads),
        )
    return team.squads[unit]


def standing(team: Formed) -> None:
    """Refused when the team was stood down: it is over, and a new one is formed."""
    if team.stood_down:
        raise Refused(
            _("{name} was stood down."),
            rule="team.stood_down",
            hint=_("form another: whistle team form"),
            name=team.name,
        )


def no_team() -> NotFound:
    """There is no such team."""
    return NotFound(_("There is no such team."), hint="whistle team list")

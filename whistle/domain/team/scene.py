"""Where a team gathers, and on the scene it is sent to: signed in, counted.

A place has its own sign-in: whoever signed in where the team gathered signs in again on the
scene. People on call sign for themselves; those who are posted to the town may be signed in by
the unit that leads and by the town office too.
"""

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from whistle.domain.message import Event, Order
from whistle.domain.refusal import NotAllowed, Refused, _
from whistle.domain.surroundings import Surroundings
from whistle.domain.team.events import HeadsCounted, Roll, SignedIn
from whistle.domain.team.guards import by_town_or_leader, member, no_team, registered, standing
from whistle.domain.team.state import Formed, Squad, TeamState


class SceneOrder(Order, frozen=True):
    """An order about who is here."""

    decided_by: ClassVar[str] = "team"


class SignIn(SceneOrder, frozen=True):
    """Sign some of a unit's people in; without names and number, all who are still awaited."""

    unit: str
    persons: tuple[str, ...] = ()
    heads: int = 0  # how many, those with a name among them; 0: as many as are named, or all
    note: str = ""


class Missed(msgspec.Struct, frozen=True):
    """Who had signed in and did not answer the roll call: by name, or so many without one."""

    unit: str
    persons: tuple[str, ...] = ()
    heads: int = 0


class CountHeads(SceneOrder, frozen=True):
    """Call the roll: everybody who signed in is here, but for those who are missed."""

    missed: tuple[Missed, ...] = ()
    note: str = ""


def decide(state: TeamState, order: SceneOrder, around: Surroundings) -> list[Event]:
    """What follows from an order about who is here."""
    if not isinstance(state, Formed):
        raise no_team()
    standing(state)
    match order:
        case SignIn():
            return [_signed(state, order, around)]
        case CountHeads():
            by_town_or_leader(state, around)
            return [_counted(state, order, around)]
        case _:
            raise Refused(_("A team does not know this order."), rule="team.order")


def _signed(team: Formed, order: SignIn, around: Surroundings) -> Event:
    squad = member(team, order.unit, around)
    _may_sign(team, squad, around)
    unit = around.known_unit(order.unit)
    registered(order.persons, unit)
    awaited = squad.heads - squad.present
    heads = order.heads or len(order.persons) or awaited
    for person in order.persons:
        if person in squad.here:
            raise Refused(_("{person} has signed in already."), rule="team.signed", person=person)
        if person not in squad.contingent.persons and not _place_free(squad):
            raise Refused(
                _("{person} is not among those whom {unit} gives to {name}."),
                rule="team.not_given",
                hint=_("change its people: whistle team relieve {name}"),
                person=person,
                unit=unit.name,
                name=team.name,
            )
    if not max(1, len(order.persons)) <= heads <= awaited:
        raise Refused(
            _("{unit} gives {given} people to {name}, and {present} have signed in."),
            rule="team.heads",
            hint=_("change its people: whistle team relieve {name}"),
            unit=unit.name,
            given=squad.heads,
            name=team.name,
            present=squad.present,
        )
    return SignedIn(
        at=around.at, unit=order.unit, heads=heads, persons=order.persons, note=order.note
    )


def _may_sign(team: Formed, squad: Squad, around: Surroundings) -> None:
    unit = squad.contingent.unit
    speaks = around.actor.speaks_for
    posted = squad.contingent.mode != "on_call"
    if speaks == unit or (posted and (speaks == team.leader or around.by_commander)):
        return
    raise NotAllowed(
        _("{unit} is on call and signs its people in itself.")
        if not posted
        else _("Only {unit}, the unit that leads, or the town office signs these people in."),
        rule="team.sign_own",
        hint=_("add --as {code}, or --behalf {code} if it was told by phone"),
        unit=around.known_unit(unit).name,
        code=unit,
    )


def _place_free(squad: Squad) -> bool:
    """Whether somebody who was not named beforehand may be one of the unit's people."""
    unnamed = squad.heads - len(squad.contingent.persons)
    came = [person for person in squad.here if person not in squad.contingent.persons]
    return len(came) < unnamed


def _counted(team: Formed, order: CountHeads, around: Surroundings) -> Event:
    missed = {each.unit: each for each in order.missed}
    for unit in missed:
        member(team, unit, around)
    rolls = [
        _roll(squad, missed.get(unit, Missed(unit)), around)
        for unit, squad in team.expected.items()
    ]
    return HeadsCounted(at=around.at, rolls=tuple(rolls), note=order.note)


def _roll(squad: Squad, missed: Missed, around: Surroundings) -> Roll:
    """The unit's line: who signed in, without those who did not answer."""
    away = [person for person in missed.persons if person not in squad.here]
    if away or missed.heads > squad.others:
        raise Refused(
            _("{unit} cannot miss {who}: they have not signed in here."),
            rule="team.not_here",
            unit=around.known_unit(missed.unit).name,
            who=", ".join(away) or missed.heads,
        )
    left = msgspec.structs.replace(
        squad,
        here=_others_than(missed.persons, squad.here),
        others=squad.others - missed.heads,
    )
    return Roll(
        unit=missed.unit,
        heads=squad.heads,
        present=left.present,
        missing=left.missing,
        gone=missed.persons,
    )


def _others_than(gone: Sequence[str], here: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(person for person in here if person not in gone)

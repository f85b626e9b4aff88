"""What every order to a patrol asks first: who speaks, who is meant, which stop."""

from collections.abc import Iterable

import msgspec

from whistle.domain.patrol.events import Stop, Walker
from whistle.domain.patrol.state import NoPatrol, Patrol, PatrolState
from whistle.domain.refusal import NotAllowed, NotFound, Refused, _
from whistle.domain.surroundings import Surroundings

MINUTE = 60_000_000

NEXT_STEP = {
    "planned": _("start it: whistle patrol start {name}"),
    "missed": _("start it all the same: whistle patrol start {name}"),
    "called_off": _("plan another one: whistle patrol plan STOP… --slot 08:00-10:00"),
    "out": _("finish it: whistle patrol finish {name}"),
    "done": _("look at it: whistle patrol show {name}"),
}


def not_now(state: PatrolState) -> Refused | NotFound:
    """The refusal that names where the patrol stands and what it waits for."""
    if isinstance(state, NoPatrol):
        return NotFound(_("There is no such patrol."), hint="whistle patrol list")
    return Refused(
        _("{name} is {stage}."),
        rule=f"patrol.{state.stage}",
        hint=NEXT_STEP[state.stage],
        name=state.name,
        stage=state.stage,
    )


def speaker(around: Surroundings) -> Walker:
    """Whose act it is; who it was on the spot is not known when another typed it."""
    actor = around.actor
    return Walker(actor.speaks_for, "" if actor.behalf else actor.person)


def known(walkers: Iterable[Walker], around: Surroundings) -> tuple[Walker, ...]:
    """The walkers by their units' codes, each once.

    Raises NotFound for a unit, or for a person of a unit, that the register does not have.
    """
    found: dict[Walker, None] = {}
    for walker in walkers:
        entry = around.known_unit(walker.unit)
        if walker.person and walker.person not in entry.persons:
            raise NotFound(
                _("{unit} has no person called {person}."),
                hint=_("name the person first: whistle org person add {code} {person}"),
                unit=entry.name,
                person=walker.person,
                code=entry.code,
            )
        found[Walker(entry.code, walker.person)] = None
    return tuple(found)


def of_route(route: Iterable[Stop], around: Surroundings) -> tuple[Stop, ...]:
    """The stops as they are kept, each with the latest instant that is in time."""
    stops: dict[str, Stop] = {}
    grace = around.playbook.patrol.stop_grace_minutes * MINUTE
    for stop in route:
        name = stop.name.strip()
        if not name:
            raise Refused(_("A stop has a name."), rule="patrol.stop_name")
        if name.casefold() in stops:
            raise Refused(
                _("{stop} stands twice on the route."), rule="patrol.stop_twice", stop=name
            )
        latest = None if stop.expected is None else stop.expected + grace
        stops[name.casefold()] = msgspec.structs.replace(stop, name=name, latest=latest)
    return tuple(stops.values())


def on_it(patrol: Patrol, around: Surroundings) -> Walker:
    """The walker who speaks; NotAllowed unless the unit is to walk, or walks."""
    walker = speaker(around)
    if walker.unit in patrol.units:
        return walker
    raise NotAllowed(
        _("{name} is walked by {units}, not by {unit}."),
        rule="patrol.walker",
        hint=_("say whose act it is with --behalf, or join: whistle patrol start {name}"),
        name=patrol.name,
        units=", ".join(patrol.units),
        unit=walker.unit,
    )


def the_stop(patrol: Patrol, text: str) -> Stop | None:
    """The one stop of a route that is meant: by its name, its number, or a part of the name."""
    wanted = text.strip().casefold()
    stops = (*patrol.route, *patrol.passed)
    for stop in stops:
        if stop.name.casefold() == wanted:
            return stop
    if wanted.isdecimal() and len(wanted) < 4 and 1 <= int(wanted) <= len(patrol.route):
        return patrol.route[int(wanted) - 1]
    like = [stop for stop in stops if wanted and wanted in stop.name.casefold()]
    return like[0] if len(like) == 1 else None


def known_stop(patrol: Patrol, text: str) -> Stop:
    """As `the_stop`, but NotFound, with the route, when no one stop is meant."""
    stop = the_stop(patrol, text)
    if stop is None:
        numbered = [f"{nr} {each.name}" for nr, each in enumerate(patrol.route, start=1)]
        raise NotFound(
            _("{name} has no stop called {stop}; its stops are: {stops}."),
            hint=_("whistle patrol show {name}"),
            name=patrol.name,
            stop=text,
            stops=", ".join(numbered) or "-",
        )
    return stop

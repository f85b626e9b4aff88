"""A town that patrols: any acts of walkers in any order, as chance has them."""

import random

from tests.played import Played
from whistle.domain.message import Order
from whistle.domain.moment import HOUR, MINUTE
from whistle.domain.patrol.events import PatrolFound, PatrolStarted, Stop, StopVisited, Walker
from whistle.domain.patrol.planning import CallPatrolOff, PlanPatrol, StartPatrol, StartUnplanned
from whistle.domain.patrol.walking import (
    FinishPatrol,
    NotePatrol,
    ReportFinding,
    SkipStop,
    VisitStop,
)
from whistle.engine import new_stream

WALKERS = ("cg", "jj", "xf")
ROUTE = tuple(Stop(name=f"stop {nr}", grid=f"g{nr % 2}") for nr in range(4))


def walk(town: Played, acts: int, seed: int) -> list[str]:
    """Do acts of patrols at random; the patrols' streams."""
    chance = random.Random(seed)  # noqa: S311 - a game, no secret
    patrols: list[str] = []
    for _ in range(acts):
        town.now += chance.randrange(HOUR)
        if not patrols or chance.random() < 0.15:
            patrols.append(new_stream())
            town.order("town" if chance.random() < 0.5 else "cg", patrols[-1], _begun(town, chance))
        elif chance.random() < 0.1:
            _correct(town, chance, chance.choice(patrols))
        elif chance.random() < 0.1:
            town.engine.tick()
        elif chance.random() < 0.05:
            town.order("town", chance.choice(patrols), CallPatrolOff(reason="rainstorm"))
        else:
            by = chance.choice(WALKERS)
            town.order(by, chance.choice(patrols), _act(town, chance))
    return patrols


def _begun(town: Played, chance: random.Random) -> Order:
    route = ROUTE[: chance.randint(1, 4)]
    if chance.random() < 0.2:
        return StartUnplanned(route=route if chance.random() < 0.5 else ())
    begins = town.now + chance.randint(-60, 60) * MINUTE
    stops = tuple(Stop(name=s.name, grid=s.grid, expected=begins + HOUR) for s in route)
    walkers = tuple(Walker(unit) for unit in chance.sample(WALKERS, 2))
    return PlanPatrol(route=stops, begins=begins, ends=begins + 2 * HOUR, walkers=walkers)


def _act(town: Played, chance: random.Random) -> Order:
    stop = f"stop {chance.randrange(5)}"
    incident = new_stream()
    order = chance.choice(
        [
            StartPatrol(),
            StartPatrol(),
            VisitStop(stop=stop),
            VisitStop(stop=stop),
            SkipStop(stop=stop, reason="closed"),
            NotePatrol(note="all quiet"),
            ReportFinding(incident=incident, item="street-vending"),
            FinishPatrol(note="" if chance.random() < 0.5 else "night falls"),
        ]
    )
    if isinstance(order, ReportFinding):
        town.incidents.append(incident)
    return order


def _correct(town: Played, chance: random.Random, patrol: str) -> None:
    kinds = PatrolStarted | StopVisited | PatrolFound
    told = [each for each in town.told(patrol) if isinstance(each.event, kinds)]
    if told:
        wrong = chance.choice(told)
        town.correct(patrol, wrong.seq, at=wrong.event.at - chance.randrange(HOUR))

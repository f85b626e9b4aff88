"""What goes on beside the whistles of a wild town: teams, patrols, two reports of one thing."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from whistle.domain.duties import Duty
from whistle.domain.incident.intake import AcceptIncident, ReportIncident
from whistle.domain.incident.merging import MergeIncident
from whistle.domain.message import Order
from whistle.domain.moment import HOUR, MINUTE
from whistle.domain.patrol.events import Stop, Walker
from whistle.domain.patrol.planning import CallPatrolOff, PlanPatrol, StartPatrol
from whistle.domain.patrol.walking import FinishPatrol, ReportFinding, SkipStop, VisitStop
from whistle.domain.surroundings import Actor
from whistle.domain.team.events import Contingent
from whistle.domain.team.membership import FormTeam, JoinTeam, LeaveTeam, RelieveUnit
from whistle.domain.team.scene import CountHeads, Missed, SignIn
from whistle.domain.team.sending import DispatchTeam, EvaluateTeam, StandDown
from whistle.engine import new_stream

if TYPE_CHECKING:
    from tests.wild import Wild

CLERK, BOSS = (Actor(unit="town", person=name) for name in ("小周", "李镇长"))
MEMBERS = ("cg", "jj", "xf")


def act(town: "Wild") -> None:
    """One of them, as chance has it."""
    town.chance.choice((_squad, _squad, _walk, _walk, _report_again))(town)


def _squad(town: "Wild") -> None:
    chance = town.chance
    if not town.teams or chance.random() < 0.15:
        town.teams.append(new_stream())
        given = tuple(_given(unit) for unit in chance.sample(MEMBERS, 2))
        if not town.give(CLERK, town.teams[-1], FormTeam(title="夜查", contingents=given)):
            town.teams.pop()
        return
    unit = chance.choice(MEMBERS)
    order: Order = chance.choice(
        [
            *(DispatchTeam(whistle=each) for each in town.whistles[-4:]),
            SignIn(unit=unit, heads=chance.randrange(4)),
            CountHeads(missed=(Missed(unit, (), 1),)),
            JoinTeam(contingent=_given(unit)),
            RelieveUnit(unit=unit, by=_given(chance.choice(MEMBERS))),
            LeaveTeam(unit=unit, reason="另有火情"),
            EvaluateTeam(nr=1, score=chance.randrange(101)),
            StandDown(reason=chance.choice(["", "大雨"])),
        ]
    )
    town.give(chance.choice([CLERK, Actor(unit=unit)]), chance.choice(town.teams), order)


def _given(unit: str) -> Contingent:
    return Contingent(unit=unit, mode="on_call", heads=3)


def _walk(town: "Wild") -> None:
    chance = town.chance
    if not town.patrols or chance.random() < 0.2:
        begins = town.now + chance.randrange(-30, 60) * MINUTE
        route = tuple(Stop(name=f"{nr}号点", grid="g1") for nr in range(chance.randrange(1, 4)))
        walkers = tuple(Walker(unit) for unit in chance.sample(MEMBERS, 2))
        plan = PlanPatrol(route=route, begins=begins, ends=begins + 2 * HOUR, walkers=walkers)
        town.patrols.append(new_stream())
        if not town.give(CLERK, town.patrols[-1], plan):
            town.patrols.pop()
        return
    patrol, found = chance.choice(town.patrols), new_stream()
    stop = f"{chance.randrange(4)}号点"
    acts: list[Callable[[], Order]] = [
        StartPatrol,
        lambda: VisitStop(stop=stop),
        lambda: SkipStop(stop=stop, reason="封路"),
        lambda: ReportFinding(incident=found, item="street-vending"),
        lambda: FinishPatrol(note="入夜"),
        lambda: CallPatrolOff(reason="大雨"),
    ]
    order = chance.choice(acts)()
    who = CLERK if isinstance(order, CallPatrolOff) else Actor(unit=chance.choice(MEMBERS))
    if town.give(who, patrol, order) and isinstance(order, ReportFinding):
        town.incidents.append(found)


def _report_again(town: "Wild") -> None:
    """The same thing is reported once more, and perhaps found to be the same."""
    again, chance = new_stream(), town.chance
    if town.give(CLERK, again, ReportIncident("street-vending", "榆苑路"), AcceptIncident()):
        into = chance.choice(town.incidents)
        town.incidents.append(again)
        town.give(chance.choice([CLERK, BOSS]), again, MergeIncident(duplicate=again, into=into))


def taken(duty: Duty, stream: str, state: Any) -> tuple[Actor, str, Order]:
    """The order that takes a step of a team or a patrol, and by whom."""
    made: dict[str, Callable[[], Order]] = {
        "team sign-in": lambda: SignIn(unit=duty.unit),
        "team count": CountHeads,
        "team rate": lambda: EvaluateTeam(nr=_unmarked(state), score=90),
        "patrol start": StartPatrol,
        "patrol finish": lambda: FinishPatrol(note="入夜"),
    }
    return Actor(unit=duty.unit) if duty.unit else CLERK, stream, made[duty.verb]()


def _unmarked(team: Any) -> int:
    over = (each for each in team.dispatches if each.ended is not None)
    nr: int = next(each.nr for each in over if each.score is None)
    return nr

"""How a joint team stands for others: its line of the register, and who owes what."""

from whistle.domain.duties import TOWN, Duty
from whistle.domain.moment import Instant
from whistle.domain.register import Entry
from whistle.domain.team.state import Formed, TeamState


def line(stream: str, state: TeamState, _due: Instant | None) -> Entry | None:
    """The team's line, once it is formed."""
    if not isinstance(state, Formed):
        return None
    return Entry(stream=stream, kind="team", stage=state.stage, name=state.name)


def duties(team: TeamState) -> list[Duty]:
    """Sign-in and roll call where it was sent, and the town's mark when it is back."""
    if not isinstance(team, Formed):
        return []
    over = [each for each in team.dispatches if each.ended is not None and each.score is None]
    marks = [Duty(TOWN, "team rate", team.name) for _each in over[:1]]
    if team.out is None:
        return marks
    awaited = [unit for unit, squad in team.expected.items() if not squad.present]
    if awaited:
        return [*(Duty(unit, "team sign-in", team.name) for unit in awaited), *marks]
    return [*([] if team.counted else [Duty(TOWN, "team count", team.name)]), *marks]


def offered(state: TeamState, _incident_stage: str) -> list[Duty]:
    """A team that was never sent may be sent."""
    match state:
        case Formed() if state.stage == "formed" and not state.dispatches:
            return [Duty(TOWN, "team dispatch", state.name)]
        case _:
            return []

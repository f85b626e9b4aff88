"""How a patrol stands for others: its line of the register, and who owes what."""

from whistle.domain.duties import Duty
from whistle.domain.moment import Instant
from whistle.domain.patrol.state import Patrol, PatrolState, Stage
from whistle.domain.register import Entry

WALKS: dict[Stage, str] = {
    "planned": "to_walk",
    "missed": "to_walk",
    "called_off": "excused",
    "out": "walking",
    "done": "walked",
}
"""How a unit stands to a patrol of each stage."""


def line(stream: str, state: PatrolState, due: Instant | None) -> Entry | None:
    """The patrol's line, once it is planned or has set out."""
    if not isinstance(state, Patrol):
        return None
    return Entry(
        stream=stream,
        kind="patrol",
        stage=state.stage,
        name=state.name,
        due=due,
        calls=dict.fromkeys(state.units, WALKS[state.stage]),
    )


def duties(patrol: PatrolState) -> list[Duty]:
    """A planned patrol sets out, one that is out comes back."""
    if not isinstance(patrol, Patrol):
        return []
    if patrol.stage == "planned":
        units = patrol.planned_units
        return [Duty(unit, "patrol start", patrol.name, patrol.ends) for unit in units]
    if patrol.stage == "out":
        there = dict.fromkeys(walker.unit for walker in patrol.present)
        return [Duty(unit, "patrol finish", patrol.name) for unit in there]
    return []

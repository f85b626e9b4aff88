"""Which states a thing of the town has reached, and which it can no longer reach.

Whoever waits for one must be told at once when it cannot come any more. A state counts as reached
once it was passed, as long as nothing took it back (rework, reopening, a voided notice, an undo).
"""

from collections.abc import Iterable
from typing import NamedTuple

from whistle.domain.incident.state import IncidentEvent, Known, Unknown
from whistle.domain.incident.state import evolve as moved
from whistle.domain.patrol.state import Patrol
from whistle.domain.team.state import Formed
from whistle.domain.whistle.state import Call, CallStage, Sounding

WORK = ("delivered", "acknowledged", "departed", "arrived", "acted", "finished", "released")
"""Steps of a call in the order in which they come; a step may be skipped."""
MISHAPS = ("declined", "withdrawn", "overdue", "left_early", "unreachable")
OF_CALL = (*WORK, *MISHAPS)
OF_WHISTLE = ("assembled", "ended", *OF_CALL)
OF_TEAM = ("formed", "dispatched", "complete", "stood_down")
OF_PATROL = ("planned", "called_off", "missed", "out", "done")
_ROAD = ("reported", "accepted", "in_hand", "verified", "called_back", "closed")
OF_INCIDENT = (*_ROAD, "whistled", "refused", "rework")

_PASSED: dict[CallStage, tuple[str, ...]] = {
    "called": (),
    "acknowledged": ("acknowledged",),
    "on_way": ("acknowledged", "departed"),
    "on_scene": ("acknowledged", "departed", "arrived"),
    "finished": ("acknowledged", "departed", "arrived", "finished"),
    "released": ("acknowledged", "departed", "arrived", "finished", "released"),
    "declined": (),
    "withdrawn": (),
}


class Standing(NamedTuple):
    """What was reached, and what can no longer be."""

    reached: frozenset[str]
    barred: frozenset[str]


def of_call(whistle: Sounding, call: Call) -> Standing:
    """How one unit's call stands."""
    reached = set(_PASSED[call.stage])
    facts = {
        "delivered": call.delivered,
        "acknowledged": call.acknowledged,
        "arrived": call.arrived,
        "acted": call.acted,
        "declined": call.declined,
        "withdrawn": call.withdrawn,
        "left_early": call.left_early,
    }
    reached.update(name for name, at in facts.items() if at is not None)
    if any(level == "overdue" for clock in call.clocks.values() for level, _at in clock.fired):
        reached.add("overdue")
    if call.unreachable:
        reached.add("unreachable")
    return Standing(frozenset(reached), frozenset(_barred(whistle, call)) - reached)


def _barred(whistle: Sounding, call: Call) -> set[str]:
    """What the rules let this call reach no more; a step that was taken may stand among it."""
    barred: set[str] = set()
    if whistle.ended or call.stage in ("declined", "withdrawn"):
        barred.update(WORK, MISHAPS)
    if call.stage in ("finished", "released"):
        barred.update(("acted", "declined", "withdrawn", "overdue"))
    if call.stage == "released":
        barred.add("left_early")
    if call.delivered is not None:
        barred.add("unreachable")
    return barred


def of_whistle(whistle: Sounding) -> Standing:
    """How a whistle stands: a step of the work is reached when all its units took it.

    A unit that declined, or whose call was withdrawn, is not waited for. A mishap is reached when
    any unit met it.
    """
    every = [of_call(whistle, call) for call in whistle.calls.values()]
    working = [each for each in every if not {"declined", "withdrawn"} & each.reached]
    reached = {name for name in WORK if working and all(name in one.reached for one in working)}
    reached |= {name for name in MISHAPS if any(name in one.reached for one in every)}
    barred = {name for name in WORK if not working or any(name in one.barred for one in working)}
    barred |= {name for name in MISHAPS if all(name in one.barred for one in every)}
    if whistle.assembled:
        reached.add("assembled")
    if whistle.ended:
        reached.add("ended")
        barred.add("assembled")
    return Standing(frozenset(reached), frozenset(barred - reached))


def of_incident(history: Iterable[IncidentEvent]) -> Standing:
    """How an incident stands, from all that counts of its history."""
    state: Unknown | Known = Unknown()
    passed: set[str] = set()
    for event in history:
        state = moved(state, event)
        if isinstance(state, Known):
            here = _ROAD.index(state.stage)
            passed = {name for name in passed if _ROAD.index(name) < here} | {state.stage}
    if isinstance(state, Unknown):
        return Standing(frozenset(), frozenset())
    over = state.stage == "closed"
    if state.way == "whistle":
        passed.add("whistled")
    if state.outcome == "refused":
        passed.add("refused")
    if state.reworks:
        passed.add("rework")
    barred = set(OF_INCIDENT) - passed if over else set[str]()
    return Standing(frozenset(passed), frozenset(barred))


def of_team(team: Formed) -> Standing:
    """How a joint team stands; it is complete when all its people are here."""
    reached = {"formed"}
    if team.out is not None:
        reached.add("dispatched")
    if team.present >= team.heads:
        reached.add("complete")
    if team.stood_down:
        reached.add("stood_down")
    barred = {"dispatched", "complete"} if team.stood_down else set[str]()
    return Standing(frozenset(reached), frozenset(barred - reached))


def of_patrol(patrol: Patrol) -> Standing:
    """How a patrol stands; one that was missed may still set out."""
    steps = {"done": {"out", "done"}}.get(patrol.stage, {patrol.stage})
    passed = {"planned", *steps}
    barred = {"missed", "called_off"} if patrol.stage in ("out", "done") else set[str]()
    if patrol.stage == "missed":
        barred = {"called_off"}
    if patrol.stage == "called_off":
        barred = set(OF_PATROL)
    return Standing(frozenset(passed), frozenset(barred - passed))

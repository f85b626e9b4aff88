"""Who owes the next step, by when: read from the decided state, for replies and the inbox."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

import msgspec

from whistle.domain.incident.state import Known
from whistle.domain.moment import Instant
from whistle.domain.patrol.state import Patrol
from whistle.domain.playbook import ClockName, Kind
from whistle.domain.team.state import Formed
from whistle.domain.whistle.confirming import open_word
from whistle.domain.whistle.state import (
    Call,
    CalledOff,
    Requested,
    Scheduled,
    Sounding,
    TurnedDown,
)

TOWN = ""
"""The unit of a duty that is the town office's own."""

ASIDE = frozenset({"rate", "undo", "confirm", "rule"})
"""Verbs of steps that hold nothing up: whoever owes one does not hold the ball."""


class Duty(msgspec.Struct, frozen=True):
    """What a unit owes next: the verb to type, on which name, by when if a clock runs."""

    unit: str
    verb: str
    name: str
    due: Instant | None = None
    changed: bool = False  # what is asked was amended since the unit's last act
    kind: Kind | None = None  # of the whistle that a leader is to approve
    leader: str = ""  # whose word it must be, if only one person's will do
    event: int | None = None  # which one is meant, where the name alone stands for several


_WAITS_FOR: dict[str, tuple[str, ClockName]] = {
    "called": ("ack", "ack"),
    "acknowledged": ("arrive", "arrive"),
    "on_way": ("arrive", "arrive"),
    "on_scene": ("finish", "dispose"),
}
_NEXT_OF_INCIDENT = {
    "reported": "accept",
    "accepted": "blow",
    "in_hand": "verify",
    "verified": "callback",
    "called_back": "close",
}


def duties(state: object) -> list[Duty]:
    """Every step that somebody owes for this aggregate to go on."""
    match state:
        case Known():
            return _of_incident(state)
        case Requested():
            return [Duty(TOWN, "approve", state.incident_name, kind=state.kind)]
        case Scheduled():
            waits = Duty(TOWN, "show", state.incident_name, state.on)
            return [waits, *_of_word(state, state.incident_name, state.asked.kind)]
        case Sounding():
            calls = [duty for call in state.calls.values() for duty in _of_call(state, call)]
            needs = [] if state.ended else _of_needs(state)
            return [*calls, *needs, *_of_word(state, state.name, state.kind)]
        case Formed():
            return _of_team(state)
        case Patrol():
            return _of_patrol(state)
        case _:
            return []


def offered(state: object, incident_stage: str) -> list[Duty]:
    """What nobody owes and may come next: told once, beside the act, and in nobody's inbox."""
    match state:
        case TurnedDown(incident_name=name) | CalledOff(incident_name=name):
            waits = incident_stage == "accepted"
            verbs = ("blow", "incident handle") if waits else ()
            return [Duty(TOWN, verb, name) for verb in verbs]
        case Formed() if state.stage == "formed" and not state.dispatches:
            return [Duty(TOWN, "team dispatch", state.name)]
        case _:
            return []


def _of_team(team: Formed) -> list[Duty]:
    """Sign-in and roll call where it was sent, and the town's mark when it is back."""
    over = [each for each in team.dispatches if each.ended is not None and each.score is None]
    marks = [Duty(TOWN, "team rate", team.name) for _each in over[:1]]
    if team.out is None:
        return marks
    awaited = [unit for unit, squad in team.expected.items() if not squad.present]
    if awaited:
        return [*(Duty(unit, "team sign-in", team.name) for unit in awaited), *marks]
    return [*([] if team.counted else [Duty(TOWN, "team count", team.name)]), *marks]


def _of_incident(known: Known) -> list[Duty]:
    verb = _NEXT_OF_INCIDENT.get(known.stage)
    if verb is None or (known.stage == "in_hand" and known.sounding):
        return []
    if known.stage == "verified" and not known.uncalled:
        verb = "close"
    return [Duty(TOWN, verb, known.name)]


def _of_word(state: Scheduled | Sounding, name: str, kind: Kind) -> list[Duty]:
    """The leader's word that is owed afterwards."""
    word = open_word(state)
    if word is None:
        return []
    return [Duty(TOWN, "approve", name, word.due, kind=kind, leader=word.leader)]


def _of_needs(whistle: Sounding) -> list[Duty]:
    """The calls for more from the scene that nobody was added for yet."""
    waiting = any(not need.answered for need in whistle.needs.values())
    return [Duty(TOWN, "call add", whistle.name)] if waiting else []


def _of_patrol(patrol: Patrol) -> list[Duty]:
    if patrol.stage == "planned":
        units = patrol.planned_units
        return [Duty(unit, "patrol start", patrol.name, patrol.ends) for unit in units]
    if patrol.stage == "out":
        there = dict.fromkeys(walker.unit for walker in patrol.present)
        return [Duty(unit, "patrol finish", patrol.name) for unit in there]
    return []


def _of_call(whistle: Sounding, call: Call) -> list[Duty]:
    return [*_next_of_call(whistle, call), *_on_record(whistle, call)]


def _on_record(whistle: Sounding, call: Call) -> list[Duty]:
    """What waits for a word of the other side of the call; it is no part of the work itself."""
    name = f"{whistle.name}/{call.unit}"
    owed = [
        Duty(call.unit if asked == "unit" else TOWN, "undo", str(seq))
        for seq, asked in call.undo_asked.items()
    ]
    several = sum(told.contested for told in call.tellings) > 1
    for told in call.tellings:
        if told.contested:
            owed.append(Duty(TOWN, "rule", name, event=told.acts[-1] if several else None))
        else:
            owed.append(Duty(call.unit if told.asks == "unit" else TOWN, "confirm", name))
    return list(dict.fromkeys(owed))


def _next_of_call(whistle: Sounding, call: Call) -> list[Duty]:
    name = f"{whistle.name}/{call.unit}"
    if call.undelivered:
        return [] if whistle.ended else [Duty(TOWN, "deliver", name, _next_passing(call))]
    if call.stage in _WAITS_FOR:
        verb, clock = _WAITS_FOR[call.stage]
        running = call.clocks.get(clock)
        due = running.started.due if running else None
        return [Duty(call.unit, verb, name, due, call.changed)]
    if call.stage == "finished":
        return [Duty(TOWN, "leave", name)]
    if call.stage == "declined":
        return [Duty(TOWN, "blow", whistle.incident_name)] if not whistle.ended else []
    if call.stage == "withdrawn":
        return []
    return [Duty(TOWN, "rate", name)] if call.score is None else []


def _next_passing(call: Call) -> Instant | None:
    return min((each.due for each in call.awaited if each.to not in call.passed), default=None)


class Step(Protocol):
    """A step that is owed, in whatever row it is kept."""

    @property
    def verb(self) -> str:
        """The verb to type."""

    @property
    def name(self) -> str:
        """What it is typed for."""


_S = TypeVar("_S", bound=Step)


def still_to_do(steps: Iterable[_S]) -> list[_S]:
    """The steps of one or more aggregates, without those that another has overtaken.

    An accepted incident asks for a whistle; once one waits for its approval or its time, that is
    the step.
    """
    found = list(steps)
    coming = {step.name for step in found if step.verb in ("approve", "show")}
    return [step for step in found if not (step.verb == "blow" and step.name in coming)]


class ClockChange(msgspec.Struct, frozen=True):
    """A clock that an order started or stopped."""

    call: str
    clock: ClockName
    action: str  # start | stop
    due: Instant
    provisional: bool = False  # counted without the year's calendar


def clock_changes(before: object, after: object) -> list[ClockChange]:
    """Which clocks run now that did not, and which stopped."""
    if not isinstance(after, Sounding):
        return []
    old = before.calls if isinstance(before, Sounding) else {}
    changes = []
    for unit, call in after.calls.items():
        known = old[unit].clocks if unit in old else {}
        for name, clock in call.clocks.items():
            was_running = name in known and known[name].stopped is None
            running = clock.stopped is None
            if running != was_running:
                action = "start" if running else "stop"
                label = f"{after.name}/{unit}"
                started = clock.started
                changes.append(ClockChange(label, name, action, started.due, started.provisional))
    return changes

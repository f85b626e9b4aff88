"""How a whistle stands for others: its line of the register, who owes what, and by which clock."""

from whistle.domain.duties import TOWN, ClockChange, Duty
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.playbook import ClockName, Kind
from whistle.domain.register import Entry
from whistle.domain.whistle.confirming import open_word
from whistle.domain.whistle.events import WhistleBlown, WhistleRequested
from whistle.domain.whistle.state import (
    Call,
    CalledOff,
    Requested,
    Scheduled,
    Sounding,
    TurnedDown,
    WhistleState,
)

DRAFTS: dict[type[WhistleState], str] = {
    Requested: "requested",
    Scheduled: "scheduled",
    TurnedDown: "turned_down",
    CalledOff: "withdrawn",
}
"""Where a whistle stands that has no name, for it has never sounded."""
_WAITS_FOR: dict[str, tuple[str, ClockName]] = {
    "called": ("ack", "ack"),
    "acknowledged": ("arrive", "arrive"),
    "on_way": ("arrive", "arrive"),
    "on_scene": ("finish", "dispose"),
}


def case(_stream: str, event: Event) -> str | None:
    """The incident that a whistle is asked for or blown for."""
    return event.incident if isinstance(event, WhistleRequested | WhistleBlown) else None


def line(stream: str, state: WhistleState, due: Instant | None) -> Entry | None:
    """The whistle's line; it has a name once it has sounded."""
    match state:
        case Requested() | Scheduled() | TurnedDown() | CalledOff():
            stage, of = DRAFTS[type(state)], state.incident
            return Entry(stream=stream, kind="whistle", stage=stage, correlation=of, due=due)
        case Sounding():
            return _sounding(stream, state, due)
        case _:
            return None


def _sounding(stream: str, state: Sounding, due: Instant | None) -> Entry:
    return Entry(
        stream=stream,
        kind="whistle",
        stage=_stage(state),
        name=state.name,
        correlation=state.incident,
        due=due,
        item=state.item,
        place=state.place,
        calls={unit: call.stage for unit, call in state.calls.items()},
    )


def _stage(state: Sounding) -> str:
    if state.withdrawn:
        return "withdrawn"
    return "ended" if state.ended else "sounding"


def duties(state: WhistleState) -> list[Duty]:
    """Every step that somebody owes for the whistle to go on."""
    match state:
        case Requested():
            return [Duty(TOWN, "approve", state.incident_name, kind=state.kind)]
        case Scheduled():
            waits = Duty(TOWN, "show", state.incident_name, state.on)
            return [waits, *_of_word(state, state.incident_name, state.asked.kind)]
        case Sounding():
            calls = [duty for call in state.calls.values() for duty in _of_call(state, call)]
            needs = [] if state.ended else _of_needs(state)
            return [*calls, *needs, *_of_word(state, state.name, state.kind)]
        case _:
            return []


def offered(state: WhistleState, incident_stage: str) -> list[Duty]:
    """What may be done instead of a whistle that was turned down or withdrawn."""
    match state:
        case TurnedDown(incident_name=name) | CalledOff(incident_name=name):
            waits = incident_stage == "accepted"
            verbs = ("blow", "incident handle") if waits else ()
            return [Duty(TOWN, verb, name) for verb in verbs]
        case _:
            return []


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

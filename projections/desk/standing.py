"""`whistle show`: an incident or a whistle as it stands, folded from the log itself."""

from typing import Any

import msgspec

from projections.desk import times
from projections.desk.answer import Answer
from projections.desk.desk import Desk
from projections.desk.merging import source_lines
from projections.desk.passing import undelivered_line
from projections.desk.reading import timed
from projections.desk.repeating import elsewhen, elsewhen_lines
from projections.desk.waiting import spelled
from projections.desk.words import CLOCKS, DUTIES, KINDS, MOUTHS, TOPICS, say, together, word
from whistle.domain.aggregates import of_kind
from whistle.domain.correction import effective
from whistle.domain.duties import still_to_do
from whistle.domain.holding import Happened, Segment, held, segments
from whistle.domain.incident.state import Known
from whistle.domain.moment import SECOND, rfc3339
from whistle.domain.refusal import _
from whistle.domain.whistle.state import Call, Need, Requested, Scheduled, Sounding, TeamThere
from whistle.domain.whistle.telling import Telling
from whistle.log.port import Named, Reader


def standing(desk: Desk, found: Named, case: list[Named]) -> Answer:
    """The thing itself, and what belongs to the same incident."""
    states: dict[str, tuple[Named, Any, int]] = {}
    happened: list[tuple[int, Happened]] = []
    with desk.reading() as reader:
        for named in case:
            aggregate = of_kind(named.kind)
            history = reader.stream(named.stream)
            state = aggregate.start
            for each in effective(history):
                state = aggregate.evolve(state, each.event)
                happened.append((each.seq, Happened(named.stream, named.kind, each.event)))
            states[named.stream] = (named, state, len(history))
    data = [_facts(named, state, version) for named, state, version in states.values()]
    lines = []
    for named, state, version in states.values():
        if found.kind == "whistle" and named.stream != found.stream:
            continue
        lines.extend(_lines(desk, named, state, version))
    owed = [
        duty
        for named, state, _version in states.values()
        for duty in of_kind(named.kind).duties(state)
    ]
    for duty in still_to_do(owed):
        unit = desk.unit_name(duty.unit)
        text = _("  next {unit}: whistle {verb} {name}")
        lines.append(say(text, unit=unit, verb=duty.verb, name=spelled(duty.name, duty.event)))
    mine = next(each for each in data if each["stream"] == found.stream)
    in_order = [each for _seq, each in sorted(happened, key=lambda pair: pair[0])]
    parts = segments(in_order, desk.received_at)
    with desk.reading() as reader:
        others = _elsewhen(reader, found, states[found.stream][1])
    facts = {**mine, "case": data, "held": _held_facts(desk, parts), "same_site": timed(others)}
    lines = [*lines, *elsewhen_lines(desk, others), _held_line(desk, parts)]
    return Answer(data=facts, lines=lines, ids=[found.name or ""])


def _elsewhen(reader: Reader, found: Named, state: object) -> list[dict[str, Any]]:
    """The other times of an incident that stands for itself."""
    return elsewhen(reader, found) if isinstance(state, Known) and not state.merged_into else []


def _held_facts(desk: Desk, parts: list[Segment]) -> list[dict[str, Any]]:
    return [
        {
            "holders": [desk.unit_code(unit) for unit in part.holders],
            "start": rfc3339(part.start),
            "end": rfc3339(part.end),
            "held_s": (part.end - part.start) // SECOND,
        }
        for part in parts
    ]


def _held_line(desk: Desk, parts: list[Segment]) -> str:
    """Who held the ball for how long; the lengths sum to the incident's whole."""
    shares = [
        f"{' + '.join(desk.unit_name(unit) for unit in holders)} {times.left(length, 0)}"
        for holders, length in held(parts).items()
    ]
    return say(_("  held by: {shares}"), shares=" · ".join(shares))


def _facts(named: Named, state: Any, version: int) -> dict[str, Any]:
    return {
        "name": named.name,
        "kind": named.kind,
        "stream": named.stream,
        "version": version,
        "stage": named.stage,
        "state": timed(msgspec.to_builtins(state)),
    }


def _lines(desk: Desk, named: Named, state: Any, version: int) -> list[str]:
    lines = [
        say(
            _("{name}: {stage}, version {version}"),
            name=named.name or say(_("draft whistle")),
            stage=named.stage,
            version=version,
        )
    ]
    if named.place:
        lines.append(f"  {desk.item_name(named.item or '')} · {named.place}")
    if isinstance(state, Requested | Scheduled):
        lines.extend(_draft_lines(desk, state))
    if isinstance(state, Known) and state.patrol:
        lines.append(say(_("  found by patrol {patrol}"), patrol=state.patrol))
    if isinstance(state, Known):
        lines.extend(source_lines(state))
        if state.merged_into:
            into = state.merged_into
            lines.append(say(_("  merged: it goes on as {into}, whistle show {into}"), into=into))
    if isinstance(state, Sounding):
        lines.append(f"  {word(KINDS, state.kind)} · {state.incident_name}")
        lines.extend([f"  {state.note}"] if state.note else [])
        lines.extend(_need_line(desk, need) for need in state.needs.values())
        lines.extend(_call_line(desk, call) for call in state.calls.values())
        lines.extend(_team_line(each) for each in state.teams.values())
        lines.extend(line for call in state.calls.values() for line in _clock_lines(desk, call))
        waiting = (call for call in state.calls.values() if call.undelivered)
        lines.extend(undelivered_line(desk, call) for call in waiting)
        for call in state.calls.values():
            lines.extend(telling_line(desk, call.unit, each) for each in call.tellings)
    return lines


def _draft_lines(desk: Desk, state: Requested | Scheduled) -> list[str]:
    """A whistle that has not sounded: what it will say, to whom and when."""
    asked = state.asked if isinstance(state, Scheduled) else state
    units = together(desk.unit_name(each.unit) for each in asked.summons)
    lines = [f"  {word(KINDS, asked.kind)} · {asked.incident_name} · {asked.place}", f"  {units}"]
    if (on := state.on) is not None:
        at = times.shown(on, desk.zone, desk.received_at)
        lines.append(say(_("  to sound at {at}"), at=at))
    return [*lines, f"  {asked.note}"] if asked.note else lines


def _need_line(desk: Desk, need: Need) -> str:
    text = _("  {unit} needs {quantity} x {what} {wanted}: {answer}")
    answer = say(_("told")) if need.answered else say(_("waits for the town"))
    wanted = desk.unit_name(need.wanted) if need.wanted else ""
    words = {"quantity": need.quantity, "what": need.what, "wanted": wanted, "answer": answer}
    return say(text, unit=desk.unit_name(need.unit), **words)


def _call_line(desk: Desk, call: Call) -> str:
    return say(
        _("  {unit} {duty}: {stage}"),
        unit=desk.unit_name(call.unit),
        duty=word(DUTIES, call.duty),
        stage=call.stage,
    )


def _team_line(team: TeamThere) -> str:
    texts = {
        "sent": _("  team {name}: sent, {heads} people, not counted yet"),
        "counted": _("  team {name}: {present} of {heads} present"),
        "gone": _("  team {name}: stood down"),
    }
    text = texts[team.standing]
    return say(text, name=team.name, heads=team.heads, present=team.present)


def _clock_lines(desk: Desk, call: Call) -> list[str]:
    running = {name: clock for name, clock in call.clocks.items() if clock.stopped is None}
    return [
        say(
            _("    {unit} {clock_name}: {limit}, due {due}, {left} left ({rule}){provisional}"),
            unit=desk.unit_name(call.unit),
            clock_name=word(CLOCKS, name),
            limit=clock.started.limit,
            due=times.shown(clock.started.due, desk.zone, desk.received_at),
            left=times.left(clock.started.due, desk.received_at),
            rule=clock.started.rule,
            provisional=say(_(", PROVISIONAL: no calendar for that year"))
            if clock.started.provisional
            else "",
        )
        for name, clock in running.items()
    ]


def telling_line(desk: Desk, unit: str, telling: Telling) -> str:
    """What was told of a unit's call, by whom, and whose word it waits for."""
    acts = together(word(TOPICS, topic) for topic in telling.topics)
    speaker = f" ({telling.speaker})" if telling.speaker else ""
    if telling.contested:
        waits = say(_("contested: the leader rules"))
    else:
        waits = say(
            _("waits for {side}"), side=desk.unit_name(unit if telling.asks == "unit" else "")
        )
    text = _("    {unit}: {acts}, {mouth}{speaker}, typed {typed}, claimed {claimed}; {waits}")
    return say(
        text,
        unit=desk.unit_name(unit),
        acts=acts,
        mouth=word(MOUTHS, telling.mouth),
        speaker=speaker,
        typed=times.shown(telling.at, desk.zone, desk.received_at),
        claimed=times.shown(telling.claimed, desk.zone, desk.received_at)
        if telling.claimed is not None
        else say(_("nothing else")),
        waits=waits,
    )

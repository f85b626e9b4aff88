"""A reply of the engine as an answer: what was recorded, which clocks moved, who is next."""

from collections.abc import Sequence
from typing import Any

import msgspec

from projections.desk import times
from projections.desk.answer import Answer
from projections.desk.desk import Desk
from projections.desk.waiting import fact, spelled
from projections.desk.words import ACTIONS, CLOCKS, TOPICS, say, word
from whistle.domain.moment import rfc3339
from whistle.domain.refusal import WhistleError, _
from whistle.engine import Given
from whistle.engine.reply import ClockMoved, NextStep, Reply


def answer(desk: Desk, replies: Sequence[Reply], *, rehearsed: bool = False) -> Answer:
    """One answer for one reply, or for several given by one command line."""
    bodies = [body(desk, reply) for reply in replies]
    lines = [line for reply in replies for line in _lines(desk, reply, rehearsed=rehearsed)]
    return Answer(
        data=bodies[0] if len(bodies) == 1 else {"results": bodies},
        lines=lines,
        ids=[reply.id for reply in replies],
    )


class Part(msgspec.Struct, frozen=True):
    """One act of a command line that names several things, in a transaction of its own."""

    orders: list[Given]
    name: str


def obeyed(desk: Desk, verb: str, parts: Sequence[Part]) -> Answer:
    """Give every part its orders; when one is refused, what was recorded before it is told too."""
    made: list[Reply] = []
    for nr, part in enumerate(parts):
        last = nr == len(parts) - 1
        try:
            made.append(desk.ask(verb, part.orders, name=part.name, part=None if last else nr))
        except WhistleError as error:
            if not made:
                raise
            return _broken_off(desk, made, error)
    return answer(desk, made, rehearsed=desk.options["dry_run"])


def _broken_off(desk: Desk, made: Sequence[Reply], error: WhistleError) -> Answer:
    from projections.desk.faults import of_engine

    told, fault = answer(desk, made, rehearsed=desk.options["dry_run"]), of_engine(error)
    return Answer(
        data={"results": [body(desk, reply) for reply in made]},
        lines=told.lines,
        ids=told.ids,
        status=fault.status,
        diagnostics=fault.diagnostics,
    )


def body(desk: Desk, reply: Reply) -> dict[str, Any]:
    """The facts of a write as the contract names them."""
    return {
        "id": reply.id,
        "stream": reply.stream,
        "version": reply.version,
        "stage": reply.stage,
        "events": [{"seq": each.seq, "topic": each.topic} for each in reply.events],
        "clocks": [_clock(desk, each) for each in reply.clocks],
        "next": [fact(desk, each) for each in reply.next],
        "unfilled": list(reply.unfilled),
        "replayed": reply.replayed,
    }


def _clock(desk: Desk, moved: ClockMoved) -> dict[str, Any]:
    unit = moved.call.rpartition("/")[2]
    return {
        "call": moved.call,
        "unit": unit,
        "unit_name": desk.unit_name(unit),
        "clock": moved.clock,
        "action": moved.action,
        "due": rfc3339(moved.due),
        "provisional": moved.provisional,
    }


def _lines(desk: Desk, reply: Reply, *, rehearsed: bool) -> list[str]:
    if rehearsed:
        head = _("{name}: {stage} (rehearsed, nothing written)")
    elif reply.replayed:
        head = _("{name}: {stage} (recorded before, this is that reply)")
    else:
        head = _("{name}: {stage}")
    lines = [say(head, name=reply.id, stage=reply.stage)]
    if desk.claimed_at is not None and not reply.replayed:
        claimed = times.shown(desk.claimed_at, desk.zone)  # 23:40 of which day?
        from whistle.domain.whistle.told_events import ActTold, ToldRuled  # not every order

        text = _("  --at {claimed}: kept as evidence; the receipt counts")
        if any(event.topic == ActTold.topic for event in reply.events):
            text = _("  --at {claimed}: counts once the other side has confirmed it")
        elif any(event.topic == ToldRuled.topic for event in reply.events):
            text = _("  --at {claimed}: counts from now on")
        lines.append(say(text, claimed=claimed))
    for event in reply.events:
        lines.append(f"  #{event.seq} {word(TOPICS, event.topic)}")
    lines.extend(_clock_line(desk, moved) for moved in _grouped(reply.clocks))
    if reply.unfilled:
        places = " ".join(reply.unfilled)
        text = _("  not called, for no unit of this town fills them: {places}")
        lines.append(say(text, places=places))
    lines.extend(_step_line(desk, step) for step in reply.next)
    return lines


def _grouped(moved: Sequence[ClockMoved]) -> list[ClockMoved]:
    """Clocks that started together for several units are told once."""
    seen: dict[tuple[str, str, int], ClockMoved] = {}
    for each in moved:
        key = (each.clock, each.action, each.due)
        first = seen.get(key)
        units = f"{first.call} {each.call.rpartition('/')[2]}" if first else each.call
        seen[key] = ClockMoved(units, each.clock, each.action, each.due, each.provisional)
    return list(seen.values())


def _clock_line(desk: Desk, moved: ClockMoved) -> str:
    whistle, _slash, units = moved.call.rpartition("/")
    names = " ".join(desk.unit_name(unit) for unit in units.split(" "))
    text = _("  clock {clock_name} {action_name}, due {due}: {units}")
    if moved.provisional and moved.action == "start":
        text = _("  clock {clock_name} started PROVISIONALLY (no calendar), due {due}: {units}")
    return say(
        text,
        clock_name=word(CLOCKS, moved.clock),
        action_name=word(ACTIONS, moved.action),
        due=times.shown(moved.due, desk.zone, desk.received_at),
        units=names or whistle,
    )


def _step_line(desk: Desk, step: NextStep) -> str:
    words = {
        "unit": desk.unit_name(step.unit),
        "verb": step.verb,
        "name": spelled(step.name, step.event),
    }
    if step.due is None:
        return say(_("  next {unit}: whistle {verb} {name}"), **words)
    due = times.shown(step.due, desk.zone, desk.received_at)
    return say(_("  next {unit}: whistle {verb} {name}, by {due}"), due=due, **words)

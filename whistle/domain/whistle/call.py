"""One unit's call, from the answer to the release. Live acts may skip: coming is an answer.

stage                      order     what follows
called                     ack       acknowledged, with the promised arrival
called … on scene          decline   declined: not this unit's duty, and whose it is
called | acknowledged      depart    on the way
called … on the way        arrive    on scene (and acknowledged, if nobody had signed)
on scene                   act       on scene
on scene                   finish    finished; the commander is asked for release
finished                   release   released, by the commander only
on scene | finished        leave     left early, on record; the call stays open
"""

from typing import ClassVar

from whistle.domain.message import Event, Order
from whistle.domain.moment import Instant
from whistle.domain.refusal import NotAllowed, NotFound, Refused, _
from whistle.domain.surroundings import Surroundings
from whistle.domain.whistle.delivery import by_acting
from whistle.domain.whistle.events import (
    Acknowledged,
    Acted,
    Arrived,
    Assembled,
    Declined,
    Departed,
    Finished,
    LeftEarly,
    Released,
    Result,
)
from whistle.domain.whistle.state import Call, Sounding, WhistleState


class CallOrder(Order, frozen=True):
    """An order about one unit's call."""

    decided_by: ClassVar[str] = "whistle"

    unit: str


class Acknowledge(CallOrder, frozen=True):
    """Sign for the whistle, with the promised arrival."""

    eta: Instant | None = None


class Decline(CallOrder, frozen=True):
    """Object: not this unit's duty, and whose it is."""

    reason: str
    proposed: str = ""
    note: str = ""


class Depart(CallOrder, frozen=True):
    """Set out."""

    note: str = ""


class Arrive(CallOrder, frozen=True):
    """Report in on the spot."""

    evidence: tuple[str, ...] = ()
    note: str = ""


class Act(CallOrder, frozen=True):
    """Do something on the spot."""

    act: str
    note: str = ""


class Finish(CallOrder, frozen=True):
    """Say that the unit's part is done."""

    result: Result = "fixed"
    note: str = ""
    evidence: tuple[str, ...] = ()


class Release(CallOrder, frozen=True):
    """Let the unit go: the commander's word."""

    note: str = ""


class Leave(CallOrder, frozen=True):
    """Leave the spot."""

    reason: str = ""


def decide(state: WhistleState, order: CallOrder, around: Surroundings) -> list[Event]:
    """What follows from an order about a call."""
    if not isinstance(state, Sounding) or order.unit not in state.calls:
        raise NotFound(
            _("{unit} has no call here."), hint=_("see your calls: whistle inbox"), unit=order.unit
        )
    call = state.calls[order.unit]
    if isinstance(order, Release):
        return _released(state, call, order, around)
    if around.actor.speaks_for != order.unit:
        raise NotAllowed(
            _("This call is {unit}'s, not {speaker}'s."),
            rule="call.own",
            hint=_("add --as {unit}, or --behalf {unit} if it was told by phone"),
            unit=order.unit,
            speaker=around.actor.speaks_for,
        )
    if around.actor.behalf and not heard_by_town(around):
        raise NotAllowed(
            _("Only the town office records what {unit} told by phone."),
            rule="call.behalf",
            hint=_("{unit} itself types with --as {unit}"),
            unit=order.unit,
        )
    return [*by_acting(state, call, around), *_unit_acts(state, call, order, around)]


def heard_by_town(around: Surroundings) -> bool:
    """Whether who types sits in the town office, or is the unit itself."""
    typing = around.units.get(around.actor.unit)
    own = around.actor.unit == around.actor.behalf
    return own or (typing is not None and typing.commander)


def _unit_acts(
    whistle: Sounding, call: Call, order: CallOrder, around: Surroundings
) -> list[Event]:
    at, unit = around.at, call.unit
    match call.stage, order:
        case "called", Acknowledge(eta=eta):
            return [Acknowledged(at=at, unit=unit, eta=eta)]
        case "called" | "acknowledged" | "on_way" | "on_scene", Decline():
            return [_declined(whistle, call, order, around)]
        case "called", Depart(note=note):
            return [Acknowledged(at=at, unit=unit), Departed(at=at, unit=unit, note=note)]
        case "acknowledged", Depart(note=note):
            return [Departed(at=at, unit=unit, note=note)]
        case "called" | "acknowledged" | "on_way", Arrive():
            return _arrived(whistle, call, order, around)
        case "on_scene", Act(act=act, note=note):
            return [Acted(at=at, unit=unit, act=act, note=note)]
        case "on_scene", Finish():
            return [
                Finished(
                    at=at, unit=unit, result=order.result, note=order.note, evidence=order.evidence
                )
            ]
        case "on_scene" | "finished", Leave(reason=reason) if call.left_early is None:
            if not reason.strip():
                raise Refused(
                    _("{unit} is not released; leaving now is put on record: say why with -m."),
                    rule="leave.reason",
                    hint=_("ask the town office for release first"),
                    unit=unit,
                )
            return [LeftEarly(at=at, unit=unit, reason=reason)]
        case _:
            raise not_now(whistle, call)


def _declined(whistle: Sounding, call: Call, order: Decline, around: Surroundings) -> Event:
    playbook = around.playbook
    rules = playbook.kinds[whistle.kind]
    if order.reason not in playbook.decline_reasons:
        raise Refused(
            _("{reason} is not a reason for declining; these are: {known}."),
            rule="decline.reason",
            reason=order.reason,
            known=", ".join(playbook.decline_reasons),
        )
    if rules.decline_only_on_scene and call.arrived is None:
        raise Refused(
            _("In an emergency a unit comes first and objects on the spot (先报到后异议)."),
            rule=f"kinds.{whistle.kind}.decline_only_on_scene",
            hint="whistle arrive {name}",
            name=whistle.name,
        )
    proposed = around.known_unit(order.proposed).code if order.proposed else ""
    return Declined(
        at=around.at, unit=call.unit, reason=order.reason, proposed=proposed, note=order.note
    )


def _arrived(whistle: Sounding, call: Call, order: Arrive, around: Surroundings) -> list[Event]:
    events: list[Event] = []
    if call.stage == "called":
        events.append(Acknowledged(at=around.at, unit=call.unit, by_arrival=True))
    events.append(Arrived(at=around.at, unit=call.unit, evidence=order.evidence, note=order.note))
    others = [each for each in whistle.calls.values() if each.unit != call.unit]
    there = all(
        each.arrived is not None or each.stage in ("declined", "withdrawn") or each.unreachable
        for each in others
    )
    if there and not whistle.assembled:
        events.append(Assembled(at=around.at))
    return events


def _released(whistle: Sounding, call: Call, order: Release, around: Surroundings) -> list[Event]:
    if not around.by_commander:
        raise NotAllowed(
            _("Only the town office, which commands on the spot, releases a unit."),
            rule="release.commander",
            unit=call.unit,
        )
    if call.stage != "finished":
        raise not_now(whistle, call)
    return [Released(at=around.at, unit=call.unit, note=order.note)]


NEXT_STEP = {
    "called": _("sign for it, or report in: whistle arrive {name}"),
    "acknowledged": _("report in on the spot: whistle arrive {name}"),
    "on_way": _("report in on the spot: whistle arrive {name}"),
    "on_scene": _("finish when it is done: whistle finish {name}"),
    "finished": _("the town office releases it: whistle leave {name}"),
    "released": _("nothing more is due from it"),
    "declined": _("it was declined; the town office decides who is called instead"),
    "withdrawn": _("it was withdrawn; nothing more is due from it"),
}


def not_now(whistle: Sounding, call: Call) -> Refused:
    """The refusal that names where the call stands and what may follow."""
    return Refused(
        _("{name} is {stage}."),
        rule=f"call.{call.stage}",
        hint=NEXT_STEP[call.stage],
        name=f"{whistle.name}/{call.unit}",
        stage=call.stage,
    )

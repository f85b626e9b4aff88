"""After the work: released together, worked over, evaluated by the town, rated by the units.

call                   order           what follows
finished               release units   released (the town passed the verification)
finished | released    order rework    on scene again (the verification failed)
finished … | declined  evaluate        the town's mark for the unit
any                    rate            the unit's mark for the whistle
"""

from typing import ClassVar

from whistle.domain import mark
from whistle.domain.message import Event, Order
from whistle.domain.refusal import NotAllowed, NotFound, Refused, _
from whistle.domain.surroundings import Surroundings
from whistle.domain.whistle.call import heard_by_town, not_now
from whistle.domain.whistle.events import Released, ReworkOrdered, UnitEvaluated, WhistleRated
from whistle.domain.whistle.state import Call, Sounding, WhistleState


class ClosingOrder(Order, frozen=True):
    """An order about a whistle whose work is done."""

    decided_by: ClassVar[str] = "whistle"


class ReleaseUnits(ClosingOrder, frozen=True):
    """Let every finished unit go."""


class OrderRework(ClosingOrder, frozen=True):
    """Have every unit that finished do its part again."""

    reason: str = ""


class EvaluateUnit(ClosingOrder, frozen=True):
    """Give the unit the town's mark for this whistle."""

    unit: str
    score: int
    note: str = ""


class RateWhistle(ClosingOrder, frozen=True):
    """Give the whistle the called unit's mark."""

    unit: str
    score: int
    note: str = ""


def decide(state: WhistleState, order: ClosingOrder, around: Surroundings) -> list[Event]:
    """What follows from an order about finished work."""
    if not isinstance(state, Sounding):
        raise NotFound(_("There is no such whistle."), hint="whistle status")
    at, calls = around.at, state.calls.values()
    match order:
        case ReleaseUnits():
            return [Released(at=at, unit=call.unit) for call in calls if call.stage == "finished"]
        case OrderRework(reason=reason):
            again = (call for call in calls if call.stage in ("finished", "released"))
            return [ReworkOrdered(at=at, unit=call.unit, reason=reason) for call in again]
        case EvaluateUnit():
            return [_evaluated(state, order, around)]
        case RateWhistle():
            return [_rated(state, order, around)]
        case _:
            raise Refused(_("A whistle does not know this order."), rule="whistle.order")


def _evaluated(whistle: Sounding, order: EvaluateUnit, around: Surroundings) -> Event:
    call = _call(whistle, order.unit)
    if not around.by_commander:
        raise NotAllowed(_("Only the town office evaluates a unit."), rule="rate.town_only")
    if not call.done or call.stage == "withdrawn":
        raise not_now(whistle, call)
    if call.score is not None:
        raise Refused(
            _("{name} has its mark already; a mark is changed by a correction."),
            rule="rate.once",
            hint=_("whistle correct SEQ --set score=MARK --why WHY"),
            name=f"{whistle.name}/{call.unit}",
        )
    mark.check(order.score, around.playbook)
    return UnitEvaluated(at=around.at, unit=call.unit, score=order.score, note=order.note)


def _rated(whistle: Sounding, order: RateWhistle, around: Surroundings) -> Event:
    call = _call(whistle, order.unit)
    if around.actor.speaks_for != call.unit:
        raise NotAllowed(
            _("Only {unit} itself rates the whistle that called it."),
            rule="rate.own",
            unit=call.unit,
        )
    if around.actor.behalf and not heard_by_town(around):
        raise NotAllowed(
            _("Only the town office records what {unit} told by phone."),
            rule="call.behalf",
            hint=_("{unit} itself types with --as {unit}"),
            unit=order.unit,
        )
    mark.check(order.score, around.playbook)
    return WhistleRated(at=around.at, unit=call.unit, score=order.score, note=order.note)


def _call(whistle: Sounding, unit: str) -> Call:
    if unit not in whistle.calls:
        raise NotFound(_("{unit} has no call here."), hint="whistle inbox", unit=unit)
    return whistle.calls[unit]

"""A whistle that is changed after it was blown: withdrawn, amended, sent to more units.

state                               order          what follows
requested | scheduled               withdraw       withdrawn; no number is spent
sounding                            withdraw       every open call excused, and withdrawn
sounding, the call open             withdraw call  that call excused; the last one withdraws all
requested | scheduled | sounding    amend          amended; each unit with an open call must see it
sounding                            add            more units called; their own clocks start
sounding, by a unit on the scene    need           called for more; the town decides
the same, in an emergency, a unit named            called for more, and that unit is called at once
sounding, by the town, a unit named need           called for more, and that unit is called at once
"""

from typing import ClassVar

from whistle.domain.message import Event, Order
from whistle.domain.refusal import NotAllowed, NotFound, Refused, _
from whistle.domain.surroundings import Surroundings
from whistle.domain.whistle.call import heard_by_town, not_now
from whistle.domain.whistle.changes import (
    CallWithdrawn,
    NeedRaised,
    UnitAdded,
    WhistleAmended,
    WhistleWithdrawn,
)
from whistle.domain.whistle.delivery import at_blow, ended
from whistle.domain.whistle.events import Duty, Summons
from whistle.domain.whistle.state import Requested, Scheduled, Sounding, WhistleState

MOST = 9999
"""What one call for more may ask for."""


class ChangeOrder(Order, frozen=True):
    """An order that changes a whistle after it was blown, or asked for."""

    decided_by: ClassVar[str] = "whistle"


class WithdrawWhistle(ChangeOrder, frozen=True):
    """Take the whistle back."""

    reason: str


class WithdrawCall(ChangeOrder, frozen=True):
    """Excuse one unit from its call."""

    unit: str
    reason: str


class AmendWhistle(ChangeOrder, frozen=True):
    """Say where, why or what anew; who is called, the item and the kind are not amended, for they
    set the clocks: withdraw it and blow another."""

    place: str | None = None
    ground: str | None = None
    note: str | None = None
    reason: str = ""


class AddUnits(ChangeOrder, frozen=True):
    """Call more units."""

    units: tuple[str, ...]
    duty: Duty = "assist"
    note: str = ""


class CallForMore(ChangeOrder, frozen=True):
    """Ask for more people or things on the scene (增援)."""

    what: str
    quantity: int = 1
    wanted: str = ""  # the unit that is asked for
    note: str = ""


def decide(state: WhistleState, order: ChangeOrder, around: Surroundings) -> list[Event]:
    """What follows from an order that changes a whistle."""
    if not isinstance(order, CallForMore) and not around.by_commander:
        raise NotAllowed(
            _("Only the town office changes a whistle, not {unit}."),
            rule="change.town_only",
            hint=_("call for more from the scene: whistle need"),
            unit=around.actor.speaks_for,
        )
    match state, order:
        case Requested() | Scheduled(), WithdrawWhistle(reason=reason):
            _says_why(reason)
            return [WhistleWithdrawn(at=around.at, reason=reason)]
        case Requested() | Scheduled(), AmendWhistle():
            return [_amended((), order, around)]
        case Sounding(), _:
            if state.ended:
                raise ended(state)
            return _changed(state, order, around)
        case _:
            raise NotFound(_("There is no such whistle."), hint="whistle call list")


def _changed(state: Sounding, order: ChangeOrder, around: Surroundings) -> list[Event]:
    open_calls = tuple(call.unit for call in state.calls.values() if not call.done)
    match order:
        case WithdrawWhistle(reason=reason):
            return _withdrawn(open_calls, reason, around)
        case WithdrawCall(unit=unit, reason=reason):
            return _excused(state, unit, reason, around)
        case AmendWhistle():
            return [_amended(open_calls, order, around)]
        case AddUnits():
            return _all_added(state, order, around)
        case CallForMore():
            return _needed(state, order, around)
        case _:
            raise Refused(_("A whistle does not know this order."), rule="whistle.order")


def _says_why(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Say why it is withdrawn with -m."), rule="withdraw.reason")


def _withdrawn(units: tuple[str, ...], reason: str, around: Surroundings) -> list[Event]:
    _says_why(reason)
    excused = [CallWithdrawn(at=around.at, unit=unit, reason=reason) for unit in units]
    return [*excused, WhistleWithdrawn(at=around.at, reason=reason)]


def _excused(state: Sounding, unit: str, reason: str, around: Surroundings) -> list[Event]:
    if unit not in state.calls:
        raise NotFound(_("{unit} has no call here."), hint="whistle inbox", unit=unit)
    if state.calls[unit].done:
        raise not_now(state, state.calls[unit])
    others = (call for call in state.calls.values() if call.unit != unit)
    if all(call.stage == "withdrawn" for call in others):
        return _withdrawn((unit,), reason, around)
    _says_why(reason)
    return [CallWithdrawn(at=around.at, unit=unit, reason=reason)]


def _amended(units: tuple[str, ...], order: AmendWhistle, around: Surroundings) -> Event:
    if (order.place, order.ground, order.note) == (None, None, None):
        raise Refused(_("Say what is amended: --place, --ground or -m."), rule="amend.nothing")
    if order.place is not None and not order.place.strip():
        raise Refused(_("A whistle needs a place."), rule="amend.place")
    if order.ground is not None and order.ground not in around.playbook.grounds:
        raise Refused(
            _("{ground} is not a ground for blowing; these are: {known}."),
            rule="blow.ground",
            ground=order.ground,
            known=", ".join(around.playbook.grounds),
        )
    return WhistleAmended(
        at=around.at,
        place=order.place,
        ground=order.ground,
        note=order.note,
        reason=order.reason,
        units=units,
    )


def _all_added(state: Sounding, order: AddUnits, around: Surroundings) -> list[Event]:
    """Each unit once, by whatever names it was given, and one of them may lead."""
    codes = dict.fromkeys(around.known_unit(text).code for text in order.units)
    if order.duty == "lead" and len(codes) > 1:
        raise Refused(_("One unit leads; name it alone."), rule="add.one_lead")
    return [event for code in codes for event in _added(state, code, order, around)]


def _added(
    state: Sounding, text: str, order: AddUnits, around: Surroundings, need: int = 0
) -> list[Event]:
    """One more call, readable at once; its clocks start now, with the numbers in force now."""
    unit = around.known_unit(text)
    if unit.commander:
        raise Refused(
            _("{unit} blows the whistle and cannot be called by it."),
            rule="blow.not_self",
            unit=unit.name,
        )
    if unit.code in state.calls:
        raise Refused(
            _("{name} has called {unit} already."),
            rule="add.called",
            hint=_("ask it for more: whistle need {name} --dept {unit} --what TEXT"),
            name=state.name,
            unit=unit.name,
        )
    leading = (call for call in state.calls.values() if call.duty == "lead")
    if order.duty == "lead" and any(c.stage not in ("declined", "withdrawn") for c in leading):
        raise Refused(_("{name} has a unit that leads already."), rule="add.lead", name=state.name)
    asked_for = (nr for nr, each in state.needs.items() if not each.answered)
    named = (nr for nr in asked_for if state.needs[nr].wanted in ("", unit.code))
    return [
        UnitAdded(
            at=around.at,
            unit=unit.code,
            name=state.name,
            incident=state.incident,
            incident_name=state.incident_name,
            duty=order.duty,
            need=need or next(named, 0),
            note=order.note,
        ),
        *at_blow(state.kind, state.item, [Summons(unit.code, order.duty)], around),
    ]


def _wanted(state: Sounding, text: str, around: Surroundings) -> str:
    """The unit that is asked for: another one than who asks, and none whose part here is over."""
    if not text:
        return ""
    unit = around.known_unit(text)
    if unit.commander or unit.code == around.actor.speaks_for:
        raise Refused(
            _("{unit} cannot be asked for here: name another unit, or leave --dept out."),
            rule="need.other_unit",
            unit=unit.name,
        )
    call = state.calls.get(unit.code)
    if call is not None and (call.done or call.left_early is not None):
        raise Refused(
            _("{unit} has no more part in {name}: ask without --dept, and the town calls another."),
            rule="need.over",
            hint="whistle need {name} --what TEXT",
            unit=unit.name,
            name=state.name,
        )
    return unit.code


def _needed(state: Sounding, order: CallForMore, around: Surroundings) -> list[Event]:
    speaker = around.actor.speaks_for
    call = state.calls.get(speaker)
    if not around.by_commander:
        if call is None:
            raise NotFound(
                _("{unit} has no call here."), hint=_("see your calls: whistle inbox"), unit=speaker
            )
        if around.actor.behalf and not heard_by_town(around):
            raise NotAllowed(
                _("Only the town office records what {unit} told by phone."),
                rule="call.behalf",
                hint=_("{unit} itself types with --as {unit}"),
                unit=speaker,
            )
        if call.stage != "on_scene":
            raise not_now(state, call)
    if not order.what.strip():
        raise Refused(_("Say what is needed with --what."), rule="need.what")
    if not 1 <= order.quantity <= MOST:
        raise Refused(
            _("A quantity is a whole number from 1 to {most}."), rule="need.quantity", most=MOST
        )
    wanted = _wanted(state, order.wanted, around)
    nr = max(state.needs, default=0) + 1  # one that was taken back leaves a gap
    raised = NeedRaised(
        at=around.at,
        unit=speaker,
        nr=nr,
        what=order.what,
        quantity=order.quantity,
        wanted=wanted,
        note=order.note,
    )
    at_once = around.by_commander or state.kind == "emergency"
    if not wanted or not at_once or wanted in state.calls:
        return [raised]
    more = AddUnits(units=(wanted,), note=order.what)
    return [raised, *_added(state, wanted, more, around, need=nr)]

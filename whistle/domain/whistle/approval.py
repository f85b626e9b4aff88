"""The leader's word: before a whistle sounds, by phone through who is on duty, or afterwards.

state                            order                what follows
requested                        approve              blown and delivered to every unit
requested, set for later         approve              approved; it sounds at its time
requested                        approve by a leader  as approve, and the leader confirms it later
requested | scheduled            turn down            turned down; no number is spent
scheduled | sounding, awaiting   approve              confirmed (confirming.py)
scheduled, awaiting              turn down            contested, and turned down
sounding, awaiting               turn down            contested: the town's mark; the units go on
"""

from typing import ClassVar

from whistle.domain.message import Event, Order
from whistle.domain.playbook import Kind
from whistle.domain.refusal import NotAllowed, Refused, _
from whistle.domain.surroundings import Surroundings
from whistle.domain.whistle.changes import ApprovalConfirmed, ApprovalContested, WhistleApproved
from whistle.domain.whistle.confirming import awaited, open_word
from whistle.domain.whistle.events import ApprovalRefused
from whistle.domain.whistle.issue import approvers, blown, nothing_waits, town_only
from whistle.domain.whistle.state import (
    Confirming,
    Requested,
    Scheduled,
    Sounding,
    WhistleState,
)


class ApprovalOrder(Order, frozen=True):
    """An order that is a leader's word."""

    decided_by: ClassVar[str] = "whistle"


class ApproveWhistle(ApprovalOrder, frozen=True):
    """The leader approves the whistle, himself or by phone, or confirms what has sounded."""

    series: ClassVar[str] = "W"
    by: str = ""  # the leader who said yes by phone; none: who types is the leader


class TurnWhistleDown(ApprovalOrder, frozen=True):
    """The leader does not approve the whistle."""

    reason: str


def decide(state: WhistleState, order: ApprovalOrder, around: Surroundings) -> list[Event]:
    """What follows from a leader's word."""
    town_only(around)
    word = open_word(state)
    match state, order:
        case Requested(), ApproveWhistle():
            return _approved(state, order, around)
        case Requested(), TurnWhistleDown():
            return [_refused(state.kind, order, around)]
        case Scheduled(), TurnWhistleDown():
            told = [_contested(word, state.asked.kind, order, around)] if word else []
            return [*told, _refused(state.asked.kind, order, around)]
        case Scheduled() | Sounding(), ApproveWhistle() if word is not None:
            _confirms(word, _kind(state), order, around)
            confirmed = ApprovalConfirmed(
                at=around.at, unit=word.unit, by_person=around.actor.person
            )
            return [confirmed]
        case Sounding(), TurnWhistleDown() if word is not None:
            return [_contested(word, state.kind, order, around)]
        case _:
            raise nothing_waits()


def _kind(state: Scheduled | Sounding) -> Kind:
    return state.asked.kind if isinstance(state, Scheduled) else state.kind


def _approved(state: Requested, order: ApproveWhistle, around: Surroundings) -> list[Event]:
    if order.by:
        leader = _told(state.kind, order.by, around)
        word: list[Event] = [awaited(state.kind, around, leader)]
    else:
        by_leader(state.kind, around)
        leader, word = around.actor.person, []
    if state.on is not None and state.on > around.at:
        return [WhistleApproved(at=around.at, by_person=leader), *word]
    return [*blown(state, around, approved_by=leader), *word]


def by_leader(kind: Kind, around: Surroundings) -> None:
    """Refuse whoever may not approve the kind, as far as the register knows the persons."""
    leaders = approvers(kind, around)
    if leaders and around.actor.person not in leaders:
        unit = around.units[around.actor.speaks_for]
        raise NotAllowed(
            _("A leader of {unit} approves; these are: {leaders}."),
            rule="approve.leader",
            hint=_("say who approves: --as {code}/NAME; who said yes by phone: --by NAME"),
            unit=unit.name,
            leaders=", ".join(leaders),
            code=unit.code,
        )


def _told(kind: Kind, leader: str, around: Surroundings) -> str:
    """The leader whose word the duty officer types; a name that the register does not know is no
    leader, for nobody could confirm it."""
    leaders = approvers(kind, around)
    if leader not in leaders:
        raise Refused(
            _("{leader} does not approve this kind of whistle; these do: {leaders}."),
            rule="approve.by",
            hint=_("enter the leader: whistle org person add {code} {leader} --role leader"),
            leader=leader,
            code=around.actor.speaks_for,
            leaders=", ".join(leaders) or "—",
        )
    return leader


def _refused(kind: Kind, order: TurnWhistleDown, around: Surroundings) -> Event:
    by_leader(kind, around)
    _says_why(order)
    return ApprovalRefused(at=around.at, reason=order.reason, by_person=around.actor.person)


def _contested(word: Confirming, kind: Kind, order: TurnWhistleDown, around: Surroundings) -> Event:
    _confirms(word, kind, order, around)
    _says_why(order)
    return ApprovalContested(
        at=around.at, unit=word.unit, reason=order.reason, by_person=around.actor.person
    )


def _says_why(order: TurnWhistleDown) -> None:
    if not order.reason.strip():
        raise Refused(_("Say why it is not approved with -m."), rule="approve.reason")


def _confirms(word: Confirming, kind: Kind, order: ApprovalOrder, around: Surroundings) -> None:
    """Whose word was told by phone confirms it himself; else any leader of the kind."""
    if isinstance(order, ApproveWhistle) and order.by:
        raise Refused(
            _("A confirmation is not told by phone: the leader types it himself."),
            rule="approve.confirm_self",
            hint=_("whistle approve --as {code}/NAME"),
            code=around.actor.speaks_for,
        )
    if not word.leader:
        by_leader(kind, around)
    elif around.actor.person != word.leader:
        raise NotAllowed(
            _("{leader} approved by phone, and confirms it himself."),
            rule="approve.named",
            hint=_("whistle approve --as {code}/{leader}"),
            leader=word.leader,
            code=around.actor.speaks_for,
        )

"""The leader's word afterwards: for a whistle that sounds at once, or was approved by phone.

state                     order      what follows
awaited (and its limit)   approve    confirmed
awaited                   turn down  contested: the town typed what the leader did not say
awaited past its limit    (time)     a mark for the town, void if the word was received in time

Whatever comes of it marks the town alone: no unit is stopped, and none of its clocks is touched.
"""

import msgspec

from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.playbook import Kind
from whistle.domain.surroundings import Surroundings
from whistle.domain.whistle.changes import (
    ApprovalConfirmed,
    ApprovalContested,
    ConfirmationAwaited,
    ConfirmationOverdue,
    ConfirmationOverdueVoided,
)
from whistle.domain.whistle.clocks import reckoned
from whistle.domain.whistle.state import Confirming, Scheduled, Sounding, WhistleState

ConfirmingHistory = (
    ConfirmationAwaited
    | ApprovalConfirmed
    | ApprovalContested
    | ConfirmationOverdue
    | ConfirmationOverdueVoided
)

change = msgspec.structs.replace


def awaited(
    kind: Kind, around: Surroundings, leader: str = "", town: str = ""
) -> ConfirmationAwaited:
    """A leader's word is owed from now on: of the one who said yes by phone, or of any.

    The limit in force is copied, so that a playbook adopted later does not move it.
    """
    within = around.playbook.kinds[kind].confirm_within
    due, provisional = reckoned(around, around.at, within) if within else (None, False)
    return ConfirmationAwaited(
        at=around.at,
        unit=town or around.actor.speaks_for,
        leader=leader,
        channel="phone" if leader else "",
        typed_by=around.actor.person if leader else "",
        limit=str(within) if within else "",
        due=due,
        rule=f"kinds.{kind}.confirm_within" if within else "",
        provisional=provisional,
    )


def open_word(state: WhistleState) -> Confirming | None:
    """The word that a leader still owes, if one is owed."""
    if isinstance(state, Scheduled | Sounding):
        owing = state.confirming
        return owing if owing is not None and not owing.given else None
    return None


def owed(state: WhistleState) -> list[Event]:
    """The mark that the town gets if no leader speaks in time."""
    word = open_word(state)
    if word is None or word.due is None or word.overdue:
        return []
    return [ConfirmationOverdue(at=word.due, unit=word.unit, rule=word.rule)]


def voided(state: WhistleState, at: Instant) -> list[Event]:
    """The town's mark taken back: the word was received in time and recorded late."""
    word = state.confirming if isinstance(state, Scheduled | Sounding) else None
    if word is None or not word.overdue or word.due is None or word.at is None:
        return []
    if word.at > word.due:
        return []
    return [ConfirmationOverdueVoided(at=at, unit=word.unit, due=word.due, rule=word.rule)]


def moved(word: Confirming | None, event: ConfirmingHistory) -> Confirming | None:
    """What an event makes of the word that is owed."""
    if isinstance(event, ConfirmationAwaited):
        return Confirming(unit=event.unit, leader=event.leader, due=event.due, rule=event.rule)
    if word is None:
        return None
    match event:
        case ApprovalConfirmed():
            return change(word, given="confirmed", at=event.at)
        case ApprovalContested():
            return change(word, given="contested", at=event.at)
        case ConfirmationOverdue():
            return change(word, overdue=True)
        case _:
            return change(word, overdue=False)

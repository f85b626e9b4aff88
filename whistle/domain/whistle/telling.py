"""Tellings: acts told by another's mouth, or of an earlier time, until the other side has spoken.

What they are and when they arise; `hearing` decides who confirms, contests and rules on them.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec

from whistle.domain.correction import Told, amend, effective
from whistle.domain.message import Event
from whistle.domain.moment import Instant, rfc3339
from whistle.domain.refusal import Refused, _
from whistle.domain.surroundings import Surroundings, UnitEntry
from whistle.domain.whistle.events import (
    Acknowledged,
    Acted,
    Arrived,
    CallDelivered,
    Declined,
    Departed,
    Finished,
    LeftEarly,
    Released,
    ReworkOrdered,
    WhistleRated,
)
from whistle.domain.whistle.told_events import (
    ActTold,
    Mouth,
    ToldConfirmed,
    ToldContested,
    ToldEvent,
    ToldRuled,
)

Side = Literal["unit", "town"]

OWN_ACTS: Final = (
    Acknowledged, Declined, Departed, Arrived, Acted, Finished, LeftEarly, WhistleRated,
)  # fmt: skip
"""What a unit itself does in its call, and somebody may tell for it."""

IN_TURN: Final = (CallDelivered, *OWN_ACTS[:-1], Released, ReworkOrdered)
"""What has its place in time: an instant that counts may not jump over its neighbours."""

DUTY_NAMES: Final = frozenset(
    {"duty", "duty officer", "duty desk", "值班", "值班员", "值班室", "值班领导", "带班领导"}
)
"""Who speaks for a unit without a name in the register."""


class Telling(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something told that is not settled."""

    acts: tuple[int, ...]
    topics: tuple[str, ...]
    mouth: Mouth
    at: Instant  # the receipt
    asks: Side  # whose word it waits for
    recorder: str
    by_person: str = ""
    speaker: str = ""
    claimed: Instant | None = None
    contested: bool = False


def told(history: Sequence[Told], recorded: Sequence[Told], around: Surroundings) -> list[Event]:
    """The telling that stands beside acts just recorded, if another spoke or claims another time.

    `history` is the call's whole stream, these acts with it. Raises Refused for a speaker whom
    neither the register nor a duty name knows: a reporter is never named; and for a claimed time
    that could never count.
    """
    actor = around.actor
    by_mouth = bool(actor.behalf) and actor.behalf != actor.unit
    claimed = around.claimed if around.claimed is not None and around.claimed < around.at else None
    acts = [
        each
        for each in recorded
        if isinstance(each.event, OWN_ACTS) and each.event.unit == actor.speaks_for
    ]
    if not acts or not (by_mouth or claimed is not None):
        return []
    if claimed is not None:
        _can_count(history, tuple(each.seq for each in acts), claimed, around)
    return [
        ActTold(
            at=around.at,
            unit=actor.speaks_for,
            acts=tuple(each.seq for each in acts),
            topics=tuple(each.event.topic for each in acts),
            mouth=(actor.mouth or "phone") if by_mouth else "own",
            recorder=actor.unit,
            by_person=actor.person,
            speaker=_speaker(around) if by_mouth else actor.person,
            claimed=claimed,
        )
    ]


def _can_count(
    history: Sequence[Told], acts: tuple[int, ...], claimed: Instant, around: Surroundings
) -> None:
    """Refused at once, and not when the other side confirms it; what is told before counts here."""
    unit, counted = around.actor.speaks_for, effective(history)
    for each in unsettled(counted, unit):
        if each.claimed is not None and not each.contested:
            counted = moved(counted, each.acts, each.claimed)
    hint = _("say a time since the call's delivery and the act before, or leave --at out")
    in_turn(counted, acts, unit, claimed, around.at, hint)


def in_turn(
    counted: Iterable[Told],
    acts: tuple[int, ...],
    unit: str,
    at: Instant,
    receipt: Instant,
    hint: str,
) -> None:
    """Refused when an instant would jump over the acts before or after it, or the receipt."""
    mine = [each for each in counted if isinstance(each.event, IN_TURN) and each.event.unit == unit]
    before = [each.event.at for each in mine if each.seq < acts[0]]
    later = [each.event.at for each in mine if each.seq > acts[-1]]
    earliest, latest = max(before, default=0), min([receipt, *later])
    if not earliest <= at <= latest:
        raise Refused(
            _("{at} cannot count: it must lie from {earliest} to {latest}, among the other acts."),
            rule="told.turn",
            hint=hint,
            at=rfc3339(at),
            earliest=rfc3339(earliest),
            latest=rfc3339(latest),
        )


def moved(counted: Sequence[Told], acts: tuple[int, ...], at: Instant) -> list[Told]:
    """The history with these acts at another instant."""
    return [
        Told(each.seq, amend(each.event, {"at": at})) if each.seq in acts else each
        for each in counted
    ]


def _speaker(around: Surroundings) -> str:
    name, unit = around.actor.speaker.strip(), around.units[around.actor.behalf]
    if name:
        check_named(name, unit, "told.speaker")
    return name


def check_named(name: str, unit: UnitEntry, rule: str) -> None:
    """Refused unless somebody named as of a unit is in its register, or on duty there."""
    if name not in unit.persons and name.casefold() not in DUTY_NAMES:
        raise Refused(
            # the refusal is kept on record, and the name of a reporter would be with it
            _("Who was named is no person of {unit}'s register, nor a duty name such as 值班员."),
            rule=rule,
            hint=_("enter the person: whistle org person add {code} {speaker} --role officer"),
            speaker=name,
            unit=unit.name,
            code=unit.code,
        )


def after(open_ones: tuple[Telling, ...], event: ToldEvent) -> tuple[Telling, ...]:
    """The unsettled tellings of a call after an event."""
    match event:
        case ActTold():
            asks: Side = "town" if event.mouth == "own" else "unit"
            told_now = Telling(
                acts=event.acts,
                topics=event.topics,
                mouth=event.mouth,
                at=event.at,
                asks=asks,
                recorder=event.recorder,
                by_person=event.by_person,
                speaker=event.speaker,
                claimed=event.claimed,
            )
            return (*open_ones, told_now)
        case ToldContested(acts=acts):
            return tuple(
                msgspec.structs.replace(each, contested=True) if each.acts == acts else each
                for each in open_ones
            )
        case ToldConfirmed(acts=acts) | ToldRuled(acts=acts):
            return tuple(each for each in open_ones if each.acts != acts)


def unsettled(counted: Iterable[Told], unit: str) -> tuple[Telling, ...]:
    """What was told of a unit's call and is not settled."""
    found: tuple[Telling, ...] = ()
    for each in counted:
        if isinstance(each.event, ToldEvent) and each.event.unit == unit:
            found = after(found, each.event)
    return found

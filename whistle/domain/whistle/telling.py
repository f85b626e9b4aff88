"""Tellings: acts told by another's mouth, or of an earlier time, until the other side has spoken.

What they are and when they arise; `hearing` decides who confirms, contests and rules on them.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec

from whistle.domain.correction import Told
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.refusal import Refused, _
from whistle.domain.surroundings import Surroundings, UnitEntry
from whistle.domain.whistle.events import (
    Acknowledged,
    Acted,
    Arrived,
    Declined,
    Departed,
    Finished,
    LeftEarly,
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


def told(recorded: Sequence[Told], around: Surroundings) -> list[Event]:
    """The telling that stands beside acts just recorded, if another spoke or claims another time.

    Raises Refused for a speaker whom neither the register nor a duty name knows: a reporter is
    never named.
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

"""The other side of a call hears what was told: it confirms, or contests and the leader rules.

who typed                               who confirms or contests    what counts until then
the town, for the unit                  the unit                    the receipt
the unit, a claimed earlier time        the town office             the receipt

telling     order      what follows
open        confirm    confirmed: a claimed time counts from here on
open        contest    contested: kept out of every figure
contested   rule       ruled by a leader who did not type it: a time, or as it was typed
"""

from collections.abc import Iterable, Sequence
from typing import Final

from whistle.domain.correction import RecordOrder, Told, effective
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.refusal import NotAllowed, Refused, _
from whistle.domain.surroundings import Surroundings
from whistle.domain.whistle.telling import Side, Telling, in_turn, moved, unsettled
from whistle.domain.whistle.told_events import ToldConfirmed, ToldContested, ToldRuled

ARBITERS: Final = frozenset({"leader", "supervisor"})


class ToldOrder(RecordOrder, frozen=True):
    """An order about what was told of a unit's call."""

    unit: str
    seq: int = 0  # an event of the telling that is meant; none: the only one, or all of them


class ConfirmTold(ToldOrder, frozen=True):
    """It was so."""


class ContestTold(ToldOrder, frozen=True, kw_only=True):
    """It was not so."""

    reason: str
    stated: Instant | None = None


class RuleTold(ToldOrder, frozen=True, kw_only=True):
    """What counts in the end: an instant, or none for the receipt."""

    reason: str
    counts: Instant | None = None


def decide(history: Sequence[Told], order: ToldOrder, around: Surroundings) -> list[Event]:
    """What follows from a word about what was told."""
    counted = effective(history)
    open_ones = unsettled(counted, order.unit)
    match order:
        case ConfirmTold():
            return _confirmed(counted, _asked_of(open_ones, order, around), order, around)
        case ContestTold(unit=unit, reason=reason, stated=stated):
            one = _only(_asked_of(open_ones, order, around))
            _reasoned(reason)
            if stated is not None:
                _stated_in_turn(counted, one, unit, stated, around.at)
            return [
                ToldContested(
                    at=around.at,
                    unit=unit,
                    acts=one.acts,
                    reason=reason,
                    stated=stated,
                    by_person=around.actor.person,
                )
            ]
        case RuleTold():
            return [_ruled(counted, open_ones, order, around)]
        case _:
            raise TypeError(f"nobody decides {type(order).__name__}")


def _confirmed(
    counted: list[Told], asked: Iterable[Telling], order: ConfirmTold, around: Surroundings
) -> list[Event]:
    """Each in its turn, so that the next is held to what the one before it counts as now."""
    events: list[Event] = []
    for each in asked:
        if each.claimed is not None:
            _in_turn(counted, each, order.unit, each.claimed)
            counted = moved(counted, each.acts, each.claimed)
        events.append(
            ToldConfirmed(
                at=around.at,
                unit=order.unit,
                acts=each.acts,
                counts=each.claimed,
                by_person=around.actor.person,
            )
        )
    return events


def _ruled(
    counted: Sequence[Told], open_ones: Iterable[Telling], order: RuleTold, around: Surroundings
) -> Event:
    contested = [each for each in _meant(open_ones, order.seq) if each.contested]
    if not contested:
        raise Refused(
            _("Nothing told of {unit}'s call is contested."), rule="told.nothing", unit=order.unit
        )
    one, person = _only(contested), around.actor.person
    _by_arbiter(one, around)
    _reasoned(order.reason)
    if order.counts is not None:
        _in_turn(counted, one, order.unit, order.counts)
    return ToldRuled(
        at=around.at,
        unit=order.unit,
        acts=one.acts,
        reason=order.reason,
        counts=order.counts,
        by_person=person,
    )


def _by_arbiter(telling: Telling, around: Surroundings) -> None:
    """A leader or supervisor of the town rules, and never on what that person typed."""
    unit, person = around.units.get(around.actor.unit), around.actor.person
    role = unit.persons.get(person, "") if unit is not None and unit.commander else ""
    if role not in ARBITERS:
        raise NotAllowed(
            _("A leader or supervisor of the town office rules on a contested time."),
            rule="told.arbiter",
            hint=_("say who rules: --as UNIT/NAME"),
        )
    if telling.mouth != "own" and telling.by_person == person:
        raise NotAllowed(
            _("{person} typed what is contested; somebody else must rule on it."),
            rule="told.another",
            person=person,
        )


def _asked_of(
    open_ones: Iterable[Telling], order: ToldOrder, around: Surroundings
) -> list[Telling]:
    """The tellings that wait for the speaker's word; nobody gives it by another's mouth."""
    actor = around.actor
    side: Side | None = "town" if around.by_commander else None
    side = "unit" if actor.unit == order.unit else side
    meant = [each for each in _meant(open_ones, order.seq) if not each.contested]
    mine = [each for each in meant if each.asks == side]
    if mine and not actor.behalf:
        return mine
    if not meant:
        raise Refused(
            _("Nothing told of {unit}'s call waits for a word."),
            rule="told.nothing",
            unit=order.unit,
        )
    raise NotAllowed(
        _("This waits for the other side of the call: {side}, in its own words."),
        rule="told.other_side",
        hint=_("add --as {side}"),
        side=order.unit if meant[0].asks == "unit" else town_of(around),
    )


def town_of(around: Surroundings) -> str:
    """The town office's code."""
    return next((unit.code for unit in around.units.values() if unit.commander), "")


def _meant(open_ones: Iterable[Telling], seq: int) -> list[Telling]:
    return [each for each in open_ones if not seq or seq in each.acts]


def _only(found: Sequence[Telling]) -> Telling:
    if len(found) > 1:
        raise Refused(
            _("Say which one is meant with --event; these wait: {seqs}."),
            rule="told.which",
            seqs=", ".join(str(each.acts[-1]) for each in found),
        )
    return found[0]


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Say why, with -m."), rule="told.reason")


def _stated_in_turn(
    counted: Iterable[Told], telling: Telling, unit: str, at: Instant, now: Instant
) -> None:
    """It may be later than what was typed, and never before the call had reached the unit."""
    before = (each for each in counted if each.seq < telling.acts[0])
    hint = _("contest it without a time, and say in words what is wrong")
    in_turn(before, telling.acts, unit, at, now, hint)


def _in_turn(counted: Iterable[Told], telling: Telling, unit: str, at: Instant) -> None:
    hint = _("contest it, and let the leader rule: whistle contest -m WHY")
    in_turn(counted, telling.acts, unit, at, telling.at, hint)

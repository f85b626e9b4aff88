"""Taking an act back (撤销): a new event beside it, both stay, and the history counts without it.

who                      when                                  what follows
the recorder itself      within the playbook's minutes         taken back
the recorder itself      later                                 the other side of the call is asked
the other side           once it was asked                     taken back
the leader of the town   at any time, with a reason            taken back

An act is everything that one command recorded, in every stream that it reached by policies: it goes
whole or not at all. What the clock said meanwhile stays; what it says falsely it says anew. Nothing
goes that somebody has built on, and nothing that gave a name or called units.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from whistle.domain.message import Event
from whistle.domain.moment import MINUTE
from whistle.domain.refusal import NotAllowed, NotFound, Refused, _
from whistle.domain.surroundings import OnRecord, Surroundings
from whistle.domain.taken_back import TakeBack, TakeBackToo, TakenBack
from whistle.domain.whistle.events import CallEvent, UndoAsked

STANDS: Final = frozenset(
    {
        "whistle.approval_refused/1", "record.taken_back/1", "whistle.withdrawn/1",
        "whistle.call_withdrawn/1", "whistle.unit_added/1", "whistle.approval_confirmed/1",
        "whistle.approval_contested/1",
    }
)  # fmt: skip
"""What is done anew instead: since it was turned down another whistle may have been asked for; a
unit that was excused has gone home, one that was called is on its way."""


class Act(msgspec.Struct, frozen=True):
    """One command as it stands on record, with what came after it where it reached."""

    named: OnRecord
    parts: tuple[OnRecord, ...]  # without what the clock said
    later: tuple[OnRecord, ...]
    asked: tuple[int, ...]  # seqs of the requests to take it back

    @property
    def unit(self) -> str:
        """The one unit whose call it was, or none."""
        units = {unit for part in self.parts for unit in part.event.concerns()}
        return units.pop() if len(units) == 1 else ""


def take_back(order: TakeBack | TakeBackToo, around: Surroundings) -> list[Event]:
    """What follows from the wish to take an act back.

    `around.beside` is the command of that event and everything recorded after it in the streams
    that it reached. Raises NotFound, NotAllowed, or Refused when the act must stand.
    """
    if isinstance(order, TakeBackToo):
        return [msgspec.structs.replace(order.taken, at=around.at, streams=())]
    act = _act(order.seq, around.beside)
    _may_go(act)
    other = _other_side(act, around)
    if _asks(act, order, other, around):
        return [
            UndoAsked(
                at=around.at,
                unit=act.unit,
                seq=order.seq,
                asked="town" if other == _town(around) else "unit",
                why=order.why,
            )
        ]
    return [_taken_back(act, order, other, around)]


def _taken_back(act: Act, order: TakeBack, other: str, around: Surroundings) -> TakenBack:
    streams = dict.fromkeys(part.stream for part in act.parts)
    return TakenBack(
        at=around.at,
        seq=order.seq,
        seqs=(*(part.seq for part in act.parts), *act.asked),
        topics=tuple(part.event.topic for part in act.parts),
        streams=tuple(stream for stream in streams if stream != act.named.stream),
        why=order.why,
        agreed=around.actor.unit == other and bool(act.asked),
        unit=act.unit,
    )


def _act(seq: int, beside: Sequence[OnRecord]) -> Act:
    named = next((each for each in beside if each.seq == seq), None)
    if named is None:
        raise NotFound(_("There is no event {seq} to take back here."), seq=seq)
    gone = _gone(beside)
    if seq in gone:
        raise Refused(_("Event {seq} is taken back already."), rule="undo.gone", seq=seq)
    if named.by_clock or named.event.topic in STANDS:
        raise Refused(
            _("Event {seq} ({topic}) is not taken back: it was nobody's act, or is done anew."),
            rule="undo.stands",
            seq=seq,
            topic=named.event.topic,
        )
    parts = tuple(each for each in beside if each.command == named.command and not each.by_clock)
    seqs = {part.seq for part in parts}
    asked = tuple(
        each.seq
        for each in beside
        if isinstance(each.event, UndoAsked) and each.event.seq in seqs and each.seq not in gone
    )
    later = tuple(
        each for each in beside if each.seq > named.seq and each.seq not in {*seqs, *asked, *gone}
    )
    return Act(named, parts, later, asked)


def _gone(beside: Iterable[OnRecord]) -> set[int]:
    return {seq for each in beside if isinstance(each.event, TakenBack) for seq in each.event.seqs}


def _may_go(act: Act) -> None:
    """Refused when the act gave a name, or somebody has built on it."""
    for part in act.parts:
        if part.version == 1 or part.event.naming() or part.event.topic in STANDS:
            raise Refused(
                _("Event {seq} gave a name or called units, and neither is taken back."),
                rule="undo.named",
                hint=_("turn an incident away: whistle refuse; withdraw a whistle that sounds"),
                seq=part.seq,
            )
    for later in act.later:
        if not later.by_clock and not isinstance(later.event, TakenBack) and _built(act, later):
            raise Refused(
                _("Event {later} ({topic}) came after it and builds on it."),
                rule="undo.built_on",
                hint=_("take that back first: whistle undo {later}; or correct the act"),
                later=later.seq,
                topic=later.event.topic,
            )


def _built(act: Act, later: OnRecord) -> bool:
    """Whether a later event may rest on the act: not if it is of other units' calls alone."""
    units = set(later.event.concerns())
    for part in act.parts:
        mine = part.event.concerns()
        if not mine and part.stream == act.named.stream and act.unit:
            mine = (act.unit,)  # all are there, or it ended, by what this unit did
        if part.stream == later.stream and not (units and mine and units.isdisjoint(mine)):
            return True
    return False


def _town(around: Surroundings) -> str:
    return next((unit.code for unit in around.units.values() if unit.commander), "")


def _other_side(act: Act, around: Surroundings) -> str:
    """Who has the other end of the call: the unit of what the town recorded, else the town.

    What was named and is no call's own, a note on an incident or a team's sign-in, has none.
    """
    if not isinstance(act.named.event, CallEvent):
        return ""
    town = _town(around)
    return act.unit if act.named.unit == town else town if act.unit else ""


def _asks(act: Act, order: TakeBack, other: str, around: Surroundings) -> bool:
    """Whether it must be asked for first; NotAllowed when this person has no say in it."""
    actor, minutes = around.actor, around.playbook.undo_minutes
    if _leads(around) and order.why.strip():
        return False
    own = (actor.unit, actor.person) == (act.named.unit, act.named.person)
    if own and around.at - act.named.received_at <= minutes * MINUTE:
        return False
    if act.asked and actor.unit == other and not actor.behalf:
        return False
    if own and other and not act.asked:
        return True
    raise NotAllowed(
        _(
            "Event {seq} is taken back by who recorded it within {minutes} min; later the other "
            "side of the call agrees, or the town's leader decides."
        ),
        rule="undo.minutes",
        hint=_("the leader says why: whistle undo {seq} --as {town}/LEADER -m WHY"),
        seq=order.seq,
        minutes=minutes,
        town=_town(around),
    )


def _leads(around: Surroundings) -> bool:
    unit = around.units.get(around.actor.unit)
    return unit is not None and unit.commander and unit.persons.get(around.actor.person) == "leader"

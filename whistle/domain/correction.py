"""Correcting the record without changing it: a new event beside the old one, both visible.

The corrected values take the place of the old ones when a history is folded; the row that held
the mistake stays as it was written, and so does its leaf.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Any, ClassVar, Final, TypeVar, get_args

import msgspec

from whistle.domain import mark
from whistle.domain.message import Event, Order
from whistle.domain.moment import DAY, rfc3339
from whistle.domain.refusal import NotAllowed, NotFound, Refused, _
from whistle.domain.surroundings import Surroundings

S = TypeVar("S")

CORRECTABLE = frozenset(
    {
        "at", "note", "result", "eta", "evidence", "place", "grid", "reason", "outcome",
        "category", "explanation", "channel", "source_ticket", "act", "score", "proposed",
    }
)  # fmt: skip
"""Fields that say what happened; who was called, names and limits are not among them."""


FIRST_MOVED_MAX: Final = 31 * DAY  # how far back the beginning itself may be set right
DIGITS_MAX: Final = 18  # what a 64-bit number always holds


KEPT_BY_THE_ENGINE = frozenset(
    {
        "whistle.requested/1", "whistle.blown/1", "whistle.call_delivered/1", "whistle.due_soon/1",
        "whistle.overdue/1", "whistle.supervised/1", "whistle.overdue_voided/1",
        "whistle.assembled/1", "whistle.ended/1", "whistle.team_noted/1", "record.corrected/1",
        "incident.whistle_noted/1", "incident.whistle_end_noted/1", "record.taken_back/1",
        "whistle.undo_asked/1", "whistle.told/1", "whistle.told_confirmed/1",
        "whistle.told_contested/1", "whistle.told_ruled/1",
        "team.dispatch_ended/1",
        "whistle.delivery_awaited/1", "whistle.delivery_passed_on/1",
        "whistle.unit_unreachable/1",
        "whistle.unit_added/1", "whistle.scheduled/1", "whistle.came_due/1",
        "whistle.confirmation_awaited/1", "whistle.confirmation_overdue/1",
        "whistle.confirmation_overdue_voided/1", "incident.whistle_withdrawn_noted/1",
        "incident.found_on_patrol/1", "patrol.finding_reported/1", "patrol.missed/1",
        "patrol.miss_voided/1",
    }
)  # fmt: skip
"""What nobody typed, or what set clocks running for others: it follows from acts, and from them
alone it is set right."""


class RecordOrder(Order, frozen=True):
    """An order about what is on record; it is decided on the history itself."""


class Correct(RecordOrder, frozen=True):
    """Say that a recorded event holds a mistake, and what is right."""

    seq: int
    changes: dict[str, Any]
    why: str


class Corrected(Event, frozen=True):
    """A recorded event was found wrong; the right values count from now on."""

    topic: ClassVar[str] = "record.corrected/1"
    amending: ClassVar[bool] = True
    seq: int  # of the event that held the mistake
    corrected_topic: str
    was: dict[str, Any]
    now: dict[str, Any]
    why: str
    unit: str = ""  # the unit whose record the mistake stood in, if any

    def concerns(self) -> tuple[str, ...]:
        """The unit whose record is corrected."""
        return (self.unit,) if self.unit else ()

    def amends(self) -> Mapping[int, Mapping[str, Any] | None]:
        """The right values, in the place of the wrong ones."""
        return {self.seq: self.now}


class Told(msgspec.Struct, frozen=True):
    """An event with its place in the log."""

    seq: int
    event: Event


def correct(history: Sequence[Told], order: Correct, around: Surroundings) -> Corrected:
    """The correction that an order asks for, held to the same bounds as a first entry.

    Raises NotAllowed unless the town office asks, NotFound, and Refused when a field may not be
    corrected or a value could not have been entered.
    """
    if not around.by_commander:
        raise NotAllowed(
            _("Only the town office corrects the record, not {unit}."),
            rule="record.town_only",
            unit=around.actor.speaks_for,
        )
    told = next((told for told in effective(history) if told.seq == order.seq), None)
    if told is None:
        raise NotFound(_("There is no event {seq} to correct here."), seq=order.seq)
    if told.event.topic in KEPT_BY_THE_ENGINE:
        raise Refused(
            _("Event {seq} ({topic}) follows from others; correct the act it follows from."),
            rule="record.follows",
            seq=order.seq,
            topic=told.event.topic,
        )
    _may_be_corrected(told.event, order.changes)
    if not order.why.strip():
        raise Refused(_("Say why it is corrected."), rule="record.why")
    amended = amend(told.event, _typed(told.event, order.changes))
    _within_bounds(history, told, amended, around)
    return Corrected(
        at=around.at,
        seq=order.seq,
        corrected_topic=told.event.topic,
        was=_told_of(told.event, order.changes),
        now=_told_of(amended, order.changes),
        why=order.why,
        unit=getattr(told.event, "unit", ""),
    )


def _may_be_corrected(event: Event, changes: Mapping[str, Any]) -> None:
    fields = {field for field in msgspec.structs.asdict(event) if field in CORRECTABLE}
    for name in changes:
        if name not in fields:
            raise Refused(
                _("{field} of {topic} cannot be corrected; these can: {fields}."),
                rule="record.correctable",
                field=name,
                topic=event.topic,
                fields=", ".join(sorted(fields)),
            )


def _within_bounds(
    history: Sequence[Told], told: Told, amended: Event, around: Surroundings
) -> None:
    """A correction may not say what could not have been entered in the first place."""
    if amended.at != told.event.at:
        first = history[0]
        earliest = told.event.at - FIRST_MOVED_MAX if told.seq == first.seq else first.event.at
        if amended.at > around.at:
            raise Refused(_("What happened cannot lie in the future."), rule="record.future")
        if amended.at < earliest:
            raise Refused(
                _("It cannot have happened before {earliest}, when this began."),
                rule="record.before",
                earliest=rfc3339(earliest),
            )
    mark.check(getattr(amended, "score", 0), around.playbook)


def _typed(event: Event, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What a person wrote, as the types of its fields: 12 is a place, and it is a score.

    Raises Refused for a number that no store can hold, and for an empty text in a field that
    every event of the kind says something in.
    """
    fields = {field.name: field for field in msgspec.structs.fields(type(event))}
    typed: dict[str, Any] = {}
    for name, value in changes.items():
        field = fields[name]
        if isinstance(value, str) and int in (field.type, *get_args(field.type)):
            number = unicodedata.normalize("NFKC", value).strip()
            short = len(number) <= DIGITS_MAX and number.removeprefix("-").isdecimal()
            typed[name] = int(number) if short else value
        elif isinstance(value, str) and not value.strip() and field.required:
            raise Refused(
                _("{field} of {topic} cannot be empty."),
                rule="record.empty",
                field=name,
                topic=event.topic,
            )
        else:
            typed[name] = value
    return typed


def _told_of(event: Event, names: Iterable[str]) -> dict[str, Any]:
    """What an event says in these fields; a default is told too, though it is not stored."""
    return {name: msgspec.to_builtins(getattr(event, name)) for name in names}


def amend(event: Event, changes: Mapping[str, Any]) -> Event:
    """The event as it should have been; refused when a value does not fit its field."""
    try:
        return msgspec.convert({**msgspec.to_builtins(event), **changes}, type(event))
    except msgspec.ValidationError as error:
        raise Refused(
            _("That is not a right value: {fault}."), rule="record.value", fault=str(error)
        ) from error


def effective(history: Iterable[Told]) -> list[Told]:
    """A history as it counts: mistakes replaced, what was taken back left out.

    The corrections themselves are kept; one that was taken back corrects nothing.
    """
    told = list(history)
    amending = [each for each in told if each.event.amending]
    if not amending:
        return told
    gone = {seq for each in amending for seq, now in each.event.amends().items() if now is None}
    where = {each.seq: index for index, each in enumerate(told)}
    for each in amending:
        changes = {} if each.seq in gone else each.event.amends()
        for seq, now in changes.items():
            if now is not None and seq in where:
                told[where[seq]] = Told(seq, amend(told[where[seq]].event, now))
    return [each for each in told if each.seq not in gone]


def state_after(history: Iterable[Told], start: S, evolve: Callable[[S, Any], S]) -> S:
    """What the events of a stream make of its first state, as they count."""
    return reduce(lambda state, each: evolve(state, each.event), effective(history), start)

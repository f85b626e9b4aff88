"""What fell due while nobody looked: each with when it was due and when it was found.

The clocks record nothing by themselves: whoever comes next lets them speak first, and is told.
"""

from collections.abc import Sequence
from typing import assert_never

from projections.desk import times
from projections.desk.answer import Diagnostic
from projections.desk.desk import Desk
from projections.desk.passing import receiver
from projections.desk.words import CLOCKS, TOPICS, say, word
from whistle.domain.patrol.events import PatrolMissed
from whistle.domain.refusal import _
from whistle.domain.whistle.changes import CameDue, ConfirmationOverdue
from whistle.domain.whistle.delivery_events import DeliveryPassedOn, UnitUnreachable
from whistle.domain.whistle.events import Overdue, Supervised
from whistle.log.rows import Recorded

TOLD_MAX = 20  # lines; whoever comes back after a week gets the rest from the record

Missed = (
    Overdue
    | Supervised
    | DeliveryPassedOn
    | UnitUnreachable
    | ConfirmationOverdue
    | CameDue
    | PatrolMissed
)
"""What somebody has to know of; warnings are not among it."""


def told(desk: Desk, seqs: Sequence[int]) -> list[Diagnostic]:
    """A line for each notice among what the clocks have just recorded, the oldest first."""
    wanted = set(seqs)
    page = desk.log.page(seqs[0] - 1, seqs[-1] - seqs[0] + 1)
    missed = [
        (each, each.event) for each in page if each.seq in wanted and isinstance(each.event, Missed)
    ]
    missed.sort(key=lambda each: (each[1].at, each[0].seq))
    lines = [_line(desk, each, event) for each, event in missed[:TOLD_MAX]]
    if (more := len(missed) - TOLD_MAX) > 0:
        rest = say(_("… and {count} more fell due while nobody looked"), count=more)
        lines.append(Diagnostic(message=rest, rule="clock.found", hint="whistle clock list"))
    return lines


def _line(desk: Desk, each: Recorded, event: Missed) -> Diagnostic:
    message = say(
        _("{told}, due {due}, found {found}: {subject}"),
        told=word(TOPICS, event.topic),
        due=times.shown(event.at, desk.zone, desk.received_at),
        found=times.shown(each.received_at, desk.zone, desk.received_at),
        subject=_subject(desk, each, event),
    )
    return Diagnostic(message=message, rule="clock.found")


def _subject(desk: Desk, each: Recorded, event: Missed) -> str:
    """What it happened to, whose it was, and what of it."""
    with desk.reading() as reader:
        named = reader.of_stream(each.stream)
    name = (named.name if named else None) or each.stream
    match event:
        case Overdue() | Supervised():
            words = [f"{name}/{event.unit}", desk.unit_name(event.unit), word(CLOCKS, event.clock)]
        case DeliveryPassedOn():
            to = say(_("to {turn}"), turn=receiver(desk, event.unit, event.to))
            words = [f"{name}/{event.unit}", desk.unit_name(event.unit), to]
        case UnitUnreachable():
            words = [f"{name}/{event.unit}", desk.unit_name(event.unit)]
        case PatrolMissed():
            words = [name, *(desk.unit_name(unit) for unit in event.units)]
        case CameDue():
            words = [name]
        case ConfirmationOverdue():
            words = [name, desk.unit_name(event.unit)]
        case _:
            assert_never(event)
    return " ".join(words)

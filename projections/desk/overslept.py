"""What fell due while nobody looked: each with when it was due and when it was found.

The clocks record nothing by themselves: whoever comes next lets them speak first, and is told.
"""

from collections.abc import Sequence

from projections.desk import times
from projections.desk.answer import Diagnostic
from projections.desk.desk import Desk
from projections.desk.words import CLOCKS, TOPICS, say, word
from whistle.domain.refusal import _
from whistle.domain.whistle.delivery_events import DeliveryPassedOn, UnitUnreachable
from whistle.domain.whistle.events import Overdue, Supervised
from whistle.log.rows import Recorded

TOLD_MAX = 20  # lines; whoever comes back after a week gets the rest from the record

Missed = Overdue | Supervised | DeliveryPassedOn | UnitUnreachable


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
    with desk.reading() as reader:
        whistle = reader.of_stream(each.stream)
    clock = event.clock if isinstance(event, Overdue | Supervised) else ""
    message = say(
        _("{told}, due {due}, found {found}: {name} {unit} {clock_name}"),
        told=word(TOPICS, event.topic),
        due=times.shown(event.at, desk.zone, desk.received_at),
        found=times.shown(each.received_at, desk.zone, desk.received_at),
        name=f"{whistle.name if whistle else each.stream}/{event.unit}",
        unit=desk.unit_name(event.unit),
        clock_name=word(CLOCKS, clock),
    ).rstrip()
    return Diagnostic(message=message, rule="clock.found")

"""What fell due while nobody looked: each with when it was due and when it was found.

The clocks record nothing by themselves: whoever comes next lets them speak first, and is told.
"""

from collections.abc import Sequence
from typing import Any

from projections.desk import times
from projections.desk.answer import Diagnostic
from projections.desk.desk import Desk
from projections.desk.words import CLOCKS, TOPICS, say, word
from whistle.domain.refusal import _
from whistle.log.rows import Recorded

TOLD_MAX = 20  # lines; whoever comes back after a week gets the rest from the record

OF_CALLS = frozenset(
    {
        "whistle.overdue/1",
        "whistle.supervised/1",
        "whistle.delivery_passed_on/1",
        "whistle.unit_unreachable/1",
    }
)
MISSED = OF_CALLS | {"whistle.confirmation_overdue/1", "whistle.came_due/1", "patrol.missed/1"}
"""What somebody has to know of, by topic: no kind is loaded for it. Warnings are not among it."""


def told(desk: Desk, seqs: Sequence[int]) -> list[Diagnostic]:
    """A line for each notice among what the clocks have just recorded, the oldest first."""
    wanted = set(seqs)
    page = desk.log.page(seqs[0] - 1, seqs[-1] - seqs[0] + 1)
    missed = [each for each in page if each.seq in wanted and each.event.topic in MISSED]
    missed.sort(key=lambda each: (each.event.at, each.seq))
    lines = [_line(desk, each) for each in missed[:TOLD_MAX]]
    if (more := len(missed) - TOLD_MAX) > 0:
        rest = say(_("… and {count} more fell due while nobody looked"), count=more)
        lines.append(Diagnostic(message=rest, rule="clock.found", hint="whistle clock list"))
    return lines


def _line(desk: Desk, each: Recorded) -> Diagnostic:
    message = say(
        _("{told}, due {due}, found {found}: {subject}"),
        told=word(TOPICS, each.event.topic),
        due=times.shown(each.event.at, desk.zone, desk.received_at),
        found=times.shown(each.received_at, desk.zone, desk.received_at),
        subject=_subject(desk, each),
    )
    return Diagnostic(message=message, rule="clock.found")


def _subject(desk: Desk, each: Recorded) -> str:
    """What it happened to, whose it was, and what of it."""
    with desk.reading() as reader:
        named = reader.of_stream(each.stream)
    event: Any = each.event
    name = (named.name if named else None) or each.stream
    unit = getattr(event, "unit", "")
    units = (unit,) if unit else getattr(event, "units", ())
    words = [name, *map(desk.unit_name, units)]
    if event.topic in OF_CALLS:
        words[0] = f"{name}/{unit}"
    if hasattr(event, "clock"):
        words.append(word(CLOCKS, event.clock))
    if event.topic == "whistle.delivery_passed_on/1":
        from projections.desk.passing import receiver

        words.append(say(_("to {turn}"), turn=receiver(desk, unit, event.to)))
    return " ".join(words)

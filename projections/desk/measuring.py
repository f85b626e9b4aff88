"""`store stats`: how large the store is, what takes the room, and how fast it grows."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import click
import msgspec

from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.tables import table
from projections.desk.words import TOPICS, say, word
from whistle.domain.moment import DAY, SECOND, Instant
from whistle.domain.refusal import _
from whistle.log import sizes

if TYPE_CHECKING:
    from whistle.log.reader import SQLReader
    from whistle.log.sizes import Sizes

_1970 = date(1970, 1, 1)
SHOWN_TOPICS = 10
UNITS = ("B", "KB", "MB", "GB", "TB")
STEP = 1000

PART_NAMES = {
    "events": _("what the events say"),
    "ledger": _("who, when, why, and the leaf"),
    "replies": _("replies, for repeats"),
    "attempts": _("refused orders"),
    "sources": _("list of imported lines"),
    "register": _("names, units, rules in force"),
    "indexes": _("indexes"),
    "other": _("the file's own"),
    "free": _("free pages"),
}


@click.command("stats")
@click.option(
    "--days", "--天数", type=click.IntRange(1, 3660), default=14, show_default=True,
    help="How many days back the growth is shown.",
)  # fmt: skip
@pass_desk
def stats(desk: Desk, days: int) -> Answer:
    """Tell what takes the room in the store: bytes by part and an event, events by kind and day.

    Example: whistle store stats --days 31
    """
    log = desk.log
    offset = _offset(desk)
    today = (desk.received_at + offset) // DAY
    with log.reading() as reader:
        found = _sizes(reader, on_server=log.path is None)
        kinds = sizes.topics(reader)
        daily = dict(sizes.by_day(reader, (today - days + 1) * DAY - offset, offset))
    events = sum(each.events for each in kinds)
    lying = sizes.beside(log.path) if log.path is not None else {}
    facts = {
        "file": log.place,
        "bytes": found.whole,
        "counted": found.counted,
        "events": events,
        "bytes_per_event": round(found.whole / events) if events else None,
        "parts": found.parts,
        "beside": lying,
        "topics": [msgspec.to_builtins(each) for each in kinds],
        "days": [
            {"day": str(_1970 + timedelta(each)), "events": daily.get(each, 0)}
            for each in range(today - days + 1, today + 1)
        ],
    }
    return Answer(data=facts, lines=_lines(facts, found))


def _sizes(reader: "SQLReader", *, on_server: bool) -> "Sizes":
    if on_server:
        from whistle.log.postgres_sizes import sizes as on_a_server

        return on_a_server(reader)
    return sizes.sizes(reader)


def _offset(desk: Desk) -> Instant:
    from datetime import UTC, datetime

    now = datetime.fromtimestamp(desk.received_at / SECOND, UTC).astimezone(desk.zone)
    shift = now.utcoffset() or timedelta()
    return int(shift.total_seconds()) * SECOND


def _lines(facts: dict[str, Any], found: "Sizes") -> list[str]:
    events = facts["events"]
    head = _("{path}: {size}, {events} events")
    lines = [say(head, path=facts["file"], size=amount(found.whole), events=events)]
    rows = [
        (say(PART_NAMES[part]), amount(octets), octets // events if events else "")
        for part, octets in found.parts.items()
    ]
    rows.append((say(_("the whole file")), amount(found.whole), facts["bytes_per_event"] or ""))
    lines += ["", *table([say(_("part")), say(_("size")), say(_("bytes an event"))], rows)]
    if facts["beside"]:
        named = [(ending, amount(octets)) for ending, octets in facts["beside"].items()]
        lines += ["", *table([say(_("beside it")), say(_("size"))], named)]
    kinds = [
        (word(TOPICS, each["topic"]), each["events"], each["payload"] // each["events"])
        for each in facts["topics"][:SHOWN_TOPICS]
    ]
    lines += ["", *table([say(_("kind of event")), say(_("events")), say(_("bytes each"))], kinds)]
    per_day = [(each["day"], each["events"]) for each in facts["days"] if each["events"]]
    return [*lines, "", *table([say(_("day")), say(_("events"))], per_day)]


def amount(octets: int) -> str:
    """Bytes as people say them: three digits and a unit, in steps of a thousand."""
    value, unit = float(octets), 0
    while value >= STEP and unit < len(UNITS) - 1:
        value, unit = value / STEP, unit + 1
    return f"{octets} B" if unit == 0 else f"{value:.3g} {UNITS[unit]}"

"""`whistle handover` 交接班: what the next shift takes over, as it stands on record."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
import msgspec

from projections.desk import names, times
from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.reading import views
from projections.desk.standing import telling_line
from projections.desk.tables import table
from projections.desk.waiting import fact, spelled
from projections.desk.watching import MATTERS
from projections.desk.words import STAGES, TOPICS, VERBS, plain, say, word
from whistle.domain.moment import Instant, rfc3339
from whistle.domain.refusal import _
from whistle.domain.whistle.events import Overdue
from whistle.log.port import Reader
from whistle.log.rows import Recorded

if TYPE_CHECKING:
    from projections.inspect import IncidentRow

SHIFT = "-12h"
LISTED = 30  # lines of what happened that people are shown; --json has them all


@click.command()
@click.option(
    "--since", "--自", default=SHIFT, metavar="TIME", help="Since when: 20:00, else -12h."
)
@pass_desk
def handover(desk: Desk, since: str) -> Answer:
    """List what the next shift takes over: what is open, who owes what by when, what happened.

    Nothing is recorded: both shifts sign the list, which its digest names.

    Example: whistle handover --since 20:00
    """
    from projections import deadlines, inspect

    begun = times.past(since, desk.received_at, desk.zone)
    with views(desk) as open_views:
        size = desk.log.size()
        cases = [row for row in inspect.incidents(open_views) if _open(row)]
        duties = deadlines.inbox(open_views)
        streams = sorted({row.stream for row in duties if row.verb in ("confirm", "rule")})
        tellings = deadlines.tellings(open_views, *streams)
    happened = _happened(desk, begun, size)
    told = [
        plain(telling_line(desk, unit, each).strip())
        for stream in streams
        for unit, each in tellings[stream]
    ]
    data = {
        "since": rfc3339(begun),
        "until": rfc3339(desk.received_at),
        "size": size,
        "incidents": [_case(desk, row) for row in cases],
        "owed": [fact(desk, row) for row in duties],
        "fell_due": [each for each in happened if each["topic"] == Overdue.topic],
        "happened": happened,
        "unconfirmed": told,
    }
    signed = {key: data[key] for key in ("since", "size", "incidents", "owed", "happened")}
    digest = hashlib.sha256(msgspec.json.encode(signed)).hexdigest()
    return Answer(
        data={**data, "digest": digest},
        lines=_lines(desk, data, told, digest),
        ids=[row.name for row in cases],
    )


def _happened(desk: Desk, begun: Instant, size: int) -> list[dict[str, Any]]:
    """What a shift wants to hear of, in order."""
    matters = [each for each in _since(desk, begun, size) if each.topic in MATTERS]
    with desk.reading() as reader:
        return [_event(desk, reader, each) for each in matters]


def _open(row: "IncidentRow") -> bool:
    return not row.source and row.stage != "closed"


def _since(desk: Desk, begun: Instant, size: int) -> list[Recorded]:
    """What was recorded since: the seq where it begins is found by halving."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        (each,) = desk.log.page(middle, 1)
        low, high = (middle + 1, high) if each.recorded_at < begun else (low, middle)
    return desk.log.page(low, size - low)


def _case(desk: Desk, row: "IncidentRow") -> dict[str, Any]:
    return {
        "name": row.name,
        "stage": row.stage,
        "item": row.item,
        "item_name": desk.item_name(row.item),
        "place": row.place,
        "reported_at": rfc3339(row.reported_at) if row.reported_at is not None else None,
    }


def _event(desk: Desk, reader: Reader, each: Recorded) -> dict[str, Any]:
    """An event: when it was due or happened, and when it was found or received."""
    unit = getattr(each.event, "unit", "")
    return {
        "seq": each.seq,
        "topic": each.topic,
        "name": names.of_event(reader, each),
        "unit": unit,
        "unit_name": desk.unit_name(unit) if unit else None,
        "at": rfc3339(each.event.at),
        "found": rfc3339(each.received_at),
    }


def _lines(desk: Desk, data: dict[str, Any], told: Sequence[str], digest: str) -> list[str]:
    def shown(text: str | None) -> str:
        return times.shown(times.exact(text), desk.zone, desk.received_at) if text else ""

    cases = [(each["name"], word(STAGES, each["stage"]), each["item_name"], each["place"])
             for each in data["incidents"]]  # fmt: skip
    owed = [(spelled(each["name"], each["event"]), each["unit_name"], word(VERBS, each["verb"]),
             shown(each["due"])) for each in data["owed"]]  # fmt: skip
    missed = [(each["name"], each["unit_name"], shown(each["at"]), shown(each["found"]))
              for each in data["fell_due"]]  # fmt: skip
    happened = [(shown(each["at"]), each["name"], each["unit_name"] or "",
                 word(TOPICS, each["topic"])) for each in data["happened"]]  # fmt: skip
    head = _("Shift hand-over, {town}: from {since} to {until}")
    return [
        say(head, town=desk.town.name, since=shown(data["since"]), until=shown(data["until"])),
        *_part(_("Open incidents"), cases, (_("name"), _("stage"), _("item"), _("place"))),
        *_part(_("Who owes what"), owed, (_("name"), _("unit"), _("do"), _("due"))),
        *_part(_("Overdue in this time"), missed, (_("name"), _("unit"), _("due"), _("found at"))),
        *_part(_("What happened"), happened[-LISTED:],
               (_("when"), _("name"), _("unit"), _("what")), len(happened)),
        *([say(_("Told and not confirmed:")), *told] if told else []),
        "",
        say(_("Up to event {size}; digest {digest}"), size=data["size"], digest=digest[:16]),
        say(_("Handed over: ____________    Taken over: ____________")),
    ]  # fmt: skip


def _part(
    head: str, rows: Sequence[Sequence[object]], columns: Sequence[str], whole: int | None = None
) -> list[str]:
    count = len(rows) if whole is None else whole
    title = f"{say(head)} ({count})"
    body = table([say(text) for text in columns], rows) if rows else []
    return ["", title, *(f"  {line}" for line in body)]

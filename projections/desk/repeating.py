"""Places where the same item comes up again and again (反复): what to look into, blaming nobody.

That a problem is back says nothing about who dealt with it last: neither the old case nor a mark is
changed by it. What was falsely closed is found by a person, who reopens the incident.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
import msgspec

from projections.desk import times
from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.duplicates import ENDINGS, UNCOUNTED
from projections.desk.reading import timed, views
from projections.desk.tables import table
from projections.desk.words import say, word
from whistle.domain.refusal import _
from whistle.domain.site import site

if TYPE_CHECKING:
    from projections.repeats import RepeatSite
    from whistle.log.port import Named, Reader


@click.command("repeat-sites")
@click.option("--since", "--自", metavar="TIME", help="Only what was reported since: RFC 3339.")
@pass_desk
def repeat_sites(desk: Desk, since: str | None) -> Answer:
    """List the places where the same item came up more than once.

    Example: whistle incident repeat-sites --since 2026-01-01T00:00:00+08:00
    """
    from projections import repeats

    start = times.past(since, desk.received_at, desk.zone) if since else 0
    with views(desk) as open_views:
        found = repeats.repeat_sites(open_views, start)
    lines = repeat_lines(desk, found) or [say(_("No place with the same item twice."))]
    return Answer(data=[repeat_facts(each) for each in found], lines=lines)


def repeat_facts(found: "RepeatSite") -> dict[str, Any]:
    """One place for programs."""
    facts: dict[str, Any] = timed(msgspec.to_builtins(found))
    return facts


def repeat_lines(desk: Desk, found: "Sequence[RepeatSite]") -> list[str]:
    """The places for people; nothing when there is none."""
    if not found:
        return []
    columns = (
        _("place"), _("item"), _("times"), _("open"), _("last"), _("last outcome"), _("incident"),
    )  # fmt: skip
    shown = [
        (
            each.place,
            desk.item_name(each.item),
            each.times,
            each.still_open,
            times.shown(each.last_at, desk.zone),
            word(ENDINGS, each.last_outcome) if each.last_outcome else "",
            each.names[-1],
        )
        for each in found
    ]
    return [say(_("Repeat sites:")), *table([say(text) for text in columns], shown)]


def elsewhen(reader: "Reader", incident: "Named") -> list[dict[str, Any]]:
    """The other times that the item of an incident came up at its place, the newest first."""
    where = site(incident.place or "")
    return [
        {"name": each.name, "reported_at": each.reported_at, "closed_at": each.closed_at,
         "outcome": each.outcome}
        for each in (reader.at_site(where) if where else ())
        if each.item == incident.item
        and each.stream != incident.stream
        and each.outcome not in UNCOUNTED
    ]  # fmt: skip


def elsewhen_lines(desk: Desk, others: Sequence[dict[str, Any]]) -> list[str]:
    """The same for people: the newest few, and how many there are."""
    if not others:
        return []
    shown = ", ".join(
        f"{each['name']} {times.shown(each['reported_at'], desk.zone)}"
        f"{' ' + word(ENDINGS, each['outcome']) if each['outcome'] else ''}"
        for each in others[:3]
    )
    text = _("  same item at this place {count}× besides: {names}")
    return [say(text, count=len(others), names=shown)]

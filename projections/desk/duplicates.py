"""What a new report reminds of: an incident that may be the same one, or an old one come back.

Told beside the answer, with the reason and the next step; it never holds up a report. Plain SQL on
the log's own small tables, so that reporting stays as quick as it was.
"""

from collections.abc import Mapping, Sequence

import msgspec

from projections.desk import times
from projections.desk.answer import Diagnostic
from projections.desk.desk import Desk
from projections.desk.words import say, word
from whistle.domain.moment import DAY
from whistle.domain.playbook import Playbook
from whistle.domain.refusal import _
from whistle.domain.site import alike, site
from whistle.log.port import Reader
from whistle.log.sites import NEWEST_MAX, Sited

ENDINGS: Mapping[str, str] = {
    "fixed": _("fixed"),
    "partly": _("partly fixed"),
    "not-fixable": _("not fixable"),
    "referred": _("referred"),
    "refused": _("refused"),
    "merged": _("merged"),
}
SHOWN = 3  # possible duplicates that are told; the first is the likeliest
WHOLLY = 100  # percent


class Likely(msgspec.Struct, frozen=True):
    """An open incident that may be the one just reported."""

    found: Sited
    alike: int  # its place, in percent
    same_item: bool
    same_place: bool


def reminders(desk: Desk, stream: str, item: str, place: str, *, sounds: bool) -> list[Diagnostic]:
    """What to tell beside a report; `sounds` when a whistle was blown with it in one stroke."""
    playbook = desk.playbook
    meant = playbook.item(item) if playbook else None
    where = site(place)
    if playbook is None or meant is None or not where:
        return []
    with desk.reading() as reader:
        mine = reader.of_stream(stream)
        name = (mine.name if mine else None) or ""
        there = [each for each in reader.at_site(where) if each.stream != stream]
        likely = [
            each
            for each in _likely(desk, reader, playbook, meant.code, where, there, stream)
            if _came_before(desk, each.found, name)
        ]
        told = [_told(desk, reader, each, name, sounds=sounds) for each in likely[:SHOWN]]
    return [*told, *_before(desk, playbook, meant.code, there)]


def _likely(
    desk: Desk, reader: Reader, playbook: Playbook, item: str, where: str,
    there: Sequence[Sited], stream: str,
) -> list[Likely]:  # fmt: skip
    """The open incidents that may be the same, the likeliest first."""
    rules, since = playbook.duplicates, desk.received_at
    since -= rules.open_days * DAY
    near = playbook.near(item)
    same_place = [
        Likely(each, WHOLLY, each.item == item, same_place=True)
        for each in there
        if each.closed_at is None and each.reported_at >= since and each.item in near
    ]
    seen = {stream, *(each.found.stream for each in same_place)}
    same_item = [
        Likely(each, alike(each.site, where), same_item=True, same_place=False)
        for each in reader.open_since(item, since)
        if each.stream not in seen
    ]
    found = [each for each in same_item if each.alike >= rules.alike_percent]
    return sorted(
        (*same_place, *found),
        key=lambda each: (each.same_item, each.alike, each.found.reported_at),
        reverse=True,
    )


def _came_before(desk: Desk, found: Sited, name: str) -> bool:
    """Whether it was there first: of tickets that came in one file the later one is told."""
    earlier = (len(found.name), found.name) < (len(name), name)
    return found.reported_at < desk.received_at or not name or earlier


def _told(desk: Desk, reader: Reader, likely: Likely, name: str, *, sounds: bool) -> Diagnostic:
    found = likely.found
    if not likely.same_item:
        text = _("{item}, same place, {ago} ago: {name}")
    elif likely.same_place:
        text = _("same item, same place, {ago} ago: {name} ({place})")
    elif likely.alike == WHOLLY:
        text = _("same item, same place as far as it is told, {ago} ago: {name} ({place})")
    else:
        text = _("same item, a place {alike} % alike, {ago} ago: {name} ({place})")
    reason = say(
        text,
        item=desk.item_name(found.item),
        place=found.place,
        alike=likely.alike,
        ago=times.left(desk.received_at, found.reported_at),
        name=found.name,
    )
    return Diagnostic(
        message=say(_("Perhaps known already: {reason}"), reason=reason),
        rule="duplicate.maybe",
        hint=_merge(reader, found, name, sounds=sounds),
    )


def _merge(reader: Reader, found: Sited, name: str, *, sounds: bool) -> str:
    """The next step: the incident for which a whistle sounds is the one that goes on."""
    if sounds or not name:
        heard = any(each.stage == "sounding" for each in reader.of_case(found.stream))
        if heard or not name:
            return say(_("look at it: whistle show {name}"), name=found.name)
        name, into = found.name, name
    else:
        into = found.name
    text = _("if it is the same: whistle incident merge {name} {into}")
    return say(text, name=name, into=into)


def _before(desk: Desk, playbook: Playbook, item: str, there: Sequence[Sited]) -> list[Diagnostic]:
    """How often the same was dealt with here, and whether the last time is only just over."""
    over = [each for each in there if each.item == item and each.outcome not in ("", *UNCOUNTED)]
    if not over:
        return []
    last = max(over, key=lambda each: each.closed_at or 0)
    since = desk.received_at - (last.closed_at or 0)
    again = since <= playbook.duplicates.again_days * DAY
    text = _("Here before, {count}×: last {name}, closed {closed}, {outcome}.")
    if again:
        text = _("Here again, {ago} after {name} was closed ({outcome}); {count}× before.")
    message = say(
        text,
        count=f"{NEWEST_MAX}+" if len(there) == NEWEST_MAX else len(over),
        name=last.name,
        closed=times.shown(last.closed_at or 0, desk.zone),
        outcome=word(ENDINGS, last.outcome),
        ago=times.left(desk.received_at, last.closed_at or 0),
    )
    hint = say(_("see it: whistle show {name}"), name=last.name)
    return [Diagnostic(message=message, rule="site.again" if again else "site.before", hint=hint)]


UNCOUNTED = ("refused", "merged")
"""What was turned away was no problem dealt with; what was merged is counted where it went on."""

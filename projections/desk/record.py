"""The record itself: listed and corrected."""

from collections.abc import Iterator
from typing import Any

import click
import msgspec

from projections.desk import replies, times
from projections.desk.answer import Answer, LongList
from projections.desk.desk import Desk, folded, pass_desk
from projections.desk.nouns import Noun
from projections.desk.words import say
from whistle.domain.correction import Correct
from whistle.domain.refusal import NotFound, _
from whistle.engine import Given
from whistle.log.rows import listed

SEQ = click.IntRange(0, 2**63 - 1)  # what a store can number


@click.group(cls=Noun, chinese={"列表": "list"})
def events() -> None:
    """The events of the record, as they were written."""


@events.command("list")
@click.option(
    "--after", "--之后", type=SEQ, default=0, show_default=True, help="Only events beyond this seq."
)
@pass_desk
def events_list(desk: Desk, after: int) -> Answer:
    """List every event with everything its leaf covers, one JSON object a line.

    Example: whistle events list --jsonl --after 120
    """
    log = desk.log

    def lines() -> Iterator[bytes]:
        for row in log.rows(after):
            yield msgspec.json.encode(listed(row, log.identity))

    if desk.options.get("json"):
        return Answer(data=LongList(listed(row, log.identity) for row in log.rows(after)))
    return Answer(stream=lines())


@click.command()
@click.argument("seq", type=SEQ)
@click.option(
    "--set", "--改为", "changes", multiple=True, metavar="FIELD=VALUE", help="What is right."
)
@pass_desk
def correct(desk: Desk, seq: int, changes: tuple[str, ...]) -> Answer:
    """Correct event SEQ: a new event beside the old one; say why with --why.

    Examples: whistle correct 57 --at 23:40 --why "clock of the car" ·
    whistle correct 61 --set score=90 --why "typed 9"
    """
    why = desk.options.get("why") or desk.note
    if not why:
        raise click.UsageError(say(_("Say why it is corrected: --why WHY.")))
    right = dict(_change(desk, text) for text in changes)
    if (at := desk.options.get("at")) is not None:
        right["at"] = times.claimed(at, desk.received_at, desk.zone)
    if not right:
        raise click.UsageError(say(_("Say what is right: --at TIME or --set FIELD=VALUE.")))
    with desk.reading() as reader:
        stream = reader.stream_of(seq)
    if stream is None:
        raise NotFound(_("There is no event {seq}."), hint="whistle events list", seq=seq)
    order = Correct(seq=seq, changes=right, why=why)
    made = desk.ask("correct", [Given(stream, order)], name=str(seq))
    return replies.answer(desk, [made], rehearsed=desk.options["dry_run"])


def _change(desk: Desk, text: str) -> tuple[str, Any]:
    field, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(say(_("{text} is not FIELD=VALUE."), text=text))
    if folded(field) == "at":
        return "at", times.claimed(value, desk.received_at, desk.zone)
    return folded(field), value

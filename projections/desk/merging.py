"""One problem told twice (合并): the duplicate is closed, its tickets are answered elsewhere."""

import click

from projections.desk import names, replies
from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.words import CHANNELS, say, word
from whistle.domain.correction import state_after
from whistle.domain.incident import START, evolve
from whistle.domain.incident.merging import MergeIncident
from whistle.domain.incident.state import Known
from whistle.domain.refusal import _
from whistle.engine import Given


@click.command()
@click.argument("duplicates", nargs=-1, required=True, metavar="DUPLICATE... INTO")
@pass_desk
def merge(desk: Desk, duplicates: tuple[str, ...]) -> Answer:
    """Close DUPLICATE as another telling of incident INTO, which goes on with its tickets.

    Both stay on record. The limits of a whistle run once, on INTO; every reporter is called back
    there. A mistake is taken back with `whistle undo`, while nothing was built on it.

    Example: whistle incident merge 13 12
    """
    if len(duplicates) < 2:
        raise click.UsageError(say(_("Name the duplicate and the one that goes on: merge 13 12")))
    *texts, into_text = duplicates
    with desk.reading() as reader:
        into = names.find(reader, "incident", into_text)
        found = [names.find(reader, "incident", text) for text in texts]
    parts = [
        replies.Part(
            [
                Given(
                    each.stream,
                    MergeIncident(duplicate=each.stream, into=into.stream, note=desk.note),
                )
            ],
            each.name or "",
        )
        for each in found
    ]
    answer = replies.obeyed(desk, "merge", parts)
    survivor = _known(desk, into.stream)
    if survivor is not None and not desk.options["dry_run"] and answer.status == "done":
        answer.lines = [*answer.lines, *source_lines(survivor)]
    return answer


def _known(desk: Desk, stream: str) -> Known | None:
    with desk.reading() as reader:
        state = state_after(reader.stream(stream), START, evolve)
    return state if isinstance(state, Known) else None


def source_lines(known: Known) -> list[str]:
    """Every report that an incident stands for, and whether its reporter waits for a call."""
    if len(known.sources) < 2:
        return []
    waiting = {each.name for each in known.uncalled}
    lines = [say(_("  {name} stands for {count} reports:"), name=known.name,
                 count=len(known.sources))]  # fmt: skip
    for each in known.sources:
        text = _("    {name} {channel_name} {ticket}")
        if each.name in waiting:
            text = _("    {name} {channel_name} {ticket}: call back when it is done")
        elif each.name in known.answered:
            text = _("    {name} {channel_name} {ticket}: called back")
        channel_name = word(CHANNELS, each.channel)
        lines.append(say(text, name=each.name, channel_name=channel_name, ticket=each.ticket))
    return lines

"""`whistle help TOPIC`: the fixed parts of the contract, told where they are needed."""

from collections.abc import Sequence

import click

from projections.desk.answer import EXIT, Answer, Status
from projections.desk.words import folded, say
from whistle.domain.refusal import _

EXITS: dict[Status, str] = {
    "done": _("done; also a repeat with the same key"),
    "found": _("ran, and found what it looks for: a conflict, a fault"),
    "usage": _("the command line cannot be understood"),
    "not_found": _("there is no such thing"),
    "not_allowed": _("this unit or person may not do it"),
    "refused": _("the rules do not allow it now; the attempt is on record"),
    "conflict": _("changed meanwhile, or the same key with another body"),
    "integrity": _("the record does not prove itself"),
    "pending": _("ended before what was waited for"),
    "queued": _("queued, not recorded"),
    "error": _("the store cannot be reached"),
}
TOPICS = {"退出码": "exit-codes", "时间": "time", "名称": "names"}
_TIMES = (
    _("--at 23:40   the latest such moment that is not in the future"),
    _("--at -20m    twenty minutes ago"),
    _("--at 2026-10-14T09:00:00+08:00   exactly then (RFC 3339)"),
    _("-t 25m       in 25 minutes, for a promise"),
    _("30wm 8wh 5wd working time; 3eh 2ed continuous; 15nd natural days"),
)
_NAMES = (
    _("I-WY26-00042       an incident; 42 is enough where an incident is meant"),
    _("W-WY26-00019       a whistle; 19 is enough where a whistle is meant"),
    _("W-WY26-00019/U03   one unit's call; 19 is enough for the unit itself"),
    _("jj, 交警, TP        a unit by pinyin initials, alias or code"),
)


@click.command()
@click.argument("topic", required=False)
@click.argument("more", nargs=-1)
@click.pass_context
def manual(context: click.Context, topic: str | None, more: tuple[str, ...]) -> Answer:
    """Explain a TOPIC (exit-codes, time or names), or a verb.

    Examples: whistle help exit-codes · whistle help ack
    """
    topic = TOPICS.get(folded(topic), folded(topic)) if topic else None
    if topic and topic not in TOPICS.values():
        return _verb_page(context.find_root(), (topic, *more))
    if topic == "exit-codes":
        codes = [{"code": EXIT[status], "status": status} for status in EXITS]
        lines = [f"{EXIT[status]:>4}  {say(text)}" for status, text in EXITS.items()]
        return Answer(data=codes, lines=[*lines, f" 130  {say(_('interrupted'))}"])
    if topic == "time":
        return Answer(data=None, lines=[say(text) for text in _TIMES])
    if topic == "names":
        return Answer(data=None, lines=[say(text) for text in _NAMES])
    return Answer(lines=[say(_("Topics: exit-codes, time, names. Verbs: whistle --help"))])


def _verb_page(root: click.Context, words: Sequence[str]) -> Answer:
    """The page of a verb, or of a noun's subcommand, as --help prints it."""
    context, command = root, root.command
    for word in words:
        found = command.get_command(context, word) if isinstance(command, click.Group) else None
        if found is None:
            raise click.exceptions.NoSuchCommand(word, ctx=context)
        command = found
        context = command.context_class(command, context, info_name=word)
    return Answer(lines=command.get_help(context).splitlines())

"""`whistle approve`: a leader's word, before a whistle sounds, by phone, or afterwards."""

from typing import NamedTuple

import click

from projections.desk import names, replies
from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.words import folded, say
from whistle.domain.correction import state_after
from whistle.domain.message import Order
from whistle.domain.refusal import NotFound, _
from whistle.domain.whistle import WHISTLE
from whistle.domain.whistle.approval import ApproveWhistle, TurnWhistleDown
from whistle.domain.whistle.confirming import open_word
from whistle.engine import Given
from whistle.log.port import Named, Reader


@click.command()
@click.argument("incidents", nargs=-1, metavar="[INCIDENT]...")
@click.option("--no", "--不同意", "refused", is_flag=True, help="Do not approve; say why with -m.")
@click.option(
    "--by",
    "--领导",
    "leader",
    default="",
    metavar="LEADER",
    help="Who said yes by phone; the leader confirms it later.",
)
@pass_desk
def approve(desk: Desk, incidents: tuple[str, ...], refused: bool, leader: str) -> Answer:
    """Approve the whistle that waits on INCIDENT; or confirm one that sounded without you.

    It sounds at once, or at the time that was set for it.

    Examples: whistle approve 42 · whistle approve 42 --no -m "our own squad can do this" ·
    whistle approve 42 --by 王建国
    """
    if refused and leader:
        raise click.UsageError(say(_("Only a yes is told by phone: a leader types a no himself.")))
    order: Order = (
        TurnWhistleDown(reason=desk.note) if refused else ApproveWhistle(by=folded(leader))
    )
    parts = [
        replies.Part([Given(draft.stream, order)], draft.name) for draft in _drafts(desk, incidents)
    ]
    return replies.obeyed(desk, "approve", parts)


class _Draft(NamedTuple):
    """A whistle that waits for a leader's word, and the name it goes by."""

    stream: str
    name: str


def _drafts(desk: Desk, texts: tuple[str, ...]) -> list[_Draft]:
    with desk.reading() as reader:
        if texts:
            return [draft for text in texts for draft in _waiting(reader, text)]
        waiting = reader.waiting("whistle", ["requested"])
        cases = dict.fromkeys(draft.correlation or "" for draft in waiting)
        found = [named for case in cases if (named := reader.of_stream(case))]
    if not found:
        raise click.UsageError(say(_("No whistle waits for approval.")))
    name = names.only(found).name or ""
    return [_Draft(draft.stream, name) for draft in waiting]


def _waiting(reader: Reader, text: str) -> list[_Draft]:
    """The whistles of an incident that wait for approval, else those that wait for a leader's
    word afterwards; a whistle by its own full name."""
    if folded(text).upper().startswith("W-"):
        whistle = names.find(reader, "whistle", text)
        return [_Draft(whistle.stream, whistle.name or "")]
    incident = names.find(reader, "incident", text)
    case = [each for each in reader.of_case(incident.stream) if each.kind == "whistle"]
    found = [each for each in case if each.stage == "requested"]
    found = found or [each for each in case if _awaits(reader, each)]
    if not found:
        raise NotFound(
            _("No whistle waits for approval on {name}."),
            hint="whistle show {name}",
            name=incident.name,
        )
    return [_Draft(each.stream, each.name or incident.name or "") for each in found]


def _awaits(reader: Reader, whistle: Named) -> bool:
    """Whether a leader still owes his word for a whistle."""
    history = reader.stream(whistle.stream)
    return open_word(state_after(history, WHISTLE.start, WHISTLE.evolve)) is not None

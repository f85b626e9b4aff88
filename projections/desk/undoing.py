"""Taking an act back: by who recorded it, with the other side's word, or by the leader."""

import click

from projections.desk import replies
from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.record import SEQ
from projections.desk.words import say
from whistle.domain.refusal import NotFound, _
from whistle.domain.taken_back import TakeBack
from whistle.engine import Given


@click.command()
@click.argument("seq", type=SEQ, required=False)
@pass_desk
def undo(desk: Desk, seq: int | None) -> Answer:
    """Take back the act that event SEQ belongs to, else your last one; both stay on record.

    Later than the playbook's minutes the other side of the call is asked, and agrees by the same
    words; the leader decides at any time, and says why with -m.

    Examples: whistle undo · whistle undo 61 --as jj · whistle undo 61 --as town/LEADER -m "typo"
    """
    with desk.reading() as reader:
        wanted = reader.last_by(desk.actor.unit, desk.actor.person) if seq is None else seq
        stream = None if wanted is None else reader.stream_of(wanted)
    if wanted is None:
        raise click.UsageError(say(_("Nothing of yours is on record: say which event, by SEQ.")))
    if stream is None:
        raise NotFound(_("There is no event {seq}."), hint="whistle events list", seq=wanted)
    order = TakeBack(seq=wanted, why=desk.note)
    made = desk.ask("undo", [Given(stream, order)], name=str(wanted))
    return replies.answer(desk, [made], rehearsed=desk.options["dry_run"])

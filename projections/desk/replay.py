"""Replaying the record: how things stood at a moment."""

from functools import partial

import click
import msgspec

from projections.desk import proved, times
from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.scope import instant
from projections.desk.tables import table
from projections.desk.words import say
from projections.desk.workers import workers_of, workers_option
from whistle.domain.as_of import Standing, concurrency
from whistle.domain.refusal import _
from whistle.engine.assessing import gather
from whistle.engine.shares import Question
from whistle.log.aside import in_order


@click.command()
@click.option(
    "--until", "--截至", required=True, metavar="TIME", help="The moment: RFC 3339, 23:40 or -20m."
)
@click.option("--known-at", "--已知至", metavar="TIME", help="Only what was known by then.")
@workers_option
@pass_desk
def replay(desk: Desk, until: str, known_at: str | None, workers: str | None) -> Answer:
    """Say how things stood at a time: calls by stage, incidents still open, most calls at once.

    Example: whistle replay --until 2026-10-14T09:00:00+08:00
    """
    at = times.past(until, desk.received_at, desk.zone)
    asked = Question(known_at=instant(known_at))
    found = gather(desk.log, asked, workers_of(workers, desk.log.size()))
    told = Standing(at)
    rows_then = (row for part in found.parts() for row in part.ledger.assignments(at))
    by_time = partial(in_order, columns=2, key=2)
    busiest = concurrency(told.counted(rows_then), at, by_time)
    standing, verified = told.shape(), found.verified
    rows = [
        (say(_("called")), standing["whistled"]),
        (say(_("acknowledged")), standing["acknowledged"]),
        (say(_("on the scene")), standing["on_scene"]),
        (say(_("finished")), standing["finished"]),
        (say(_("incidents with an unfinished unit")), standing["incidents_with_unfinished_unit"]),
        (say(_("most calls at once until then")), busiest["peak_active_assignments"]),
    ]
    head = [times.shown(at, desk.zone), say(_("n"))]
    return Answer(
        data={**standing, "concurrency": busiest, "verified": msgspec.to_builtins(verified)},
        lines=[*table(head, rows), proved.line(verified)],
    )

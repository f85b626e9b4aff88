"""The clocks: those that run in calls, and the server's own when it misbehaved."""

import click

from projections.desk import replies, times
from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.nouns import Noun
from projections.desk.reading import facts, views
from projections.desk.tables import table
from projections.desk.timer import note_heard
from projections.desk.tones import tone
from projections.desk.words import CLOCKS, limit_of, say, word
from whistle.domain.clock_anomaly import STREAM, ClockAnomaly, ClockSettled, SettleClock
from whistle.domain.moment import SECOND, rfc3339
from whistle.domain.refusal import _
from whistle.domain.suspect import Suspicion
from whistle.engine import Given


@click.group(
    cls=Noun, chinese={"列表": "list", "走时": "tick", "异常": "anomalies", "裁定": "settle"}
)
def clock() -> None:
    """The clocks of the calls, and the server's own."""


@clock.command("tick")
@pass_desk
def clock_tick(desk: Desk) -> Answer:
    """Let the clocks speak: record what fell due while nobody looked.

    Example: whistle clock tick
    """
    desk.check_town()
    desk.not_rehearsed()
    count = len(desk.hear())
    if desk.log.path is not None:
        note_heard(desk.log.path, desk.received_at)
    return Answer(
        data={"recorded": count},
        lines=[say(_("{count} events recorded by the clocks."), count=count)],
    )


@clock.command("list")
@click.option("--unit", "--单位", help="Only this unit's.")
@pass_desk
def clock_list(desk: Desk, unit: str | None) -> Answer:
    """List the running clocks, the most urgent first.

    Example: whistle clock list --unit jj
    """
    from projections import deadlines

    wanted = [desk.unit(unit).code] if unit else []
    with views(desk) as open_views:
        rows = deadlines.clocks(open_views, *wanted)
    shown = [
        (
            row.call,
            desk.unit_name(row.unit),
            word(CLOCKS, row.clock),
            limit_of(row.limit),
            times.shown(row.due, desk.zone, desk.received_at),
            times.left(row.due, desk.received_at),
        )
        for row in rows
    ]
    columns = (_("call"), _("unit"), _("clock"), _("limit"), _("due"), _("left"))
    colours = [tone(row.due, desk.received_at) for row in rows]
    lines = table([say(text) for text in columns], shown, colours)
    return Answer(data=[facts(desk, row) for row in rows], lines=lines)


@clock.command("anomalies")
@pass_desk
def clock_anomalies(desk: Desk) -> Answer:
    """List when the server's clock stepped back or leapt, and what the town said of it.

    Example: whistle clock anomalies
    """
    suspicion = Suspicion()
    with desk.reading() as reader:
        for told in reader.stream(STREAM):
            if isinstance(told.event, ClockAnomaly | ClockSettled):
                suspicion.hear(told.seq, told.event)
    data, rows = [], []
    for span in suspicion:
        moved = span.anomaly.at - span.anomaly.last_recorded_at
        data.append(
            {
                "number": span.number,
                "seq": span.first,
                "clock_said": rfc3339(span.anomaly.at),
                "last_recorded_at": rfc3339(span.anomaly.last_recorded_at),
                "moved_s": moved // SECOND,
                "right": span.right,
            }
        )
        said = times.shown(span.anomaly.at, desk.zone)
        last = times.shown(span.anomaly.last_recorded_at, desk.zone)
        rows.append((span.number, f"#{span.first}", last, said, say(_VERDICT[span.right])))
    columns = ("", "#", _("recorded last"), _("then the clock said"), _("verdict"))
    lines = table([say(text) if text else "" for text in columns], rows)
    if not rows:
        lines = [say(_("The server's clock never stepped back or leapt."))]
    return Answer(data=data, lines=lines)


_VERDICT = {
    True: _("right: what it stamped counts"),
    False: _("wrong: what it stamped stays out"),
    None: _("not settled: what it stamped stays out"),
}


@clock.command("settle")
@click.argument("number", type=int)
@click.option(
    "--right/--wrong",
    "--准确/--不准",
    "right",
    default=None,
    help="Whether that clock said the true time.",
)
@pass_desk
def clock_settle(desk: Desk, number: int, right: bool | None) -> Answer:
    """Settle anomaly NUMBER of the server's clock: was it right? Say with -m how that is known.

    Example: whistle clock settle 1 --right -m "nobody worked over the holiday"
    """
    if right is None:
        raise click.UsageError(say(_("Say whether that clock was right: --right or --wrong.")))
    order = SettleClock(number=number, right=right, reason=desk.note)
    made = desk.ask("clock settle", [Given(STREAM, order)], name=str(number))
    return replies.answer(desk, [made], rehearsed=desk.options["dry_run"])

"""`whistle projection`: the upkeep of the views, which follow the log and can be made anew."""

import click
import msgspec

from projections import VIEWS
from projections.desk import replies, view_standing
from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.nouns import Noun
from projections.desk.reading import as_they_stand, views
from projections.desk.record import SEQ
from projections.desk.words import say
from projections.desk.workers import workers_of, workers_option
from whistle.domain.refusal import NotFound, _
from whistle.domain.skipping import STREAM, RuleSkip
from whistle.engine import Given


@click.group(
    cls=Noun,
    chinese={"重建": "rebuild", "状态": "status", "运行": "run", "重试": "retry", "跳过": "skip"},
)
def projection() -> None:
    """The views' own upkeep: they follow the log and can always be made anew."""


@projection.command("rebuild")
@click.argument("name", required=False)
@workers_option
@pass_desk
def rebuild(desk: Desk, name: str | None, workers: str | None) -> Answer:
    """Make view NAME, or every view, anew beside the old one, compare, and swap.

    A long record is folded in parts by several processes; what comes out is the same.

    Example: whistle projection rebuild ledger
    """
    _must_be_known(name)
    desk.not_rehearsed()
    with views(desk) as open_views:
        made = open_views.rebuild(name, workers_of(workers, desk.log.size()))
    rebuilt = [msgspec.structs.asdict(each) for each in made]
    lines = [
        say(
            _("{name}: {events} events, {rows} rows in {seconds} s, digest {digest}"),
            **{**each, "seconds": f"{each['seconds']:.2f}", "digest": each["digest"][:16]},
        )
        for each in rebuilt
    ]
    return Answer(data=rebuilt[0] if name else rebuilt, lines=lines)


@projection.command("status")
@pass_desk
def status(desk: Desk) -> Answer:
    """Say how far behind each view is, what it could not take and what it leaves out.

    Ends with 1 while an event is parked.

    Example: whistle projection status
    """
    with as_they_stand(desk) as open_views:
        return view_standing.shown(desk, open_views)


@projection.command("run")
@click.option("--once", "--一次", is_flag=True, help="Catch all up once and end, for cron.")
@click.option("--for", "--历时", "for_text", metavar="SPAN", help="End after so long: 8h.")
@click.option(
    "--metrics",
    "--指标口",
    "port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Meanwhile give /metrics and /healthz there, on this machine alone.",
)
@pass_desk
def run(desk: Desk, *, once: bool, for_text: str | None, port: int | None) -> Answer:
    """Keep every view warm until it is ended; what a view cannot take is told at once.

    It writes the views alone: the clocks speak by `whistle clock tick`. Any number may run at once.

    Example: whistle projection run
    """
    from projections.desk.keeping import keep_warm

    desk.not_rehearsed()
    return keep_warm(desk, once=once, for_text=for_text, port=port)


@projection.command("retry")
@click.argument("name", required=False)
@click.option("--seq", "--序号", type=SEQ, help="Only the case of this parked event.")
@pass_desk
def retry(desk: Desk, name: str | None, seq: int | None) -> Answer:
    """Fold what view NAME, or any view, could not take anew, by the program of today.

    Example: whistle projection retry coordinate --seq 57
    """
    _must_be_known(name)
    desk.not_rehearsed()
    with as_they_stand(desk) as open_views:
        parked = [each for each in open_views.status() if each.parked and name in (None, each.name)]
        tried = [each for each in parked if seq in (None, *(one.seq for one in each.parked))]
        if seq is not None and not tried:
            raise _not_parked(name, seq)
        for each in tried:
            open_views.retry(each.name, seq)
        answer = view_standing.shown(desk, open_views)
    if not tried:
        answer.lines = [say(_("Nothing is parked."))]
    return answer


@projection.command("skip")
@click.argument("name", metavar="VIEW")
@click.argument("seq", type=SEQ)
@click.option("--take-in", "--收回", is_flag=True, help="Take it in again; the last word stands.")
@pass_desk
def skip(desk: Desk, name: str, seq: int, *, take_in: bool) -> Answer:
    """Leave the parked event SEQ out of VIEW, so that its case goes on; say why with --why.

    It is an event of its own: who said it and why is shown for ever. The record and all figures
    keep what is left out.

    Example: whistle projection skip coordinate 57 --why "told twice by the old platform"
    """
    _must_be_known(name)
    why = desk.options.get("why") or desk.note
    if not why:
        raise click.UsageError(say(_("Say why, with --why.")))
    with as_they_stand(desk) as open_views:
        open_views.catch_up(name)
        if not take_in and not view_standing.is_cause(open_views, name, seq):
            raise _not_parked(name, seq)
        order = RuleSkip(view=name, seq=seq, skip=not take_in, why=why)
        made = desk.ask("projection skip", [Given(STREAM, order)], name=str(seq))
        answer = replies.answer(desk, [made], rehearsed=desk.options["dry_run"])
        if not desk.options["dry_run"]:
            open_views.catch_up(name)
            answer.diagnostics = view_standing.alarms_of(open_views, name)
    return answer


def _must_be_known(name: str | None) -> None:
    if name is not None and name not in VIEWS:
        told = _("There is no view {name}; these are: {known}.")
        raise click.UsageError(say(told, name=name, known=", ".join(VIEWS)))


def _not_parked(name: str | None, seq: int) -> NotFound:
    hint = "whistle projection status"
    if name is None:
        return NotFound(_("Event {seq} is parked in no view."), hint=hint, seq=seq)
    told = _("It is not event {seq} that stops a case in view {view}.")
    return NotFound(told, hint=hint, seq=seq, view=name)

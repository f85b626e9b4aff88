"""`whistle demo`: a made-up town plays one busy day, and is looked at in every view."""

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from projections.desk.answer import Answer
from projections.desk.demo_day import DATE, FIRST, LAST, instant
from projections.desk.demo_play import Play, SetClock
from projections.desk.desk import Desk, pass_desk
from projections.desk.founding import found, founding_orders
from projections.desk.viewing import view
from projections.desk.words import say
from whistle import playbooks, settings
from whistle.domain.refusal import Broken, Refused, _
from whistle.log.backup import back_up
from whistle.log.sqlite import create
from whistle.log.verify import Verdict

TOWN, CODE = "泽安区望榆镇（虚构）", "WY"
VIEWS = ("inspect", "command", "coordinate", "assess", "ledger")
DEFAULT = "-"  # --keep without a file


@click.command()
@click.option(
    "--keep",
    "--保留",
    is_flag=False,
    flag_value=DEFAULT,
    metavar="[FILE]",
    help=_("Leave the store at FILE, to be tried out; else beside your own, as demo.db."),
)
@pass_desk
def demo(desk: Desk, keep: str | None) -> Answer:
    """Play one busy day of a made-up town, then show the four views and the ledger.

    Your own store is not touched.

    Examples: whistle demo · whistle demo --keep
    """
    target = _target(desk, keep)
    with TemporaryDirectory(prefix="whistle-demo-") as folder:
        path = Path(folder) / "demo.db"
        clock = SetClock(instant(FIRST))
        here = {"store": f"sqlite:///{path}", "dry_run": False}
        stage = Desk({**desk.options, **here}, now=clock)
        create(path)
        try:
            return _played(stage, clock, target)
        finally:
            stage.log.close()


def _target(desk: Desk, keep: str | None) -> Path | None:
    """Where the store will be left; refused now rather than after the day."""
    if keep is None:
        return None
    desk.not_rehearsed()
    path = (settings.store_folder() / "demo.db" if keep == DEFAULT else Path(keep)).absolute()
    if path.exists():
        raise Refused(
            _("There is something at {path} already."),
            rule="demo.exists",
            hint=_("name a file that does not exist: whistle demo --keep FILE"),
            path=str(path),
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _played(stage: Desk, clock: SetClock, target: Path | None) -> Answer:
    units, rules = playbooks.text("demo_units.toml"), playbooks.text("default.toml")
    found(stage.log, stage, founding_orders(TOWN, CODE, units, rules, demo=True))
    play = Play(stage, clock)
    told = list(play.day())
    play.wait_until(instant(LAST))
    stage.received_at = clock.at
    seen = _seen(stage)
    verdict = _proved(stage, target)
    store = f"sqlite:///{target}" if target else None
    return Answer(
        data={
            "town": TOWN,
            "day": DATE,
            "store": store,
            "events": verdict.size,
            "root": verdict.root,
            "views": {name: answer.data for name, answer in seen.items()},
        },
        lines=[
            say(_("{town}, {day}: one day, by a simulated clock"), town=TOWN, day=DATE),
            *told,
            *(line for answer in seen.values() for line in ("", *answer.lines)),
            "",
            say(_("All {size} events prove themselves. Root {root}"), size=verdict.size,
                root=verdict.root[:16]),
            "",
            *_next(store),
        ],
        diagnostics=stage.diagnostics,
        ids=[store or ""],
    )  # fmt: skip


def _seen(stage: Desk) -> dict[str, Answer]:
    """The views as their own verbs show them."""
    with click.Context(view, obj=stage) as context:
        return {name: context.invoke(view.commands[name]) for name in VIEWS}


def _proved(stage: Desk, target: Path | None) -> Verdict:
    """The record proved, and the proved copy left at the target if there is one."""
    if target is not None:
        return back_up(stage.log, target)
    verdict = stage.log.verify()
    if not verdict.ok:
        raise Broken(
            _("The record is broken at {seq}: {reason}"),
            seq=verdict.first_bad_seq,
            reason=verdict.reason,
        )
    return verdict


def _next(store: str | None) -> list[str]:
    """What to try now: on the store that was left, or how to get one."""
    if store is None:
        return [
            say(_("Nothing was left behind. Keep the town and try it yourself:")),
            "  whistle demo --keep",
        ]
    tries = [
        ("whistle", _("what waits on the town office")),
        ("whistle accept 17", _("take on what came in last")),
        ("whistle blow 16", _("ask for a whistle on the polluted river")),
        ("whistle approve 14 --as TZ/陈岚", _("approve, as the leader, the whistle that waits")),
        ("whistle arrive 7 --as hb", _("report in as a called unit")),
        ("whistle log W-WY26-00001", _("all that happened in the night of the gas leak")),
        ("whistle audit verify", _("prove the record again")),
    ]
    return [
        say(_("The demo store is at {store}; use it from here on and try:"), store=store),
        f"  export WHISTLE_STORE={store}",
        *(f"  {typed:<34} {say(what)}" for typed, what in tries),
    ]

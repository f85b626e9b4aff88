"""`whistle store`: copies of the store, and its tables brought up to date."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.measuring import stats
from projections.desk.nouns import Noun
from projections.desk.restoring import restore, restored
from projections.desk.store_init import store_init
from projections.desk.words import say
from whistle.domain.refusal import _

if TYPE_CHECKING:
    from whistle.log import upgrading

FILE = click.Path(path_type=Path)


@click.group(
    cls=Noun,
    chinese={
        "新建": "init",
        "备份": "backup",
        "恢复": "restore",
        "已恢复": "restored",
        "升级": "upgrade",
        "统计": "stats",
    },
)
def store() -> None:
    """The store's own upkeep: copies, going back to one, new tables."""


store.add_command(store_init)
store.add_command(restore)
store.add_command(restored)
store.add_command(stats)


@store.command("backup")
@click.argument("file", type=FILE)
@pass_desk
def backup(desk: Desk, file: Path) -> Answer:
    """Copy the store to FILE while it is in use, and prove the copy.

    Example: whistle store backup /mnt/usb/whistle-2026-11-22.db
    """
    from whistle.log.backup import back_up

    desk.not_rehearsed()
    verdict = back_up(desk.log, file)
    return Answer(
        data={"file": str(file), "size": verdict.size, "root": verdict.root},
        lines=[
            say(_("{size} events copied to {path} and proved. Root {root}"), size=verdict.size,
                path=str(file), root=verdict.root)
        ],
    )  # fmt: skip


@store.command("upgrade")
@click.option("--backup", "--备份", type=FILE, help="Where the copy of before goes; else beside.")
@pass_desk
def upgrade(desk: Desk, backup: Path | None) -> Answer:
    """Bring the tables of an older store up to this program: copied, rehearsed, then done whole.

    With --dry-run it is done on a copy that is thrown away. No event ever changes: the root of the
    record is the same before and after.

    Examples: whistle store upgrade --dry-run · whistle store upgrade --backup /mnt/usb/before.db
    """
    from whistle.log import upgrading

    rehearsed = bool(desk.options.get("dry_run"))
    log = desk.log
    done = upgrading.rehearse(log) if rehearsed else upgrading.upgrade(log, backup)
    facts = {
        "before": done.before,
        "after": done.after,
        "steps": [{"to": step.to, "says": say(step.says)} for step in done.steps],
        "backup": str(done.backup) if done.backup else None,
        "rehearsed": rehearsed,
        "verdict": msgspec.to_builtins(done.verdict),
    }
    return Answer(data=facts, lines=_told(done, rehearsed=rehearsed))


def _told(done: "upgrading.Upgraded", *, rehearsed: bool) -> list[str]:
    if not done.steps:
        return [say(_("The store is up to date (tables of version {version})."),
                    version=done.after)]  # fmt: skip
    text = _("The store is upgraded: tables of version {before}, now {after}.")
    if rehearsed:
        text = _("Rehearsed on a copy: tables of version {before} become {after}; nothing changed.")
    lines = [say(text, before=done.before, after=done.after)]
    lines += [f"  {step.to}  {say(step.says)}" for step in done.steps]
    if done.backup is not None:
        lines.append(say(_("  as it was before: {path}"), path=str(done.backup)))
    proof = _("All {size} events prove themselves. Root {root}")
    return [*lines, say(proof, size=done.verdict.size, root=done.verdict.root)]

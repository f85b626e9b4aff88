"""`store restore` and `store restored`: going back to a copy, told before it is done."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from projections.desk import times
from projections.desk.answer import Answer, Diagnostic
from projections.desk.desk import Desk, pass_desk
from projections.desk.words import folded, say
from whistle.domain.moment import rfc3339
from whistle.domain.refusal import Broken, NotFound, Refused, _
from whistle.domain.restored import StoreRestored
from whistle.domain.surroundings import Actor, meant
from whistle.engine.asked import command_id, digest
from whistle.log.address import file_of, masked
from whistle.log.port import Stamp
from whistle.log.sqlite import SQLiteLog
from whistle.log.store_log import StoreLog
from whistle.log.verify import Verdict

if TYPE_CHECKING:
    from whistle.engine.restoring import Restored, Weighed
    from whistle.log.checkpoint import Comparison

FILE = click.Path(path_type=Path)
COUNT = click.IntRange(0)


@click.command()
@click.argument("file", type=FILE)
@click.option("--check", "--检验", is_flag=True, help="Only prove FILE; nothing is written.")
@click.option(
    "--checkpoint", "--检查点", "held", type=FILE, help="A checkpoint somebody held, to compare."
)
@click.option(
    "--lose", "--放弃", type=COUNT, default=0, help="How many newer events may go: their number."
)
@pass_desk
def restore(desk: Desk, file: Path, *, check: bool, held: Path | None, lose: int) -> Answer:
    """Put the copy FILE in the place of the store; what is lost is told first, and goes on record.

    The store that lies there is set aside, never deleted. If it holds events that the copy lacks,
    --lose with their number lets them go, and a new epoch of the record begins. With --dry-run it
    only says what would be lost.

    Examples: whistle store restore monday.db --check · whistle store restore monday.db --lose 12
    """
    from projections.desk.held import checkpoint_in
    from whistle.engine import restoring

    path = _file(desk)
    with _telling(), closing(_opened(desk, file)) as copy:
        if check:
            return _checked(copy, file, held)
        if path.exists() and path.samefile(file):
            raise click.UsageError(say(_("FILE is the store itself; name a copy of it.")))
        weighed = restoring.weigh(copy, path, desk.note, checkpoint_in(held))
        if desk.options.get("dry_run"):
            lines = [say(_("Nothing was changed: this was a rehearsal.")), *_lost(desk, weighed)]
            return Answer(data=_facts(file, weighed, None), lines=lines)
        done = restoring.restore(copy, path, weighed, lose, _stamp(desk, copy))
    head = say(_("{size} events put back from {path} and proved. Root {root}"), path=str(file),
               size=weighed.verdict.size, root=weighed.verdict.root)  # fmt: skip
    return Answer(
        data=_facts(file, weighed, done),
        lines=[head, *_lost(desk, weighed), *_after(weighed, done)],
        diagnostics=_warned(weighed),
    )


@click.command()
@click.option(
    "--checkpoint", "--检查点", "held", type=FILE, help="The last checkpoint anybody held."
)
@click.option("--lost", "--丢失", type=COUNT, help="How many events are lost, if it is known.")
@pass_desk
def restored(desk: Desk, held: Path | None, lost: int | None) -> Answer:
    """Say that the store was put back by other means, and begin a new epoch; say why with -m.

    By a snapshot of the machine, a copied file, or a database's own recovery to a point in time.

    Example: whistle store restored --checkpoint last.txt -m "disk of 14 March, recovered to 02:00"
    """
    from projections.desk.held import checkpoint_in
    from whistle.engine import restoring

    if not desk.note:
        raise click.UsageError(say(_("Say how the store was put back: -m TEXT.")))
    desk.not_rehearsed()
    told = restoring.as_told(desk.log, desk.note, checkpoint_in(held), lost)
    seq = restoring.declare(desk.log, told, _stamp(desk, desk.log))
    lines = [say(_("Epoch {epoch} begins with event {seq}."), epoch=told.epoch, seq=seq)]
    facts = {"epoch": told.epoch, "seq": seq, "kept": told.kept, "root": told.root,
             "lost": told.lost}  # fmt: skip
    return Answer(data=facts, lines=lines)


def _file(desk: Desk) -> Path:
    """Where the store lies; Refused where it is no file, and a server keeps the copies."""
    path = file_of(desk.address)
    if path is None:
        raise Refused(
            _("The store at {path} goes back by its server's own means, not by a file."),
            rule="store.restore_server",
            hint=_("recover the database to a point in time, then: whistle store restored -m TEXT"),
            path=masked(desk.address),
        )
    return path


def _opened(desk: Desk, file: Path) -> SQLiteLog:
    if not file.is_file():
        raise NotFound(
            _("There is no copy at {path}."),
            hint=_("make one while the store is well: whistle store backup FILE"),
            path=str(file),
        )
    return SQLiteLog(file, desk.now, read_only=True)


@contextmanager
def _telling() -> Iterator[None]:
    """A fault of the file is told of the copy: it is the one that is read here."""
    try:
        yield
    except Broken as error:
        if error.rule != "store.damaged":
            raise
        raise Broken(
            _("The copy is damaged: {fault}."),
            rule="store.copy",
            hint=_("take an earlier copy; this one says nothing that can be trusted"),
            fault=str(error.words["fault"]),
        ) from error


def _checked(copy: SQLiteLog, file: Path, held: Path | None) -> Answer:
    """The copy proved, and held against a checkpoint; nothing is written beside it either."""
    from projections.desk.held import compared

    verdict = copy.verify()
    found = compared(copy, held, None).comparison if held and verdict.ok else None
    facts = {
        "file": str(file),
        "store_id": copy.identity.store_id,
        "epoch": copy.identity.epoch,
        "schema_version": copy.identity.schema_version,
        "verdict": msgspec.to_builtins(verdict),
        "checkpoint": msgspec.to_builtins(found) if found else None,
    }
    if not verdict.ok or (found and not found.ok):
        return _unproved(verdict, found, facts)
    lines = [say(_("The copy proves itself: {size} events, epoch {epoch}. Root {root}"),
                 size=verdict.size, epoch=copy.identity.epoch, root=verdict.root)]  # fmt: skip
    if found:
        lines.append(say(_("Its first {seen} events are those that the checkpoint saw."),
                         seen=found.seen))  # fmt: skip
    return Answer(data=facts, lines=lines)


def _unproved(verdict: Verdict, found: "Comparison | None", facts: dict[str, Any]) -> Answer:
    """Why the copy is not to be trusted; or that it is older than the checkpoint: no harm."""
    if found and 0 < found.size < found.seen and not found.lost:
        text = _("The copy is from before the checkpoint: it holds {size} of the {seen} events.")
        warned = Diagnostic(
            message=say(text, size=found.size, seen=found.seen),
            rule="store.older_copy",
            hint=say(_("take a later copy, or compare this one with an earlier checkpoint")),
        )
        return Answer(data=facts, status="found", diagnostics=[warned])
    text = _("The copy disagrees with the checkpoint: {reason}.")
    if not verdict.ok:
        text = _("The copy does not prove itself: {reason}.")
    reason = found.reason if found else verdict.reason
    hint = say(_("take an earlier copy; this one says nothing that can be trusted"))
    warned = Diagnostic(message=say(text, reason=reason), rule="store.copy", hint=hint)
    return Answer(data=facts, status="integrity", diagnostics=[warned])


def _stamp(desk: Desk, log: StoreLog) -> Stamp:
    """Who restores, known by the register of the copy: the store itself may be gone."""
    with log.reading() as reader:
        units = reader.units()
    speaker = desk.options.get("speaker") or desk.settings.speaker
    named, _slash, person = speaker.partition("/")
    unit = meant(units, folded(named)) if named else None
    if named and unit is None:
        raise NotFound(_("No unit is called {unit}."), hint="whistle org unit list", unit=named)
    if unit is None:
        unit = next((each for each in units.values() if each.commander), None)
    if unit is None:
        raise Refused(_("The copy holds no town."), rule="store.empty_copy")
    actor = Actor(unit=unit.code, person=person, role=unit.persons.get(person, ""))
    key = desk.options.get("key")
    command = command_id(log.identity.store_id, unit.code, f"{key}#end" if key else None)
    return Stamp(desk.received_at, command, digest(desk.words), actor)


def _facts(file: Path, weighed: "Weighed", done: "Restored | None") -> dict[str, Any]:
    told, loss = weighed.told, weighed.loss
    lost_from = loss.lost_from if loss else None
    return {
        "file": str(file),
        "size": weighed.verdict.size,
        "root": weighed.verdict.root,
        "lost": loss.lost if loss else told.lost if told else 0,
        "lost_from": rfc3339(lost_from) if lost_from is not None else None,
        "again": [msgspec.to_builtins(each) for each in told.again] if told else [],
        "attempts_lost": loss.attempts if loss else None,
        "epoch": weighed.epoch,
        "epoch_begins": told is not None,
        "seq": done.seq if done else None,
        "set_aside": str(done.aside) if done and done.aside else None,
    }


def _lost(desk: Desk, weighed: "Weighed") -> list[str]:
    """What goes with the store that lay there, a line each."""
    loss, told = weighed.loss, weighed.told
    if told is None:
        return [say(_("Nothing is lost: the copy holds all that the store holds."))]
    if loss is None or loss.lost_from is None:
        return [_at_least(told)]
    since = times.shown(loss.lost_from, desk.zone)
    lines = [say(_("Lost: {lost} events, recorded since {since}."), lost=loss.lost, since=since)]
    if loss.attempts:
        lines.append(say(_("Lost: {count} refused orders on record."), count=loss.attempts))
    names = say(_(", ")).join(map(str, loss.again))
    if names:
        lines.append(say(_("Numbers that will be given again: {names}"), names=names))
    return lines


def _at_least(told: StoreRestored) -> str:
    if told.lost:
        return say(_("Lost: {lost} events at least, by the checkpoint."), lost=told.lost)
    return say(_("What is lost nobody can tell: no store that can be read lies there."))


def _after(weighed: "Weighed", done: "Restored") -> list[str]:
    lines = []
    if done.seq is not None:
        lines.append(say(_("Epoch {epoch} begins with event {seq}."), epoch=weighed.epoch,
                         seq=done.seq))  # fmt: skip
    if done.aside is not None:
        lines.append(say(_("The store of before is set aside: {path}"), path=str(done.aside)))
    return lines


def _warned(weighed: "Weighed") -> list[Diagnostic]:
    if weighed.told is None:
        return []
    warned = [Diagnostic(
        message=say(_("What was recorded after the copy was made is forgotten, replies too.")),
        rule="store.forgotten",
        hint=say(_("type it again; under the same --key it is recorded once")),
    )]  # fmt: skip
    if weighed.told.again:
        warned.append(Diagnostic(
            message=say(_("Papers and calls that name these numbers mean something else now.")),
            rule="store.given_again",
            hint=say(_("tell the units which numbers will be given again")),
        ))  # fmt: skip
    return warned

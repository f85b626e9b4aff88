"""Proofs of the record: verified from within, and held against what was kept elsewhere."""

from pathlib import Path

import click
import msgspec

from projections.desk import times
from projections.desk.answer import Answer, Diagnostic
from projections.desk.desk import Desk, pass_desk
from projections.desk.nouns import Noun
from projections.desk.tables import table
from projections.desk.words import VERBS, say, word
from projections.desk.workers import workers_of, workers_option
from whistle.domain.moment import rfc3339
from whistle.domain.refusal import _
from whistle.log.faults import RESTORE


@click.group(cls=Noun, chinese={"验证": "verify", "被拒": "attempts", "检查点": "checkpoint",
                             "证据包": "bundle"})  # fmt: skip
def audit() -> None:
    """Proofs of the record."""


@audit.command("verify")
@workers_option
@pass_desk
def audit_verify(desk: Desk, workers: str | None) -> Answer:
    """Recompute every leaf and number; exit 7 on any break.

    Example: whistle audit verify
    """
    verdict = desk.log.verify(workers_of(workers, desk.log.size()))
    found = msgspec.to_builtins(verdict)
    if verdict.ok:
        line = say(_("All {size} events prove themselves. Root {root}"), size=verdict.size,
                   root=verdict.root)  # fmt: skip
        return Answer(data=found, lines=[line])
    text = _("The record is broken at {seq}: {reason}")
    if verdict.first_bad_seq is None:
        text = _("The record is broken: {reason}")
    line = say(text, seq=verdict.first_bad_seq, reason=verdict.reason)
    return Answer(data=found, lines=[line], status="integrity", diagnostics=[_nothing_scored()])


def _nothing_scored() -> Diagnostic:
    return Diagnostic(
        message=say(_("Nothing can be scored from this record.")),
        rule="audit.verify",
        hint=say(RESTORE),
    )


@audit.command("attempts")
@pass_desk
def audit_attempts(desk: Desk) -> Answer:
    """List the orders that the rules refused: who tried what, when, and why not.

    Example: whistle audit attempts
    """
    with desk.reading() as reader:
        attempts = reader.attempts()
    facts = [
        {**msgspec.structs.asdict(each), "received_at": rfc3339(each.received_at)}
        for each in attempts
    ]
    columns = (_("when"), _("unit"), _("verb"), _("name"), _("which rule"), _("why not"))
    rows = [
        (
            times.shown(each.received_at, desk.zone),
            desk.unit_name(each.behalf_unit or each.actor_unit or ""),
            word(VERBS, each.verb),
            each.name or "",
            each.rule,
            each.because,
        )
        for each in attempts
    ]
    return Answer(data=facts, lines=table([say(text) for text in columns], rows))


@audit.group(chinese={"生成": "create", "比对": "compare", "密钥": "key"})
def checkpoint() -> None:
    """Size and root of the record, to be kept elsewhere."""


@checkpoint.command("create")
@click.option(
    "--signer",
    "--私钥",
    type=click.Path(path_type=Path),
    help="The private key that signs it; else it is unsigned.",
)
@click.option(
    "--to", "--存入", type=click.Path(path_type=Path), help="The file; else it is printed."
)
@pass_desk
def checkpoint_create(desk: Desk, signer: Path | None, to: Path | None) -> Answer:
    """Prove the record and make a checkpoint of it, to keep where the store is not.

    Examples: whistle audit checkpoint create --to /mnt/usb/2026-11-22.txt ·
    whistle audit checkpoint create --signer town.key --to today.txt
    """
    from projections.desk import held

    desk.not_rehearsed()
    made, text = held.checkpoint_of(desk.log, signer)
    facts = {
        "origin": made.origin,
        "size": made.size,
        "root": made.root.hex(),
        "sm3": made.sm3.hex() if made.sm3 else None,
        "signed": signer is not None,
        "checkpoint": text,
    }
    if to is None:
        return Answer(data=facts, lines=text.removesuffix("\n").split("\n"))
    held.write_new(to, text)
    lines = [say(_("Checkpoint of {size} events: {path}"), size=made.size, path=str(to))]
    lines.append(say(_("  Keep it where nobody who can change the store can change it.")))
    return Answer(data={**facts, "file": str(to)}, lines=lines)


@checkpoint.command("compare")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--public", "--公钥", metavar="KEY", help="The signer's public key, or its file.")
@pass_desk
def checkpoint_compare(desk: Desk, file: Path, public: str | None) -> Answer:
    """Is what the checkpoint FILE saw still the beginning of this record? Exit 7 if not.

    Example: whistle audit checkpoint compare /mnt/usb/2026-11-22.txt --public town.key.pub
    """
    from projections.desk import held

    checked = held.compared(desk.log, file, public)
    found = checked.comparison
    facts = {**msgspec.to_builtins(found), "signature": checked.signature}
    if not found.ok:
        text = _("The record broke with the checkpoint: {reason}.")
        return Answer(
            data=facts,
            lines=[say(text, reason=found.reason)],
            status="integrity",
            diagnostics=[_nothing_scored()],
        )
    text = _("The first {seen} of {size} events are those that the checkpoint saw. Root {root}")
    lines = [say(text, seen=found.seen, size=found.size, root=found.root)]
    notes = [] if checked.signature == "good" else [_unchecked(checked.signature)]
    return Answer(data=facts, lines=lines, diagnostics=notes)


def _unchecked(signature: str) -> Diagnostic:
    if signature == "none":
        return Diagnostic(
            message=say(_("The checkpoint is unsigned: it is worth what its keeper is worth.")),
            rule="proof.unsigned",
        )
    return Diagnostic(
        message=say(_("Its signature was not checked.")),
        rule="proof.unchecked",
        hint=say(_("give the key that you were handed: --public KEY")),
    )


@checkpoint.command("key")
@click.argument("file", type=click.Path(path_type=Path))
@pass_desk
def checkpoint_key(desk: Desk, file: Path) -> Answer:
    """Make a key pair: FILE signs and stays secret, FILE.pub is handed to whoever compares.

    Example: whistle audit checkpoint key /mnt/usb/town.key
    """
    from projections.desk import held

    desk.not_rehearsed()
    public, written = held.make_pair(desk.log, file)
    lines = [
        say(_("The private key: {path}. Keep it away from the store."), path=str(file)),
        say(_("The public key, {path}: {key}"), path=str(written), key=str(public)),
    ]
    return Answer(data={"private": str(file), "public": str(public)}, lines=lines)


@audit.command("bundle")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--signer",
    "--私钥",
    type=click.Path(path_type=Path),
    help="The private key that signs its checkpoint; else it is unsigned.",
)
@pass_desk
def bundle(desk: Desk, file: Path, signer: Path | None) -> Answer:
    """Write the whole record to FILE, a zip that outsiders check without Whistle.

    Example: whistle audit bundle wangyu-2026.zip --signer town.key
    """
    from projections.desk import held
    from whistle.log import bundle as bundles

    desk.not_rehearsed()
    made, text = held.checkpoint_of(desk.log, signer)
    bundles.write(desk.log, made.size, text, file)
    return Answer(
        data={"file": str(file), "size": made.size, "root": made.root.hex()},
        lines=[
            say(_("{size} events bundled: {path}. Root {root}"), size=made.size, path=str(file),
                root=made.root.hex()),
            say(_("  To check it: python3 verify.py {path}"), path=str(file)),
        ],
    )  # fmt: skip

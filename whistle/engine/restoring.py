"""A copy put back in the place of a store, and the epoch that begins with it.

What the copy lacks is lost to the record, though its file is set aside: how much it is, since when,
and which numbers will be given twice is found out first, told, and written down as the first event
of the new epoch. Where nothing is lost no epoch begins.
"""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import msgspec

from whistle.domain.moment import Instant
from whistle.domain.refusal import Broken, Refused, _
from whistle.domain.restored import STREAM, StoreRestored
from whistle.engine.reply import RecordedEvent, Reply
from whistle.log import checkpoint
from whistle.log.checkpoint import Checkpoint
from whistle.log.faults import reaching
from whistle.log.loss import Loss, loss
from whistle.log.placing import throw_away
from whistle.log.port import Log, Stamp
from whistle.log.putting_back import prepared, put
from whistle.log.recorder import queued
from whistle.log.sqlite import SQLiteLog
from whistle.log.store_log import StoreLog
from whistle.log.upgrading import take_steps
from whistle.log.verify import Verdict

Clock = Callable[[], Instant]


class Weighed(NamedTuple):
    """A copy held against the store that it would replace."""

    verdict: Verdict
    """What the proof of the copy found."""
    there: bool
    """Whether anything lies where the store should be."""
    loss: Loss | None
    """What only the store holds; none where there is no store that can be read."""
    epoch: int
    """The epoch in which the restored store goes on."""
    told: StoreRestored | None
    """What its first event will say; none when nothing is lost, and the old epoch goes on."""


class Restored(NamedTuple):
    """What was put back."""

    weighed: Weighed
    aside: Path | None
    """Where the store now lies that was there before."""
    seq: int | None
    """The event that tells of it."""


def proved(copy: StoreLog) -> Verdict:
    """The proof of a copy; Broken when it does not prove itself."""
    verdict = copy.verify()
    if not verdict.ok:
        raise Broken(
            _("The copy does not prove itself: {reason}."),
            rule="store.copy",
            hint=_("take an earlier copy; this one says nothing that can be trusted"),
            reason=verdict.reason,
        )
    return verdict


def weigh(copy: SQLiteLog, path: Path, reason: str, held: Checkpoint | None = None) -> Weighed:
    """Prove a copy and compare it with the store at a path; nothing is written.

    A checkpoint that somebody held must agree with the copy, unless it saw more than that: then it
    says what is lost at least, where the store itself cannot. Raises Broken when it disagrees,
    Refused when the store is another one.
    """
    verdict = proved(copy)
    if not verdict.size:
        raise Refused(_("The copy holds no event."), rule="store.empty_copy")
    seen = _agreeing(copy, held)
    there = path.exists() and path.stat().st_size > 0
    epochs, lost = _compared(copy, path) if there else ([], None)
    if held is not None:
        epochs.append(checkpoint.epoch_named(held, copy.identity.store_id) or 0)
    if lost is not None and not lost.lost:
        return Weighed(verdict, there, lost, copy.identity.epoch, None)
    known = [copy.identity.epoch, *epochs]
    told = StoreRestored(
        at=copy.clock(), epoch=max(known) + 1, kept=verdict.size, root=verdict.root, reason=reason
    )
    if lost is not None:
        told = msgspec.structs.replace(
            told, lost=lost.lost, lost_from=lost.lost_from, lost_root=lost.root, again=lost.again
        )
    elif seen is not None and seen.size > verdict.size:
        more = seen.size - verdict.size
        told = msgspec.structs.replace(told, lost=more, lost_root=seen.root.hex())
    return Weighed(verdict, there, lost, told.epoch, told)


def _agreeing(copy: StoreLog, held: Checkpoint | None) -> Checkpoint | None:
    """The checkpoint, when it is of this store and the copy does not contradict it."""
    if held is None:
        return None
    found = checkpoint.compare(copy, held)
    ahead = (checkpoint.epoch_named(held, copy.identity.store_id) or 0) > copy.identity.epoch
    if found.ok or ahead or (0 < found.size < held.size and not found.lost):
        return held
    raise Broken(
        _("The copy disagrees with the checkpoint: {reason}."),
        rule="store.copy",
        hint=_("take another copy; this one is not what the checkpoint saw"),
        reason=found.reason,
    )


def _compared(copy: SQLiteLog, path: Path) -> tuple[list[int], Loss | None]:
    """The epoch of the store that lies there, and what only it holds, as far as it can be read."""
    epochs: list[int] = []
    try:
        with closing(SQLiteLog(path, copy.clock, read_only=True)) as store:
            ours, theirs = store.identity, copy.identity
            if ours.store_id != theirs.store_id:
                raise Refused(
                    _("At {path} lies another store than the one that was copied."),
                    rule="store.another",
                    hint=_("name the place of the copied one: --store sqlite:///PATH"),
                    path=str(path),
                )
            epochs.append(ours.epoch)
            return epochs, loss(store, copy)
    except Broken:
        return epochs, None


def restore(copy: SQLiteLog, path: Path, weighed: Weighed, lose: int, stamp: Stamp) -> Restored:
    """Put a copy where the store lies, and begin the new epoch in it.

    `lose` is the word of who restores: how many events of the store may go. What lay there is set
    aside, not deleted. Raises Refused when the store holds more than that, or has gone on since it
    was weighed; nothing is changed then.
    """
    with reaching(), queued(path):
        there = path.exists() and path.stat().st_size > 0
        again = _compared(copy, path)[1] if there else None
        if (there, again) != (weighed.there, weighed.loss):
            raise Refused(
                _("The store went on while it was compared with the copy."),
                rule="store.went_on",
                hint=_("let everybody stop recording, and give the command again"),
            )
        if again is not None and again.lost != lose:
            raise _not_said(again)
        part = prepared(copy, path)
        try:
            seq = _begin(part, copy.clock, weighed.told, stamp)
            aside = put(part, path, weighed.epoch)
        finally:
            throw_away(part)  # nothing is left of it but what got its name
    return Restored(weighed, aside, seq)


def _begin(part: Path, clock: Clock, told: StoreRestored | None, stamp: Stamp) -> int | None:
    if told is None:
        return None
    with closing(SQLiteLog(part, clock)) as log:
        if log.older:  # an earlier program's copy: the epoch begins in tables of today
            take_steps(log)
        return declare(log, told, stamp)


def as_told(log: StoreLog, reason: str, held: Checkpoint | None, lost: int | None) -> StoreRestored:
    """What the next epoch's first event says of a store that was put back by other means.

    Raises Broken when the store does not prove itself, or disagrees with the checkpoint.
    """
    verdict, seen = proved(log), _agreeing(log, held)
    saw = checkpoint.epoch_named(seen, log.identity.store_id) if seen else None
    more = seen if seen and seen.size > verdict.size else None
    return StoreRestored(
        at=log.clock(),
        epoch=max(log.identity.epoch, saw or 0) + 1,
        kept=verdict.size,
        root=verdict.root,
        lost=lost if lost is not None else more.size - verdict.size if more else None,
        lost_root=more.root.hex() if more else None,
        reason=reason,
    )


def declare(log: Log, told: StoreRestored, stamp: Stamp) -> int:
    """Begin the next epoch of a store that was put back; the seq of the event that tells of it.

    Raises Conflict when the record is not the one that `told` tells of.
    """
    with log.writing() as txn:
        seq = txn.open_epoch(told, stamp)
        reply = Reply(
            id=STREAM,
            stream=STREAM,
            version=1,
            stage="restored",
            events=(RecordedEvent(seq, told.topic),),
        )
        txn.keep_reply(stamp, reply.encode())
    return seq


def _not_said(found: Loss) -> Refused:
    return Refused(
        _("The store holds {lost} events that the copy lacks; they would be lost."),
        rule="store.newer_there",
        hint=_("if they may go, the same line with --lose {lost}; their file is set aside"),
        lost=found.lost,
    )

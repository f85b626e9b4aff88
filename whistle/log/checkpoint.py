"""Checkpoints: the size and root of the tree at one moment, to be kept where the store is not.

The text is that of C2SP tlog-checkpoint (https://c2sp.org/tlog-checkpoint): an origin line, the
size, the root in base64. Where the platform has SM3, one extension line `sm3 ROOT` gives the root
of a second tree over the same fields: leaf = SM3(what the SHA-256 leaf is the hash of),
node = SM3(0x01 || left || right). It is computed when it is asked for; no store keeps it.
"""

import re
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from whistle.domain.refusal import Broken, Refused, _
from whistle.log.leaf import packed
from whistle.log.rows import Identity, sealed
from whistle.log.store_log import StoreLog
from whistle.log.tree import Digest, Frontier, sm3

_SM3 = "sm3 "
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_ROOT_BYTES = 32

_OTHER = _("the checkpoint is of {theirs}, and this store is {ours}")
_CUT = _("the record ends at {size}, and the checkpoint saw {seen}: the file was put back, or cut")
_LOST = _(
    "the checkpoint saw {seen} events of epoch {epoch}, and {kept} of them are left: the rest was "
    "lost when the store was put back, which the event at {opened} says"
)
_NO_EPOCH = _("the checkpoint is of epoch {epoch}, of which this record, in {ours}, tells nothing")
_PAST = _("the first {seen} events are not those that the checkpoint saw")
_PAST_SM3 = _("the first {seen} events give the checkpoint's SHA-256 root and another SM3 root")


class Checkpoint(msgspec.Struct, frozen=True):
    """The tree as it stood after `size` events."""

    origin: str
    size: int
    root: bytes
    sm3: bytes | None = None

    def __str__(self) -> str:
        text = f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"
        return text + (f"{_SM3}{b64encode(self.sm3).decode()}\n" if self.sm3 else "")


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What a checkpoint shows about a record."""

    ok: bool
    seen: int
    """How many events the checkpoint saw."""
    size: int
    """How many there are now; 0 when the record broke before they were counted."""
    root: str
    """Today's root; empty when it came to none."""
    lost: int = 0
    """Of those that it saw, how many went with a part of the record that was announced as lost."""
    sm3: bool = False
    """Whether the SM3 roots were compared too."""
    first_bad_seq: int | None = None
    reason: str | None = None


def origin(identity: Identity) -> str:
    """What a checkpoint names as its log: a store in an epoch; a restored store is another log."""
    return f"whistle/{identity.store_id}/e{identity.epoch}"


def read(text: str) -> Checkpoint:
    """A checkpoint from a note's text; Refused when it is none.

    Extension lines of others are passed over, as the specification asks.
    """
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines) or not _SIZE.fullmatch(lines[1]):
        raise no_checkpoint()
    roots = [line.removeprefix(_SM3) for line in lines[3:] if line.startswith(_SM3)]
    try:
        root, *more = [b64decode(each, validate=True) for each in (lines[2], *roots[:1])]
    except ValueError as error:
        raise no_checkpoint() from error
    if any(len(each) != _ROOT_BYTES for each in (root, *more)):
        raise no_checkpoint()
    return Checkpoint(lines[0], int(lines[1]), root, more[0] if more else None)


def take(log: StoreLog) -> Checkpoint:
    """A checkpoint of the whole record as it is now, proved while it is read.

    Raises Broken when the record does not prove itself: what is broken is not vouched for.
    """
    grown = _grown(log, None, sm3())
    return Checkpoint(origin(log.identity), grown.seen, grown.root, grown.sm3)


def compare(log: StoreLog, held: Checkpoint) -> Comparison:
    """Whether what a checkpoint saw is still the beginning of the record.

    Every leaf is computed anew from the event's own fields: that the first `held.size` of them
    give the checkpoint's root, and lead on to today's, is shown in one pass.
    """
    size = 0
    try:
        epoch = _epoch(held, log.identity)
        grown = _grown(log, held.size, sm3() if held.sm3 else None)
        size = grown.whole.size
        kept = _kept(log.identity, epoch)
        if kept is not None and kept < held.size:
            raise Broken(_LOST, seen=held.size, epoch=epoch, kept=kept, opened=kept + 1)
        if size < held.size:
            raise Broken(_CUT, size=size, seen=held.size)
        if grown.root != held.root:
            raise Broken(_PAST, seen=held.size)
        if grown.sm3 is not None and grown.sm3 != held.sm3:
            raise Broken(_PAST_SM3, seen=held.size)
    except Broken as broken:
        seq = broken.words.get("first_bad", broken.words.get("seq"))
        left = broken.words.get("kept")
        return Comparison(
            ok=False,
            seen=held.size,
            lost=held.size - left if isinstance(left, int) else 0,
            size=size,
            root="",
            first_bad_seq=seq if isinstance(seq, int) else None,
            reason=str(broken),
        )
    return Comparison(
        ok=True,
        seen=held.size,
        size=size,
        root=grown.whole.root.hex(),
        sm3=grown.sm3 is not None,
    )


def epoch_named(held: Checkpoint, store_id: str) -> int | None:
    """The epoch of a store that a checkpoint saw; None when it is of another store."""
    store, _slash, epoch = held.origin.rpartition("/e")
    known = store == f"whistle/{store_id}" and epoch.isascii() and epoch.isdecimal()
    return int(epoch) if known else None


def _epoch(held: Checkpoint, identity: Identity) -> int:
    """The epoch that a checkpoint saw; Broken when it is not of this store and record."""
    epoch = epoch_named(held, identity.store_id)
    if epoch is None:
        raise Broken(_OTHER, theirs=held.origin, ours=origin(identity))
    return epoch


def _kept(identity: Identity, epoch: int) -> int | None:
    """The last event that is left of an epoch; None while it goes on."""
    try:
        return identity.last_of(epoch)
    except LookupError as error:
        raise Broken(_NO_EPOCH, epoch=epoch, ours=identity.epoch) from error


class _Grown(NamedTuple):
    """The tree of today, and the roots as they were when it had `seen` leaves."""

    whole: Frontier
    seen: int
    root: bytes
    sm3: bytes | None


def _grown(log: StoreLog, stop: int | None, digest: Digest | None) -> _Grown:
    whole = Frontier()
    second = Frontier(digest=digest) if digest else None
    rows = _growing(whole, log.proved_rows())
    first = islice(rows, stop)
    if digest and second:
        for octets in packed(row for row, _leaf in sealed(first, log.identity)):
            second.add(digest(octets))
    deque(first, maxlen=0)
    seen, root = whole.size, whole.root
    deque(rows, maxlen=0)
    return _Grown(whole, seen, root, second.root if second else None)


def _growing(tree: Frontier, rows: Iterator[Any]) -> Iterator[Any]:
    """The same rows; their leaves, just proved to be those of their fields, go into the tree."""
    for row in rows:
        tree.add(row[18])
        yield row


def no_checkpoint() -> Refused:
    """The file is no checkpoint."""
    return Refused(
        _("This is no checkpoint: an origin, a size and a root, each on a line of its own."),
        rule="proof.checkpoint",
        hint=_("make one: whistle audit checkpoint create --to FILE"),
    )

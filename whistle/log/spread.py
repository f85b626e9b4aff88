"""A record proved in parts, by whatever workers there are, in one pass over each part.

The log is cut into stretches that begin where a subtree of its tree begins, the register into runs
of lines. Whoever reads a stretch may take from its rows what he is after: it comes back beside the
proof. A part that does not hold says only that: which event is the first bad one, the whole record
tells, read from the front.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from functools import partial
from itertools import chain, islice
from typing import Any, NamedTuple, Protocol, TypeVar

from whistle.domain.refusal import Broken, WhistleError
from whistle.log import kept, registers
from whistle.log.head import head_of
from whistle.log.reader import SQLReader
from whistle.log.registers import Lines
from whistle.log.rows import Identity
from whistle.log.stretch import STRETCH, Stretch
from whistle.log.verify import Found, G, Gathering, Proof, Taking, unsealed
from whistle.workers import Workers

PARTS_EACH = 4  # for each worker, so that all of them end at about the same time
LEAST = 1 << 12  # events or lines in a part, but the last

T = TypeVar("T")


class Readable(Protocol):
    """A store's log, as it is read here."""

    identity: Identity

    def reading(self) -> AbstractContextManager[SQLReader]:
        """A consistent view of the store at one moment."""
        ...

    def rows(self, after: int, upto: int) -> Generator[Any, None, None]:
        """The rows between two positions, raw."""
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...


class Shared(Readable, Protocol):
    """A log that other processes can open too."""

    def proved(
        self, taking: Taking[Any], gathering: Callable[[], G], workers: Workers | None = None
    ) -> Found[G]:
        """The whole record proved, and what was taken from it."""
        ...

    @property
    def opener(self) -> "Opener":
        """Opens the same store, in another process too."""
        ...


Opener = Callable[[], Readable]


class Unproved(Exception):
    """A part does not hold, or could not be read."""


class Part(NamedTuple):
    """Some events in a row."""

    after: int
    upto: int


def proved(
    logs: Sequence[Shared],
    workers: Workers,
    taking: Taking[Any],
    gathering: Callable[[], G],
    *,
    replies: bool = False,
) -> list[Found[G]]:
    """Prove whole records, with `replies` those too; Unproved when any part does not hold.

    The parts of all of them are done together, so that many short records keep all workers busy.
    """
    with ExitStack() as open_reads:
        records = [_Record(log, open_reads.enter_context(log.reading())) for log in logs]
        total = sum(record.claimed.size for record in records)
        length = length_of(total, workers.count)
        asked = [record.parts(length, taking, replies=replies) for record in records]
        done = workers.map(_done, list(chain.from_iterable(asked)))
        return [
            record.joined(islice(done, len(parts)), gathering())
            for record, parts in zip(records, asked, strict=True)
        ]


class _Record:
    """A record that is cut, its head and its register as they are at this moment."""

    def __init__(self, log: Shared, reader: SQLReader) -> None:
        self._store = log.opener
        self._reader = reader
        self._beside = 0  # parts that are no stretch
        self.claimed = head_of(reader)
        if not self.claimed.size or unsealed(reader, self.claimed.size) is not None:
            raise Unproved

    def parts(self, length: int, taking: Taking[T], *, replies: bool) -> list[Callable[[], Any]]:
        """What has to be done, each so that it can be done elsewhere."""
        store = self._store
        beside: list[Callable[[], Any]] = [
            *([partial(_replies_hold, store)] if replies else []),
            *(partial(_lines_hold, store, each) for each in registers.cut(self._reader, LEAST)),
        ]
        self._beside = len(beside)
        stretches = cut(self.claimed.size, length)
        return [*beside, *(partial(_stretch_holds, store, each, taking) for each in stretches)]

    def joined(self, done: Iterator[Any], gathered: G) -> Found[G]:
        """The whole, from what its parts came to."""
        units = _units(list(islice(done, self._beside)))
        whole = _joined(done, gathered)
        claimed = self.claimed
        if (claimed.size, claimed.hashes) != (whole.tree.end, whole.tree.hashes):
            raise Unproved
        try:
            registers.prove(self._reader, whole.units.last, units)
        except Broken as broken:
            raise Unproved from broken
        return Found(claimed.size, claimed.root, gathered)


def length_of(size: int, workers: int) -> int:
    """How many events a part has, of so many in all: some parts for each worker, or more parts.

    A power of two, so that every part but the last of a record is a full subtree.
    """
    share = min(max(size // (workers * PARTS_EACH), LEAST), STRETCH)
    return 1 << (share.bit_length() - 1)


def cut(size: int, length: int) -> list[Part]:
    """The stretches of a log."""
    return [Part(after, min(after + length, size)) for after in range(0, size, length)]


def _done(part: Callable[[], Any]) -> Any:
    """What a part comes to; none when it does not hold, or could not be read."""
    try:
        return part()
    except WhistleError:
        return None


def _units(found: list[set[str] | None]) -> set[str]:
    if None in found:
        raise Unproved
    return set().union(*(each for each in found if each))


def _joined(done: Iterator[tuple[Stretch, Any] | None], gathered: Gathering) -> Stretch:
    """All stretches as one; what was taken beside is gathered."""
    whole = None
    for each in done:
        if each is None:
            raise Unproved
        stretch, told = each
        try:
            whole = stretch if whole is None else whole.joined(stretch)
        except Broken as broken:
            raise Unproved from broken
        gathered.append(told)
    if whole is None:
        raise Unproved
    return whole


def _stretch_holds(store: Opener, part: Part, taking: Taking[T]) -> tuple[Stretch, T]:
    with closing(store()) as log, log.reading() as reader:
        proof = Proof(log.identity, part.after)
        with closing(log.rows(part.after, part.upto)) as rows:
            told = taking(proof.proved(rows, reader.before))
        return proof.stretch, told


def _lines_hold(store: Opener, lines: Lines) -> set[str]:
    with closing(store()) as log, log.reading() as reader:
        return registers.prove_lines(reader, lines)


def _replies_hold(store: Opener) -> set[str]:
    with closing(store()) as log, log.reading() as reader:
        kept.prove(reader)
        return set()

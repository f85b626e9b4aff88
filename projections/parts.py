"""A view made from nothing: the cases of a log in parts, each folded by whoever there is.

A part has whole cases, with all that decides about them: whoever folds it asks nobody else, and no
cutting changes what comes out. Nothing of it is in the store before, so that it is only inserted.
"""

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from importlib import import_module
from typing import NamedTuple

from projections.folding import read
from projections.making import Cases, Made, made
from projections.projection import Projection
from whistle.domain.skipping import STREAM, SkipRuled
from whistle.log.port import Log, Reader, Streams
from whistle.workers import Workers

LENGTH = 5_000  # events of a part, about: few enough to stay in a processor's cache

Opened = Callable[[], AbstractContextManager[Log]]


class Part(NamedTuple):
    """Streams that belong together, up to a place in the log."""

    streams: Streams
    upto: int


def fold(log: Log, views: Sequence[str], upto: int, workers: Workers) -> Iterator[list[Made]]:
    """What views (module:attribute) make of a log up to a place, part by part."""
    with log.reading() as reader:
        parts = cut(reader, upto)
    opened = partial(_open, log) if workers.count == 1 else partial(_opened, log.opener)
    with _no_search_for_cycles():
        yield from workers.map(partial(_folded, opened, tuple(views)), parts)


def cut(reader: Reader, upto: int) -> list[Part]:
    """A log in parts: what shares a case, or a stream, is in one of them."""
    bound, taken = _bound(reader.links(upto)), set[int]()
    parts, first, last, events = list[Part](), 0, 0, 0
    mine, without = set[int](), set[int]()  # of those that are bound to others

    def part() -> Part:
        beside = frozenset(number for number in mine if number > last)
        return Part(Streams(first, last, frozenset(without), beside), upto)

    for number, many in reader.lengths(upto):
        last = number
        if number not in taken:
            mine |= (group := bound.get(number, set()))
            taken |= group
        elif number not in mine:
            without.add(number)
        events += many
        if events >= LENGTH:
            parts.append(part())
            mine, without, first, events = set(), set(), last + 1, 0
    return [*parts, part()] if events else parts


def _bound(links: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    """What belongs together through cases, by the numbers of streams."""
    bound: dict[int, set[int]] = {}
    for each in links:
        one, other = (bound.setdefault(number, {number}) for number in each)
        if one is not other:
            less, more = sorted((one, other), key=len)
            more |= less
            bound.update(dict.fromkeys(less, more))
    return bound


def _folded(opened: Opened, views: Sequence[str], part: Part) -> list[Made]:
    """What views make of a part; wherever this is asked, the same comes out."""
    begun = time.perf_counter()
    found = list(map(_view, views))
    with opened() as log:
        cases = _cases(log, found, part)
        share = (time.perf_counter() - begun) / len(found)
        done = [made(log, view, cases) for view in found]
    return [each._replace(took_s=each.took_s + share) for each in done]


def _cases(log: Log, views: Sequence[Projection], part: Part) -> Cases:
    """The cases of a part, and the rulings on what is left out of them."""
    with log.reading() as reader:
        lines = read(reader.told_of(part.streams, part.upto), views).lines
        ruled = read(reader.rows_of([STREAM]), views).lines
    rulings = [(line, line.told.event) for line in ruled if line.told and line.seq <= part.upto]
    mine = [line for line in lines if line.kind is not SkipRuled or line.told is None]
    seqs = {line.seq for line in mine} if rulings else ()
    return Cases.of(
        mine,
        [line for line, event in rulings if isinstance(event, SkipRuled) and event.seq in seqs],
    )


def _view(address: str) -> Projection:
    module, _colon, attribute = address.partition(":")
    found: Projection = getattr(import_module(module), attribute)
    return found


@contextmanager
def _open(log: Log) -> Iterator[Log]:
    """The log that is open here, and stays so."""
    yield log


@contextmanager
def _opened(opener: Callable[[], Log]) -> Iterator[Log]:
    """A log of one's own, in another process."""
    with closing(opener()) as log:
        yield log


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Nothing here refers to itself; to look for it again and again costs a tenth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()

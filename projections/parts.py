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

from projections.folding import Line, read
from projections.making import Cases, Made, made
from projections.projection import Projection
from whistle.domain.skipping import STREAM, SkipRuled
from whistle.log.port import Log, Reader
from whistle.workers import Workers

LENGTH = 5_000  # events of a part, about: few enough to stay in a processor's cache

Opened = Callable[[], AbstractContextManager[Log]]


class Part(NamedTuple):
    """Streams that belong together, up to a place in the log."""

    streams: frozenset[str]
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
    bound = _bound(reader.links(upto))
    parts, streams, events = list[Part](), set[str](), 0
    for stream, many in reader.lengths(upto):
        streams |= (group := bound.get(stream, {stream}))
        group.clear()  # each of them comes once
        events += many
        if events >= LENGTH:
            parts.append(Part(frozenset(streams), upto))
            streams, events = set(), 0
    return [*parts, Part(frozenset(streams), upto)] if streams else parts


def _bound(links: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """What belongs together through cases, by stream."""
    bound: dict[str, set[str]] = {}
    for each in links:
        one, other = (bound.setdefault(name, {name}) for name in each)
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
        rows = reader.rows_of(sorted(part.streams | {STREAM}))
        lines = read((row for row in rows if row[0] <= part.upto), views).lines
    mine, rulings = list[Line](), list[tuple[int, Line]]()
    for line in lines:
        if line.told is not None and isinstance(line.told.event, SkipRuled):
            rulings.append((line.told.event.seq, line))
        elif line.stream in part.streams:
            mine.append(line)
    seqs = {line.seq for line in mine} if rulings else ()
    return Cases.of(mine, [line for seq, line in rulings if seq in seqs])


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

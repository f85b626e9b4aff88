"""Assessing a log: proved and read in one pass, so that nothing unproved is ever scored.

Reads only the log, never a view (decision 0010). What a stretch tells is put aside by case while
the record is proved (`shares`), and folded afterwards, some whole cases at a time (`gathering`,
`cases`).
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol

from whistle.domain.moment import Instant
from whistle.engine.cases import Assessed, KeptOut, Verified
from whistle.engine.gathering import Gathered, gathered
from whistle.engine.shares import Question, Share
from whistle.log.verify import Found, G, Taking
from whistle.workers import Workers

__all__ = [
    "Assessed",
    "Gathered",
    "KeptOut",
    "ProvedLog",
    "Verified",
    "assess",
    "gather",
    "share_of",
]


class ProvedLog(Protocol):
    """What an assessment needs of a log."""

    def proved(
        self, taking: Taking[Any], gathering: Callable[[], G], workers: Workers | None = None
    ) -> Found[G]:
        """The whole log proved, and what was taken from its rows; Broken when it is not whole."""
        ...


def assess(
    log: ProvedLog,
    *,
    until: Instant | None = None,
    known_at: Instant | None = None,
    attribute: str | None = None,
    workers: Workers | None = None,
) -> Assessed:
    """Prove the whole log and fold it at once; Broken when it does not prove itself.

    `until` and `known_at` as `Ledger` has them; it stands at the earlier of these, and at the last
    instant on record if that is earlier still: of what comes later a log knows nothing, and no
    machine's clock is asked. An assignment's `attribute` is that of its
    earliest whistle, as the imported line carries it. Several workers come to what one comes to.
    """
    return gather(log, Question(until, known_at, attribute), workers).whole()


def gather(log: ProvedLog, asked: Question, workers: Workers | None = None) -> Gathered:
    """Prove the whole log and gather what is asked of it; Broken when it does not prove itself."""
    return gathered(log.proved(partial(share_of, asked), partial(Gathered, asked), workers))


def share_of(asked: Question, rows: Iterator[Any]) -> Share:
    """What some rows tell of what is asked."""
    return Share(asked).take(rows)

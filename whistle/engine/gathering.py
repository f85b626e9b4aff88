"""The shares of a whole log, gathered in little memory: its cases lie aside until all are known.

No length of the log makes it need more memory: what was told lies in a file of the moment
(`log/aside.py`), and is read back some whole cases at a time, in the order of their keys.
"""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from whistle.domain.moment import Instant
from whistle.domain.suspect import Suspicion
from whistle.engine.cases import Assessed, Cases, Common, Verified
from whistle.engine.shares import Placed, Question, Share, Told, unpack
from whistle.log.aside import Aside
from whistle.log.verify import Found

AT_ONCE = 10_000
"""Facts that are folded together, about: whole cases, so that none is torn."""


class Gathered:
    """What is told of the cases of a log."""

    def __init__(self, asked: Question) -> None:
        self._asked = asked
        self._aside = Aside(columns=3, key=2)
        self._last_seq = 0
        self._last_at: Instant | None = None
        self._gone: set[int] = set()
        self._anomalies: list[Placed] = []
        self._caught_up: list[tuple[int, Instant, Instant]] = []
        self.verified = Verified(0, 0, "")

    def append(self, share: Share) -> None:
        """Take in what a stretch tells; in any order."""
        self._aside.put(share.cases)
        if share.last_seq > self._last_seq:
            self._last_seq, self._last_at = share.last_seq, share.last_at
        self._gone |= share.gone
        self._anomalies += share.anomalies
        self._caught_up += share.caught_up

    @property
    def stands_at(self) -> Instant | None:
        """The instant at which the log stands as it was asked about; none: an empty log."""
        asked = self._asked.until, self._asked.known_at
        return min((at for at in (self._last_at, *asked) if at is not None), default=None)

    def parts(self) -> Iterator[Assessed]:
        """Some whole cases at a time, in the order of their incidents' keys."""
        common = self._common()
        cases = Cases(common)
        for key, rows in groupby(self._aside.ordered(), itemgetter(0, 1)):
            cases.take(key, _together(unpack(packed) for _, _, packed in rows))
            if cases.facts >= AT_ONCE:
                yield cases.assessed()
                cases = Cases(common)
        yield cases.assessed()

    def whole(self) -> Assessed:
        """All cases at once, in as much memory as that takes."""
        cases = Cases(self._common())
        for source, incident, packed in self._aside.ordered():
            cases.take((source, incident), unpack(packed))
        return cases.assessed()

    def _common(self) -> Common:
        gone, asked = frozenset(self._gone), self._asked
        return Common(asked, self.verified, self.stands_at, gone, self._suspicion())

    def _suspicion(self) -> Suspicion:
        """Which events were stamped by a clock that nobody vouches for."""
        folded = Suspicion()
        heard = {each.seq: each.event for each in self._anomalies}
        stamped = {each[0]: each for each in self._caught_up}
        for seq in sorted({*heard, *stamped}):
            if seq in stamped:
                folded.stamped(*stamped[seq])
            if (event := heard.get(seq)) is not None:
                folded.hear(seq, event)
        return folded


def _together(told: Iterator[Told]) -> Told:
    """What several stretches tell of one case."""
    first = next(told)
    for other in told:
        first.join(other)
    return first


def gathered(found: Found[Gathered]) -> Gathered:
    """What was gathered from a record that is proved now."""
    found.taken.verified = Verified(min(1, found.size), found.size, found.root.hex())
    return found.taken

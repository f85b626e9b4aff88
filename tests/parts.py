"""Stand-ins for many workers: parts that travel and come back, done here in an order of chance."""

import pickle
import random
from collections.abc import Callable, Iterator, Sequence

import msgspec

from whistle.engine.assessing import Assessed
from whistle.workers import Part, Result


class Sent:
    """Workers of this process: what they get and give is pickled, as if they were far away."""

    def __init__(self, count: int, seed: int = 0) -> None:
        self.count = count
        self._chance = random.Random(seed)  # noqa: S311 - a game, no secret
        self.done = 0

    def map(self, function: Callable[[Part], Result], parts: Sequence[Part]) -> Iterator[Result]:
        """Every part, done in any order, handed back in theirs."""
        order = list(range(len(parts)))
        self._chance.shuffle(order)
        found = {at: pickle.dumps(function(pickle.loads(pickle.dumps(parts[at])))) for at in order}  # noqa: S301 - our own bytes
        self.done += len(order)
        return (pickle.loads(found[at]) for at in range(len(parts)))  # noqa: S301 - our own bytes


def canonical(found: Assessed) -> bytes:
    """Everything that an assessment says, in one way of writing it."""
    ledger = found.ledger
    keyed = [found.groups, found.kept_out]
    return msgspec.json.encode(
        [
            found.verified,
            found.stands_at,
            found.assignments(),
            ledger.assignments(),
            ledger.unwhistled(),
            ledger.withdrawn(),
            ledger.extras(),
            len(ledger),
            sorted(found.names.items()),
            *(sorted((key, value) for key, value in each.items()) for each in keyed),
            found.anomalies,
            found.delays,
            found.unreached,
        ],
        order="sorted",
    )

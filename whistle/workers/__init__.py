"""Who does the parts of a long piece of work: this process, several of this machine, a cluster.

All of them are one interface: a function and parts in, results out, in the order of the parts. What
the parts come to is put together by whoever asked, in a way that no cutting changes.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

WORTH_IT = 50_000
"""Events from which on other processes save more than it costs to begin them."""

Part = TypeVar("Part")
Result = TypeVar("Result")


class Workers(Protocol):
    """Whoever does parts of a work."""

    @property
    def count(self) -> int:
        """How many parts are done at a time; with 1 nobody cuts anything."""
        ...

    def map(self, function: Callable[[Part], Result], parts: Sequence[Part]) -> Iterator[Result]:
        """What a function makes of each part, in order.

        Function, parts and results travel between processes: the function stands in a module.
        """
        ...


class Alone:
    """This process does it all, one part after the other."""

    count = 1

    def map(self, function: Callable[[Part], Result], parts: Sequence[Part]) -> Iterator[Result]:
        """What a function makes of each part."""
        return map(function, parts)


ALONE = Alone()


def chosen(asked: int | str | None, size: int) -> Workers:
    """The workers for a log of so many events: so many processes, or the cluster at an address.

    Where nothing is asked, as many processes as this one may use processors, if it is worth it.
    Raises Unreachable when there is no such cluster.
    """
    if isinstance(asked, str):
        from whistle.workers.cluster import Cluster

        return Cluster(asked)
    count = asked or (processors() if size >= WORTH_IT else 1)
    if count == 1:
        return ALONE
    from whistle.workers.processes import Processes  # paid for by who uses them

    return Processes(count)


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))

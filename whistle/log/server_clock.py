"""The clock of a server, as this program was told it: the machines of many offices never agree."""

import time
from typing import Final

from whistle.domain.moment import Instant

_STEADY: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on while a machine sleeps, where it has such a clock."""


class ServerClock:
    """What the server told last, and the time that has passed here since."""

    def __init__(self, instant: Instant) -> None:
        self.told(instant)

    def told(self, instant: Instant) -> None:
        """The server has told its instant; it does with every write."""
        self._told = instant, _steady()

    def __call__(self) -> Instant:
        """The server's instant, less the way that its word took."""
        instant, heard = self._told
        return instant + _steady() - heard


def _steady() -> int:
    return time.clock_gettime_ns(_STEADY) // 1000

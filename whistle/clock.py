"""The one place where the clock is read; everything else is told the instant."""

import time

from whistle.domain.moment import Instant


def now() -> Instant:
    """The instant, in microseconds since the epoch."""
    return time.time_ns() // 1000

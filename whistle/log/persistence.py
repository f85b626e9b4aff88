"""Doing again what a lost connection cut off, for a bounded time."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from whistle.log.port import Lost

NAPS_S: Final = (0.1, 0.3, 0.6, 1.0, 2.0, 4.0)
"""Waits between the tries: a server that is restarted, or a standby that takes over, is back."""

Done = TypeVar("Done")


def persist(act: Callable[[bool], Done]) -> Done:
    """Do it, and do it again while the connection breaks; Lost when it never held.

    `act` is told whether an earlier try may have been recorded though its answer was lost.
    """
    again = False
    for nap in NAPS_S:
        try:
            return act(again)
        except Lost:
            again = True
            time.sleep(nap)
    return act(again)

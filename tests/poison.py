"""A handler that cannot take some arrivals, as a mistake in a view's code would have it."""

from collections.abc import Callable
from typing import Any

import pytest

from projections import coordinate
from projections.projection import Rows
from whistle.domain.whistle.events import Arrived
from whistle.log.rows import Recorded


def poison(patch: pytest.MonkeyPatch, ill: Callable[[Recorded], bool]) -> None:
    """Let the coordinate view stumble over some arrivals until the patch is undone."""
    handlers: dict[type, Any] = coordinate.coordinate.handlers
    moved = handlers[Arrived]

    def poisoned(rows: Rows, told: Recorded, event: Arrived) -> None:
        moved(rows, told, event)
        if ill(told):
            raise ValueError("no room for it")

    patch.setitem(handlers, Arrived, poisoned)

"""The aggregates by their kinds, each loaded when the first of its streams is met.

To make the classes of a kind takes longer than to decide an order, and most orders meet two kinds.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final

from whistle.domain.aggregate import Aggregate
from whistle.domain.message import Order

HOMES: Final[Mapping[str, str]] = {
    "incident": "whistle.domain.incident",
    "whistle": "whistle.domain.whistle",
    "team": "whistle.domain.team",
    "patrol": "whistle.domain.patrol",
    "unit": "whistle.domain.unit",
    "rulebook": "whistle.domain.rulebook",
    "clock": "whistle.domain.clock_anomaly",
    "view": "whistle.domain.skipping",
}
"""Where each kind is at home: there it stands under its name in capitals."""


@cache
def of_kind(kind: str) -> Aggregate:
    """The aggregate of a kind; KeyError when there is none."""
    found: Aggregate = getattr(import_module(HOMES[kind]), kind.upper())
    return found


def deciding(order: Order) -> Aggregate:
    """The aggregate that decides an order; TypeError when nobody does.

    What hears the clock, or is about the record, is any stream by its own kind.
    """
    if order.decided_by not in HOMES:
        raise TypeError(f"nobody decides {type(order).__name__}")
    return of_kind(order.decided_by)

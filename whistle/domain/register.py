"""What the register tables keep of each aggregate: enough to find it by name and to see its stage.

Each aggregate computes its own line from the decided state alone, so that the tables can be rebuilt
and compared.
"""

import msgspec

from whistle.domain.moment import Instant
from whistle.domain.surroundings import UnitEntry


class SiteEntry(msgspec.Struct, frozen=True):
    """Where and when an incident happened, and what became of it, to find duplicates by."""

    item: str
    site: str  # the place as it is compared
    reported_at: Instant
    closed_at: Instant | None
    outcome: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the register."""

    stream: str
    kind: str
    stage: str
    name: str | None = None
    correlation: str | None = None
    due: Instant | None = None
    item: str | None = None
    place: str | None = None
    calls: dict[str, str] = {}
    unit: UnitEntry | None = None
    site: SiteEntry | None = None


def number_of(entry: Entry) -> int | None:
    """The number at the end of a name, by which people call the thing."""
    number = entry.name.rpartition("-")[2] if entry.name else ""
    return int(number) if number.isdecimal() else None

"""A month of the wall clock as a stretch of instants."""

from datetime import datetime, tzinfo
from typing import NamedTuple

from whistle.domain.moment import CHINA, Instant, of


class Month(NamedTuple):
    """From its first instant to that of the next month, which is not in it."""

    name: str  # 2026-10
    first: Instant
    end: Instant

    def holds(self, at: Instant | None) -> bool:
        """Whether an instant lies in it; none lies nowhere."""
        return at is not None and self.first <= at < self.end


def month_of(year: int, month: int, zone: tzinfo = CHINA) -> Month:
    """The month of a year by the wall clock of a zone; ValueError if there is none."""
    first = datetime(year, month, 1, tzinfo=zone)
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
    return Month(f"{year:04d}-{month:02d}", of(first), of(end))

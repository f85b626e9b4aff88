"""Where incidents happened, kept so that a duplicate or a repeat is found at once.

`sites` is derived from the events like the rest of the register.
"""

from typing import Any

import msgspec

from whistle.domain.moment import Instant
from whistle.domain.register import SiteEntry

NEWEST_MAX = 200
"""Incidents that one question is answered with, the newest first: more would help nobody."""

_SITED = """
SELECT sites.stream, names.name, names.stage, sites.item, names.place, sites.site,
  sites.reported_at, sites.closed_at, sites.outcome FROM sites JOIN names USING (stream)
"""
_NEWEST = f"ORDER BY sites.reported_at DESC, names.number DESC, stream LIMIT {NEWEST_MAX}"
_PUT = """
INSERT INTO sites VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (stream) DO UPDATE SET
  item = excluded.item, site = excluded.site, reported_at = excluded.reported_at,
  closed_at = excluded.closed_at, outcome = excluded.outcome
"""


class Sited(msgspec.Struct, frozen=True):
    """An incident with where and when it happened, and what became of it."""

    stream: str
    name: str
    stage: str
    item: str
    place: str
    site: str
    reported_at: Instant
    closed_at: Instant | None
    outcome: str


def at_site(cursor: Any, site: str) -> list[Sited]:
    """What happened at a site, the newest first."""
    cursor.execute(f"{_SITED} WHERE sites.site = ? {_NEWEST}", (site,))
    return [Sited(*row) for row in cursor.fetchall()]


def open_since(cursor: Any, item: str, since: Instant) -> list[Sited]:
    """The open incidents of an item that were reported since an instant, the newest first."""
    cursor.execute(
        f"{_SITED} WHERE sites.item = ? AND sites.reported_at >= ? AND sites.closed_at IS NULL "
        f"{_NEWEST}",
        (item, since),
    )
    return [Sited(*row) for row in cursor.fetchall()]


def of_stream(cursor: Any, stream: str) -> SiteEntry | None:
    """The line of one incident."""
    cursor.execute(
        "SELECT item, site, reported_at, closed_at, outcome FROM sites WHERE stream = ?", (stream,)
    )
    row = cursor.fetchone()
    return SiteEntry(*row) if row else None


def put(cursor: Any, stream: str, line: SiteEntry) -> None:
    """Keep an incident's line in step with its state."""
    cursor.execute(_PUT, (stream, *msgspec.structs.astuple(line)))

"""Places where the same item comes up again, read from what the inspect view holds."""

from typing import TYPE_CHECKING

import msgspec

from projections.inspect import IncidentRow, incidents
from whistle.domain.moment import Instant
from whistle.domain.site import site

if TYPE_CHECKING:
    from projections.catch_up import Views


class RepeatSite(msgspec.Struct, frozen=True, kw_only=True):
    """A place where the same item came up more than once."""

    item: str
    place: str  # as it was told last
    times: int
    first_at: Instant
    last_at: Instant
    still_open: int
    last_outcome: str  # of the newest that is closed; empty while none is
    names: tuple[str, ...]  # of the incidents, the oldest first


def repeat_sites(views: "Views", since: Instant = 0) -> list[RepeatSite]:
    """Places where the same item came up more than once since an instant, the most often first.

    What was turned away or merged into another is no time of its own.
    """
    found: dict[tuple[str, str], list[IncidentRow]] = {}
    for row in incidents(views):
        where = site(row.place)
        own = not row.source and row.way not in ("refused", "merged")
        if own and where and (row.reported_at or 0) >= since:
            found.setdefault((where, row.item), []).append(row)
    repeats = [_repeat(rows) for rows in found.values() if len(rows) > 1]
    return sorted(repeats, key=lambda each: (-each.times, each.place, each.item))


def _repeat(rows: list[IncidentRow]) -> RepeatSite:
    rows = sorted(rows, key=lambda row: (row.reported_at or 0, row.name))
    over = [row for row in rows if row.outcome]
    return RepeatSite(
        item=rows[-1].item,
        place=rows[-1].place,
        times=len(rows),
        first_at=rows[0].reported_at or 0,
        last_at=rows[-1].reported_at or 0,
        still_open=sum(row.stage != "closed" for row in rows),
        last_outcome=over[-1].outcome if over else "",
        names=tuple(row.name for row in rows),
    )

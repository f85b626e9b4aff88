"""The views opened for a verb, and what they hold as facts for programs."""

from typing import TYPE_CHECKING, Any

import msgspec

from projections.desk.answer import Diagnostic
from projections.desk.desk import Desk
from projections.desk.words import say
from whistle.domain.moment import rfc3339
from whistle.domain.refusal import _

if TYPE_CHECKING:  # SQLAlchemy is paid for when a view is opened, not when its verb is found
    from projections.catch_up import Views

_LEAST_INSTANT = 10**14
"""Microseconds, a day of March 1973. Rows hold instants as plain whole numbers; whatever else they
count (seqs, marks, seconds) stays far below this."""


def views(desk: Desk) -> "Views":
    """The views of this store, caught up by whoever reads them; the clocks speak first.

    Where the store may only be read they cannot, and the reader is told so.
    """
    from projections import open_views, views_path

    desk.check_town()
    if desk.log.read_only:
        unheard = say(_("Read only: the clocks were not heard."))
        desk.diagnostics.append(Diagnostic(message=unheard, rule="store.read_only"))
    elif not desk.options["dry_run"]:
        desk.engine.tick()
    return open_views(desk.log, views_path(desk.log.path))


def facts(desk: Desk, row: msgspec.Struct) -> dict[str, Any]:
    """A row of a view as a JSON object: its instants as RFC 3339, its unit's name beside it."""
    told: dict[str, Any] = timed(msgspec.structs.asdict(row))
    if (unit := told.get("unit")) is not None:
        told["unit_name"] = desk.unit_name(unit) if unit else None
    return told


def timed(value: Any) -> Any:
    """A value for JSON with every instant in it, however deep, as RFC 3339."""
    if isinstance(value, dict):
        return {key: timed(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [timed(each) for each in value]
    if isinstance(value, int) and value > _LEAST_INSTANT:
        return rfc3339(value)
    return value

"""The views opened for a verb, and what they hold as facts for programs."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from projections.desk.answer import Diagnostic
from projections.desk.desk import Desk
from projections.desk.words import say
from whistle.domain.moment import rfc3339
from whistle.domain.refusal import _

if TYPE_CHECKING:  # SQLAlchemy is paid for when a view is opened, not when its verb is found
    from projections.catch_up import Views
    from projections.store import Parked

_LEAST_INSTANT = 10**14
"""Microseconds, a day of March 1973. Rows hold instants as plain whole numbers; whatever else they
count (seqs, marks, seconds) stays far below this."""


@contextmanager
def views(desk: Desk) -> Iterator["Views"]:
    """The views of this store, caught up by whoever reads them; the clocks speak first.

    A case that a view could not take is missing from what was read: that is told.
    """
    heard(desk)
    with as_they_stand(desk) as opened:
        yield opened
        if parked := opened.parked():
            desk.diagnostics.append(_missing(parked))


def as_they_stand(desk: Desk) -> "Views":
    """The views of this store: beside its file, or in its database. No clock speaks before."""
    from projections import open_views, views_path

    desk.check_town()
    path = desk.log.path
    return open_views(desk.log, desk.address if path is None else views_path(path))


def heard(desk: Desk) -> None:
    """Let the clocks speak before anything is read of this town.

    Where the store may only be read they cannot, and the reader is told so.
    """
    desk.check_town()
    if desk.log.read_only:
        unheard = say(_("Read only: the clocks were not heard."))
        desk.diagnostics.append(Diagnostic(message=unheard, rule="store.read_only"))
    elif not desk.options["dry_run"]:
        desk.hear()


def _missing(parked: "Mapping[str, Sequence[Parked]]") -> Diagnostic:
    cases = {each.case_id for events in parked.values() for each in events}
    return Diagnostic(
        message=say(
            _("Cases that stand still in a view and are not shown as they are: {count} ({views})."),
            count=len(cases),
            views=", ".join(parked),
        ),
        rule="view.parked",
        hint="whistle projection status",
    )


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

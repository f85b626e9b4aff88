"""The read models: one file per view, each a table, its handlers and its queries together.

    with open_views(log, views_path(store)) as views:        # nothing is opened until it is read
        for row in command.whistles(views): ...

Every query takes the open views first, catches its own view up with the log, and gives frozen
structs (`msgspec.structs.asdict(row)` for JSON). Instants are integer microseconds UTC. The town
office's own duties have the unit "". Imported history stands in columns of its own everywhere.

inspect     incidents(views, *, channel=None, stage=None) -> list[IncidentRow]
            counts(views) -> Counts
command     whistles(views, *, open_only=False) -> list[WhistleRow]
            counts(views) -> Counts
coordinate  calls(views, *, whistle=None, unit=None) -> list[CallRow]   whistle: name or stream
            counts(views) -> Counts
assess      units(views) -> list[UnitRow]           calls(views, *, unit=None) -> list[CallRow]
            counts(views) -> Counts
ledger      assignments(views, *, unwhistled=False) -> list[whistle.domain.ledger.Assignment]
            counts(views) -> Counts
teams       teams(views, *, open_only=False) -> list[TeamRow]
            turnouts(views, *, whistle=None, unit=None) -> list[TurnoutRow]
            counts(views) -> Counts
deadlines   inbox(views, *units) -> list[DutyRow]   no unit: everybody's; "" is the town office
            clocks(views, *units) -> list[ClockRow] running clocks, with what each says next
patrols     walks(views) -> list[PatrolRow]         states, attendance, findings alike
            counts(views) -> Counts
timeline    timeline(views, *incidents) -> list[Entry]  by case (stream), name or source number

views.status() -> list[Status]                      name, position, size, behind, parked
views.rebuild(name=None) -> list[Rebuilt]           name, events, seconds, rows, digest, changed
views.catch_up(*names)                              without a name: all of them
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # help and usage errors import this package and must stay quick
    from projections.catch_up import Views
    from projections.projection import Projection
    from whistle.log.port import Log

VIEWS: dict[str, str] = {
    "inspect": "projections.inspect:inspect",
    "command": "projections.command:command",
    "coordinate": "projections.coordinate:coordinate",
    "assess": "projections.assess:assess",
    "ledger": "projections.ledger:ledger",
    "teams": "projections.teams:teams_view",
    "deadlines": "projections.deadlines:deadlines",
    "patrols": "projections.patrols:patrols",
    "timeline": "projections.timeline:timeline_view",
}
"""Name -> module:attribute, imported only when the view is read."""


def views_path(store: Path) -> Path:
    """Where the views of an embedded store lie: beside it, and safe to delete."""
    return store.with_name(f"{store.name}.views")


def view(name: str) -> "Projection":
    """A view by its name; KeyError when there is none."""
    module, _colon, attribute = VIEWS[name].partition(":")
    found: Projection = getattr(import_module(module), attribute)
    return found


def open_views(log: "Log", where: Path | str | None) -> "Views":
    """The views of a log, kept in a file of their own (see `views_path`), in the schema `views`
    of the database at an address, or nowhere.
    """
    from projections.catch_up import Views

    return Views(log, where)

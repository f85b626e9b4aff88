"""Patrols as the four views and the ledger show them, below what each has of its own."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from projections.desk import times
from projections.desk.desk import Desk
from projections.desk.reading import facts
from projections.desk.tables import table
from projections.desk.words import STAGES, say, word
from whistle.domain.refusal import _

if TYPE_CHECKING:
    from projections.catch_up import Views
    from projections.patrols import FindingRow, PatrolRow

Part = tuple[list[str], Any]
"""Lines for people, and what stands under `patrols` in the answer for programs."""


def inspected(desk: Desk, views: "Views") -> Part:
    """巡查发现: each patrol's stops and findings, and how many of these became whistles."""
    from projections import patrols

    rows, found, counts = patrols.walks(views), patrols.findings(views), patrols.counts(views)
    shown = [
        (
            row.name,
            word(STAGES, row.stage),
            _units(desk, row),
            f"{row.checked}/{row.stops}",
            row.findings,
            sum(each.whistles > 0 for each in _found_by(row, found)),
        )
        for row in rows
    ]
    columns = (
        _("patrol"), _("stage"), _("which units"), _("stops checked"), _("findings"), _("whistles"),
    )  # fmt: skip
    told = {
        "rows": [facts(desk, row) for row in rows],
        "findings": [facts(desk, row) for row in found],
        "counts": msgspec.to_builtins(counts),
    }
    return _lines(columns, shown), told


def commanded(desk: Desk, views: "Views") -> Part:
    """指令督办: which patrols are out now, and which should have set out by now."""
    from projections import patrols

    now = desk.received_at
    rows = [
        row
        for row in patrols.walks(views)
        if row.stage == "out"
        or (row.stage in ("planned", "missed") and row.begins is not None and row.begins < now)
    ]
    shown = [
        (
            row.name,
            word(STAGES, row.stage) if row.stage != "planned" else say(_("not set out yet")),
            _units(desk, row),
            _at(desk, row.begins),
            _at(desk, row.ends),
            _at(desk, row.started),
            f"{row.checked}/{row.stops}",
        )
        for row in rows
    ]
    columns = (
        _("patrol"), _("stage"), _("which units"), _("from"), _("to"), _("set out"),
        _("stops checked"),
    )  # fmt: skip
    return _lines(columns, shown), [facts(desk, row) for row in rows]


def coordinated(desk: Desk, views: "Views") -> Part:
    """协商联动: patrols that several units walk together, and which of them came."""
    from projections import patrols

    joint = {row.patrol: row for row in patrols.walks(views) if len(row.units) > 1}
    rows = [row for row in patrols.attendance(views) if row.patrol in joint]
    shown = [
        (
            row.patrol_name,
            word(STAGES, joint[row.patrol].stage),
            _walker(desk, row.unit, row.person),
            say(_("by the plan")) if row.planned else say(_("beside the plan")),
            _at(desk, row.there_at),
        )
        for row in rows
    ]
    columns = (_("patrol"), _("stage"), _("walks"), _("how"), _("there since"))
    return _lines(columns, shown), [facts(desk, row) for row in rows]


def entered(desk: Desk, views: "Views") -> Part:
    """台账: who was to walk and who came, and when each finding was made.

    A table of its own: the calls above stay equal to the fold of the log.
    """
    from projections import patrols

    there, found = patrols.attendance(views), patrols.findings(views)
    shown = [
        (row.patrol_name, _walker(desk, row.unit, row.person), _at(desk, row.there_at))
        for row in there
    ]
    made = [
        (
            row.patrol_name,
            row.incident_name,
            desk.item_name(row.item),
            row.place,
            _at(desk, row.found_at),
        )
        for row in found
    ]
    lines = _lines((_("patrol"), _("walks"), _("there since")), shown)
    columns = (_("patrol"), _("incident"), _("item"), _("place"), _("found at"))
    told = {
        "attendance": [facts(desk, row) for row in there],
        "findings": [facts(desk, row) for row in found],
    }
    return [*lines, *_lines(columns, made)], told


def _lines(columns: tuple[str, ...], shown: list[Any]) -> list[str]:
    return ["", *table([say(text) for text in columns], shown)] if shown else []


def _found_by(row: "PatrolRow", found: Iterable["FindingRow"]) -> list["FindingRow"]:
    return [each for each in found if each.patrol == row.patrol]


def _units(desk: Desk, row: "PatrolRow") -> str:
    return " ".join(desk.unit_name(unit) for unit in row.units)


def _walker(desk: Desk, unit: str, person: str) -> str:
    return f"{desk.unit_name(unit)}/{person}" if person else desk.unit_name(unit)


def _at(desk: Desk, instant: int | None) -> str | None:
    return None if instant is None else times.shown(instant, desk.zone, desk.received_at)

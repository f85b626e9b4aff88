"""Looking at patrols: the list, one of them, and how well the town is walked."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import click
import msgspec

from projections.desk import names, times
from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.patrol_standing import standing_patrol
from projections.desk.patrol_words import end_of, first_of
from projections.desk.reading import facts, views
from projections.desk.tables import table
from projections.desk.words import STAGES, say, word
from whistle.domain.moment import rfc3339
from whistle.domain.patrol.coverage import Line
from whistle.domain.refusal import _


@click.command()
@click.option(
    "--open", "--未结", "only_open", is_flag=True, help="Only planned ones and those out."
)
@pass_desk
def patrol_list(desk: Desk, only_open: bool) -> Answer:
    """List the patrols.

    Example: whistle patrol list --open
    """
    from projections import patrols

    with views(desk) as open_views:
        rows = patrols.walks(open_views)
    rows = [row for row in rows if not only_open or row.stage in ("planned", "out")]
    shown = [
        (
            row.name,
            word(STAGES, row.stage),
            " ".join(desk.unit_name(unit) for unit in row.units),
            slot_shown(desk, row.begins, row.ends),
            times.shown(row.started, desk.zone) if row.started is not None else None,
            f"{row.checked}/{row.stops}",
            row.findings,
        )
        for row in rows
    ]
    columns = (
        _("name"), _("stage"), _("which units"), _("slot"), _("set out"), _("stops checked"),
        _("findings"),
    )  # fmt: skip
    return Answer(
        data=[facts(desk, row) for row in rows],
        lines=table([say(text) for text in columns], shown),
        ids=[row.name for row in rows],
    )


def slot_shown(desk: Desk, begins: int | None, ends: int | None) -> str | None:
    """A slot for people; none for a patrol without a plan."""
    if begins is None or ends is None:
        return None
    return f"{times.shown(begins, desk.zone)[:-3]} - {times.shown(ends, desk.zone)[11:16]}"


@click.command()
@click.argument("walk", required=False, default="", metavar="[PATROL]")
@pass_desk
def patrol_show(desk: Desk, walk: str) -> Answer:
    """Show PATROL as it stands: its stops, who was there, what it found.

    Example: whistle patrol show 3
    """
    desk.check_town()
    found = names.patrol(desk, walk, ["to_walk", "walking"])
    return standing_patrol(desk, found)


@click.command()
@click.option("--since", "--自", metavar="YYYY-MM-DD", help="From this day on.")
@click.option("--until", "--至", metavar="YYYY-MM-DD", help="Up to this day, the day included.")
@pass_desk
def coverage(desk: Desk, since: str | None, until: str | None) -> Answer:
    """Tell how well the town was walked, by grid and by unit: plans kept, stops seen, who came.

    Example: whistle patrol coverage --since 2026-10-01 --until 2026-10-31
    """
    from projections import patrols
    from whistle.domain.patrol import coverage as covered

    first = first_of(since, desk.zone) if since else None
    last = end_of(until, desk.zone) if until else None
    with views(desk) as open_views:
        walked = [each for each in patrols.states(open_views) if covered.within(each, first, last)]
    parts = {"by_grid": covered.by_grid(walked), "by_unit": covered.by_unit(walked)}
    whole = covered.whole(walked)
    lines = [
        *_table(say(_("grid")), [(each.key or "-", each) for each in parts["by_grid"]]),
        "",
        *_table(say(_("unit")), [(desk.unit_name(each.key), each) for each in parts["by_unit"]]),
        "",
        say(
            _("Together: {done} of {planned} planned patrols done, stops {stops}, there {there}."),
            done=whole.done,
            planned=whole.planned,
            stops=percent(whole.coverage),
            there=percent(whole.attendance),
        ),
    ]
    data: dict[str, Any] = {
        "since": None if first is None else rfc3339(first),
        "until": None if last is None else rfc3339(last),
        "whole": _facts(whole),
        "by_grid": [{"grid": each.key, **_facts(each)} for each in parts["by_grid"]],
        "by_unit": [
            {"unit": each.key, "unit_name": desk.unit_name(each.key), **_facts(each)}
            for each in parts["by_unit"]
        ],
    }
    return Answer(data=data, lines=lines)


def _table(head: str, rows: Iterable[tuple[str, Line]]) -> list[str]:
    columns = (
        _("planned"), _("set out"), _("done"), _("missed"), _("called off"), _("stops"), _("share"),
        _("late"), _("left out"), _("findings"), _("there"),
    )  # fmt: skip
    shown = [
        (
            name,
            line.planned,
            line.started,
            line.done,
            line.missed,
            line.called_off,
            f"{line.checked}/{line.stops}",
            percent(line.coverage),
            line.late,
            line.skipped,
            line.findings,
            f"{line.attended}/{line.walkers}",
        )
        for name, line in rows
    ]
    return table([head, *(say(text) for text in columns)], shown)


def percent(share: Fraction | None) -> str | None:
    """A share for people, to a tenth of a percent, halves up."""
    if share is None:
        return None
    tenths = (share * 1000 * 2 + 1) // 2
    return f"{tenths // 10}.{tenths % 10}%"


def _facts(line: Line) -> dict[str, Any]:
    told = msgspec.to_builtins(line._asdict())
    told.pop("key")
    for name, share in (("coverage", line.coverage), ("attendance", line.attendance)):
        told[name] = None if share is None else round(float(share), 6)
    return dict(told)

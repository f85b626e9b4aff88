"""`whistle bulletin MONTH` 通报: a month as the proved record tells it, by unit and town."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import msgspec

from projections.desk import bulletin_faces, recorders
from projections.desk.answer import Answer, Diagnostic
from projections.desk.desk import Desk, folded, pass_desk
from projections.desk.reading import heard
from projections.desk.words import say
from projections.desk.workers import workers_of, workers_option
from whistle.domain.bulletin_town import LEFT_OUT
from whistle.domain.moment import CHINA, rfc3339
from whistle.domain.month import Month, month_of
from whistle.domain.recording import by_recorder
from whistle.domain.refusal import _
from whistle.engine.bulletins import Bulletin
from whistle.engine.bulletins import bulletin as told_of

_MONTH = re.compile(r"(\d{4})(?:-|/|年)(\d{1,2})月?", re.ASCII)


@click.command()
@click.argument("month")
@click.option("--csv", "--表格", "as_csv", is_flag=True, help="A table for spreadsheets.")
@click.option("--print", "--打印", "on_paper", is_flag=True, help="For printing: one HTML file.")
@click.option(
    "--to",
    "--存到",
    "into",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the sheet goes; else standard output.",
)
@workers_option
@pass_desk
def bulletin(
    desk: Desk,
    month: str,
    into: Path | None,
    workers: str | None,
    *,
    as_csv: bool,
    on_paper: bool,
) -> Answer:
    """Tell the facts of MONTH: calls, what was on time of what was due, marks, the town's own part.

    Examples: whistle bulletin 2026-10 · whistle bulletin 2026-10 --print --to october.html
    """
    wanted = _month(month, desk)
    heard(desk)
    told = told_of(desk.log, wanted, workers_of(workers, desk.log.size()))
    faces = bulletin_faces.Faces(desk, told)
    if on_paper or into is not None:
        from projections.desk.paper import handed_out

        return handed_out(faces.page(), into, wanted.name, 1)
    facts = _facts(desk, told)
    if as_csv and not desk.options.get("json"):
        beside = [Diagnostic(message=line, rule="bulletin.facts") for line in faces.asides()]
        return Answer(data=facts, raw=faces.csv(), diagnostics=beside)
    return Answer(data=facts, lines=faces.lines(), ids=[*told.units.per_unit])


def _month(text: str, desk: Desk) -> Month:
    """The month that a person means, by the store's wall clock; a usage error shows one."""
    match = _MONTH.fullmatch(folded(text))
    try:
        if match is None:
            raise ValueError(text)
        month = month_of(int(match[1]), int(match[2]), CHINA)
    except ValueError as error:
        raise click.UsageError(
            say(_("{text} is not a month; write it so: whistle bulletin 2026-10."), text=text)
        ) from error
    if month.first > desk.received_at:
        raise click.UsageError(
            say(_("{month} has not begun; there is nothing to tell of it."), month=month.name)
        )
    return month


def _facts(desk: Desk, told: Bulletin) -> dict[str, Any]:
    month = told.month
    units = msgspec.to_builtins(told.units._asdict())
    town = {**msgspec.to_builtins(told.town), "recorders": by_recorder(told.delays)}
    return {
        "month": month.name,
        "from": rfc3339(month.first),
        "to": rfc3339(month.end),
        "zone_s": int((CHINA.utcoffset(None) or timedelta()).total_seconds()),
        "over": month.end <= desk.received_at,
        "stands_at": rfc3339(told.stands_at) if told.stands_at is not None else None,
        "scored": False,
        **units,
        "unit_names": {unit: desk.unit_name(unit) for unit in told.units.per_unit},
        "town": town,
        "left_out": list(LEFT_OUT),
        "provisional": [
            {
                "call": f"{each.call}/{each.unit}",
                "unit": each.unit,
                "clock": each.clock,
                "due": rfc3339(each.due),
            }
            for each in told.provisional
        ],
        "imported_calls": told.imported,
        "identities": recorders.SELF_DECLARED,
        "verified": msgspec.to_builtins(told.verified),
    }

"""`whistle org import`: units and persons out of a list, into a town that runs."""

from pathlib import Path

import click

from projections.desk import replies
from projections.desk.answer import Answer, Diagnostic
from projections.desk.desk import Desk, pass_desk
from projections.desk.words import say
from whistle.domain.refusal import _
from whistle.engine import Given, new_stream

FILE = click.Path(path_type=Path)


@click.command("import")
@click.argument("units", type=FILE, required=False)
@click.option("--persons", "--人员", type=FILE, help="A list of persons: unit, name, role.")
@click.option("--map", "--列名", "columns", type=FILE, help="TOML that names the columns.")
@pass_desk
def enrol(desk: Desk, units: Path | None, persons: Path | None, columns: Path | None) -> Answer:
    """Enter a list of UNITS (.csv, .xlsx, .toml) in the register; who is there stays as it is.

    Example: whistle org import units.xlsx --persons persons.csv
    """
    from whistle.sheets.additions import read_additions

    if units is None and persons is None:
        raise click.UsageError(say(_("Name a file of units, or one of persons with --persons.")))
    desk.check_town()
    found = read_additions(units, persons, columns, desk.units)
    streams = {order.code: new_stream() for order in found.units}
    with desk.reading() as reader:
        for order in found.persons:
            if order.unit not in streams:
                streams[order.unit] = reader.named("unit", order.unit)[0].stream
    orders = [
        *(Given(streams[order.code], order) for order in found.units),
        *(Given(streams[order.unit], order) for order in found.persons),
    ]
    told = say(
        _("{units} units and {persons} persons are new; {known} units were there already."),
        units=len(found.units), persons=len(found.persons), known=found.known,
    )  # fmt: skip
    unused = [Diagnostic(message=unused_told(each.file, each.headings)) for each in found.unused]
    if not orders:
        return Answer(data={"events": []}, lines=[told], diagnostics=unused)
    names = [units.name if units else "", persons.name if persons else ""]
    made = desk.ask("org import", orders, name=" ".join(filter(None, names)))
    answer = replies.answer(desk, [made], rehearsed=desk.options["dry_run"])
    answer.lines = [told, *answer.lines]
    answer.diagnostics = [*answer.diagnostics, *unused]
    return answer


def unused_told(file: str, headings: tuple[str, ...]) -> str:
    """What is said of columns that nobody knows, so that no one believes them read."""
    text = _("{file}: columns not read: {headings}")
    return say(text, file=file, headings=", ".join(headings))

"""The verb that takes in live tickets; what it needs is imported when it is used."""

import click

from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk


@click.command("import")
@click.argument("file")
@click.option(
    "--map",
    "--对照表",
    "map_name",
    required=True,
    metavar="MAP",
    help="Which column tells what: a .toml file, or a shipped map such as hotline-12345.",
)
@click.option("--accept", "--受理", is_flag=True, help="Accept each in the same stroke.")
@click.option("--skip-bad", "--跳过坏行", is_flag=True, help="Leave bad rows out.")
@pass_desk
def import_tickets(desk: Desk, file: str, map_name: str, *, accept: bool, skip_bad: bool) -> Answer:
    """Take in live tickets of another platform: each row of FILE (or -) is reported as of now.

    A ticket is reported once: the same file again adds nothing. Nothing of a reporter is kept.

    Example: whistle incident import tickets.csv --map hotline-12345
    """
    from projections.desk.taking_in import taken_in

    return taken_in(desk, file, map_name, accept=accept, skip_bad=skip_bad)

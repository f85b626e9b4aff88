"""`whistle store init`: the tables of a store, made by who owns them, for who works with them."""

import click

from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.words import say
from whistle.domain.refusal import _
from whistle.log import stores
from whistle.log.address import file_of, masked


@click.command("init")
@click.option(
    "--role", "--角色", metavar="ROLE", help="The server's account that Whistle will work under."
)
@pass_desk
def store_init(desk: Desk, role: str | None) -> Answer:
    """Make an empty store; a town is opened in it afterwards, by setup or init.

    On PostgreSQL the account that owns the tables makes them, and --role names another one that
    may add to the record and never change it. A store that is there already only gets the role.
    With --dry-run the SQL is printed, for whoever runs the server to run it.

    Example: whistle --store postgresql://owner@db/wangyu store init --role wangyu
    """
    embedded = file_of(desk.address) is not None
    if role and embedded:
        raise click.UsageError(say(_("A store in a file has no roles: its rights are the file's.")))
    if desk.options.get("dry_run"):
        return _rehearsed(desk, role, embedded=embedded)
    if not (role and stores.exists(desk.address)):
        stores.create(desk.address)
    place = masked(desk.address)
    lines = [say(_("The store at {path} is made."), path=place)]
    if role:
        from whistle.log.postgres_roles import grant

        grant(desk.address, role)
        text = _("The role {role} may add to the record, and may not change it.")
        lines.append(say(text, role=role))
    lines.append(say(_("  next: whistle setup")))
    identity = desk.log.identity
    return Answer(
        data={
            "store": place,
            "store_id": identity.store_id,
            "epoch": identity.epoch,
            "schema_version": identity.schema_version,
            "role": role,
        },
        lines=lines,
    )


def _rehearsed(desk: Desk, role: str | None, *, embedded: bool) -> Answer:
    """The statements, when nothing is to be made."""
    if embedded:
        desk.not_rehearsed()
    from whistle.log.postgres_roles import script
    from whistle.log.postgres_schema import statements

    made = [f"{' '.join(each.split())};" for each in statements()]
    lines = [*made, *(script(role) if role else [])]
    return Answer(data={"sql": lines}, lines=lines)

"""Opening a town's record, and keeping its units, persons and rules."""

from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

import click

from projections.desk import replies
from projections.desk.answer import Answer
from projections.desk.choosing import REACHED, ROLES, Words
from projections.desk.desk import Desk, pass_desk
from projections.desk.enrolling import enrol
from projections.desk.nouns import Noun
from projections.desk.reach import reach
from projections.desk.tables import table
from projections.desk.words import folded, say
from whistle import playbooks
from whistle.domain.playbook import Playbook
from whistle.domain.refusal import Refused, WhistleError, _
from whistle.domain.rulebook import STREAM as RULEBOOK
from whistle.domain.rulebook import AdoptCalendar, AdoptPlaybook, FoundTown
from whistle.domain.surroundings import Actor
from whistle.domain.unit import AddPerson, Reached, RegisterUnit, Role
from whistle.engine import Asked, Engine, Given, Reply, new_stream
from whistle.engine.asked import command_id, digest
from whistle.foreign_file import opened
from whistle.log import stores
from whistle.log.address import masked
from whistle.log.store_log import StoreLog


@click.command()
@click.option("--town", "--镇街", required=True, help="The town's name.")
@click.option("--code", "--代码", required=True, help="Its code in every name, such as WY.")
@click.option(
    "--units",
    "--单位",
    "units_file",
    type=click.Path(path_type=Path),
    help="Units and persons, TOML; else a common register.",
)
@click.option(
    "--playbook",
    "--规则",
    "playbook_file",
    type=click.Path(path_type=Path),
    help="The locality's rules, TOML; else the default pack.",
)
@pass_desk
def init(
    desk: Desk, town: str, code: str, units_file: Path | None, playbook_file: Path | None
) -> Answer:
    """Open the record of a town: its store, its rules, its units.

    Example: whistle init --town 望榆镇 --code WY
    """
    desk.not_rehearsed()
    orders = founding_orders(
        town,
        folded(code),
        read(units_file) if units_file else playbooks.text("units.toml"),
        read(playbook_file) if playbook_file else playbooks.text("default.toml"),
    )
    fresh = not stores.exists(desk.address)
    try:
        if fresh or not _broke_off(desk):
            stores.create(desk.address)
        reply = found(desk.log, desk, orders)
    except (WhistleError, OSError):
        if fresh:
            stores.unmake(desk.address)
        raise
    return _opened(desk, reply)


def _broke_off(desk: Desk) -> bool:
    """Whether an empty store lies there: an earlier founding was killed before it was recorded."""
    with suppress(WhistleError):
        return desk.log.size() == 0
    return False


def _opened(desk: Desk, reply: Reply) -> Answer:
    """What was opened, and where to begin."""
    identity, town = desk.log.identity, desk.town
    opened = _("The record of {town} ({code}) is open: {path}")
    listed = _("  Units: {count}. List them: whistle org unit list")
    return Answer(
        data={
            "store": masked(desk.address),
            "store_id": identity.store_id,
            "epoch": identity.epoch,
            "schema_version": identity.schema_version,
            "town": town.name,
            "code": town.code,
            "units": len(desk.units),
            "events": [{"seq": each.seq, "topic": each.topic} for each in reply.events],
        },
        lines=[
            say(opened, town=town.name, code=town.code, path=desk.log.place),
            say(listed, count=len(desk.units)),
            say(_('  first finding: whistle report street-vending "Yuyuan Rd"')),
        ],
    )


def founding_orders(
    town: str, code: str, units: str, playbook: str, *, demo: bool = False
) -> list[Given]:
    """Everything that opens a record, to stand or fall together."""
    from whistle.playbook_file import read_playbook
    from whistle.town_file import read_units

    registered, persons = read_units(units)
    return opening(town, code, registered, persons, read_playbook(playbook), demo=demo)


def opening(
    town: str,
    code: str,
    registered: Sequence[RegisterUnit],
    persons: Sequence[AddPerson],
    playbook: Playbook,
    *,
    demo: bool = False,
) -> list[Given]:
    """As `founding_orders`, of what was read already; the shipped calendar is adopted."""
    from whistle.calendar_file import read_calendar

    streams = {order.code: new_stream() for order in registered}
    calendar = read_calendar(playbooks.text("calendar_cn.toml"))
    return [
        Given(RULEBOOK, FoundTown(name=town, code=code, demo=demo)),
        Given(RULEBOOK, AdoptPlaybook(playbook=playbook)),
        Given(RULEBOOK, AdoptCalendar(calendar=calendar)),
        *(Given(streams[order.code], order) for order in registered),
        *(Given(streams[order.unit], order) for order in persons),
    ]


def found(log: StoreLog, desk: Desk, orders: list[Given]) -> Reply:
    """Give the founding orders as the town office that they register."""
    commander = next(
        given.order.code
        for given in orders
        if isinstance(given.order, RegisterUnit) and given.order.commander
    )
    desk.go_by(log)
    return Engine(log, desk.now).obey(
        Asked(
            verb="init",
            orders=tuple(orders),
            actor=Actor(unit=commander),
            received_at=desk.received_at,
            command_id=command_id(log.identity.store_id, commander, None),
            command_digest=digest(desk.words),
        )
    )


def read(path: Path) -> str:
    """A rule file as text; NotFound or Refused say why it cannot be read."""
    try:
        with opened(path) as file, TextIOWrapper(file, "utf-8-sig") as text:
            return text.read()
    except UnicodeDecodeError as error:
        raise Refused(
            _("The file {path} is not UTF-8 text."), rule="file.encoding", path=str(path)
        ) from error


@click.group(
    cls=Noun,
    chinese={"单位": "unit", "人员": "person", "导入": "import",
             "添加": "unit add", "列表": "unit list"},
)  # fmt: skip
def org() -> None:
    """Units and the persons who act for them."""


@org.group("unit", chinese={"添加": "add", "列表": "list", "联系": "reach"})
def unit_group() -> None:
    """The unit register."""


@org.group("person", chinese={"添加": "add", "列表": "list"})
def person_group() -> None:
    """Who acts for a unit."""


@unit_group.command("add")
@click.argument("code")
@click.argument("name")
@click.option(
    "--type", "--类型", "kind", default="", help="What it is, e.g. TP; the catalogue calls by it."
)
@click.option("--alias", "--别名", multiple=True, help="Another name it goes by.")
@click.option(
    "--initials", "--首字母", default="", help="Pinyin initials; else taken from the alias."
)
@click.option(
    "--reached", "--联系", default="inbox", show_default=True, type=Words(REACHED),
    help="How a call gets there.",
)  # fmt: skip
@pass_desk
def unit_add(
    desk: Desk, code: str, name: str, kind: str, alias: tuple[str, ...], initials: str,
    reached: Reached,
) -> Answer:  # fmt: skip
    """Register unit CODE under NAME.

    Example: whistle org unit add SD "Power Supply Station" --alias power
    """
    from whistle.domain.initials import initials as initials_of

    order = RegisterUnit(
        code=folded(code),
        name=name,
        type=kind or folded(code),
        aliases=alias,
        initials=initials or initials_of(alias[0] if alias else name),
        reached=reached,
    )
    made = desk.ask("unit add", [Given(new_stream(), order)], name=name)
    return replies.answer(desk, [made], rehearsed=desk.options["dry_run"])


@person_group.command("add")
@click.argument("unit")
@click.argument("person")
@click.option(
    "--role",
    "--角色",
    default="officer",
    show_default=True,
    type=Words(ROLES),
    help="What the person does.",
)
@pass_desk
def person_add(desk: Desk, unit: str, person: str, role: Role) -> Answer:
    """Name PERSON to act for UNIT.

    Example: whistle org person add TZ "Li Wei" --role leader
    """
    entry = desk.unit(unit)
    with desk.reading() as reader:
        stream = reader.named("unit", entry.code)[0].stream
    order = AddPerson(unit=entry.code, person=folded(person), role=role)
    made = desk.ask("person add", [Given(stream, order)], name=person)
    return replies.answer(desk, [made], rehearsed=desk.options["dry_run"])


@unit_group.command("list")
@pass_desk
def unit_list(desk: Desk) -> Answer:
    """List the units with the names they answer to."""
    desk.check_town()
    units = [
        {
            "unit": unit.code,
            "unit_name": unit.name,
            "type": unit.type,
            "aliases": unit.aliases,
            "initials": unit.initials,
            "commander": unit.commander,
            "reached": unit.reached,
            "persons": unit.persons,
        }
        for unit in desk.units.values()
    ]
    head = (_("code"), _("unit"), _("initials"), _("also called"))
    rows = [
        (unit.code, unit.name, unit.initials, " ".join(unit.aliases))
        for unit in desk.units.values()
    ]
    lines = table([say(each) for each in head], rows)
    return Answer(data=units, lines=lines, ids=[unit.code for unit in desk.units.values()])


org.add_command(enrol, "import")
unit_group.add_command(reach)


@person_group.command("list")
@pass_desk
def person_list(desk: Desk) -> Answer:
    """List the persons who act for each unit."""
    desk.check_town()
    found = [
        {"unit": unit.code, "unit_name": unit.name, "person": person, "role": role}
        for unit in desk.units.values()
        for person, role in unit.persons.items()
    ]
    head = [say(each) for each in (_("unit"), _("person"), _("role"))]
    rows = [(each["unit_name"], each["person"], each["role"]) for each in found]
    lines = table(head, rows) if found else [say(_("No person is named yet."))]
    return Answer(data=found, lines=lines)

"""`whistle setup`: a town made from a dialogue or from files, whole or not at all."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from projections.desk.answer import Answer, Diagnostic
from projections.desk.choosing import TIMER, Words
from projections.desk.desk import Desk, pass_desk
from projections.desk.terminal import wide
from projections.desk.words import folded, language, say
from whistle import settings
from whistle.domain.refusal import Refused, WhistleError, _
from whistle.log import stores
from whistle.log.address import file_of, masked, place_of

if TYPE_CHECKING:
    from projections.desk.sharing import Shared
    from whistle.sheets.town import Sources, Town

FILE = click.Path(path_type=Path)


class Wish(msgspec.Struct, kw_only=True):
    """What a person wants the town to be; None where nothing was said."""

    town: str | None = None
    code: str | None = None
    playbook: str | None = None
    office: str | None = None
    leader: str | None = None
    units: Path | None = None
    persons: Path | None = None
    items: Path | None = None
    columns: Path | None = None
    shared: Path | None = None
    group: str | None = None


@click.command()
@click.option("--town", "--镇街", help="The town's name.")
@click.option("--code", "--代码", help="Its code in every name, such as WY.")
@click.option(
    "--playbook", "--规则", metavar="TEMPLATE|FILE", help="The rules: a template's name, or TOML."
)
@click.option("--office", "--指挥单位", help="The unit that blows, by name.")
@click.option("--leader", "--负责人", help="Who approves for it.")
@click.option("--units", "--单位", type=FILE, help="A list of units: .csv, .xlsx or .toml.")
@click.option("--persons", "--人员", type=FILE, help="A list of persons: unit, name, role.")
@click.option("--items", "--事项", type=FILE, help="A list of items, instead of the playbook's.")
@click.option("--map", "--列名", "columns", type=FILE, help="TOML that names the columns.")
@click.option(
    "--shared", "--共用", metavar="DIR", type=FILE, help="Keep the store there, for a group."
)
@click.option("--group", "--用户组", help="The group of accounts that shares it.")
@click.option(
    "--timer",
    "--定时",
    is_flag=False,
    flag_value="install",
    type=Words(TIMER),
    help="Let the clocks speak each minute, or print how.",
)
@pass_desk
def setup(desk: Desk, /, timer: str | None, **given: Any) -> Answer:
    """Make a town: asked question by question on a terminal, or from files.

    Every question is an option too. All faults of all files are told at once, and nothing is made
    until there is none.

    Examples: whistle setup · whistle setup --town 望榆镇 --code WY --units units.xlsx
    """
    wish = Wish(**given)
    if timer and wish == Wish() and stores.exists(desk.address):
        return Answer(lines=_timer(desk, timer), data={"store": masked(desk.address)})
    _check_place(desk, wish)
    _ask(desk, wish)
    place = _shared(desk, wish)
    found = _read(wish)
    answer = _rehearsed(desk, wish, found) or _made(desk, wish, found, place)
    if timer and not desk.options.get("dry_run"):
        answer.lines = [*answer.lines, *_timer(desk, timer)]
    return answer


def _timer(desk: Desk, wanted: str) -> list[str]:
    from projections.desk import timer

    path = file_of(desk.address)  # it is read from wherever the timer runs
    store = desk.address if path is None else f"sqlite:///{path.absolute()}"
    return timer.installed(store, desk.town.code, only_print=wanted == "print")


def _check_place(desk: Desk, wish: Wish) -> None:
    """Refuse, before anything is asked, a place where no new store can be."""
    from whistle.log.mounts import check_local

    if wish.shared is None:
        if wish.group is not None:
            raise click.UsageError(say(_("--group goes with --shared.")))
        _check_free(desk)
        if (path := file_of(desk.address)) is not None:
            check_local(path)
    elif desk.options.get("store"):
        raise click.UsageError(say(_("Either --shared or --store says where the store is.")))
    else:
        check_local(wish.shared)


def _shared(desk: Desk, wish: Wish) -> "Shared | None":
    """The place that a group shares, from here on this desk's store; None when nobody shares."""
    if wish.shared is None:
        return None
    from projections.desk import sharing

    place = sharing.shared(wish.shared, wish.group)
    path = place.store(wish.code or "")
    desk.options = {**desk.options, "store": f"sqlite:///{path}"}
    _check_free(desk)
    return place


def _check_free(desk: Desk) -> None:
    """A town is set up once; what comes after is added to it."""
    if not stores.exists(desk.address):
        return
    path = place_of(desk.address)
    try:
        town = desk.town.name
    except WhistleError:
        town = ""
    if not town and file_of(desk.address) is None and desk.log.size() == 0:
        return  # its owner made the tables, and nothing else
    if not town:
        raise Refused(
            _("There is something at {path} already."),
            rule="store.exists",
            hint=_("choose another --store, or use the one that is there"),
            path=path,
        )
    raise Refused(
        _("The record of {town} is open at {path} already."),
        rule="setup.exists",
        hint="whistle org import FILE · whistle org unit add CODE NAME",
        town=town,
        path=path,
    )


def _ask(desk: Desk, wish: Wish) -> None:
    """Fill in what was not said: by asking where there is a terminal, else by the defaults."""
    from projections.desk import dialogue

    if dialogue.may_ask(desk):
        where = str(wish.shared) if wish.shared else place_of(desk.address)
        dialogue.ask(wish, where, sure=bool(desk.options.get("yes")))
    for name in ("town", "code"):
        if not getattr(wish, name):
            ctx = click.get_current_context()
            param = next(each for each in ctx.command.params if each.name == name)
            raise click.MissingParameter(ctx=ctx, param=param)
    wish.town, wish.code = folded(wish.town or ""), folded(wish.code or "").upper()
    if not wish.town or not re.fullmatch(r"[A-Z0-9]{1,8}", wish.code):
        raise click.UsageError(
            say(_("A town has a name, and a code of one to eight letters or digits, such as WY."))
        )


def _read(wish: Wish) -> "Town":
    from whistle.sheets.town import read_town

    return read_town(_sources(wish))


def _rehearsed(desk: Desk, wish: Wish, found: "Town") -> Answer | None:
    """What would be made, when nothing is to be made."""
    if not desk.options.get("dry_run"):
        return None
    return _told(desk, wish, found, [say(_("Nothing was made: this was a rehearsal."))])


def _made(desk: Desk, wish: Wish, found: "Town", place: "Shared | None") -> Answer:
    """The town, made whole; the machine's profile with it where a group shares it."""
    from projections.desk import sharing
    from projections.desk.founding import opening
    from projections.desk.whole import found_whole

    town, code = wish.town or "", wish.code or ""
    orders = opening(town, code, found.units, found.persons, found.playbook)
    if place is not None:
        sharing.prepare(place)
    reply = found_whole(desk, orders, place.group if place else None)
    opened = _("The record of {town} ({code}) is open: {path}")
    head = [say(opened, town=town, code=code, path=place_of(desk.address))]
    if place is not None:
        head += sharing.profile(desk.address, code)
    answer = _told(desk, wish, found, head)
    answer.data["store_id"] = desk.log.identity.store_id
    answer.data["events"] = [{"seq": each.seq, "topic": each.topic} for each in reply.events]
    return answer


def _sources(wish: Wish) -> "Sources":
    from whistle.sheets.town import TEMPLATES, Sources

    named = wish.playbook or TEMPLATES[0]
    if named not in TEMPLATES and not Path(named).is_file() and "." not in named:
        raise click.UsageError(
            say(_("{name} is neither a template ({known}) nor a file."), name=named,
                known=", ".join(TEMPLATES))
        )  # fmt: skip
    return Sources(
        playbook=named if named in TEMPLATES else Path(named),
        units=wish.units,
        persons=wish.persons,
        items=wish.items,
        columns=wish.columns,
        office=folded(wish.office or ""),
        leader=folded(wish.leader or ""),
    )


def _told(desk: Desk, wish: Wish, found: "Town", head: list[str]) -> Answer:
    """What was made, what deserves a word, and the first three things to type."""
    from projections.desk.enrolling import unused_told

    rules = found.playbook
    diagnostics = [Diagnostic(message=unused_told(*each)) for each in found.unused]
    if found.unreached:
        text = _("Items of the playbook call units that this town does not have: {names}")
        diagnostics.append(
            Diagnostic(
                message=say(text, names=", ".join(found.unreached)),
                rule="setup.unreached",
                hint="whistle org unit add CODE NAME",
            )
        )
    counted = _("  {units} units, {persons} persons, {items} items ({playbook} {version})")
    return Answer(
        data={
            "store": masked(desk.address),
            "town": wish.town,
            "code": wish.code,
            "units": len(found.units),
            "persons": len(found.persons),
            "items": len(rules.items),
            "playbook": {"name": rules.name, "version": rules.version, "digest": rules.digest},
            "commander": found.units[0].code,
        },
        lines=[
            *head,
            say(counted, units=len(found.units), persons=len(found.persons),
                items=len(rules.items), playbook=rules.name, version=rules.version),
            *_first(desk, found),
        ],
        diagnostics=diagnostics,
    )  # fmt: skip


def _first(desk: Desk, found: "Town") -> list[str]:
    """The first three things to type; before them the store, unless it is found by itself."""
    item = next(
        (each for each in found.playbook.items.values() if each.kind == "daily"),
        next(iter(found.playbook.items.values())),
    )
    export = f"  export WHISTLE_STORE={masked(desk.address)}"
    name = item.english if item.english and language() == "en" else item.name
    tries = [
        (say(_('whistle report {name} "Yuyuan Rd" --accept'), name=name), _("a first finding")),
        (say(_("whistle blow 1")), _("call the units that the item names")),
        ("whistle", _("what waits on you")),
    ]
    return [
        say(_("Begin with:")),
        *([export] if desk.address != settings.load(desk.options.get("profile")).store else []),
        *(f"  {typed}{' ' * (50 - wide(typed))} {say(what)}" for typed, what in tries),
    ]

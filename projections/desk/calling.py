"""`whistle call` and `whistle need`: a whistle listed, amended, withdrawn, sent to more units."""

import click

from projections.desk import names, replies, times
from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.fitting import FITTING
from projections.desk.nouns import Noun
from projections.desk.words import KINDS, STAGES, folded, say, word
from whistle.domain.message import Order
from whistle.domain.refusal import NotFound, _
from whistle.domain.whistle.changing import (
    AddUnits,
    AmendWhistle,
    CallForMore,
    WithdrawCall,
    WithdrawWhistle,
)
from whistle.engine import Given
from whistle.log.port import Named, Reader

DRAFTS = ("requested", "scheduled")
"""Stages of a whistle that goes by its incident's name, for it has not sounded."""


@click.group(
    cls=Noun,
    chinese={"列表": "list", "查看": "show", "修改": "amend", "撤回": "withdraw", "增派": "add"},
)
def call() -> None:
    """The whistles 呼叫: listed, shown, amended, withdrawn, sent to more units."""


@call.command("list")
@click.option("--all", "--全部", "everything", is_flag=True, help="Those that are over, too.")
@pass_desk
def call_list(desk: Desk, everything: bool) -> Answer:
    """List the whistles: waiting, set for later, sounding; how many units answered and came.

    Example: whistle call list
    """
    from projections import command
    from projections.desk.reading import facts, views
    from projections.desk.tables import table

    with views(desk) as open_views:
        rows = command.whistles(open_views, open_only=not everything)
    live = [row for row in rows if not row.source]
    shown = [
        (
            row.name or row.incident_name,
            word(KINDS, row.kind),
            word(STAGES, row.stage),
            times.shown(row.scheduled_for, desk.zone) if row.scheduled_for is not None else "",
            row.share(row.answered),
            row.share(row.on_scene),
            row.share(row.finished),
            len(row.withdrawn) or "",
        )
        for row in live
    ]
    columns = (
        _("whistle"), _("kind"), _("stage"), _("set for"), _("answered"), _("reported in"),
        _("finished"), _("withdrawn"),
    )  # fmt: skip
    return Answer(
        data=[facts(desk, row) for row in live],
        lines=table([say(text) for text in columns], shown),
        ids=[row.name or row.incident_name for row in live],
    )


@call.command("show")
@click.argument("name")
@pass_desk
def call_show(desk: Desk, name: str) -> Answer:
    """Show whistle NAME as it stands: every call, every clock, what was changed.

    Example: whistle call show 19
    """
    from projections.desk.standing import standing

    with desk.reading() as reader:
        found = _whistle(reader, name)
        case = reader.of_case(found.correlation) if found.correlation else [found]
    return standing(desk, found, case)


@call.command("amend")
@click.argument("name", metavar="WHISTLE")
@click.option("--place", "--地点", help="Where it is.")
@click.option("--ground", "--理由", help="Why the town cannot do it alone.")
@pass_desk
def amend(desk: Desk, name: str, place: str | None, ground: str | None) -> Answer:
    """Amend WHISTLE: where (--place), why (--ground), or what it says (-m); --why tells the reason.

    Its units see it. Who is called, the item and the kind are not amended, for they set the
    clocks: withdraw it and blow another.

    Example: whistle call amend 19 --place "21 Caoqiao Rd" --why "the caller was wrong"
    """
    order = AmendWhistle(
        place=place,
        ground=names.code_meant(desk, lambda rules: rules.grounds, ground) if ground else ground,
        note=desk.note or None,
        reason=desk.options.get("why") or "",
    )
    return _obeyed(desk, "amend", name, order)


@call.command("withdraw")
@click.argument("name", metavar="WHISTLE[/UNIT]")
@pass_desk
def withdraw(desk: Desk, name: str) -> Answer:
    """Withdraw WHISTLE, or one UNIT's call: who has not finished is excused; say why with -m.

    Clocks stop, and nothing of it counts against the units.

    Examples: whistle call withdraw 19 -m "false alarm" · whistle call withdraw 19/jj -m "twice"
    """
    whistle, slash, unit = name.partition("/")
    order: Order = WithdrawWhistle(reason=desk.note)
    if slash:
        order = WithdrawCall(unit=desk.unit(unit).code, reason=desk.note)
    return _obeyed(desk, "withdraw", whistle, order)


@call.command("add")
@click.argument("name", metavar="WHISTLE")
@click.argument("units", nargs=-1, required=True, metavar="UNIT...")
@click.option("--lead/--assist", "--牵头/--协办", default=False, help="What they do there.")
@pass_desk
def add(desk: Desk, name: str, units: tuple[str, ...], lead: bool) -> Answer:
    """Call one or more UNITs to WHISTLE, which sounds already; their own clocks start now.

    Example: whistle call add 19 jj
    """
    codes = tuple(dict.fromkeys(desk.unit(unit).code for unit in units))
    order = AddUnits(units=codes, duty="lead" if lead else "assist", note=desk.note)
    return _obeyed(desk, "add", name, order)


def _obeyed(desk: Desk, verb: str, name: str, order: Order) -> Answer:
    with desk.reading() as reader:
        found = _whistle(reader, name)
    part = replies.Part([Given(found.stream, order)], found.name or name)
    return replies.obeyed(desk, verb, [part])


def _whistle(reader: Reader, text: str) -> Named:
    """A whistle by its own name or number, or one that has not sounded by its incident's."""
    wanted = folded(text).upper()
    if not wanted.startswith("I-") and names.named(reader, "whistle", wanted):
        return names.find(reader, "whistle", text)
    if not names.named(reader, "incident", wanted):
        return names.find(reader, "whistle", text)
    incident = names.find(reader, "incident", text)
    case = reader.of_case(incident.stream)
    drafts = [each for each in case if each.kind == "whistle" and each.stage in DRAFTS]
    if not drafts:
        raise NotFound(
            _("{name} has no whistle that is still to sound; name the whistle itself."),
            hint="whistle call list",
            name=incident.name,
        )
    return drafts[0]


@click.command()
@click.argument("name", required=False, metavar="[WHISTLE]")
@click.option("--dept", "--单位", "wanted", default="", help="The unit that is asked for.")
@click.option("--what", "--所需", required=True, help="What is needed: people, things, skills.")
@click.option("--qty", "--数量", "quantity", type=int, default=1, help="How many.")
@pass_desk
def need(desk: Desk, name: str | None, wanted: str, what: str, quantity: int) -> Answer:
    """Call for more from the scene of WHISTLE; in an emergency a named unit is called at once.

    Example: whistle need 19 --dept 消防 --what "foam" --qty 2
    """
    order = CallForMore(
        what=what.strip(),
        quantity=quantity,
        wanted=desk.unit(wanted).code if wanted else "",
        note=desk.note,
    )
    if desk.units[desk.actor.speaks_for].commander:
        if name is None:
            raise click.UsageError(say(_("Say for which whistle: whistle need 19 --what TEXT")))
        return _obeyed(desk, "need", name.partition("/")[0], order)
    found = names.calls(desk, [name] if name else [], FITTING["need"])[0]
    return replies.obeyed(
        desk, "need", [replies.Part([Given(found.whistle.stream, order)], found.name)]
    )

"""The town office's verbs for a whistle: blown, and evaluated when the work is done."""

from collections.abc import Mapping

import click

from projections.desk import names, replies, times
from projections.desk.answer import Answer
from projections.desk.call_acts import give, give_all
from projections.desk.desk import Desk, pass_desk
from projections.desk.duplicates import reminders
from projections.desk.fitting import FITTING
from projections.desk.words import folded, say
from whistle.domain.incident.intake import AcceptIncident, ReportIncident
from whistle.domain.playbook import Kind
from whistle.domain.refusal import _
from whistle.domain.whistle.closing import EvaluateUnit, RateWhistle
from whistle.domain.whistle.issue import BlowWhistle
from whistle.engine import Given, new_stream

KINDS: Mapping[str, Kind] = {
    "daily": "daily", "日常": "daily", "日常哨": "daily",
    "key_task": "key_task", "key-task": "key_task", "攻坚": "key_task", "攻坚哨": "key_task",
    "joint_enforcement": "joint_enforcement", "joint": "joint_enforcement",
    "综合执法": "joint_enforcement", "综合执法哨": "joint_enforcement",
    "emergency": "emergency", "应急": "emergency", "应急哨": "emergency",
}  # fmt: skip


@click.command()
@click.argument("subject", nargs=-1, metavar="[INCIDENT | ITEM PLACE]")
@click.option(
    "-e",
    "--emergency",
    "--应急",
    is_flag=True,
    help="In one stroke: report ITEM at PLACE, accept it, blow.",
)
@click.option("--kind", "--类型", help="daily, key-task, joint or emergency; else the item's.")
@click.option("--lead", "--牵头", default="", help="The unit that leads; else the item's.")
@click.option("--assist", "--协办", multiple=True, help="A unit that assists; else the item's.")
@click.option("--ground", "--理由", default="", help="Why the town cannot do it alone.")
@click.option("--on", "--定于", metavar="TIME", help="When it is to sound: 25m, 14:40; else now.")
@pass_desk
def blow(
    desk: Desk, subject: tuple[str, ...], emergency: bool, kind: str | None, lead: str,
    assist: tuple[str, ...], ground: str, on: str | None,
) -> Answer:  # fmt: skip
    """Blow a whistle for INCIDENT: call several units at once.

    Examples: whistle blow 42 --on 14:40 · whistle blow -e gas-leak "12 Caoqiao Rd"
    """
    if emergency:
        orders, name = _emergency_orders(subject, desk)
        incident = orders[0].stream
    else:
        if len(subject) > 1:
            raise click.UsageError(
                say(_("Name one incident, or add -e for an emergency ITEM and PLACE."))
            )
        named = names.incidents(desk, subject, FITTING["blow"], "blow")[0]
        orders, name, incident = [], named.name or "", named.stream
    order = BlowWhistle(
        incident=incident,
        lead=desk.unit(lead).code if lead else "",
        assists=tuple(desk.unit(unit).code for unit in assist),
        kind=_kind(kind, emergency=emergency),
        ground=names.code_meant(desk, lambda rules: rules.grounds, ground),
        note=desk.note,
        on=times.coming(on, desk.received_at, desk.zone) if on is not None else None,
    )
    orders.append(Given(new_stream(), order))
    made = desk.ask("blow", orders, name=name)
    answer = replies.answer(desk, [made], rehearsed=desk.options["dry_run"])
    if emergency:
        answer.diagnostics = reminders(desk, incident, name, subject[1], sounds=True)
    return answer


def _emergency_orders(subject: tuple[str, ...], desk: Desk) -> tuple[list[Given], str]:
    if len(subject) != 2:
        raise click.UsageError(
            say(_('Say what and where: whistle blow -e gas-leak "12 Caoqiao Rd"'))
        )
    stream = new_stream()
    item, place = folded(subject[0]), subject[1]
    report = ReportIncident(item=item, place=place, note=desk.note)
    return [Given(stream, report), Given(stream, AcceptIncident())], item


def _kind(text: str | None, *, emergency: bool) -> Kind | None:
    if text is None:
        return "emergency" if emergency else None
    if folded(text) not in KINDS:
        raise click.UsageError(
            say(_("{text} is not a kind of whistle; these are: {known}."), text=text,
                known=", ".join(KINDS))
        )  # fmt: skip
    return KINDS[folded(text)]


@click.command()
@click.argument("call")
@click.argument("mark", type=int)
@pass_desk
def rate(desk: Desk, call: str, mark: int) -> Answer:
    """Give a MARK (0 to 100): the town to a unit for its CALL, or a unit to the whistle.

    Examples: whistle rate 19/jj 95 · whistle rate 19 80 --as jj
    """
    if desk.units[desk.actor.speaks_for].commander:
        return give_all(
            desk,
            "rate",
            names.town_calls(desk, [call], FITTING["rate"]),
            lambda unit: EvaluateUnit(unit=unit, score=mark, note=desk.note),
        )
    return give(
        desk,
        "rate",
        [call],
        lambda unit: RateWhistle(unit=unit, score=mark, note=desk.note),
    )

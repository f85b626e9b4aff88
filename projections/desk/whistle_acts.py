"""The town office's verbs for a whistle: blown, approved, evaluated."""

from collections.abc import Mapping
from typing import NamedTuple

import click

from projections.desk import names, replies
from projections.desk.answer import Answer
from projections.desk.call_acts import give, give_all
from projections.desk.desk import Desk
from projections.desk.incident_acts import pass_desk
from projections.desk.words import folded, say
from whistle.domain.incident.intake import AcceptIncident, ReportIncident
from whistle.domain.message import Order
from whistle.domain.playbook import Kind
from whistle.domain.refusal import NotFound, _
from whistle.domain.whistle.closing import EvaluateUnit, RateWhistle
from whistle.domain.whistle.issue import ApproveWhistle, BlowWhistle, TurnWhistleDown
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
@pass_desk
def blow(
    desk: Desk, subject: tuple[str, ...], emergency: bool, kind: str | None, lead: str,
    assist: tuple[str, ...], ground: str,
) -> Answer:  # fmt: skip
    """Blow a whistle for INCIDENT: call several units at once.

    Examples: whistle blow 42 · whistle blow -e gas-leak "12 Caoqiao Rd"
    """
    if emergency:
        orders, name = _emergency_orders(subject, desk)
        incident = orders[0].stream
    else:
        if len(subject) > 1:
            raise click.UsageError(
                say(_("Name one incident, or add -e for an emergency ITEM and PLACE."))
            )
        named = names.incidents(desk, subject, ["accepted"], "blow")[0]
        orders, name, incident = [], named.name or "", named.stream
    order = BlowWhistle(
        incident=incident,
        lead=desk.unit(lead).code if lead else "",
        assists=tuple(desk.unit(unit).code for unit in assist),
        kind=_kind(kind, emergency=emergency),
        ground=names.code_meant(desk, lambda rules: rules.grounds, ground),
        note=desk.note,
    )
    orders.append(Given(new_stream(), order))
    made = desk.ask("blow", orders, name=name)
    return replies.answer(desk, [made], rehearsed=desk.options["dry_run"])


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
@click.argument("incidents", nargs=-1, metavar="[INCIDENT]...")
@click.option("--no", "--不同意", "refused", is_flag=True, help="Do not approve; say why with -m.")
@pass_desk
def approve(desk: Desk, incidents: tuple[str, ...], refused: bool) -> Answer:
    """Approve the whistle that waits on INCIDENT: it sounds at once.

    Examples: whistle approve 42 · whistle approve 42 --no -m "our own squad can do this"
    """
    order: Order = TurnWhistleDown(reason=desk.note) if refused else ApproveWhistle()
    parts = [
        replies.Part([Given(draft.stream, order)], draft.name) for draft in _drafts(desk, incidents)
    ]
    return replies.obeyed(desk, "approve", parts)


class _Draft(NamedTuple):
    """A whistle that waits for approval, named by its incident."""

    stream: str
    name: str


def _drafts(desk: Desk, texts: tuple[str, ...]) -> list[_Draft]:
    with desk.reading() as reader:
        waiting = reader.waiting("whistle", ["requested"])
        if texts:
            found = [names.find(reader, "incident", text) for text in texts]
        else:
            cases = dict.fromkeys(draft.correlation or "" for draft in waiting)
            found = [named for case in cases if (named := reader.of_stream(case))]
    if not texts and len(found) > 1:
        raise click.UsageError(
            say(_("Say which one you mean: {names}."),
                names=", ".join(each.name or "" for each in found))
        )  # fmt: skip
    drafts: list[_Draft] = []
    for incident in found:
        streams = [draft.stream for draft in waiting if draft.correlation == incident.stream]
        drafts.extend(_Draft(stream, incident.name or "") for stream in streams)
        if not streams:
            raise NotFound(
                _("No whistle waits for approval on {name}."),
                hint="whistle show {name}",
                name=incident.name,
            )
    if not drafts:
        raise click.UsageError(say(_("No whistle waits for approval.")))
    return drafts


@click.command()
@click.argument("call")
@click.argument("mark", type=int)
@pass_desk
def rate(desk: Desk, call: str, mark: int) -> Answer:
    """Give a MARK (0 to 100): the town to a unit for its CALL, or a unit to the whistle.

    Examples: whistle rate 19/jj 95 · whistle rate 19 80 --as jj
    """
    if desk.units[desk.actor.speaks_for].commander:
        done = ["finished", "released", "declined"]
        return give_all(
            desk,
            "rate",
            names.town_calls(desk, [call], done),
            lambda unit: EvaluateUnit(unit=unit, score=mark, note=desk.note),
        )
    return give(
        desk,
        "rate",
        [call],
        [],
        lambda unit: RateWhistle(unit=unit, score=mark, note=desk.note),
    )

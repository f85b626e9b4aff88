"""The town office's verbs for an incident: taken in, handled, verified, called back, closed."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import click

from projections.desk import names, replies
from projections.desk.answer import Answer
from projections.desk.choosing import OUTCOMES, Words
from projections.desk.desk import Desk, pass_desk
from projections.desk.duplicates import reminders
from projections.desk.evidence import digests, photo
from projections.desk.fitting import FITTING
from projections.desk.words import folded, say
from whistle.domain.incident.events import CallBackResult, Channel, Outcome
from whistle.domain.incident.handling import HandleIncident, TransferIncident
from whistle.domain.incident.intake import (
    AcceptIncident,
    RefuseIncident,
    ReportIncident,
    ticket_stream,
)
from whistle.domain.incident.outcome import (
    CallReporterBack,
    CloseIncident,
    ReopenIncident,
    VerifyIncident,
)
from whistle.domain.message import Order
from whistle.domain.refusal import _
from whistle.engine import Given, new_stream

named = click.argument("incidents", nargs=-1, metavar="[INCIDENT]...")

Code = TypeVar("Code", bound=str)

CHANNELS: Mapping[str, Channel] = {
    "巡查": "patrol", "12345": "12345", "网格": "grid", "信访": "petition", "视频": "camera",
    "上级": "superior", "群众": "public", "数字城管": "digital-city", "其他": "other",
}  # fmt: skip
PASS = {"pass": True, "fail": False, "通过": True, "不通过": False}
CALLED_BACK: Mapping[str, CallBackResult] = {
    "满意": "satisfied",
    "基本满意": "fairly",
    "不满意": "dissatisfied",
    "未接通": "unreached",
}


def coded(words: Mapping[str, Code], text: str, what: str) -> Code:
    """A code that a person gives in English or in Chinese; a usage error lists them all."""
    wanted = folded(text)
    codes: dict[str, Code] = {**{code: code for code in words.values()}, **words}
    if wanted in codes:
        return codes[wanted]
    raise click.UsageError(
        say(_("{text} is not {what}; these are: {known}."), text=text, what=what,
            known=", ".join(codes))
    )  # fmt: skip


def give(
    desk: Desk,
    verb: str,
    texts: Sequence[str],
    order: Callable[[], Order],
) -> Answer:
    """Give each named incident the same order, each in a transaction of its own."""
    parts = [
        replies.Part([Given(incident.stream, order())], incident.name or "")
        for incident in names.incidents(desk, texts, FITTING[verb], verb)
    ]
    return replies.obeyed(desk, verb, parts)


@click.command()
@click.argument("item")
@click.argument("place")
@click.option(
    "--channel",
    "--来源",
    default="patrol",
    metavar="CHANNEL",
    show_default=True,
    help="Where it came from: patrol, 12345, grid, petition, camera, superior, public.",
)
@click.option(
    "--ticket", "--工单", default="", help="The ticket's id on the platform it came from."
)
@click.option("--grid", "--网格", default="", help="The grid cell.")
@click.option("--accept", "--受理", is_flag=True, help="Accept it in the same stroke.")
@photo
@pass_desk
def report(
    desk: Desk, item: str, place: str, channel: str, ticket: str, grid: str, accept: bool,
    photos: tuple[str, ...],
) -> Answer:  # fmt: skip
    """Log a finding: which ITEM of the catalogue, at which PLACE.

    Example: whistle report street-vending "Yuyuan Rd"
    """
    source, number = coded(CHANNELS, channel, say(_("a channel"))), folded(ticket)
    stream = ticket_stream(source, number) if number else new_stream()
    finding = ReportIncident(
        item=folded(item),
        place=place,
        channel=source,
        grid=folded(grid),
        source_ticket=number,
        evidence=digests(photos),
        note=desk.note,
    )
    orders: list[Given] = [Given(stream, finding)]
    if accept:
        orders.append(Given(stream, AcceptIncident()))
    made = desk.ask("report", orders, name=item)
    answer = replies.answer(desk, [made], rehearsed=desk.options["dry_run"])
    answer.diagnostics = reminders(desk, stream, finding.item, place, sounds=False)
    return answer


@click.command()
@named
@pass_desk
def accept(desk: Desk, incidents: tuple[str, ...]) -> Answer:
    """Accept INCIDENT: the town takes it on.

    Example: whistle accept 42
    """
    return give(desk, "accept", incidents, lambda: AcceptIncident(note=desk.note))


@click.command()
@named
@click.option(
    "--category",
    "--类别",
    required=True,
    help="not-ours, unreasonable, repeated or no-responsible-body.",
)
@pass_desk
def refuse(desk: Desk, incidents: tuple[str, ...], category: str) -> Answer:
    """Turn INCIDENT away, with a category and an explanation (-m).

    Example: whistle refuse 42 --category not-ours -m "belongs to the next town"
    """
    order = RefuseIncident(
        category=names.code_meant(desk, lambda rules: rules.refuse_categories, category),
        explanation=desk.note,
    )
    return give(desk, "refuse", incidents, lambda: order)


@click.command()
@named
@pass_desk
def handle(desk: Desk, incidents: tuple[str, ...]) -> Answer:
    """Handle INCIDENT by the town's own forces (自办).

    Example: whistle incident handle 42
    """
    return give(desk, "handle", incidents, lambda: HandleIncident(note=desk.note))


@click.command()
@click.argument("incident")
@click.argument("unit")
@pass_desk
def transfer(desk: Desk, incident: str, unit: str) -> Answer:
    """Hand INCIDENT to the one UNIT whose duty it is.

    Example: whistle incident transfer 42 water
    """
    order = TransferIncident(unit=desk.unit(unit).code, note=desk.note)
    return give(desk, "transfer", [incident], lambda: order)


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="[INCIDENT]... pass|fail")
@photo
@pass_desk
def verify(desk: Desk, words: tuple[str, ...], photos: tuple[str, ...]) -> Answer:
    """Verify the work on INCIDENT: pass, or fail (then it is done again).

    Example: whistle verify 42 pass
    """
    *incidents, verdict = words
    if folded(verdict) not in PASS:
        raise click.UsageError(say(_("Say how it was: whistle verify 42 pass, or fail.")))
    order = VerifyIncident(passed=PASS[folded(verdict)], note=desk.note, evidence=digests(photos))
    return give(desk, "verify", incidents, lambda: order)


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="[INCIDENT]... RESULT")
@click.option(
    "--ticket", "--工单", default="", help="Whose reporter, when others were merged into it."
)
@pass_desk
def callback(desk: Desk, words: tuple[str, ...], ticket: str) -> Answer:
    """Record what the reporter of INCIDENT said: satisfied, fairly, dissatisfied or unreached.

    Examples: whistle callback 42 satisfied · whistle callback 42 fairly --ticket HL-7781
    """
    *incidents, result = words
    said = coded(CALLED_BACK, result, say(_("an answer of the reporter")))
    order = CallReporterBack(result=said, note=desk.note, source=folded(ticket))
    return give(desk, "callback", incidents, lambda: order)


@click.command()
@named
@click.option(
    "--outcome",
    "--结果",
    default="fixed",
    show_default=True,
    type=Words(OUTCOMES),
    help="How it ended.",
)
@pass_desk
def close(desk: Desk, incidents: tuple[str, ...], outcome: Outcome) -> Answer:
    """Close INCIDENT with an outcome.

    Example: whistle close 42
    """
    order = CloseIncident(outcome=outcome, note=desk.note)
    return give(desk, "close", incidents, lambda: order)


@click.command()
@click.argument("incident")
@pass_desk
def reopen(desk: Desk, incident: str) -> Answer:
    """Take closed INCIDENT up again; say why with -m.

    Example: whistle reopen 42 -m "the stalls are back"
    """
    order = ReopenIncident(reason=desk.note)
    return give(desk, "reopen", [incident], lambda: order)

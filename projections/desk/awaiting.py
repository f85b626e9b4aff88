"""`whistle wait`: stay until a unit has come, a whistle has ended or an incident is closed."""

import gc
import time
from collections.abc import Iterable
from typing import Any, NamedTuple

import click

from projections.desk import names, times
from projections.desk.answer import Answer, Diagnostic, Status
from projections.desk.desk import Desk, pass_desk
from projections.desk.looking import of_name
from projections.desk.words import folded, say, word
from whistle.domain import reached
from whistle.domain.aggregates import of_kind
from whistle.domain.correction import effective, state_after
from whistle.domain.moment import SECOND
from whistle.domain.patrol.state import Patrol
from whistle.domain.reached import Standing
from whistle.domain.refusal import _
from whistle.domain.team.state import Formed
from whistle.domain.whistle.state import Requested, Scheduled, Sounding
from whistle.log.port import Named, Reader

LOOK_S = 5.0  # so often the clocks are heard while nobody writes anything

STATES = {
    "送达": "delivered", "签收": "acknowledged", "应哨": "acknowledged", "出发": "departed",
    "报到": "arrived", "到场": "arrived", "处置": "acted", "办结": "finished", "撤离": "released",
    "退单": "declined", "超时": "overdue", "超期": "overdue", "逾期": "overdue",
    "擅离": "left_early", "联系不上": "unreachable", "到齐": "assembled", "结束": "ended",
    "上报": "reported", "受理": "accepted", "在办": "in_hand", "验收": "verified",
    "回访": "called_back", "结案": "closed", "吹哨": "whistled", "不受理": "refused",
    "返工": "rework", "撤回": "withdrawn", "组队": "formed", "派出": "dispatched",
    "到岗": "complete", "解散": "stood_down", "取消": "called_off", "breached": "overdue",
    "acked": "acknowledged",
}  # fmt: skip
"""Other words for states: Chinese ones, and those that other programs use."""


SAID = {
    "delivered": _("delivered"), "acknowledged": _("acknowledged"), "departed": _("on the way"),
    "arrived": _("reported in"), "acted": _("acted"), "finished": _("finished"),
    "released": _("released"), "declined": _("declined"), "overdue": _("overdue"),
    "left_early": _("left early"), "unreachable": _("unreachable"), "assembled": _("assembled"),
    "ended": _("ended"), "reported": _("reported"), "accepted": _("accepted"),
    "in_hand": _("in hand"), "verified": _("verified"), "called_back": _("called back"),
    "closed": _("closed"), "whistled": _("whistled"), "refused": _("refused"),
    "rework": _("rework"), "withdrawn": _("withdrawn"), "formed": _("formed"),
    "dispatched": _("dispatched"), "complete": _("complete"), "stood_down": _("stood down"),
    "planned": _("planned"), "missed": _("missed"), "called_off": _("called off"),
    "out": _("out"), "done": _("done"),
}  # fmt: skip
"""How a state is said to people."""


class Awaited(NamedTuple):
    """What is waited for: an incident, a whistle, or one unit's call of it."""

    found: Named
    unit: str

    @property
    def name(self) -> str:
        """Its full name."""
        name = self.found.name or self.found.stream
        return f"{name}/{self.unit}" if self.unit else name

    @property
    def known(self) -> tuple[str, ...]:
        """The states there are."""
        return reached.OF_CALL if self.unit else _KNOWN[self.found.kind]


@click.command()
@click.argument("name")
@click.option(
    "--for", "--直到", "wanted", required=True, metavar="STATE,…", help="Stay until one is reached."
)
@click.option(
    "--or",
    "--或",
    "others",
    multiple=True,
    metavar="STATE,…",
    help="End with 1 if that comes.",
)
@click.option("--timeout", "--最多", metavar="SPAN", help="Wait no longer: 45m. Else for ever.")
@pass_desk
def wait(
    desk: Desk, name: str, wanted: str, others: tuple[str, ...], timeout: str | None
) -> Answer:
    """Wait until NAME (incident, whistle, its call W-…/UNIT, team, patrol) has reached a state.

    Ends with 0 when it has, 1 when one of --or came first or none can come any more, 8 when the
    time was up.

    Example: whistle wait 19 --for arrived --or declined,overdue --timeout 45m
    """
    gc.enable()  # the program turns it off for runs that last a moment
    goals = _states(wanted)
    ends = tuple(state for each in others for state in _states(each))
    awaited = _awaited(desk, name, (*goals, *ends))
    _known(awaited, (*goals, *ends))
    limit = times.span(timeout) / SECOND if timeout else None
    begun = time.monotonic()
    while True:
        size = desk.log.size()
        if not desk.log.read_only:
            desk.hear()
        standing = _standing(desk, awaited)
        if answer := _ended(awaited, standing, goals, ends):
            return answer
        left = LOOK_S if limit is None else limit - (time.monotonic() - begun)
        if left <= 0:
            answer = _said(awaited, standing, "pending", "")
            up = say(_("The time was up."))
            answer.diagnostics = [Diagnostic(message=up, rule="wait.timeout")]
            return answer
        desk.log.wait_beyond(size, min(left, LOOK_S))


def _awaited(desk: Desk, text: str, states: Iterable[str]) -> Awaited:
    """The thing of that name; of two with the same number, the one that knows all the states."""
    bare, slash, unit = folded(text).upper().partition("/")
    with desk.reading() as reader:
        if not slash:
            kinds = [kind for kind in _KNOWN if names.named(reader, kind, bare)]
            fitting = [kind for kind in kinds if set(states) <= {*_KNOWN[kind]}] or kinds
            if len(fitting) != 1:
                return Awaited(of_name(reader, bare), "")  # which says what is wrong
            return Awaited(names.find(reader, fitting[0], bare), "")
        whistle = names.find(reader, "whistle", bare)
        call = names.call_of(desk, reader, whistle, desk.unit(unit).code, "whistle show {name}")
    return Awaited(call.whistle, call.unit)


_KNOWN = {
    "incident": reached.OF_INCIDENT,
    "whistle": reached.OF_WHISTLE,
    "team": reached.OF_TEAM,
    "patrol": reached.OF_PATROL,
}


def _states(text: str) -> tuple[str, ...]:
    words = (folded(each).lower() for each in folded(text).replace("、", ",").split(","))
    return tuple(STATES.get(word, word.replace("-", "_")) for word in words)


def _known(awaited: Awaited, states: Iterable[str]) -> None:
    for state in states:
        if state not in awaited.known:
            unknown = _("{name} is never {text}; its states are: {known}.")
            known = ", ".join(awaited.known)
            raise click.UsageError(say(unknown, name=awaited.name, text=state, known=known))


def _standing(desk: Desk, awaited: Awaited) -> Standing:
    with desk.reading() as reader:
        return _stands(reader, awaited)


def _stands(reader: Reader, awaited: Awaited) -> Standing:
    history = reader.stream(awaited.found.stream)
    if awaited.found.kind == "incident":
        told: list[Any] = [each.event for each in effective(history)]
        return reached.of_incident(told)
    aggregate = of_kind(awaited.found.kind)
    state = state_after(history, aggregate.start, aggregate.evolve)
    if isinstance(state, Formed):
        return reached.of_team(state)
    if isinstance(state, Patrol):
        return reached.of_patrol(state)
    if isinstance(state, Requested | Scheduled):
        return Standing(frozenset(), frozenset())
    if not isinstance(state, Sounding) or (awaited.unit and awaited.unit not in state.calls):
        return Standing(frozenset(), frozenset(awaited.known))  # it was taken back
    if awaited.unit:
        return reached.of_call(state, state.calls[awaited.unit])
    return reached.of_whistle(state)


def _ended(
    awaited: Awaited, standing: Standing, goals: tuple[str, ...], ends: tuple[str, ...]
) -> Answer | None:
    """The end of the waiting, if this is it."""
    there = [state for state in goals if state in standing.reached]
    if there:
        return _said(awaited, standing, "done", there[0])
    first = [state for state in ends if state in standing.reached]
    if first:
        return _said(awaited, standing, "found", first[0])
    if all(state in standing.barred for state in goals):
        never = say(
            _("can no longer be reached: {states}"),
            states=", ".join(word(SAID, goal) for goal in goals),
        )
        return _said(awaited, standing, "found", never)
    return None


def _said(awaited: Awaited, standing: Standing, status: Status, what: str) -> Answer:
    state = what if what in awaited.known else None
    order = awaited.known.index
    return Answer(
        data={
            "name": awaited.name,
            "state": state,
            "reached": sorted(standing.reached, key=order),
            "barred": sorted(standing.barred, key=order),
        },
        lines=[f"{awaited.name}: {word(SAID, what)}"] if what else [],
        ids=[state] if state else [],
        status=status,
    )

"""Whom a call goes on to while nobody of its unit was told: stand-in (AB岗), leader, county."""

from collections.abc import Mapping

from projections.desk import times
from projections.desk.desk import Desk
from projections.desk.words import say, word
from whistle.domain.refusal import _
from whistle.domain.whistle.delivery_events import Rung
from whistle.domain.whistle.state import Call

RUNGS: Mapping[str, str] = {
    "alternate": _("the stand-in"),
    "leader": _("the leader"),
    "county": _("the county's desk"),
}


def receiver(desk: Desk, unit: str, rung: Rung) -> str:
    """Who is told next, by name as far as the unit's register knows the person."""
    known = desk.units[unit].persons_of((rung,)) if unit in desk.units else []
    return " ".join([word(RUNGS, rung), "/".join(known)]).rstrip()


def undelivered_line(desk: Desk, call: Call) -> str:
    """How far one got with telling the unit: attempts, whose turn it is, who is next and when."""
    unit = desk.unit_name(call.unit)
    if call.unreachable:
        text = _("    {unit}: could not be reached (attempts: {tries}); it does not count as late")
        return say(text, unit=unit, tries=call.tries)
    turn = receiver(desk, call.unit, call.passed[-1]) if call.passed else say(_("its duty desk"))
    line = say(_("    {unit}: not told yet (attempts: {tries}); to be told now: {turn}"),
               unit=unit, tries=call.tries, turn=turn)  # fmt: skip
    coming = next((each for each in call.awaited if each.to not in call.passed), None)
    if coming is None or coming.to == "nobody":
        return line
    due = times.shown(coming.due, desk.zone, desk.received_at)
    then = say(_("; from {due} {turn}"), due=due, turn=receiver(desk, call.unit, coming.to))
    return line + then

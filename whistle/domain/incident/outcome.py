"""The end of an incident: verified by another, the reporter called back, closed, or reopened.

state                    order         what follows
in hand                  verify pass   verified, unless a whistle still sounds
in hand                  verify fail   in hand again: every unit works once more
verified | called back   callback      called back, once every reporter was (an unreached one is
                                       tried again)
called back              close         closed
verified, no reporter    close         closed
closed                   reopen        accepted
"""

from typing import ClassVar

from whistle.domain.incident.events import (
    CallBackResult,
    CalledBack,
    IncidentClosed,
    IncidentReopened,
    Outcome,
    VerificationFailed,
    VerificationPassed,
)
from whistle.domain.incident.intake import by_town, not_now
from whistle.domain.incident.state import IncidentState, Known
from whistle.domain.message import Event, Order
from whistle.domain.refusal import Refused, _
from whistle.domain.surroundings import Surroundings


class OutcomeOrder(Order, frozen=True):
    """An order that judges what was done."""

    decided_by: ClassVar[str] = "incident"


class VerifyIncident(OutcomeOrder, frozen=True):
    """Say whether the problem is solved, having looked."""

    passed: bool
    note: str = ""
    evidence: tuple[str, ...] = ()


class CallReporterBack(OutcomeOrder, frozen=True):
    """Record what the reporter said when called back."""

    result: CallBackResult
    note: str = ""
    source: str = ""  # a source ticket, or the incident it was recorded as; else the only one left


class CloseIncident(OutcomeOrder, frozen=True):
    """Close the incident with an outcome."""

    outcome: Outcome = "fixed"
    note: str = ""


class ReopenIncident(OutcomeOrder, frozen=True):
    """Take a closed incident up again."""

    reason: str


def decide(state: IncidentState, order: OutcomeOrder, around: Surroundings) -> list[Event]:
    """What follows from an order that judges."""
    by_town(around)
    at = around.at
    match state, order:
        case Known(stage="in_hand"), VerifyIncident():
            return [_verified(state, order, around)]
        case Known(stage="verified" | "called_back"), CallReporterBack():
            return [_called_back(state, order, around)]
        case Known(stage="called_back"), CloseIncident(outcome=outcome, note=note):
            return [IncidentClosed(at=at, outcome=outcome, note=note)]
        case Known(stage="verified"), CloseIncident(outcome=outcome, note=note) if (
            not state.uncalled
        ):
            return [IncidentClosed(at=at, outcome=outcome, note=note)]
        case Known(stage="closed", merged_into=""), ReopenIncident(reason=reason):
            if not reason.strip():
                raise Refused(_("Say why it is reopened with -m."), rule="reopen.reason")
            return [IncidentReopened(at=at, reason=reason)]
        case _:
            raise not_now(state)


def _called_back(known: Known, order: CallReporterBack, around: Surroundings) -> Event:
    source = _source(known, order.source)
    other = "" if source == known.name else source
    return CalledBack(at=around.at, result=order.result, note=order.note, source=other)


def _source(known: Known, wanted: str) -> str:
    """The name of the source whose reporter was called; each one has to be asked for himself."""
    waiting = known.uncalled
    if not wanted and len(waiting) < 2:
        return waiting[0].name if waiting else known.name
    found = [each.name for each in known.sources if wanted in (each.name, each.ticket) and wanted]
    if len(found) == 1:
        return found[0]
    raise Refused(
        _("{name} stands for several reports; say whose reporter was called: {sources}."),
        rule="callback.which",
        hint=_("add --ticket: whistle callback {name} satisfied --ticket {first}"),
        name=known.name,
        sources=", ".join(f"{each.name} {each.ticket}".strip() for each in known.sources),
        first=(waiting or known.sources)[0].name,
    )


def _verified(known: Known, order: VerifyIncident, around: Surroundings) -> Event:
    person = around.actor.person
    if known.handler and known.handler == person:
        raise Refused(
            _("{person} dealt with {name}; somebody else must verify it."),
            rule="verify.another",
            person=person,
            name=known.name,
        )
    at, note, evidence = around.at, order.note, order.evidence
    if not order.passed:
        return VerificationFailed(at=at, by_person=person, note=note, evidence=evidence)
    if known.sounding:
        raise Refused(
            _("{name} still has a whistle under way: not every unit has finished."),
            rule="verify.sounding",
            hint=_("see who is missing: whistle show {name}"),
            name=known.name,
        )
    return VerificationPassed(at=at, by_person=person, note=note, evidence=evidence)

"""Beside every score: who typed late, whom nobody reached, and what identities are worth."""

from projections.desk.desk import Desk
from projections.desk.tables import length
from projections.desk.words import say
from whistle.domain.moment import rfc3339
from whistle.domain.reaching import Unreached
from whistle.domain.recording import by_recorder
from whistle.domain.refusal import _
from whistle.engine.assessing import Assessed
from whistle.engine.towns import Towns

SELF_DECLARED = "self-declared"
"""On a store without log-in everybody is who they say they are (DESIGN D7)."""


def facts(found: Assessed | Towns) -> dict[str, object]:
    """The recorders' own figures, and the standing of all identities."""
    return {
        "recorders": by_recorder(found.delays),
        "unreached": [_unreached(found, each) for each in found.unreached],
        "identities": SELF_DECLARED,
    }


def _unreached(found: Assessed | Towns, call: Unreached) -> dict[str, object]:
    return {
        "call": f"{found.names.get(call.stream, call.stream)}/{call.unit}",
        "unit": call.unit,
        "given_up": call.given_up,
        "attempts": [
            {"at": rfc3339(at), "channel": channel, "to": to} for at, channel, to in call.attempts
        ],
    }


def lines(desk: Desk, found: Assessed | Towns) -> list[str]:
    """A line for each recorder that typed late, and the sentence on identities."""
    text = _("typed late by {unit}: claimed times {count}, {total} in all, at most {most}")
    told = [
        say(text, unit=desk.unit_name(unit), count=one["n"], total=length(one["sum_s"]),
            most=length(one["max_s"]))
        for unit, one in by_recorder(found.delays).items()
    ]  # fmt: skip
    for call in found.unreached:
        text = _("{call} of {unit} reached nobody, attempts {count}: it is in no figure")
        name = f"{found.names.get(call.stream, call.stream)}/{call.unit}"
        unit, count = desk.unit_name(call.unit), len(call.attempts)
        told.append(say(text, call=name, unit=unit, count=count))
    return [*told, identities()]


def identities() -> str:
    """What every score says of who typed."""
    return say(_("identities: self-declared, this store has no log-in"))

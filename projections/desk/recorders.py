"""Beside every score: how late each recorder typed, and how far identities are worth believing."""

from projections.desk.desk import Desk
from projections.desk.tables import length
from projections.desk.words import say
from whistle.domain.recording import by_recorder
from whistle.domain.refusal import _
from whistle.engine.assessing import Assessed

SELF_DECLARED = "self-declared"
"""On a store without log-in everybody is who they say they are (DESIGN D7)."""


def facts(found: Assessed) -> dict[str, object]:
    """The recorders' own figures, and the standing of all identities."""
    return {"recorders": by_recorder(found.delays), "identities": SELF_DECLARED}


def lines(desk: Desk, found: Assessed) -> list[str]:
    """A line for each recorder that typed late, and the sentence on identities."""
    text = _("typed late by {unit}: {count} claimed times, {total} in all, at most {most}")
    told = [
        say(text, unit=desk.unit_name(unit), count=one["n"], total=length(one["sum_s"]),
            most=length(one["max_s"]))
        for unit, one in by_recorder(found.delays).items()
    ]  # fmt: skip
    return [*told, identities()]


def identities() -> str:
    """What every score says of who typed."""
    return say(_("identities: self-declared, this store has no log-in"))

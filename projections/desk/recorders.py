"""Beside every score: who typed late, whom nobody reached, and what identities are worth."""

from operator import itemgetter
from typing import Any

from projections.desk.desk import Desk
from projections.desk.tables import length
from projections.desk.words import say
from whistle.domain.moment import rfc3339
from whistle.domain.reaching import Unreached
from whistle.domain.recording import Lateness
from whistle.domain.refusal import _
from whistle.engine.assessing import Assessed
from whistle.engine.towns import Towns

SELF_DECLARED = "self-declared"
"""On a store without log-in everybody is who they say they are (decision 0007)."""


class Recorders:
    """Who typed late and whom nobody reached, heard part by part."""

    def __init__(self) -> None:
        self._late = Lateness()
        self._unreached: list[tuple[str, str, str, Unreached]] = []  # in their order; with the name

    def take(self, found: Assessed | Towns) -> None:
        """Take those of a part."""
        self._late.take(found.delays)
        for call in found.unreached:
            town, colon, _code = call.unit.rpartition(":")
            name = f"{found.names.get(call.stream, call.stream)}/{call.unit}"
            self._unreached.append((town + colon, call.stream, name, call))

    def _calls(self) -> list[tuple[str, Unreached]]:
        """The calls that reached nobody, each with its name: by town, whistle and unit."""
        return [each[2:] for each in sorted(self._unreached, key=itemgetter(0, 1, 2))]

    def facts(self) -> dict[str, object]:
        """The recorders' own figures, and the standing of all identities."""
        return {
            "recorders": self._late.by_recorder(),
            "unreached": [_unreached(name, call) for name, call in self._calls()],
            "identities": SELF_DECLARED,
        }

    def lines(self, desk: Desk) -> list[str]:
        """A line for each recorder that typed late, and the sentence on identities."""
        text = _("typed late by {unit}: claimed times {count}, {total} in all, at most {most}")
        told = [
            say(text, unit=desk.unit_name(unit), count=one["n"], total=length(one["sum_s"]),
                most=length(one["max_s"]))
            for unit, one in self._late.by_recorder().items()
        ]  # fmt: skip
        for name, call in self._calls():
            text = _("{call} of {unit} reached nobody, attempts {count}: it is in no figure")
            unit, count = desk.unit_name(call.unit), len(call.attempts)
            told.append(say(text, call=name, unit=unit, count=count))
        return [*told, identities()]


def _unreached(name: str, call: Unreached) -> dict[str, Any]:
    return {
        "call": name,
        "unit": call.unit,
        "given_up": call.given_up,
        "attempts": [
            {"at": rfc3339(at), "channel": channel, "to": to} for at, channel, to in call.attempts
        ],
    }


def identities() -> str:
    """What every score says of who typed."""
    return say(_("identities: self-declared, this store has no log-in"))

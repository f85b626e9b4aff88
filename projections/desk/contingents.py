"""How people write whom a unit gives to a team: TP=2, UM/Zhang,Li or UM/Zhang=4."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from projections.desk.desk import Desk
from projections.desk.words import folded, say
from whistle.domain.refusal import _
from whistle.domain.team.events import Contingent, ForceMode
from whistle.domain.team.scene import Missed

F = TypeVar("F", bound=Callable[..., Any])
_DIGITS_MAX = 6  # people; what is longer is no count
_WRITTEN = "UNIT=N | UNIT/NAME,…"


def modes(command: F) -> F:
    """The three options by which a unit's people are given to a team."""
    for names, place, text in (
        (("--on-call", "--听候呼叫"), "called", "On call: TP=2, or TP/NAME,NAME."),
        (("--stationed-staff", "--派驻人员"), "staff", "Staff posted to the town, by name."),
        (("--stationed-team", "--派驻队伍"), "posted", "A squad posted to the town."),
    ):
        command = click.option(*names, place, multiple=True, metavar=_WRITTEN, help=text)(command)
    return command


def read(
    desk: Desk, posted: Sequence[str], staff: Sequence[str], called: Sequence[str]
) -> tuple[Contingent, ...]:
    """The contingents that the three options name, posted squads first."""
    given: list[tuple[ForceMode, str]] = [
        *(("stationed_team", text) for text in posted),
        *(("stationed_staff", text) for text in staff),
        *(("on_call", text) for text in called),
    ]
    contingents = []
    for mode, text in given:
        unit, persons, heads = _read(desk, text)
        contingents.append(Contingent(unit=unit, mode=mode, heads=heads, persons=persons))
    return tuple(contingents)


def only(
    desk: Desk, posted: Sequence[str], staff: Sequence[str], called: Sequence[str]
) -> Contingent:
    """The one contingent that is named; a usage error if there is none or more than one."""
    found = read(desk, posted, staff, called)
    if len(found) != 1:
        raise click.UsageError(
            say(_("Name the people of one unit: --on-call TP=2, or --stationed-team, -staff."))
        )
    return found[0]


def read_missed(desk: Desk, texts: Sequence[str]) -> tuple[Missed, ...]:
    """Who did not answer a roll call, in the same writing: TP=2 are two without a name."""
    missed: dict[str, Missed] = {}
    for text in texts:
        unit, persons, heads = _read(desk, text)
        known = missed.get(unit, Missed(unit))
        unnamed = 0 if persons else heads
        missed[unit] = Missed(unit, (*known.persons, *persons), known.heads + unnamed)
    return tuple(missed.values())


def _read(desk: Desk, text: str) -> tuple[str, tuple[str, ...], int]:
    """Unit, names and number; a usage error when it says neither who nor how many."""
    left, equals, number = folded(text).partition("=")
    unit, _slash, who = left.partition("/")
    persons = tuple(name for name in (part.strip() for part in re.split("[,、]", who)) if name)
    number = number.strip()
    counted = number.isdecimal() and len(number) <= _DIGITS_MAX
    if (equals and not counted) or not (equals or persons):
        raise click.UsageError(
            say(_("{text}: say how many, TP=2, or who, TP/NAME,NAME."), text=text)
        )
    return desk.unit(unit.strip()).code, persons, int(number) if equals else len(persons)

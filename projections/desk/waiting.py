"""What is said of a step that somebody owes: what to type, who must type it, by when."""

from typing import TYPE_CHECKING, Any

from projections.desk.desk import Desk
from projections.desk.words import VERBS, say, word
from whistle.domain.moment import rfc3339
from whistle.domain.refusal import _

if TYPE_CHECKING:
    from projections.deadlines import DutyRow
    from whistle.engine.reply import NextStep


def fact(desk: Desk, step: "DutyRow | NextStep") -> dict[str, Any]:
    """A step for programs."""
    unit = desk.unit_code(step.unit)
    return {
        "unit": unit,
        "unit_name": desk.unit_name(unit),
        "verb": step.verb,
        "name": step.name,
        "event": step.event,
        "due": rfc3339(step.due) if step.due is not None else None,
    }


def step(desk: Desk, row: "DutyRow") -> str:
    """What to type; who must type it, if not everybody may; and whether it was amended."""
    typed = f"whistle {word(VERBS, row.verb)} {spelled(row.name, row.event)}"
    persons = leaders(desk, row)
    if persons and desk.actor.person not in persons:
        return say(_("{step} ({leaders} must)"), step=typed, leaders=" / ".join(persons))
    return say(_("{step} (amended)"), step=typed) if row.changed else typed


def spelled(name: str, event: int | None) -> str:
    """What to type after the verb: the name, and which event is meant where there are several."""
    return f"{name} {say(_('--event'))} {event}" if event is not None else name


def leaders(desk: Desk, row: "DutyRow") -> list[str]:
    """The persons whose word a whistle waits for, as far as the register knows them."""
    if row.verb != "approve" or desk.playbook is None:
        return []
    if row.leader:
        return [row.leader]
    rules = {str(kind): rules for kind, rules in desk.playbook.kinds.items()}.get(row.kind)
    return desk.units[desk.unit_code("")].persons_of(rules.approve_by) if rules else []

"""What the inbox says of a step: what to type, who must type it, and that it asks something new."""

from typing import TYPE_CHECKING

from projections.desk.desk import Desk
from projections.desk.words import VERBS, say, word
from whistle.domain.refusal import _

if TYPE_CHECKING:
    from projections.deadlines import DutyRow


def step(desk: Desk, row: "DutyRow") -> str:
    """What to type; who must type it, if not everybody may; and whether it was amended."""
    typed = f"whistle {word(VERBS, row.verb)} {row.name}"
    persons = leaders(desk, row)
    if persons and desk.actor.person not in persons:
        return say(_("{step} ({leaders} must)"), step=typed, leaders=" / ".join(persons))
    return say(_("{step} (amended)"), step=typed) if row.changed else typed


def leaders(desk: Desk, row: "DutyRow") -> list[str]:
    """The persons whose word a whistle waits for, as far as the register knows them."""
    if row.verb != "approve" or desk.playbook is None:
        return []
    if row.leader:
        return [row.leader]
    rules = {str(kind): rules for kind, rules in desk.playbook.kinds.items()}.get(row.kind)
    return desk.units[desk.unit_code("")].persons_of(rules.approve_by) if rules else []

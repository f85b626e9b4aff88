"""A mark: what an evaluator gives, on the scale of the playbook in force."""

from whistle.domain.playbook import Playbook
from whistle.domain.refusal import Refused, _


def check(score: int, playbook: Playbook) -> None:
    """Refused when a mark does not lie on the playbook's scale."""
    highest = playbook.mark_max
    if not 0 <= score <= highest:
        raise Refused(
            _("A mark is a whole number from 0 to {highest}."), rule="rate.range", highest=highest
        )

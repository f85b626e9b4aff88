"""What the command view keeps of a whistle, and what it counts."""

import msgspec

from projections.projection import Row
from whistle.domain.moment import Instant


class WhistleRow(Row, frozen=True, kw_only=True):
    """One whistle; of imported history, one for each incident that units were called to."""

    source: str
    whistle: str  # the stream, or the source's number of the incident
    name: str = ""  # none before it is blown
    kind: str = ""
    incident: str = ""
    incident_name: str = ""
    stage: str = ""  # as the register has it; none for imported history
    requested_at: Instant | None = None
    blown_at: Instant | None = None
    approved_by: str = ""
    scheduled_for: Instant | None = None
    needs: int = 0  # calls for more from the scene
    withdrawn: tuple[str, ...] = ()  # of those called; they answer for nothing
    confirm: str = ""  # a leader's word afterwards: awaited | confirmed | contested
    confirm_by: Instant | None = None
    confirm_overdue: bool = False  # the town's own mark
    called: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()  # signed, came or declined
    on_scene: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()
    warnings: int = 0
    overdue: int = 0
    yellow: int = 0
    red: int = 0
    voided: int = 0  # of the four above, taken back
    ended_at: Instant | None = None

    def share(self, units: tuple[str, ...]) -> str:
        """How many of those that are still called are among these, as people read it: 2/3."""
        standing = set(self.called) - set(self.withdrawn)
        return f"{len(standing & set(units))}/{len(standing)}"


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many of each, imported history apart."""

    whistles: int
    imported_whistles: int
    calls: int
    imported_calls: int
    withdrawn_whistles: int  # whistles and calls above are without these
    withdrawn_calls: int
    waiting_for_approval: int
    scheduled: int
    turned_down: int
    called_off: int  # withdrawn before they sounded
    needs: int
    town_unconfirmed: int  # marks of the town: no leader's word in time
    town_contested: int  # marks of the town: the leader never said so
    answered: int
    on_scene: int
    finished: int
    ended: int
    warnings: int
    overdue: int
    yellow: int
    red: int
    voided: int

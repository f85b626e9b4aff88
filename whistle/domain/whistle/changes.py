"""What else can happen to a whistle: set for later, approved by phone, withdrawn, amended, more."""

from typing import ClassVar, Literal

from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.playbook import Approval
from whistle.domain.whistle.events import CallEvent, Duty


class TownEvent(Event, frozen=True):
    """Something that stands on the record of the town office itself."""

    unit: str

    def concerns(self) -> tuple[str, ...]:
        """The town office, whose duty it is."""
        return (self.unit,)


class WhistleScheduled(Event, frozen=True):
    """The whistle is to sound at a time that was set for it."""

    topic: ClassVar[str] = "whistle.scheduled/1"
    on: Instant
    approval: Approval  # required: nothing sounds at that time unless a leader has said yes


class WhistleApproved(Event, frozen=True):
    """The leader approved a whistle that sounds later."""

    topic: ClassVar[str] = "whistle.approved/1"
    by_person: str = ""


class CameDue(Event, frozen=True):
    """The time that was set for the whistle came."""

    topic: ClassVar[str] = "whistle.came_due/1"


class ConfirmationAwaited(TownEvent, frozen=True):
    """It sounds without a leader's own hand, and a leader is to confirm it within a limit."""

    topic: ClassVar[str] = "whistle.confirmation_awaited/1"
    leader: str = ""  # who said yes by phone; none: it sounded at once, any leader confirms
    channel: Literal["", "phone"] = ""
    typed_by: str = ""
    limit: str = ""  # none: the playbook sets no limit
    due: Instant | None = None
    rule: str = ""
    provisional: bool = False  # counted without the year's calendar


class ApprovalConfirmed(TownEvent, frozen=True):
    """A leader confirmed afterwards that the whistle was right to sound."""

    topic: ClassVar[str] = "whistle.approval_confirmed/1"
    by_person: str = ""


class ApprovalContested(TownEvent, frozen=True):
    """The leader says that he never approved it: a mark for the town, never for a called unit."""

    topic: ClassVar[str] = "whistle.approval_contested/1"
    reason: str
    by_person: str = ""


class ConfirmationOverdue(TownEvent, frozen=True):
    """No leader confirmed the whistle in time: a mark for the town, never for a called unit."""

    topic: ClassVar[str] = "whistle.confirmation_overdue/1"
    rule: str


class ConfirmationOverdueVoided(TownEvent, frozen=True):
    """The town's mark does not stand: the leader's word was received in time."""

    topic: ClassVar[str] = "whistle.confirmation_overdue_voided/1"
    due: Instant
    rule: str


class WhistleWithdrawn(Event, frozen=True):
    """The town took the whistle back."""

    topic: ClassVar[str] = "whistle.withdrawn/1"
    reason: str
    rule: str = ""  # where no person withdrew it


class CallWithdrawn(CallEvent, frozen=True):
    """The town excused the unit from its call, which counts nowhere against it."""

    topic: ClassVar[str] = "whistle.call_withdrawn/1"
    reason: str


class WhistleAmended(Event, frozen=True):
    """The town set right or added to what the whistle says."""

    topic: ClassVar[str] = "whistle.amended/1"
    place: str | None = None  # none: as it was
    ground: str | None = None
    note: str | None = None
    reason: str = ""
    units: tuple[str, ...] = ()  # who must see it

    def concerns(self) -> tuple[str, ...]:
        """Every unit whose call is open."""
        return self.units


class UnitAdded(CallEvent, frozen=True):
    """One more unit was called to a whistle that sounds; its clocks start with its delivery."""

    topic: ClassVar[str] = "whistle.unit_added/1"
    name: str  # the whistle's
    incident: str
    incident_name: str
    duty: Duty
    need: int = 0  # the call for more that it answers
    note: str = ""


class NeedRaised(Event, frozen=True):
    """Somebody on the scene called for more (增援)."""

    topic: ClassVar[str] = "whistle.need_raised/1"
    unit: str  # who asks
    nr: int
    what: str
    quantity: int = 1
    wanted: str = ""  # the unit that is asked for, if one is named
    note: str = ""

    def concerns(self) -> tuple[str, ...]:
        """Who asks, and who is asked for."""
        return tuple(dict.fromkeys(unit for unit in (self.unit, self.wanted) if unit))

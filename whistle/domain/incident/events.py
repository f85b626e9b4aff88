"""What can happen to an incident."""

from typing import ClassVar, Literal

import msgspec

from whistle.domain.message import Event
from whistle.domain.moment import Instant

Channel = Literal[
    "patrol", "12345", "grid", "petition", "camera", "superior", "public", "digital-city", "other"
]
CallBackResult = Literal["satisfied", "fairly", "dissatisfied", "unreached"]
Outcome = Literal["fixed", "partly", "not-fixable", "referred", "refused", "merged"]

WITH_REPORTER: frozenset[Channel] = frozenset({"12345", "petition", "public"})
"""Channels with a person behind them, who must be called back before the incident closes."""


class Source(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One report that an incident stands for: its own, or one that was merged into it."""

    name: str  # of the incident that the report was recorded as
    channel: Channel
    ticket: str = ""  # the id it has on the platform it came from


class IncidentReported(Event, frozen=True):
    """A problem was reported to the town."""

    topic: ClassVar[str] = "incident.reported/1"
    name: str
    item: str
    place: str
    channel: Channel
    grid: str = ""
    source_ticket: str = ""  # the id the ticket has on the platform it came from
    ticket_at: Instant | None = None  # when that platform took it in, as it says; counts nowhere
    evidence: tuple[str, ...] = ()  # SHA-256 digests of photos and papers, never the papers
    note: str = ""

    def naming(self) -> str | None:
        """Its own name."""
        return self.name


class FoundOnPatrol(Event, frozen=True):
    """The incident was a finding of a patrol."""

    topic: ClassVar[str] = "incident.found_on_patrol/1"
    patrol: str  # its stream
    patrol_name: str
    nr: int  # of the finding within the patrol


class IncidentAccepted(Event, frozen=True):
    """The town took the incident on."""

    topic: ClassVar[str] = "incident.accepted/1"
    note: str = ""


class IncidentRefused(Event, frozen=True):
    """The incident was not taken on, with the category that explains why."""

    topic: ClassVar[str] = "incident.refused/1"
    category: str
    explanation: str


class SelfHandled(Event, frozen=True):
    """The town deals with the incident by its own forces (自办)."""

    topic: ClassVar[str] = "incident.self_handled/1"
    by_person: str = ""
    note: str = ""


class IncidentTransferred(Event, frozen=True):
    """The incident went to the one unit whose duty it is."""

    topic: ClassVar[str] = "incident.transferred/1"
    unit: str
    note: str = ""

    def concerns(self) -> tuple[str, ...]:
        """The unit that has it now."""
        return (self.unit,)


class WhistleNoted(Event, frozen=True):
    """A whistle was blown for the incident."""

    topic: ClassVar[str] = "incident.whistle_noted/1"
    whistle: str  # the whistle's stream
    name: str


class WhistleEndNoted(Event, frozen=True):
    """A whistle of the incident came to its end: every unit has answered for its part."""

    topic: ClassVar[str] = "incident.whistle_end_noted/1"
    whistle: str
    name: str


class WhistleWithdrawnNoted(Event, frozen=True):
    """A whistle of the incident was taken back before any unit had done its part."""

    topic: ClassVar[str] = "incident.whistle_withdrawn_noted/1"
    whistle: str
    name: str
    back: bool = False  # no other whistle is left: it stands accepted again, open to every way


class VerificationPassed(Event, frozen=True):
    """Somebody other than the handler looked, and the problem is solved."""

    topic: ClassVar[str] = "incident.verification_passed/1"
    by_person: str = ""
    note: str = ""
    evidence: tuple[str, ...] = ()


class VerificationFailed(Event, frozen=True):
    """Somebody looked, and the problem is not solved: the work is done again."""

    topic: ClassVar[str] = "incident.verification_failed/1"
    by_person: str = ""
    note: str = ""
    evidence: tuple[str, ...] = ()


class CalledBack(Event, frozen=True):
    """The reporter was called back and answered, or could not be reached."""

    topic: ClassVar[str] = "incident.called_back/1"
    result: CallBackResult
    note: str = ""
    source: str = ""  # the incident whose reporter it was, when it was merged into this one


class IncidentClosed(Event, frozen=True):
    """The incident was closed with an outcome."""

    topic: ClassVar[str] = "incident.closed/1"
    outcome: Outcome
    note: str = ""


class IncidentMerged(Event, frozen=True):
    """The incident is another one told twice: its report goes on in that one (合并)."""

    topic: ClassVar[str] = "incident.merged/1"
    into: str  # the stream of the incident that goes on
    into_name: str
    note: str = ""


class MergedIn(Event, frozen=True):
    """Another incident turned out to be this one: its source tickets are answered here."""

    topic: ClassVar[str] = "incident.merged_in/1"
    duplicate: str  # the stream of the incident that was merged
    sources: tuple[Source, ...]


class IncidentReopened(Event, frozen=True):
    """A closed incident was taken up again."""

    topic: ClassVar[str] = "incident.reopened/1"
    reason: str

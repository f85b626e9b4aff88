"""What an incident is at a moment, and how each event moves it."""

from typing import Literal, assert_never

import msgspec

from whistle.domain.correction import Corrected
from whistle.domain.incident.events import (
    WITH_REPORTER,
    CalledBack,
    Channel,
    FoundOnPatrol,
    IncidentAccepted,
    IncidentClosed,
    IncidentMerged,
    IncidentRefused,
    IncidentReopened,
    IncidentReported,
    IncidentTransferred,
    MergedIn,
    SelfHandled,
    Source,
    VerificationFailed,
    VerificationPassed,
    WhistleEndNoted,
    WhistleNoted,
    WhistleWithdrawnNoted,
)
from whistle.domain.moment import Instant
from whistle.domain.taken_back import TakenBack

Stage = Literal["reported", "accepted", "in_hand", "verified", "called_back", "closed"]
Way = Literal["", "self", "transfer", "whistle", "refused", "merged"]

IncidentEvent = (
    IncidentReported
    | FoundOnPatrol
    | IncidentAccepted
    | IncidentRefused
    | SelfHandled
    | IncidentTransferred
    | WhistleNoted
    | WhistleEndNoted
    | WhistleWithdrawnNoted
    | VerificationPassed
    | VerificationFailed
    | CalledBack
    | IncidentClosed
    | IncidentReopened
    | IncidentMerged
    | MergedIn
    | Corrected
    | TakenBack
)


class Unknown(msgspec.Struct, frozen=True, tag="unknown"):
    """Nobody has reported it."""


class Known(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="known"):
    """Reported, and somewhere on its way to being closed."""

    name: str
    item: str
    place: str
    channel: Channel
    stage: Stage = "reported"
    way: Way = ""
    handler: str = ""  # who dealt with it, so that somebody else verifies
    unit: str = ""  # the one unit it was transferred to
    whistles: dict[str, bool] = {}  # stream -> whether it has come to its end
    reworks: int = 0
    outcome: str = ""
    patrol: str = ""  # the name of the patrol that found it
    reported_at: Instant = 0
    closed_at: Instant | None = None
    sources: tuple[Source, ...] = ()  # its own report first, then those merged into it
    answered: tuple[str, ...] = ()  # the sources whose reporters were called back, by name
    merged_into: str = ""  # the name of the incident that goes on in its place

    @property
    def uncalled(self) -> tuple[Source, ...]:
        """The sources with a reporter behind them who has not been reached yet."""
        return tuple(
            source
            for source in self.sources
            if source.channel in WITH_REPORTER and source.name not in self.answered
        )

    @property
    def sounding(self) -> tuple[str, ...]:
        """The whistles that have not come to their end."""
        return tuple(stream for stream, ended in self.whistles.items() if not ended)


IncidentState = Unknown | Known


def evolve(state: IncidentState, event: IncidentEvent) -> IncidentState:
    """What an event makes of the incident; history cannot be refused."""
    match event, state:
        case IncidentReported(), _:
            return _reported(event)
        case _, Unknown():
            return state
        case _, Known():
            return _moved(state, event)
        case _:
            assert_never(state)


def _reported(event: IncidentReported) -> Known:
    own = Source(name=event.name, channel=event.channel, ticket=event.source_ticket)
    return Known(
        name=event.name,
        item=event.item,
        place=event.place,
        channel=event.channel,
        reported_at=event.at,
        sources=(own,),
    )


def _moved(known: Known, event: IncidentEvent) -> Known:  # noqa: C901 - one table, read whole
    change = msgspec.structs.replace
    match event:
        case FoundOnPatrol():
            return change(known, patrol=event.patrol_name)
        case IncidentAccepted():
            return change(known, stage="accepted")
        case IncidentRefused():
            return change(
                known, stage="closed", way="refused", outcome="refused", closed_at=event.at
            )
        case SelfHandled():
            return change(known, stage="in_hand", way="self", handler=event.by_person)
        case IncidentTransferred():
            return change(known, stage="in_hand", way="transfer", unit=event.unit)
        case WhistleNoted():
            whistles = {**known.whistles, event.whistle: False}
            return change(known, stage="in_hand", way="whistle", whistles=whistles)
        case WhistleEndNoted():
            return change(known, whistles={**known.whistles, event.whistle: True})
        case WhistleWithdrawnNoted():
            left = {name: over for name, over in known.whistles.items() if name != event.whistle}
            again = {"stage": "accepted", "way": ""} if event.back else {}
            return change(known, whistles=left, **again)
        case VerificationPassed():
            return change(known, stage="verified")
        case VerificationFailed():
            return change(known, stage="in_hand", reworks=known.reworks + 1)
        case CalledBack():
            return known if event.result == "unreached" else _called_back(known, event)
        case IncidentClosed():
            return change(known, stage="closed", outcome=event.outcome, closed_at=event.at)
        case IncidentReopened():
            return change(known, stage="accepted", way="", outcome="", closed_at=None, answered=())
        case IncidentMerged() | MergedIn():
            return _merged(known, event)
        case IncidentReported() | Corrected() | TakenBack():
            return known
        case _:
            assert_never(event)


def _merged(known: Known, event: IncidentMerged | MergedIn) -> Known:
    change = msgspec.structs.replace
    if isinstance(event, IncidentMerged):
        over = {"stage": "closed", "way": "merged", "outcome": "merged"}
        return change(known, **over, closed_at=event.at, merged_into=event.into_name)
    more = tuple(source for source in event.sources if source not in known.sources)
    return _waiting(change(known, sources=(*known.sources, *more)))


def _called_back(known: Known, event: CalledBack) -> Known:
    """One reporter answered; the incident goes on when every one of them has."""
    answered = (*known.answered, event.source or known.name)
    return _waiting(msgspec.structs.replace(known, stage="called_back", answered=answered))


def _waiting(known: Known) -> Known:
    """Called back is an incident only when none of its reporters waits for a call."""
    if known.stage == "called_back" and known.uncalled:
        return msgspec.structs.replace(known, stage="verified")
    return known

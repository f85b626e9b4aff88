"""巡查发现, what was found: incidents by channel and stage, and the way each accepted one left by.

An accepted incident leaves by one of four ways, counted apart: the town's own forces (自办), a
transfer to one unit, a whistle, or a refusal with its category. One that was turned away before
it was accepted is none of the four.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from projections.projection import Projection, Row, Rows, Table
from whistle.domain.history import HistoryRecorded
from whistle.domain.incident.events import (
    WITH_REPORTER,
    CalledBack,
    IncidentAccepted,
    IncidentClosed,
    IncidentMerged,
    IncidentRefused,
    IncidentReopened,
    IncidentReported,
    IncidentTransferred,
    MergedIn,
    SelfHandled,
    VerificationFailed,
    VerificationPassed,
    WhistleNoted,
    WhistleWithdrawnNoted,
)
from whistle.domain.moment import Instant, earliest
from whistle.domain.whistle.changes import CallWithdrawn, UnitAdded
from whistle.domain.whistle.events import WhistleBlown
from whistle.log.rows import Recorded

if TYPE_CHECKING:
    from projections.catch_up import Views


class IncidentRow(Row, frozen=True, kw_only=True):
    """One incident; `source` is empty for live work, else where its history was imported from."""

    source: str
    incident: str  # the stream, or the source's own number
    name: str
    item: str = ""
    place: str = ""
    grid: str = ""
    channel: str = ""
    source_ticket: str = ""
    stage: str = ""  # none for imported history
    way: str = ""  # self | transfer | whistle | refused | merged
    unit: str = ""  # to which it was transferred
    category: str = ""  # of a refusal
    outcome: str = ""
    merged_into: str = ""  # the name of the incident that goes on in its place
    tickets: tuple[str, ...] = ()  # of all reports that it stands for
    reporters: tuple[str, ...] = ()  # the reports with a person behind them, by incident name
    answered: tuple[str, ...] = ()  # those whose reporter was called back
    reworks: int = 0
    whistles: int = 0
    calls: tuple[str, ...] = ()  # a unit as often as it was called
    withdrawn_whistles: int = 0  # of these
    withdrawn: tuple[str, ...] = ()  # of these calls
    reported_at: Instant | None = None
    accepted_at: Instant | None = None
    closed_at: Instant | None = None


class JointRow(Row, frozen=True, kw_only=True):
    """How many units a whistle called, and how many of them were excused."""

    whistle: str
    incident: str
    called: int
    withdrawn: int = 0


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many of each, imported history apart."""

    incidents: int
    imported_incidents: int
    whistles: int
    imported_whistles: int
    calls: int
    imported_calls: int
    withdrawn_whistles: int  # whistles and calls above are without these
    withdrawn_calls: int
    by_channel: dict[str, int]
    by_stage: dict[str, int]
    by_way: dict[str, int]  # of accepted incidents; "" is still to leave
    turned_away: int  # refused before they were accepted
    merged: int  # told twice: each goes on in another one and is no case of its own
    reworks: int


incidents_table = Table("inspect_incidents", IncidentRow, "source", "incident")
joint_table = Table("inspect_joint", JointRow, "whistle")
inspect = Projection("inspect", incidents_table, joint_table)

change = msgspec.structs.replace


@inspect.when
def reported(rows: Rows, told: Recorded, event: IncidentReported) -> None:
    """A problem was found."""
    rows.put(
        incidents_table,
        IncidentRow(
            case_id=rows.case_id,
            source="",
            incident=told.stream,
            name=event.name,
            item=event.item,
            place=event.place,
            grid=event.grid,
            channel=event.channel,
            source_ticket=event.source_ticket,
            tickets=(event.source_ticket,) if event.source_ticket else (),
            reporters=(event.name,) if event.channel in WITH_REPORTER else (),
            stage="reported",
            reported_at=event.at,
        ),
    )


@inspect.when
def accepted(rows: Rows, told: Recorded, event: IncidentAccepted) -> None:
    """The town took it on."""
    rows.change(incidents_table, "", told.stream, stage="accepted", accepted_at=event.at)


@inspect.when
def refused(rows: Rows, told: Recorded, event: IncidentRefused) -> None:
    """It was not taken on, or turned out not to be the town's."""
    over = {"stage": "closed", "way": "refused", "outcome": "refused", "closed_at": event.at}
    rows.change(incidents_table, "", told.stream, category=event.category, **over)


@inspect.when
def handled(
    rows: Rows, told: Recorded, event: SelfHandled | IncidentTransferred | WhistleNoted
) -> None:
    """It left by one of the ways."""
    unit = event.unit if isinstance(event, IncidentTransferred) else ""
    way = {SelfHandled: "self", IncidentTransferred: "transfer"}.get(type(event), "whistle")
    rows.change(incidents_table, "", told.stream, stage="in_hand", way=way, unit=unit)


@inspect.when
def whistled(rows: Rows, told: Recorded, event: WhistleBlown) -> None:
    """Units were called to it."""
    row = rows.need(incidents_table, "", event.incident)
    calls = (*row.calls, *(each.unit for each in event.summons))
    rows.change(incidents_table, "", event.incident, whistles=row.whistles + 1, calls=calls)
    joint = JointRow(
        case_id=rows.case_id,
        whistle=told.stream,
        incident=event.incident,
        called=len(event.summons),
    )
    rows.put(joint_table, joint)


@inspect.when
def added(rows: Rows, told: Recorded, event: UnitAdded) -> None:
    """One more unit was called to it."""
    row = rows.need(incidents_table, "", event.incident)
    rows.change(incidents_table, "", event.incident, calls=(*row.calls, event.unit))
    rows.change(joint_table, told.stream, called=rows.need(joint_table, told.stream).called + 1)


@inspect.when
def excused(rows: Rows, told: Recorded, event: CallWithdrawn) -> None:
    """The town excused a unit from its call; a whistle without another call is withdrawn."""
    joint = rows.need(joint_table, told.stream)
    row = rows.need(incidents_table, "", joint.incident)
    rows.change(joint_table, told.stream, withdrawn=joint.withdrawn + 1)
    gone = int(joint.withdrawn + 1 == joint.called)
    rows.change(
        incidents_table,
        "",
        joint.incident,
        withdrawn=(*row.withdrawn, event.unit),
        withdrawn_whistles=row.withdrawn_whistles + gone,
    )


@inspect.when
def withdrawn(rows: Rows, told: Recorded, event: WhistleWithdrawnNoted) -> None:
    """A whistle was taken back; with none left the incident may leave by any way."""
    if event.back:
        rows.change(incidents_table, "", told.stream, stage="accepted", way="")


@inspect.when
def judged(
    rows: Rows, told: Recorded, event: VerificationPassed | VerificationFailed | CalledBack
) -> None:
    """Somebody looked at what was done, or asked the reporter."""
    row = rows.need(incidents_table, "", told.stream)
    match event:
        case VerificationFailed():
            rows.change(incidents_table, "", told.stream, stage="in_hand", reworks=row.reworks + 1)
        case VerificationPassed():
            rows.change(incidents_table, "", told.stream, stage="verified")
        case CalledBack(result=result) if result != "unreached":
            answered = (*row.answered, event.source or row.name)
            stage = "called_back" if set(row.reporters) <= set(answered) else "verified"
            rows.change(incidents_table, "", told.stream, stage=stage, answered=answered)


@inspect.when
def closed(rows: Rows, told: Recorded, event: IncidentClosed) -> None:
    """It is over."""
    over = {"stage": "closed", "closed_at": event.at}
    rows.change(incidents_table, "", told.stream, outcome=event.outcome, **over)


@inspect.when
def merged(rows: Rows, told: Recorded, event: IncidentMerged) -> None:
    """It was another one told twice."""
    over = {"stage": "closed", "way": "merged", "outcome": "merged", "closed_at": event.at}
    rows.change(incidents_table, "", told.stream, merged_into=event.into_name, **over)


@inspect.when
def merged_in(rows: Rows, told: Recorded, event: MergedIn) -> None:
    """Another one was merged into it, with its tickets."""
    row = rows.need(incidents_table, "", told.stream)
    more = tuple(each.ticket for each in event.sources if each.ticket)
    people = tuple(each.name for each in event.sources if each.channel in WITH_REPORTER)
    changes = {"tickets": (*row.tickets, *more), "reporters": (*row.reporters, *people)}
    stage = "verified" if row.stage == "called_back" and people else row.stage
    rows.change(incidents_table, "", told.stream, stage=stage, **changes)


@inspect.when
def reopened(rows: Rows, told: Recorded, _event: IncidentReopened) -> None:
    """It was taken up again, and leaves anew."""
    again = {"stage": "accepted", "way": "", "outcome": "", "closed_at": None, "answered": ()}
    rows.change(incidents_table, "", told.stream, **again)


@inspect.when_many
def imported(rows: Rows, _told: Sequence[Recorded], events: Sequence[HistoryRecorded]) -> None:
    """Another system says so; of two reports the earlier counts."""
    found = defaultdict[tuple[str, str], tuple[set[Instant], set[str]]](lambda: (set(), set()))
    for event in events:
        reported, called = found[event.source, event.incident]
        if event.kind == "reported":
            reported.add(event.at)
        elif event.kind == "whistled" and event.unit:
            called.add(event.unit)
    for (source, incident), (reported, called) in found.items():
        row = rows.get(incidents_table, source, incident) or IncidentRow(
            case_id=rows.case_id, source=source, incident=incident, name=incident
        )
        row = change(row, reported_at=earliest(row.reported_at, reported)) if reported else row
        if called:
            row = change(row, whistles=1, calls=tuple(sorted(called.union(row.calls))))
        rows.put(incidents_table, row)


def incidents(
    views: "Views", *, channel: str | None = None, stage: str | None = None
) -> list[IncidentRow]:
    """Incidents by name, live ones first, all or those of a channel or at a stage."""
    with views.reading(inspect) as tx:
        found = incidents_table.select(tx)
    wanted = (row for row in found if channel in (None, row.channel) and stage in (None, row.stage))
    return sorted(wanted, key=lambda row: (row.source, row.name))


def counts(views: "Views") -> Counts:
    """How many incidents, whistles and calls, and how the accepted ones left."""
    found = incidents(views)
    live = [row for row in found if not row.source]
    history = [row for row in found if row.source]
    taken = [row for row in live if row.accepted_at is not None]
    return Counts(
        incidents=len(live),
        imported_incidents=len(history),
        whistles=sum(row.whistles - row.withdrawn_whistles for row in live),
        imported_whistles=sum(row.whistles for row in history),
        calls=sum(len(row.calls) - len(row.withdrawn) for row in live),
        imported_calls=sum(len(row.calls) for row in history),
        withdrawn_whistles=sum(row.withdrawn_whistles for row in live),
        withdrawn_calls=sum(len(row.withdrawn) for row in live),
        by_channel=dict(sorted(Counter(row.channel for row in live).items())),
        by_stage=dict(sorted(Counter(row.stage for row in live).items())),
        by_way=dict(sorted(Counter(row.way for row in taken).items())),
        turned_away=sum(row.way == "refused" for row in live)
        - sum(row.way == "refused" for row in taken),
        merged=sum(row.way == "merged" for row in live),
        reworks=sum(row.reworks for row in live),
    )

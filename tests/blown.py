"""A whistle that was blown at 09:00 at the gas company (lead) and the fire station, for tests."""

from tests.town import CALENDAR, PLAYBOOK, at
from whistle.domain.playbook import Kind
from whistle.domain.whistle.changes import WhistleApproved, WhistleScheduled
from whistle.domain.whistle.events import (
    Acknowledged,
    Arrived,
    CallDelivered,
    ClockStarted,
    Finished,
    Owed,
    Summons,
    WhistleBlown,
    WhistleRequested,
)

NAME = "W-WY26-00001"
SUMMONS = (Summons("rq", "lead"), Summons("xf", "assist"))

# 5 and 30 minutes, and an hour from the item; a fifth of each before its end the warning;
# red after one working day from a Thursday is the close of business on Friday
FRIDAY_NIGHT = at("2026-10-16 18:00")
CLOCKS = (
    ClockStarted(
        clock="ack",
        limit="5em",
        due=at("09:05"),
        rule="kinds.emergency.ack",
        owed=(
            Owed("warn", at("09:04"), "kinds.emergency.ack"),
            Owed("overdue", at("09:05"), "kinds.emergency.ack"),
            Owed("yellow", at("09:05"), "ladder.yellow"),
            Owed("red", FRIDAY_NIGHT, "ladder.red"),
        ),
    ),
    ClockStarted(
        clock="arrive",
        limit="30em",
        due=at("09:30"),
        rule="kinds.emergency.arrive",
        owed=(
            Owed("warn", at("09:24"), "kinds.emergency.arrive"),
            Owed("overdue", at("09:30"), "kinds.emergency.arrive"),
            Owed("yellow", at("09:30"), "ladder.yellow"),
            Owed("red", FRIDAY_NIGHT, "ladder.red"),
        ),
    ),
    ClockStarted(
        clock="dispose",
        limit="1eh",
        due=at("10:00"),
        rule="items.0502.dispose",
        owed=(
            Owed("warn", at("09:48"), "items.0502.dispose"),
            Owed("overdue", at("10:00"), "items.0502.dispose"),
            Owed("yellow", at("10:00"), "ladder.yellow"),
            Owed("red", FRIDAY_NIGHT, "ladder.red"),
        ),
    ),
)

REQUESTED = WhistleRequested(
    at=at("08:59"),
    incident="i1",
    incident_name="I-WY26-00001",
    kind="daily",
    ground="no-power",
    item="0101",
    place="榆苑路",
    summons=(Summons("cg", "lead"), Summons("jj", "assist")),
    note="请支援",
)


def blown(kind: Kind = "emergency") -> WhistleBlown:
    """The whistle itself."""
    return WhistleBlown(
        at=at("09:00"),
        name=NAME,
        incident="i1",
        incident_name="I-WY26-00001",
        kind=kind,
        ground="no-power",
        item="0502",
        place="草桥路12号",
        summons=SUMMONS,
        playbook=PLAYBOOK.digest,
        calendar=CALENDAR.digest,
    )


def delivered(unit: str, clocks: tuple[ClockStarted, ...] = CLOCKS) -> CallDelivered:
    """The call as it reached a unit's inbox."""
    return CallDelivered(
        at=at("09:00"),
        unit=unit,
        channel="inbox",
        clocks=clocks,
        playbook=PLAYBOOK.digest,
        calendar=CALENDAR.digest,
    )


SOUNDING = (blown(), delivered("rq"), delivered("xf"))

ON_SCENE = (Acknowledged(at=at("09:02"), unit="rq"), Arrived(at=at("09:10"), unit="rq"))
FINISHED = Finished(at=at("09:50"), unit="rq", result="fixed")
WHY = "误报"

THREE = at("15:00")
SET = WhistleScheduled(at=at("08:59"), on=THREE, approval="required")
APPROVED = WhistleApproved(at=at("09:00"), by_person="李镇长")
LATER = (REQUESTED, SET, APPROVED)
"""Asked for, set for three in the afternoon, and approved."""

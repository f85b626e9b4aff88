"""Who held the ball, minute by minute: no minute is charged twice, and none to nobody."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.town import at
from whistle.domain.holding import TOWN, Happened, Segment, held, segments
from whistle.domain.incident.events import (
    IncidentAccepted,
    IncidentClosed,
    IncidentReopened,
    IncidentReported,
    VerificationPassed,
    WhistleEndNoted,
    WhistleNoted,
)
from whistle.domain.message import Event
from whistle.domain.moment import MINUTE
from whistle.domain.whistle.events import (
    Acknowledged,
    Arrived,
    CallDelivered,
    Finished,
    Released,
    Summons,
    WhistleBlown,
    WhistleEnded,
)

BLOWN = WhistleBlown(
    at=at("09:10"),
    name="W-WY26-00001",
    incident="i",
    incident_name="I-WY26-00001",
    kind="daily",
    ground="no-power",
    item="0405",
    place="榆苑路",
    summons=(Summons("cg", "lead"), Summons("jj", "assist")),
    playbook="p",
    calendar="c",
)


def delivered(unit: str) -> CallDelivered:
    return CallDelivered(
        at=at("09:10"), unit=unit, channel="inbox", clocks=(), playbook="p", calendar="c"
    )


def of_incident(event: Event) -> Happened:
    return Happened("i", "incident", event)


def of_whistle(event: Event) -> Happened:
    return Happened("w", "whistle", event)


A_MORNING = [
    of_incident(
        IncidentReported(
            at=at("09:00"), name="I-WY26-00001", item="0405", place="榆苑路", channel="patrol"
        )
    ),
    of_incident(IncidentAccepted(at=at("09:05"))),
    of_whistle(BLOWN),
    of_whistle(delivered("cg")),
    of_whistle(delivered("jj")),
    of_incident(WhistleNoted(at=at("09:10"), whistle="w", name="W-WY26-00001")),
    of_whistle(Acknowledged(at=at("09:12"), unit="cg")),
    of_whistle(Arrived(at=at("09:20"), unit="cg")),
    of_whistle(Arrived(at=at("09:25"), unit="jj")),
    of_whistle(Finished(at=at("09:40"), unit="jj", result="fixed")),
    of_whistle(Finished(at=at("10:00"), unit="cg", result="fixed")),
    of_whistle(WhistleEnded(at=at("10:00"))),
    of_incident(WhistleEndNoted(at=at("10:00"), whistle="w", name="W-WY26-00001")),
    of_incident(VerificationPassed(at=at("10:30"))),
    of_whistle(Released(at=at("10:30"), unit="cg")),
    of_whistle(Released(at=at("10:30"), unit="jj")),
    of_incident(IncidentClosed(at=at("10:45"), outcome="fixed")),
]


def test_the_town_then_both_units_then_the_one_that_still_owes_then_the_town_again() -> None:
    assert segments(A_MORNING, at("18:00")) == [
        Segment(TOWN, at("09:00"), at("09:10")),
        Segment(("cg", "jj"), at("09:10"), at("09:40")),
        Segment(("cg",), at("09:40"), at("10:00")),
        Segment(TOWN, at("10:00"), at("10:45")),
    ]


def test_an_open_case_is_held_until_now() -> None:
    so_far = segments(A_MORNING[:7], at("09:30"))
    assert so_far[-1] == Segment(("cg", "jj"), at("09:10"), at("09:30"))


def test_nobody_holds_a_closed_case_and_the_town_holds_it_again_when_it_is_reopened() -> None:
    again = of_incident(IncidentReopened(at=at("11:45"), reason="摊贩回潮"))
    parts = segments([*A_MORNING, again], at("12:00"))
    assert parts[-1] == Segment(TOWN, at("11:45"), at("12:00"))
    assert sum(held(parts).values()) == (105 + 15) * MINUTE


@settings(max_examples=200)
@given(
    st.integers(1, len(A_MORNING)),
    st.lists(st.integers(-30, 90), min_size=len(A_MORNING), max_size=len(A_MORNING)),
)
def test_the_segments_neither_overlap_nor_leave_a_gap_and_sum_to_the_whole(
    seen: int, shifts: list[int]
) -> None:
    # given a history whose instants are in disorder (corrections, timers heard late)
    history = [
        Happened(each.stream, each.kind, _moved(each.event, shift))
        for each, shift in zip(A_MORNING[:seen], shifts, strict=False)
    ]
    now = at("18:00")
    # when its time is shared out
    parts = segments(history, now)
    # then each part begins where the one before it ended, and together they are all of it
    assert all(a.end == b.start for a, b in pairwise(parts))
    assert all(part.end > part.start and part.holders for part in parts)
    start = history[0].event.at
    closed = isinstance(history[-1].event, IncidentClosed)
    end = max(each.event.at for each in history) if closed else now
    assert sum(held(parts).values()) == end - start


def _moved(event: Event, minutes: int) -> Event:
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    return type(event)(**{**fields, "at": event.at + minutes * MINUTE})

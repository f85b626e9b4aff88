"""An incident is taken in, goes one of four ways, is verified, called back and closed."""

import pytest

from tests.story import Story
from tests.town import CLERK, LEADER, TOWN, at
from whistle.domain.incident import INCIDENT
from whistle.domain.incident.events import (
    CalledBack,
    Channel,
    IncidentAccepted,
    IncidentClosed,
    IncidentRefused,
    IncidentReopened,
    IncidentReported,
    IncidentTransferred,
    SelfHandled,
    VerificationFailed,
    VerificationPassed,
    WhistleEndNoted,
    WhistleNoted,
)
from whistle.domain.incident.handling import (
    HandleIncident,
    NoteWhistleBlown,
    NoteWhistleEnded,
    TransferIncident,
)
from whistle.domain.incident.intake import AcceptIncident, RefuseIncident, ReportIncident
from whistle.domain.incident.outcome import (
    CallReporterBack,
    CloseIncident,
    ReopenIncident,
    VerifyIncident,
)
from whistle.domain.message import Event, Order
from whistle.domain.refusal import NotAllowed, NotFound, Refused

NINE = at("09:00")


def reported(channel: Channel = "12345") -> IncidentReported:
    return IncidentReported(
        at=at("08:00"), name="I-WY26-00001", item="0502", place="草桥路12号", channel=channel
    )


ACCEPTED = IncidentAccepted(at=at("08:05"))
BLOWN = WhistleNoted(at=at("08:10"), whistle="w1", name="W-WY26-00001")
ENDED = WhistleEndNoted(at=at("08:50"), whistle="w1", name="W-WY26-00001")
PASSED = VerificationPassed(at=at("08:55"), by_person="小周")
CALLED_BACK = CalledBack(at=at("08:57"), result="satisfied")
CLOSED = IncidentClosed(at=at("08:58"), outcome="fixed")

WAY_TO: dict[str, tuple[Event, ...]] = {
    "unknown": (),
    "reported": (reported(),),
    "accepted": (reported(), ACCEPTED),
    "in_hand": (reported(), ACCEPTED, BLOWN, ENDED),
    "verified": (reported(), ACCEPTED, BLOWN, ENDED, PASSED),
    "called_back": (reported(), ACCEPTED, BLOWN, ENDED, PASSED, CALLED_BACK),
    "closed": (reported(), ACCEPTED, BLOWN, ENDED, PASSED, CALLED_BACK, CLOSED),
}

# every order, and the stages in which it is allowed with what follows there
TABLE: list[tuple[Order, dict[str, Event]]] = [
    (
        ReportIncident(item="gas-leak", place="草桥路12号", channel="12345"),
        {
            "unknown": IncidentReported(
                at=NINE, name="I-WY26-00001", item="0502", place="草桥路12号", channel="12345"
            )
        },
    ),
    (AcceptIncident(note="急"), {"reported": IncidentAccepted(at=NINE, note="急")}),
    (
        RefuseIncident(category="not-ours", explanation="邻镇地界"),
        dict.fromkeys(
            ("reported", "accepted"),
            IncidentRefused(at=NINE, category="not-ours", explanation="邻镇地界"),
        ),
    ),
    (HandleIncident(), {"accepted": SelfHandled(at=NINE)}),
    (TransferIncident(unit="交警"), {"accepted": IncidentTransferred(at=NINE, unit="jj")}),
    (
        NoteWhistleBlown(whistle="w2", name="W-WY26-00002"),
        dict.fromkeys(
            ("accepted", "in_hand"), WhistleNoted(at=NINE, whistle="w2", name="W-WY26-00002")
        ),
    ),
    (
        NoteWhistleEnded(whistle="w1", name="W-WY26-00001"),
        dict.fromkeys(
            ("reported", "accepted", "in_hand", "verified", "called_back", "closed"),
            WhistleEndNoted(at=NINE, whistle="w1", name="W-WY26-00001"),
        ),
    ),
    (VerifyIncident(passed=True), {"in_hand": VerificationPassed(at=NINE)}),
    (VerifyIncident(passed=False), {"in_hand": VerificationFailed(at=NINE)}),
    (
        CallReporterBack(result="fairly"),
        dict.fromkeys(("verified", "called_back"), CalledBack(at=NINE, result="fairly")),
    ),
    (CloseIncident(outcome="partly"), {"called_back": IncidentClosed(at=NINE, outcome="partly")}),
    (ReopenIncident(reason="又漏气"), {"closed": IncidentReopened(at=NINE, reason="又漏气")}),
]
ROWS = [(order, allowed, stage) for order, allowed in TABLE for stage in WAY_TO]


@pytest.mark.parametrize(
    ("order", "allowed", "stage"),
    ROWS,
    ids=[f"{type(order).__name__}-{stage}" for order, _allowed, stage in ROWS],
)
def test_every_order_is_allowed_only_where_the_table_says(
    order: Order, allowed: dict[str, Event], stage: str
) -> None:
    story = Story(INCIDENT).given(*WAY_TO[stage]).when(order)
    if stage in allowed:
        story.then(allowed[stage])
    elif stage == "unknown":
        story.then_refused("", NotFound)
    else:
        story.then_refused(f"incident.{stage}", Refused)


@pytest.mark.parametrize("stage", [stage for stage in WAY_TO if stage != "unknown"])
def test_an_incident_stands_where_its_events_brought_it(stage: str) -> None:
    assert Story(INCIDENT).given(*WAY_TO[stage]).state.stage == stage


@pytest.mark.parametrize(
    ("order", "stage"),
    [
        (AcceptIncident(), "reported"),
        (RefuseIncident(category="not-ours", explanation="x"), "reported"),
        (HandleIncident(), "accepted"),
        (TransferIncident(unit="jj"), "accepted"),
        (VerifyIncident(passed=True), "in_hand"),
        (CallReporterBack(result="satisfied"), "verified"),
        (CloseIncident(), "called_back"),
        (ReopenIncident(reason="x"), "closed"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_only_the_town_office_deals_with_an_incident(order: Order, stage: str) -> None:
    story = Story(INCIDENT).given(*WAY_TO[stage])
    story.when(order, by="jj").then_refused("town.only", NotAllowed)
    story.when(order, by="town>jj").then_refused("town.only", NotAllowed)
    story.when(order, by="jj>town").then_topics(story.told[-1].topic)


def test_anybody_may_report() -> None:
    order = ReportIncident(item="占道经营", place="榆苑路", grid="G-07", source_ticket="12345-9")
    Story(INCIDENT).when(order, by="jj").then(
        IncidentReported(
            at=NINE,
            name="I-WY26-00001",
            item="0101",
            place="榆苑路",
            channel="patrol",
            grid="G-07",
            source_ticket="12345-9",
        )
    )


def test_what_the_catalogue_does_not_name_is_not_found() -> None:
    story = Story(INCIDENT).when(ReportIncident(item="飞碟", place="榆苑路"))
    story.then_refused("", NotFound)


@pytest.mark.parametrize("place", ["", "  "])
def test_a_report_says_where(place: str) -> None:
    story = Story(INCIDENT).when(ReportIncident(item="0502", place=place))
    story.then_refused("report.place")


def test_a_refusal_names_a_known_category_and_explains_it() -> None:
    story = Story(INCIDENT).given(reported())
    story.when(RefuseIncident(category="boring", explanation="x")).then_refused("refuse.category")
    story.when(RefuseIncident(category="not-ours", explanation=" ")).then_refused(
        "refuse.explained"
    )


def test_a_transfer_names_a_unit_of_the_register() -> None:
    story = Story(INCIDENT).given(*WAY_TO["accepted"])
    story.when(TransferIncident(unit="气象台")).then_refused("", NotFound)


@pytest.mark.parametrize(
    ("way", "event"),
    [
        ("self", SelfHandled(at=NINE, by_person="小周")),
        ("transfer", IncidentTransferred(at=NINE, unit="jj")),
        ("whistle", BLOWN),
        ("refused", IncidentRefused(at=NINE, category="not-ours", explanation="x")),
    ],
)
def test_the_four_ways_out_are_told_apart(way: str, event: Event) -> None:
    assert Story(INCIDENT).given(*WAY_TO["accepted"], event).state.way == way


def test_the_handler_does_not_verify_the_own_work() -> None:
    story = Story(INCIDENT).given(*WAY_TO["accepted"]).when(HandleIncident(), by=CLERK)
    story.then(SelfHandled(at=NINE, by_person="小周"))
    story.when(VerifyIncident(passed=True), by=CLERK).then_refused("verify.another")
    story.when(VerifyIncident(passed=True), by=LEADER).then(
        VerificationPassed(at=NINE, by_person="李镇长")
    )


def test_nothing_is_verified_while_a_whistle_sounds() -> None:
    story = Story(INCIDENT).given(reported(), ACCEPTED, BLOWN)
    story.when(VerifyIncident(passed=True)).then_refused("verify.sounding")
    story.given(ENDED).when(VerifyIncident(passed=True)).then_topics(
        "incident.verification_passed/1"
    )


def test_one_of_two_whistles_still_under_way_holds_the_verification_up() -> None:
    second = WhistleNoted(at=at("08:20"), whistle="w2", name="W-WY26-00002")
    story = Story(INCIDENT).given(reported(), ACCEPTED, BLOWN, second, ENDED)
    story.when(VerifyIncident(passed=True)).then_refused("verify.sounding")


def test_a_failed_verification_puts_the_incident_in_hand_again() -> None:
    story = Story(INCIDENT).given(*WAY_TO["in_hand"])
    story.when(VerifyIncident(passed=False, note="仍有气味"), by=CLERK).then(
        VerificationFailed(at=NINE, by_person="小周", note="仍有气味")
    )
    assert (story.state.stage, story.state.reworks) == ("in_hand", 1)


def test_a_whistle_that_sounds_already_is_not_noted_twice() -> None:
    story = Story(INCIDENT).given(reported(), ACCEPTED, BLOWN)
    story.when(NoteWhistleBlown(whistle="w1", name="W-WY26-00001")).then()


def test_a_whistle_sounds_again_after_its_end() -> None:
    story = Story(INCIDENT).given(*WAY_TO["in_hand"])
    story.when(NoteWhistleBlown(whistle="w1", name="W-WY26-00001"))
    story.then_topics("incident.whistle_noted/1")
    assert story.state.sounding == ("w1",)


def test_an_unreached_reporter_is_tried_again_and_the_incident_waits() -> None:
    story = Story(INCIDENT).given(*WAY_TO["verified"])
    story.when(CallReporterBack(result="unreached")).then(CalledBack(at=NINE, result="unreached"))
    assert story.state.stage == "verified"
    story.when(CloseIncident()).then_refused("incident.verified")
    story.when(CallReporterBack(result="dissatisfied"))
    story.when(CloseIncident()).then(IncidentClosed(at=NINE, outcome="fixed"))


@pytest.mark.parametrize(
    "channel", ["patrol", "grid", "camera", "superior", "digital-city", "other"]
)
def test_without_a_reporter_nobody_is_called_back(channel: Channel) -> None:
    story = Story(INCIDENT).given(reported(channel), ACCEPTED, BLOWN, ENDED, PASSED)
    story.when(CloseIncident()).then(IncidentClosed(at=NINE, outcome="fixed"))


@pytest.mark.parametrize("channel", ["12345", "petition", "public"])
def test_a_reporter_is_called_back_before_the_incident_closes(channel: Channel) -> None:
    story = Story(INCIDENT).given(reported(channel), ACCEPTED, BLOWN, ENDED, PASSED)
    story.when(CloseIncident()).then_refused("incident.verified")


def test_reopening_says_why_and_starts_over_from_acceptance() -> None:
    story = Story(INCIDENT).given(*WAY_TO["closed"])
    story.when(ReopenIncident(reason=" ")).then_refused("reopen.reason")
    story.when(ReopenIncident(reason="又漏气"), by=TOWN)
    assert (story.state.stage, story.state.way, story.state.outcome) == ("accepted", "", "")


def test_what_is_told_of_an_unknown_incident_changes_nothing() -> None:
    story = Story(INCIDENT)
    assert story.given(ACCEPTED, BLOWN, CLOSED).state == INCIDENT.start

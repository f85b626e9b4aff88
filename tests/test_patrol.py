"""A patrol by the book: planned, walked, what it found, and what it is refused."""

from fractions import Fraction

import pytest

from tests.story import Story
from tests.town import at
from whistle.domain.message import Event
from whistle.domain.patrol import PATROL
from whistle.domain.patrol.events import (
    FindingReported,
    PatrolFinished,
    PatrolFound,
    PatrolJoined,
    PatrolNoted,
    PatrolPlanned,
    PatrolStarted,
    PatrolStartedUnplanned,
    Stop,
    StopSkipped,
    StopVisited,
    Walker,
)
from whistle.domain.patrol.planning import PlanPatrol, StartPatrol, StartUnplanned
from whistle.domain.patrol.state import Visit
from whistle.domain.patrol.walking import (
    FinishPatrol,
    NoteFinding,
    NotePatrol,
    ReportFinding,
    SkipStop,
    VisitStop,
)
from whistle.domain.refusal import NotAllowed, NotFound

NAME = "P-WY26-00001"
EIGHT, NINE, TEN = at("08:00"), at("09:00"), at("10:00")
GATE = Stop(name="北门", grid="0107-03")
MARKET = Stop(name="早市", grid="0107-04", expected=at("08:40"))
KEPT_MARKET = Stop(name="早市", grid="0107-04", expected=at("08:40"), latest=at("08:55"))
DYKE = Stop(name="河堤")
CG, JJ = Walker("cg"), Walker("jj")
PLAN = PlanPatrol(
    route=(GATE, MARKET, DYKE), begins=EIGHT, ends=TEN, walkers=(CG, JJ), reason="每天两次"
)
PLANNED = PatrolPlanned(
    at=at("07:00"),
    name=NAME,
    route=(GATE, KEPT_MARKET, DYKE),
    walkers=(CG, JJ),
    begins=EIGHT,
    ends=TEN,
    reason="每天两次",
)
STARTED = PatrolStarted(at=EIGHT, unit="cg", company=(JJ,))


def visited(stop: str, time: str, unit: str = "cg") -> StopVisited:
    return StopVisited(at=at(time), unit=unit, stop=stop)


def planned() -> Story:
    return Story(PATROL).given(PLANNED)


def out() -> Story:
    return planned().given(STARTED)


def test_a_plan_keeps_route_slot_walkers_and_the_latest_check_in_of_a_timed_stop() -> None:
    Story(PATROL).when(PLAN, at=at("07:00")).then(PLANNED)


def test_who_plans_and_names_nobody_walks() -> None:
    plan = PlanPatrol(route=(GATE,), begins=EIGHT, ends=TEN)
    story = Story(PATROL).when(plan, by="cg", at=at("07:00"))
    assert story.state.planned == (CG,)


@pytest.mark.parametrize(
    ("plan", "rule"),
    [
        (PlanPatrol(route=(), begins=EIGHT, ends=TEN), "patrol.route"),
        (PlanPatrol(route=(GATE, GATE), begins=EIGHT, ends=TEN), "patrol.stop_twice"),
        (PlanPatrol(route=(Stop(name=" "),), begins=EIGHT, ends=TEN), "patrol.stop_name"),
        (PlanPatrol(route=(GATE,), begins=TEN, ends=EIGHT), "patrol.slot_over"),
        (PlanPatrol(route=(GATE,), begins=at("06:00"), ends=at("07:00")), "patrol.slot_over"),
        (PlanPatrol(route=(MARKET,), begins=NINE, ends=TEN), "patrol.stop_time"),
    ],
)
def test_a_plan_that_cannot_be_walked_is_refused(plan: PlanPatrol, rule: str) -> None:
    Story(PATROL).when(plan, at=at("07:00")).then_refused(rule)


def test_a_unit_plans_for_itself_and_the_town_office_for_all() -> None:
    foreign = PlanPatrol(route=(GATE,), begins=EIGHT, ends=TEN, walkers=(JJ,))
    Story(PATROL).when(foreign, by="cg", at=EIGHT).then_refused("patrol.planner", NotAllowed)
    Story(PATROL).when(foreign, by="town", at=EIGHT).then_topics("patrol.planned/1")


def test_a_walker_whom_the_register_does_not_have_is_not_planned() -> None:
    for walker in (Walker("nobody"), Walker("town", "小李")):
        plan = PlanPatrol(route=(GATE,), begins=EIGHT, ends=TEN, walkers=(walker,))
        Story(PATROL).when(plan, at=EIGHT).then_refused("", NotFound)


def test_only_who_is_to_walk_starts_it() -> None:
    planned().when(StartPatrol(company=(JJ,)), by="cg", at=EIGHT).then(STARTED)
    planned().when(StartPatrol(), by="town>jj", at=EIGHT).then(PatrolStarted(at=EIGHT, unit="jj"))
    planned().when(StartPatrol(), by="rq", at=EIGHT).then_refused("patrol.walker", NotAllowed)


def test_who_comes_later_joins_once() -> None:
    story = planned().given(PatrolStarted(at=EIGHT, unit="cg"))
    assert story.state.absent == (JJ,)
    story.when(StartPatrol(), by="jj", at=NINE).then(PatrolJoined(at=NINE, unit="jj"))
    assert story.state.absent == ()
    story.when(StartPatrol(), by="jj", at=NINE).then_refused("patrol.out")


def test_an_act_on_the_way_shows_that_a_planned_unit_is_there() -> None:
    story = planned().given(PatrolStarted(at=EIGHT, unit="cg"))
    story.when(VisitStop(stop="北门"), by="jj", at=NINE).then(
        PatrolJoined(at=NINE, unit="jj"),
        StopVisited(at=NINE, unit="jj", stop="北门", grid="0107-03"),
    )


def test_a_person_who_is_awaited_by_name_has_come_when_that_person_acts() -> None:
    named = PatrolPlanned(
        at=EIGHT, name=NAME, route=(GATE,), walkers=(Walker("cg", "小张"),), begins=EIGHT, ends=TEN
    )
    story = Story(PATROL).given(named, PatrolStarted(at=EIGHT, unit="cg", person="小王"))
    assert story.state.absent == (Walker("cg", "小张"),)
    story.when(NotePatrol(note="灯已亮"), by="cg/小李", at=NINE).then_topics("patrol.noted/1")
    story.when(NotePatrol(note="灯已亮"), by="cg/小张", at=NINE)
    story.then_topics("patrol.joined/1", "patrol.noted/1")
    assert story.state.absent == ()


def test_any_person_of_a_unit_will_do_and_only_the_named_one_where_one_is_named() -> None:
    assert Walker("cg", "小张").stands_for(CG)
    assert not Walker("cg", "小王").stands_for(Walker("cg", "小张"))
    assert not CG.stands_for(Walker("cg", "小张"))


def test_who_does_not_walk_does_nothing_on_the_way() -> None:
    for order in (VisitStop(stop="北门"), NotePatrol(note="x"), FinishPatrol(note="x")):
        out().when(order, by="rq", at=NINE).then_refused("patrol.walker", NotAllowed)


@pytest.mark.parametrize("order", [VisitStop(stop="北门"), FinishPatrol(note="x")])
def test_nothing_is_walked_before_the_start_nor_after_the_end(order: VisitStop) -> None:
    planned().when(order, by="cg", at=NINE).then_refused("patrol.planned")
    done = out().given(PatrolFinished(at=NINE, unit="cg"))
    done.when(order, by="cg", at=NINE).then_refused("patrol.done")
    Story(PATROL).when(order, by="cg", at=NINE).then_refused("", NotFound)


@pytest.mark.parametrize("text", ["早市", " 早市 ", "2", "早"])
def test_a_stop_is_meant_by_its_name_a_part_of_it_or_its_number(text: str) -> None:
    out().when(VisitStop(stop=text), by="cg", at=NINE).then(
        StopVisited(at=NINE, unit="cg", stop="早市", grid="0107-04")
    )


@pytest.mark.parametrize("text", ["南门", "4", "0", "²"])
def test_a_stop_that_the_route_does_not_have_is_not_visited(text: str) -> None:
    out().when(VisitStop(stop=text), by="cg", at=NINE).then_refused("", NotFound)


@pytest.mark.parametrize(
    ("events", "visit"),
    [
        ([visited("北门", "08:10"), visited("早市", "08:55")], Visit(at=at("08:55"))),
        ([visited("北门", "08:10"), visited("早市", "08:56")], Visit(at=at("08:56"), late=True)),
        ([visited("早市", "08:30")], Visit(at=at("08:30"), out_of_order=True)),
        (
            [StopSkipped(at=EIGHT, unit="cg", stop="北门", reason="x"), visited("早市", "08:30")],
            Visit(at=at("08:30")),
        ),
        ([visited("北门", "08:10"), visited("早市", "08:30"), visited("早市", "09:30")],
         Visit(at=at("08:30"))),
    ],
    ids=["in time to the last minute", "late", "out of order", "after a skip", "seen twice"],
)  # fmt: skip
def test_a_check_in_is_in_time_late_or_out_of_order(events: list[Event], visit: Visit) -> None:
    assert out().given(*events).state.visits["早市"] == visit


def test_a_stop_is_left_out_with_a_reason_and_may_be_seen_after_all() -> None:
    story = out()
    story.when(SkipStop(stop="早市", reason=" "), by="cg", at=NINE).then_refused(
        "patrol.skip_reason"
    )
    story.when(SkipStop(stop="早市", reason="封路"), by="cg", at=NINE)
    assert story.state.skipped == {"早市": "封路"}
    story.given(visited("早市", "09:30"))
    assert (story.state.skipped, story.state.checked) == ({}, 1)
    story.when(SkipStop(stop="早市", reason="封路"), by="cg", at=NINE).then_refused(
        "patrol.visited"
    )


def test_a_note_says_something() -> None:
    story = out().when(NotePatrol(note="灯已亮"), by="cg", at=NINE)
    story.then(PatrolNoted(at=NINE, unit="cg", note="灯已亮"))
    story.when(NotePatrol(note=""), by="cg", at=NINE).then_refused("patrol.note")


def test_a_finding_lies_where_the_walkers_stand_unless_they_say_where() -> None:
    story = out().given(visited("北门", "08:10"))
    story.when(ReportFinding(incident="i9", item="street-vending"), by="cg", at=NINE).then(
        PatrolFound(
            at=NINE, unit="cg", nr=1, incident="i9", item="0101", place="北门", stop="北门",
            grid="0107-03",
        )
    )  # fmt: skip
    elsewhere = ReportFinding(incident="i10", item="占道经营", place="三巷", stop="2")
    story.when(elsewhere, by="cg", at=NINE)
    second = story.state.findings[1]
    assert (second.nr, second.place, second.grid) == (2, "三巷", "0107-04")


def test_a_finding_needs_an_item_of_the_catalogue_and_a_place() -> None:
    unknown = ReportFinding(incident="i9", item="unheard-of", place="x")
    out().when(unknown, by="cg", at=NINE).then_refused("", NotFound)
    nowhere = ReportFinding(incident="i9", item="0101")
    out().when(nowhere, by="cg", at=NINE).then_refused("report.place")


def test_a_finding_gets_the_name_of_its_incident() -> None:
    found = PatrolFound(at=NINE, unit="cg", nr=1, incident="i9", item="0101", place="北门")
    noted = NoteFinding(nr=1, incident="i9", name="I-WY26-00007")
    story = out().given(found).when(noted, by="cg", at=NINE)
    story.then(FindingReported(at=NINE, nr=1, incident="i9", incident_name="I-WY26-00007"))
    assert story.state.findings[0].incident_name == "I-WY26-00007"


def test_a_patrol_with_open_stops_is_finished_only_with_the_reason() -> None:
    story = out().given(visited("北门", "08:10"), visited("早市", "08:30"))
    story.when(FinishPatrol(), by="cg", at=TEN).then_refused("patrol.open_stops")
    story.when(FinishPatrol(note="涨水"), by="cg", at=TEN).then(
        StopSkipped(at=TEN, unit="cg", stop="河堤", reason="涨水"),
        PatrolFinished(at=TEN, unit="cg", note="涨水"),
    )
    assert (story.state.stage, story.state.coverage) == ("done", Fraction(2, 3))


def test_a_patrol_that_saw_everything_is_finished_at_a_word() -> None:
    seen = [visited("北门", "08:10"), visited("早市", "08:30"), visited("河堤", "09:00")]
    story = out().given(*seen).when(FinishPatrol(), by="jj", at=TEN)
    story.then(PatrolFinished(at=TEN, unit="jj"))
    assert story.state.coverage == 1


def test_a_patrol_without_a_plan_takes_stops_as_they_come() -> None:
    start = StartUnplanned(company=(JJ,), reason="暴雨")
    story = Story(PATROL).when(start, by="cg/小张", at=EIGHT)
    story.then(
        PatrolStartedUnplanned(
            at=EIGHT, unit="cg", person="小张", name=NAME, company=(JJ,), reason="暴雨"
        )
    )
    story.when(VisitStop(stop="河堤", grid="0107-05"), by="jj", at=NINE)
    assert (story.state.coverage, story.state.passed) == (
        None,
        (Stop(name="河堤", grid="0107-05"),),
    )
    calling = ReportFinding(incident="i9", item="0101", note="摊主 13900000001")
    story.when(calling, by="jj", at=NINE).then_refused("report.personal")
    story.when(ReportFinding(incident="i9", item="0101"), by="jj", at=NINE)
    assert story.state.findings[0].grid == "0107-05"
    story.when(FinishPatrol(), by="cg", at=TEN).then_topics("patrol.finished/1")
    assert PATROL.next_due(story.state) is None


def test_history_of_no_patrol_is_no_patrol() -> None:
    assert Story(PATROL).given(visited("北门", "08:10")).state == PATROL.start

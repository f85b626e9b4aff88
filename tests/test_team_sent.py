"""A joint team sent out: to one whistle at a time, called back by its end, stood down, marked."""

import pytest

from tests.story import Story
from tests.teams import GAS, NAME, SENT, TEN, TRAFFIC, asked, signed, team
from tests.town import WHISTLE, at
from whistle.domain.message import Event, Order
from whistle.domain.refusal import NotFound, Refused, WhistleError
from whistle.domain.surroundings import WhistleBrief
from whistle.domain.team import TEAM
from whistle.domain.team.events import DispatchEnded, StoodDown, TeamEvaluated, TeamFormed
from whistle.domain.team.membership import JoinTeam, LeaveTeam, RelieveUnit
from whistle.domain.team.scene import CountHeads, SignIn
from whistle.domain.team.sending import DispatchTeam, EvaluateTeam, NoteWhistleOver, StandDown

ENDED = DispatchEnded(at=at("09:50"), units=("cg", "jj", "rq"), nr=1)
DOWN = StoodDown(at=at("09:55"), units=("cg", "jj", "rq"))
ORDERS: list[Order] = [
    JoinTeam(contingent=TRAFFIC),
    LeaveTeam(unit="jj"),
    RelieveUnit(unit="jj", by=TRAFFIC),
    SignIn(unit="cg"),
    CountHeads(),
    DispatchTeam(whistle="w1"),
    StandDown(),
]


def name_of(order: Order) -> str:
    return type(order).__name__


def test_people_on_call_go_with_a_whistle_that_calls_them_and_else_stand_by() -> None:
    story = asked(team(signed("cg", 3)), DispatchTeam(whistle="w1"))
    assert story.state.out.units == ("cg", "rq")
    assert (story.state.present, story.state.heads) == (0, 5)  # the scene has its own sign-in
    asked(story, SignIn(unit="jj", heads=1), by="jj").then_topics("team.signed_in/1")
    assert (story.state.present, story.state.heads) == (1, 7)  # came beside those who were sent


def test_a_team_whose_people_are_all_on_call_is_not_sent_past_a_whistle() -> None:
    formed = TeamFormed(at=TEN, name=NAME, title="x", contingents=(TRAFFIC, GAS), leader="jj")
    other = WhistleBrief(
        stream="w2", name="W-WY26-00002", stage="sounding", incident="i2", incident_name="I",
        called=("xf",),
    )  # fmt: skip
    story = Story(TEAM).given(formed)
    asked(story, DispatchTeam(whistle="w2"), whistle=other).then_refused("team.nobody_goes")


@pytest.mark.parametrize(
    ("history", "whistle", "rule", "kind"),
    [
        ((SENT,), WHISTLE, "team.out", Refused),
        ((DOWN,), WHISTLE, "team.stood_down", Refused),
        ((), None, "", NotFound),
        (
            (),
            WhistleBrief(
                stream="w", name="W", stage="ended", incident="i", incident_name="I", called=()
            ),
            "team.whistle_over",
            Refused,
        ),
    ],
    ids=["already sent", "stood down", "no whistle", "whistle over"],
)
def test_a_team_is_not_sent(
    history: tuple[Event, ...],
    whistle: WhistleBrief | None,
    rule: str,
    kind: type[WhistleError],
) -> None:
    asked(team(*history), DispatchTeam(whistle="w1"), whistle=whistle).then_refused(rule, kind)


def test_the_end_of_its_whistle_calls_the_team_back_and_another_whistles_end_does_not() -> None:
    asked(team(SENT), NoteWhistleOver(whistle="w2")).then()
    story = asked(team(SENT), NoteWhistleOver(whistle="w1"))
    story.then(DispatchEnded(at=TEN, units=("cg", "jj", "rq"), nr=1))
    assert story.state.stage == "formed"
    asked(story, NoteWhistleOver(whistle="w1")).then()
    asked(story, DispatchTeam(whistle="w1"))
    assert story.state.out.nr == 2


def test_nobody_goes_before_it_is_done_unless_the_reason_is_on_record() -> None:
    asked(team(SENT), StandDown()).then_refused("team.work_open")
    asked(team(SENT), StandDown(reason=" ")).then_refused("team.work_open")
    story = asked(team(SENT), StandDown(reason="台风红色预警"))
    story.then(StoodDown(at=TEN, units=("cg", "jj", "rq"), nr=1, reason="台风红色预警"))
    assert story.state.dispatches[0].broken_off
    asked(team(SENT, ENDED), StandDown()).then(StoodDown(at=TEN, units=("cg", "jj", "rq")))


@pytest.mark.parametrize("order", ORDERS, ids=name_of)
def test_a_team_that_was_stood_down_does_nothing_more(order: Order) -> None:
    asked(team(DOWN), order).then_refused("team.stood_down", Refused)


def test_a_dispatch_that_is_over_gets_one_mark_even_after_the_team_is_gone() -> None:
    asked(team(SENT), EvaluateTeam(nr=1, score=90)).then_refused("team.out")
    story = asked(team(SENT, ENDED, DOWN), EvaluateTeam(nr=1, score=90, note="快"))
    story.then(TeamEvaluated(at=TEN, units=("cg", "rq"), nr=1, score=90, note="快"))
    asked(story, EvaluateTeam(nr=1, score=95)).then_refused("rate.once")
    asked(story, EvaluateTeam(nr=2, score=95)).then_refused("", NotFound)


@pytest.mark.parametrize("score", [-1, 101])
def test_a_teams_mark_lies_within_the_playbooks_scale(score: int) -> None:
    asked(team(SENT, ENDED), EvaluateTeam(nr=1, score=score)).then_refused("rate.range")

"""A joint team: who belongs to it, who is here, where it is sent, and what it is marked."""

from typing import Any

import pytest

from tests.story import Story
from tests.teams import FORMED, NAME, SENT, SQUAD, TEN, TRAFFIC, asked, signed, team
from tests.town import at
from whistle.domain.message import Order
from whistle.domain.refusal import NotAllowed, NotFound, Refused
from whistle.domain.team import TEAM
from whistle.domain.team.events import (
    Contingent,
    HeadsCounted,
    Roll,
    StoodDown,
    TeamFormed,
    UnitJoined,
    UnitLeft,
    UnitRelieved,
)
from whistle.domain.team.membership import FormTeam, JoinTeam, LeaveTeam, RelieveUnit
from whistle.domain.team.scene import CountHeads, Missed, SignIn
from whistle.domain.team.sending import DispatchTeam, EvaluateTeam, StandDown

DOWN = StoodDown(at=at("09:55"), units=("cg", "jj", "rq"))
ORDERS: list[Order] = [
    JoinTeam(contingent=Contingent(unit="xf", mode="on_call", heads=1)),
    LeaveTeam(unit="jj"),
    RelieveUnit(unit="jj", by=TRAFFIC),
    SignIn(unit="cg"),
    CountHeads(),
    DispatchTeam(whistle="w1"),
    StandDown(),
]


def gives(unit: str, heads: int, *persons: str, mode: Any = "on_call") -> Contingent:
    return Contingent(unit=unit, mode=mode, heads=heads, persons=persons)


def name_of(order: Order) -> str:
    return type(order).__name__


@pytest.mark.parametrize("order", [*ORDERS, EvaluateTeam(nr=1, score=9)], ids=name_of)
def test_a_team_that_nobody_formed_knows_none_of_this(order: Order) -> None:
    asked(Story(TEAM), order).then_refused("", NotFound)


def test_the_town_forms_a_team_of_several_units_and_the_first_leads() -> None:
    order = FormTeam(title="渣土夜查", contingents=(SQUAD, TRAFFIC))
    asked(Story(TEAM), order).then(
        TeamFormed(at=TEN, name=NAME, title="渣土夜查", contingents=(SQUAD, TRAFFIC), leader="cg")
    )
    asked(team(), order).then_refused("team.formed")


@pytest.mark.parametrize("speaker", ["cg", "jj", "town>cg"])
def test_only_the_town_office_forms_sends_marks_and_stands_down(speaker: str) -> None:
    form = FormTeam(title="夜查", contingents=(SQUAD, TRAFFIC))
    asked(Story(TEAM), form, by=speaker).then_refused("team.town_only", NotAllowed)
    for order in (DispatchTeam(whistle="w1"), StandDown(), EvaluateTeam(nr=1, score=9)):
        asked(team(), order, by=speaker).then_refused("team.town_only", NotAllowed)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"title": " "}, "team.title"),
        ({"contingents": (SQUAD,)}, "team.joint"),
        ({"contingents": (SQUAD, SQUAD)}, "team.joint"),
        ({"contingents": (SQUAD, gives("jj", 0))}, "team.heads"),
        ({"contingents": (SQUAD, gives("jj", 1000))}, "team.heads"),
        ({"contingents": (SQUAD, gives("cg", 1, "张三", "李四"), TRAFFIC)}, "team.joint"),
        ({"contingents": (SQUAD, gives("jj", 1, mode="stationed_staff"))}, "team.staff_named"),
        ({"contingents": (SQUAD, gives("jj", 1, "张三"))}, "team.person"),
        ({"contingents": (gives("cg", 3, "张三", "张三"), TRAFFIC)}, "team.person_twice"),
        ({"leader": "xf"}, "team.leader"),
        ({"leader": "jj", "leader_person": "张三"}, "team.person"),
        (
            {"contingents": (gives("cg", 1, "李四"), TRAFFIC), "leader_person": "张三"},
            "team.leader",
        ),
    ],
)
def test_a_team_is_formed_of_people_who_can_be_counted(change: dict[str, Any], rule: str) -> None:
    fields: dict[str, Any] = {"title": "夜查", "contingents": (SQUAD, TRAFFIC), **change}
    asked(Story(TEAM), FormTeam(**fields)).then_refused(rule, Refused)


def test_staff_posted_to_the_town_are_named_one_by_one() -> None:
    staff = gives("jj", 1, "赵六", mode="stationed_staff")
    order = FormTeam(title="夜查", contingents=(SQUAD, staff), leader="cg", leader_person="李四")
    asked(Story(TEAM), order).then_topics("team.formed/1")


def test_a_unit_joins_and_leaves() -> None:
    story = asked(team(), JoinTeam(contingent=gives("xf", 2)), by="xf")
    story.then(UnitJoined(at=TEN, unit="xf", mode="on_call", heads=2))
    assert story.state.heads == 9
    asked(story, JoinTeam(contingent=gives("xf", 1))).then_refused("team.member")
    asked(story, LeaveTeam(unit="xf"), by="xf").then(UnitLeft(at=TEN, unit="xf"))
    asked(story, LeaveTeam(unit="xf")).then_refused("", NotFound)


def test_one_unit_does_not_speak_for_another() -> None:
    asked(team(), LeaveTeam(unit="rq"), by="jj").then_refused("team.own", NotAllowed)
    order = JoinTeam(contingent=gives("xf", 2))
    asked(team(), order, by="jj").then_refused("team.own", NotAllowed)


def test_while_the_team_is_out_who_leaves_says_why() -> None:
    asked(team(SENT), LeaveTeam(unit="rq"), by="rq").then_refused("team.leave_reason")
    story = asked(team(SENT), LeaveTeam(unit="rq", reason="主管爆裂"), by="rq")
    story.then(UnitLeft(at=TEN, unit="rq", reason="主管爆裂"))


def test_the_leading_unit_is_relieved_and_whoever_takes_over_leads() -> None:
    asked(team(), LeaveTeam(unit="cg")).then_refused("team.leader_leaves")
    relief = gives("xf", 4)
    story = asked(team(), RelieveUnit(unit="cg", by=relief), by="cg")
    story.then(UnitRelieved(at=TEN, unit="cg", by="xf", mode="on_call", heads=4))
    assert (story.state.leader, story.state.leader_person) == ("xf", "")
    assert list(story.state.squads) == ["jj", "rq", "xf"]


def test_a_relief_signs_in_anew_and_is_awaited_where_the_team_is() -> None:
    night = gives("cg", 2, "王五", mode="stationed_team")
    story = team(SENT, signed("cg", 3))
    asked(story, RelieveUnit(unit="cg", by=night, leader_person="王五"))
    assert (story.state.present, story.state.heads) == (0, 4)
    assert story.state.leader_person == "王五"
    asked(story, RelieveUnit(unit="rq", by=gives("xf", 1)))
    assert set(story.state.expected) == {"cg", "xf"}


def test_a_relief_is_not_in_the_team_already_and_leads_only_for_the_leader() -> None:
    asked(team(), RelieveUnit(unit="cg", by=TRAFFIC)).then_refused("team.member")
    order = RelieveUnit(unit="jj", by=gives("jj", 1), leader_person="赵六")
    asked(team(), order).then_refused("team.leader")
    swap = RelieveUnit(unit="jj", by=gives("jj", 1))
    asked(team(), swap, by="jj").then_refused("team.leader_only", NotAllowed)


@pytest.mark.parametrize(
    ("order", "by", "heads", "persons"),
    [
        (SignIn(unit="cg"), "cg", 3, ()),
        (SignIn(unit="cg", persons=("张三", "李四")), "cg", 2, ("张三", "李四")),
        (SignIn(unit="cg", heads=2, persons=("王五",)), "cg", 2, ("王五",)),
        (SignIn(unit="cg", heads=1), "town", 1, ()),
        (SignIn(unit="jj", heads=1), "jj", 1, ()),
        (SignIn(unit="jj"), "town>jj", 2, ()),
    ],
)
def test_people_sign_in_by_name_or_by_number(
    order: SignIn, by: str, heads: int, persons: tuple[str, ...]
) -> None:
    story = asked(team(), order, by=by)
    story.then(signed(order.unit, heads, *persons, when="10:00"))
    assert story.state.present == heads


@pytest.mark.parametrize("speaker", ["town", "cg", "rq"])
def test_people_on_call_sign_in_for_themselves(speaker: str) -> None:
    asked(team(), SignIn(unit="jj"), by=speaker).then_refused("team.sign_own", NotAllowed)


def test_what_people_on_call_told_by_phone_is_typed_by_the_town_alone() -> None:
    order = SignIn(unit="jj")
    asked(team(), order, by="rq>jj").then_refused("call.behalf", NotAllowed)
    asked(team(), order, by="jj>jj").then_topics("team.signed_in/1")


@pytest.mark.parametrize(
    ("order", "rule"),
    [
        (SignIn(unit="cg", heads=4), "team.heads"),
        (SignIn(unit="cg", heads=1, persons=("李四", "王五")), "team.heads"),
        (SignIn(unit="cg", heads=3, persons=("李四",)), "team.heads"),
        (SignIn(unit="cg", persons=("张三",)), "team.signed"),
        (SignIn(unit="cg", persons=("赵六",)), "team.person"),
    ],
)
def test_nobody_signs_in_twice_and_nobody_beyond_the_number(order: SignIn, rule: str) -> None:
    asked(team(signed("cg", 1, "张三")), order).then_refused(rule, Refused)


def test_a_place_that_was_given_to_somebody_is_his() -> None:
    named = FORMED.contingents[0]
    story = team(
        UnitRelieved(at=TEN, unit="cg", by="cg", mode=named.mode, heads=1, persons=("张三",))
    )
    asked(story, SignIn(unit="cg", persons=("李四",))).then_refused("team.not_given")
    asked(story, SignIn(unit="cg", persons=("张三",))).then_topics("team.signed_in/1")


def test_a_head_count_names_who_is_missing_by_unit() -> None:
    story = team(SENT, signed("cg", 2, "李四"), signed("rq", 2))
    missed = (Missed("cg", ("李四",)), Missed("rq", (), 1))
    asked(story, CountHeads(missed=missed), by="cg").then(
        HeadsCounted(
            at=TEN,
            rolls=(
                Roll(unit="cg", heads=3, present=1, missing=("张三",), gone=("李四",)),
                Roll(unit="rq", heads=2, present=1),
            ),
        )
    )
    assert (story.state.present, story.state.heads) == (2, 5)
    asked(story, SignIn(unit="cg", persons=("李四",))).then_topics("team.signed_in/1")


def test_who_never_signed_in_is_not_missed_and_a_stranger_calls_no_roll() -> None:
    story = team(SENT, signed("rq", 1))
    for missed in (Missed("rq", (), 2), Missed("cg", ("张三",))):
        asked(story, CountHeads(missed=(missed,))).then_refused("team.not_here", Refused)
    asked(story, CountHeads(missed=(Missed("xf"),))).then_refused("", NotFound)
    asked(story, CountHeads(), by="rq").then_refused("team.leader_only", NotAllowed)


def test_a_unit_is_here_since_its_first_came_and_no_longer_when_all_are_gone() -> None:
    story = team(signed("cg", 1, when="09:20"), signed("cg", 1, when="09:40"))
    assert story.state.squads["cg"].since == at("09:20")
    asked(story, CountHeads(missed=(Missed("cg", (), 2),)))
    assert story.state.squads["cg"].since is None

"""Whatever is asked of a team: never more present than given, one place at a time, down is down."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.teams import FORMED, STAFFED
from tests.town import WHISTLE, around
from whistle.domain.message import Event, Order
from whistle.domain.refusal import WhistleError
from whistle.domain.surroundings import WhistleBrief
from whistle.domain.team import TEAM
from whistle.domain.team.events import Contingent, StoodDown, TeamDispatched
from whistle.domain.team.membership import JoinTeam, LeaveTeam, RelieveUnit
from whistle.domain.team.scene import CountHeads, Missed, SignIn
from whistle.domain.team.sending import DispatchTeam, EvaluateTeam, NoteWhistleOver, StandDown
from whistle.domain.team.state import Formed

PLACES = {
    "w1": WHISTLE,
    "w2": replace(WHISTLE, stream="w2", name="W-WY26-00002", called=("jj",)),
    "w3": replace(WHISTLE, stream="w3", name="W-WY26-00003", stage="ended"),
}
units = st.sampled_from(sorted(STAFFED))
persons = st.lists(st.sampled_from(["张三", "李四", "王五", "赵六", "李镇长"]), max_size=3).map(
    tuple
)
few = st.integers(0, 4)
people = st.builds(
    Contingent,
    unit=units,
    mode=st.sampled_from(["stationed_team", "stationed_staff", "on_call"]),
    heads=few,
    persons=persons,
)
words = st.sampled_from(["", "急"])
orders: st.SearchStrategy[Order] = st.one_of(
    st.builds(JoinTeam, contingent=people),
    st.builds(LeaveTeam, unit=units, reason=words),
    st.builds(RelieveUnit, unit=units, by=people, leader_person=st.just("")),
    st.builds(SignIn, unit=units, persons=persons, heads=few),
    st.builds(SignIn, unit=units),
    st.builds(CountHeads, missed=st.lists(st.builds(Missed, units, persons, few), max_size=2)),
    st.builds(DispatchTeam, whistle=st.sampled_from(sorted(PLACES))),
    st.builds(NoteWhistleOver, whistle=st.sampled_from(sorted(PLACES))),
    st.builds(StandDown, reason=words),
    st.builds(EvaluateTeam, nr=few, score=st.integers(-1, 101)),
)  # fmt: skip
speakers = st.sampled_from(["town", "cg", "jj", "town>jj"])


def place_of(order: Order) -> WhistleBrief | None:
    return PLACES[order.whistle] if isinstance(order, DispatchTeam) else None


@given(asked=st.lists(st.tuples(speakers, orders), max_size=25))
def test_whatever_is_asked_of_a_team_its_numbers_hold(asked: list[tuple[str, Order]]) -> None:
    team = TEAM.evolve(TEAM.start, FORMED)
    told: list[Event] = []
    for speaker, order in asked:
        known = around(speaker, units=STAFFED, whistle=place_of(order))
        try:
            events = TEAM.decide(team, order, known)
        except WhistleError as refusal:
            str(refusal), refusal.hint.format(**refusal.words)
            continue
        told += events
        for event in events:
            team = TEAM.evolve(team, event)
        assert isinstance(team, Formed)
        hold(team)
    down = [index for index, event in enumerate(told) if isinstance(event, StoodDown)]
    assert len(down) <= 1
    later = told[down[0] :] if down else []
    assert not any(isinstance(event, TeamDispatched) for event in later)


def hold(team: Formed) -> None:
    """Nobody is counted twice or beyond the number, and the team is at one place."""
    for squad in team.squads.values():
        assert 0 <= squad.present <= squad.heads
        assert squad.others >= 0
        assert len(set(squad.here)) == len(squad.here)
        assert len(squad.missing) <= squad.heads - squad.present
    assert team.present <= team.heads
    assert team.leader in team.squads
    under_way = [each for each in team.dispatches if each.ended is None]
    assert len(under_way) <= (0 if team.stood_down else 1)
    assert [each.nr for each in team.dispatches] == list(range(1, len(team.dispatches) + 1))

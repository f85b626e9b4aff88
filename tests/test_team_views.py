"""Joint teams in the views: where each is, who is here, how soon each unit signed in."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections import command, open_views, teams, timeline
from projections.catch_up import Views
from tests.played import Played, play
from tests.shell import Shell
from tests.town import TOWN
from whistle.domain.correction import effective
from whistle.domain.moment import MINUTE
from whistle.domain.team import TEAM
from whistle.domain.team.events import Contingent, SignedIn, TeamDispatched, TeamEvaluated
from whistle.domain.team.membership import FormTeam, RelieveUnit
from whistle.domain.team.scene import CountHeads, Missed, SignIn
from whistle.domain.team.sending import DispatchTeam, EvaluateTeam, StandDown
from whistle.domain.whistle.call import Arrive, Finish
from whistle.engine import new_stream
from whistle.log.rows import recorded

FEW = settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
SQUAD = Contingent(unit="cg", mode="stationed_team", heads=4)
ON_CALL = Contingent(unit="xf", mode="on_call", heads=2)


def sent(town: Played) -> tuple[str, str]:
    """A team that was sent to a whistle at the gas company and the fire station."""
    whistle, team = town.blow(town.report(), "xf"), new_stream()
    assert town.order(TOWN, team, FormTeam(title="夜查", contingents=(SQUAD, ON_CALL)))
    assert town.order(TOWN, team, DispatchTeam(whistle=whistle))
    return team, whistle


def end(town: Played, whistle: str) -> None:
    """Every called unit comes and finishes: the whistle ends, and the dispatch with it."""
    for unit in ("rq", "xf"):
        town.call(whistle, Arrive(unit=unit))
        town.call(whistle, Finish(unit=unit))


def test_a_turnout_tells_how_soon_after_the_dispatch_a_unit_signed_in(
    town: Played, views: Views
) -> None:
    team, whistle = sent(town)
    dispatched = town.now
    town.now += 10 * MINUTE
    assert town.order("cg", team, SignIn(unit="cg", heads=3))
    town.order("cg", team, SignIn(unit="cg", heads=1))
    town.order("xf", team, SignIn(unit="xf"))
    town.order("cg", team, CountHeads(missed=(Missed("xf", (), 1),)))
    end(town, whistle)
    town.order(TOWN, team, EvaluateTeam(nr=1, score=90))
    cg, xf = teams.turnouts(views, whistle=whistle)
    assert (cg.sent_at, cg.signed_in_at) == (dispatched, dispatched + 11 * MINUTE)
    assert [(row.present, row.heads, row.mark) for row in (cg, xf)] == [(4, 4, 90), (1, 2, 90)]
    assert (cg.ended_at, cg.broken_off) == (town.now - MINUTE, False)
    assert teams.turnouts(views, unit="rq") == []


def test_the_next_shift_does_not_change_when_its_unit_was_first_on_the_scene(
    town: Played, views: Views
) -> None:
    team, _whistle = sent(town)
    town.order("cg", team, SignIn(unit="cg", heads=1))
    first = town.now
    town.order("cg", team, SignIn(unit="cg", heads=1))
    town.order("cg", team, RelieveUnit(unit="cg", by=SQUAD))
    town.order("cg", team, SignIn(unit="cg"))
    (row,) = teams.turnouts(views, unit="cg")
    assert (row.signed_in_at, row.present) == (first, 4)
    (standing,) = teams.teams(views)
    assert standing.state.squads["cg"].since == town.now


def test_a_relief_has_the_turnout_of_its_own_and_a_broken_off_dispatch_says_so(
    town: Played, views: Views
) -> None:
    team, _whistle = sent(town)
    town.order("cg", team, SignIn(unit="cg"))
    relief = Contingent(unit="jj", mode="on_call", heads=3)
    assert town.order(TOWN, team, RelieveUnit(unit="cg", by=relief))
    relieved = town.now
    assert town.order(TOWN, team, StandDown(reason="台风"))
    rows = {row.unit: row for row in teams.turnouts(views)}
    assert (rows["jj"].sent_at, rows["jj"].signed_in_at) == (relieved, None)
    assert rows["cg"].present == 4
    assert {row.broken_off for row in rows.values()} == {True}
    counts = teams.counts(views)
    assert (counts.teams, counts.out, counts.stood_down, counts.dispatches) == (1, 0, 1, 1)
    assert (counts.turnouts, counts.turnouts_signed_in) == (3, 1)
    assert teams.teams(views, open_only=True) == []


def test_a_correction_folds_the_team_anew_and_stays_visible(town: Played, views: Views) -> None:
    team, whistle = sent(town)
    town.order("cg", team, SignIn(unit="cg"))
    signed = town.now
    end(town, whistle)
    town.order(TOWN, team, EvaluateTeam(nr=1, score=9))
    views.catch_up()
    assert town.correct(team, town.seq_of(team, SignedIn), at=signed - MINUTE)
    assert town.correct(team, town.seq_of(team, TeamEvaluated), score=90)
    rows = {row.unit: row for row in teams.turnouts(views)}
    assert (rows["cg"].signed_in_at, rows["xf"].mark) == (signed - MINUTE, 90)
    entries = timeline.timeline(views, "T-WY26-00001")
    corrected = [entry for entry in entries if entry.corrected_by]
    assert [entry.topic for entry in corrected] == ["team.signed_in/1", "team.evaluated/1"]
    assert timeline.timeline(views, team) == entries


@FEW
@given(seed=st.integers(0, 10_000))
def test_the_view_of_teams_is_the_fold_of_the_log(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    town = Played(tmp_path_factory.mktemp("town") / "town.db")
    play(town, 60, seed)
    events = [each.event for each in map(recorded, town.log.rows())]
    with open_views(town.log, town.views_at) as views:
        shown = {row.team: row.state for row in teams.teams(views)}
        for team, state in shown.items():
            folded = TEAM.start
            for told in effective(town.told(team)):
                folded = TEAM.evolve(folded, told.event)
            assert state == folded
        counts = teams.counts(views)
        assert counts.dispatches == sum(isinstance(each, TeamDispatched) for each in events)
        at_whistles = {row.whistle for row in teams.turnouts(views)}
        assert at_whistles <= {row.whistle for row in command.whistles(views)}
        assert views.status()[0].parked == ()
    town.close()


def test_the_four_views_and_the_ledger_show_the_same_team(tmp_path: Path) -> None:
    desk = Shell(tmp_path).founded()
    desk.json("blow", "-e", "gas-leak", "草桥路12号")
    calls = desk.json("view", "ledger").facts["rows"]
    desk.json("team", "form", "夜查", "--stationed-team", "UM=3", "--on-call", "TP=2")
    desk.json("team", "dispatch", "1", "1")
    desk.json("team", "sign-in", "1", "-n", "2", "--as", "UM")
    shown = {view: desk.json("view", view).facts for view in ("inspect", "command", "coordinate")}
    ledger = desk.json("view", "ledger").facts
    assert ledger["rows"] == calls, "a team's people answer no call"
    [turnout] = ledger["teams"]
    assert (turnout["unit"], turnout["present"], turnout["heads"]) == ("UM", 2, 3)
    assert [row["present"] for row in shown["inspect"]["teams"]] == [2]
    [team] = shown["command"]["teams"]
    assert (team["present"], team["heads"], team["stage"]) == (2, 3, "dispatched")
    members = {row["unit"]: row["expected"] for row in shown["coordinate"]["teams"]}
    assert members == {"UM": True, "TP": False}
    narrowed = desk.json("view", "coordinate", "--unit", "UM").facts["teams"]
    assert [row["unit"] for row in narrowed] == ["UM"]
    desk.json("blow", "-e", "gas-leak", "榆苑路")
    assert desk.json("view", "coordinate", "--whistle", "2").facts["teams"] == []
    assert len(desk.json("view", "coordinate", "--whistle", "1").facts["teams"]) == 2

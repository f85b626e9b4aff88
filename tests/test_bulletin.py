"""The month's bulletin: facts of the record by unit and of the town, and no score."""

from pathlib import Path
from typing import Any

import pytest

from projections import assess as assess_view
from projections import open_views
from tests.played import LEADER, Played, play
from tests.town import CALENDAR, TOWN, at
from whistle.domain.bulletin import Due, Mean, UnitMonth
from whistle.domain.bulletin_town import TownMonth
from whistle.domain.calendar import Calendar
from whistle.domain.incident.handling import HandleIncident
from whistle.domain.incident.intake import AcceptIncident, RefuseIncident
from whistle.domain.incident.outcome import CallReporterBack, CloseIncident, VerifyIncident
from whistle.domain.measures import summary
from whistle.domain.moment import MINUTE
from whistle.domain.month import month_of
from whistle.domain.rulebook import AdoptCalendar
from whistle.domain.whistle.call import Acknowledge, Arrive, Decline, Finish, Leave
from whistle.domain.whistle.changing import WithdrawWhistle
from whistle.domain.whistle.closing import EvaluateUnit, RateWhistle
from whistle.domain.whistle.events import Arrived, LeftEarly
from whistle.domain.whistle.hearing import ContestTold
from whistle.engine import Given
from whistle.engine.assessing import assess
from whistle.engine.bulletins import Bulletin, bulletin

OCTOBER, NOVEMBER = month_of(2026, 10), month_of(2026, 11)


@pytest.fixture
def town(tmp_path: Path) -> Any:
    played = Played(tmp_path / "town.db")
    yield played
    played.close()


def unit(told: Bulletin, code: str) -> UnitMonth:
    return told.units.per_unit[code]


def test_a_month_goes_from_midnight_to_midnight_of_the_town() -> None:
    assert (OCTOBER.first, OCTOBER.end) == (at("2026-10-01 00:00"), at("2026-11-01 00:00"))
    assert month_of(2026, 12).end == month_of(2027, 1).first
    assert OCTOBER.holds(OCTOBER.first)
    assert not OCTOBER.holds(OCTOBER.end)


def worked(town: Played) -> str:
    """A gas leak: the gas company comes after 12 minutes, the fire station never answers."""
    called = town.blow(town.report())
    delivered = town.now - MINUTE  # the leader confirmed it a minute later
    assert town.call(called, Acknowledge(unit="rq"))
    town.now = delivered + 11 * MINUTE
    assert town.call(called, Arrive(unit="rq"))
    assert town.call(called, Finish(unit="rq"))
    assert town.order(TOWN, called, EvaluateUnit("rq", 90))
    assert town.order("rq", called, RateWhistle("rq", 70))
    town.now = delivered + 90 * MINUTE
    town.engine.tick()
    return called


def test_a_unit_is_told_what_was_due_of_it_and_what_was_on_time(town: Played) -> None:
    worked(town)
    told = bulletin(town.log, OCTOBER)
    came = unit(told, "rq")
    assert (came.calls, came.arrived, came.median_arrival_s) == (1, 1, 12 * 60)
    assert [came.signed, came.reported_in, came.finished] == [Due(1, 1, 0, 1.0)] * 3
    assert (came.marks, came.ratings) == (Mean(1, 90.0), Mean(1, 70.0))
    never = unit(told, "xf")
    assert [never.signed, never.reported_in, never.finished] == [Due(0, 1, 0, 0.0)] * 3
    assert (never.overdue, never.yellow, never.arrived, never.median_arrival_s) == (3, 3, 0, None)
    assert told.units.overall.reported_in == Due(1, 2, 0, 0.5)
    assert told.units.overall.marks == Mean(1, 90.0)


def test_a_call_that_still_has_time_is_running_and_in_no_rate(town: Played) -> None:
    town.blow(town.report())
    one = unit(bulletin(town.log, OCTOBER), "rq")
    assert (one.calls, one.signed) == (1, Due(0, 0, 1, None))


def test_a_due_belongs_to_the_month_in_which_it_runs_out(town: Played) -> None:
    town.now = at("2026-10-31 23:45")
    called = town.blow(town.report())
    town.call(called, Acknowledge(unit="rq"))
    town.now = at("2026-11-01 00:05")
    town.call(called, Arrive(unit="rq"))
    october, november = bulletin(town.log, OCTOBER), bulletin(town.log, NOVEMBER)
    assert (unit(october, "rq").calls, unit(november, "rq").calls) == (1, 0)
    assert (unit(october, "rq").signed.due, unit(november, "rq").signed.due) == (1, 0)
    assert (unit(october, "rq").reported_in.due, unit(november, "rq").reported_in.due) == (0, 1)
    assert unit(november, "rq").reported_in.on_time == 1


def test_a_month_that_is_over_stays_as_it_is_but_for_what_was_set_right(town: Played) -> None:
    called = worked(town)
    town.now = at("2026-11-01 09:00")
    town.engine.tick()
    before = bulletin(town.log, OCTOBER)
    town.now = at("2026-11-03 10:00")
    assert town.call(called, Arrive(unit="xf"))
    assert town.call(called, Finish(unit="xf"))
    assert town.order("town/小周", town.incidents[0], VerifyIncident(passed=False))
    after = bulletin(town.log, OCTOBER)
    assert (after.units, after.town) == (before.units, before.town)
    again = unit(bulletin(town.log, NOVEMBER), "rq")
    assert (again.reworks, again.overdue) == (1, 1)  # its clock was due in October
    first = town.told(called)[0].event.at
    assert town.correct(called, town.seq_of(called, Arrived, "rq"), at=first + 5 * MINUTE)
    assert unit(bulletin(town.log, OCTOBER), "rq").median_arrival_s == 5 * 60


def test_what_the_unit_did_against_the_rules_is_counted(town: Played) -> None:
    called = town.blow(town.report())
    for order in (Acknowledge(unit="rq"), Arrive(unit="rq"), Leave(unit="rq", reason="另有火警")):
        assert town.call(called, order)
    assert town.call(called, Arrive(unit="xf"))
    assert town.call(called, Decline(unit="xf", reason="not-our-duty", proposed="cg"))
    told = bulletin(town.log, OCTOBER)
    assert (unit(told, "rq").left_early, unit(told, "xf").declined) == (1, 1)
    seq = town.seq_of(called, LeftEarly, "rq")
    assert town.correct(called, seq, at=at("09:00") + 5 * MINUTE)
    assert unit(bulletin(town.log, OCTOBER), "rq").left_early == 1


def test_a_withdrawn_call_is_told_apart_and_in_no_figure_whenever_it_was(town: Played) -> None:
    called = town.blow(town.report())
    town.now += 40 * MINUTE
    town.engine.tick()
    assert unit(bulletin(town.log, OCTOBER), "xf").overdue == 2
    town.now = at("2026-11-02 09:00")
    assert town.order(LEADER, called, WithdrawWhistle(reason="误报"))
    one = unit(bulletin(town.log, OCTOBER), "xf")
    assert (one.apart, one.calls, one.overdue, one.reported_in.due) == ({"withdrawn": 1}, 0, 0, 0)
    november = bulletin(town.log, NOVEMBER)
    assert (november.units.per_unit, november.town.whistles_withdrawn) == ({}, 1)


def test_a_contested_call_is_told_apart_and_in_no_figure(town: Played) -> None:
    called = town.blow(town.report())
    claimed = town.now + MINUTE
    town.now += 20 * MINUTE
    order = Given(called, Arrive(unit="rq"))
    assert town.ask("town/小周>rq", order, happened_at=claimed)
    assert town.order("rq", called, ContestTold(unit="rq", reason="门岗登记更早"))
    one = unit(bulletin(town.log, OCTOBER), "rq")
    assert (one.apart, one.calls, one.arrived) == ({"contested": 1}, 0, 0)


def test_the_town_has_a_part_of_its_own(town: Played) -> None:
    called = worked(town)
    for order in (Arrive(unit="xf"), Finish(unit="xf")):
        assert town.call(called, order)
    incident = town.incidents[0]
    assert town.order("town/小周", incident, VerifyIncident(passed=True))
    assert town.order(TOWN, incident, CloseIncident())
    for result in ("satisfied", "fairly", "satisfied", "unreached"):
        own = town.report("street-vending", "12345")
        assert town.order(TOWN, own, AcceptIncident())
        assert town.order(TOWN, own, HandleIncident())
        assert town.order("town/小周", own, VerifyIncident(passed=True))
        assert town.order(TOWN, own, CallReporterBack(result))
    refused = town.report("street-vending")
    assert town.order(TOWN, refused, RefuseIncident("repeated", "seen already"))
    assert bulletin(town.log, OCTOBER).town == TownMonth(
        whistles={"emergency": 1},
        whistles_withdrawn=0,
        not_approved=0,
        incidents_in=6,
        ways={"self": 4, "whistle": 1, "refused": 1},
        closed={"fixed": 1, "refused": 1},
        reopened=0,
        confirmations_missed=0,
        approvals_contested=0,
        callbacks={"satisfied": 2, "fairly": 1, "unreached": 1},
        satisfaction=0.666666667,
    )


def test_clocks_without_their_years_calendar_are_named(town: Played) -> None:
    this_year = Calendar(tuple(each for each in CALENDAR.notices if each.year == 2026))
    assert town.order(TOWN, "rulebook", AdoptCalendar(this_year))
    town.now = at("2026-12-31 17:30")
    town.blow(town.report("street-vending"), "jj")
    december = bulletin(town.log, month_of(2026, 12))
    assert {(each.unit, each.clock) for each in december.provisional} >= {("cg", "ack")}
    assert bulletin(town.log, OCTOBER).provisional == ()


@pytest.mark.parametrize("seed", [2, 11])
def test_of_a_played_month_the_bulletin_the_ledger_and_the_view_say_the_same(
    town: Played, seed: int
) -> None:
    play(town, 60, seed)
    town.engine.tick()
    assert town.now < at("2026-10-24 00:00")
    told, found = bulletin(town.log, OCTOBER), assess(town.log)
    live = [row for row in found.assignments() if not row.key[0]]
    figures = summary(live, None, found.stands_at)["per_unit"]
    pairs = {"ack": "signed", "arrival": "reported_in", "commitment": "finished"}
    for code, ledger in figures.items():
        one = unit(told, code)
        assert one.calls == ledger["assignments"]
        for metric, name in pairs.items():
            due, metrics = getattr(one, name), ledger["metrics"][metric]
            assert due.due + due.running == metrics.get("n_limited", 0) + metrics.get(
                "n_running", 0
            )
            assert (due.on_time, due.rate) == (
                metrics.get("on_time", 0),
                metrics.get("rate_all"),
            )
    with open_views(town.log, town.views_at) as views:
        rows = assess_view.units(views)
    for row in rows:
        if row.calls:
            one = unit(told, row.unit)
            assert one.overdue == sum(row.overdue.values())
            assert (one.declined, one.left_early, one.reworks) == (
                row.declined,
                row.left_early,
                row.reworks,
            )
            assert (one.marks.n, one.ratings.n) == (row.marks, row.ratings)

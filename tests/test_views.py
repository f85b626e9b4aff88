"""The views: four windows on the same whistles, the ledger, the inbox, the full record."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections import (
    VIEWS,
    assess,
    command,
    coordinate,
    deadlines,
    inspect,
    ledger,
    open_views,
    timeline,
    view,
)
from projections.catch_up import Views
from tests.played import Played, play, until
from tests.town import TOWN
from whistle import codec
from whistle.domain.correction import Corrected, Told, effective
from whistle.domain.facts import fact
from whistle.domain.history import HistoryRecorded
from whistle.domain.incident.intake import AcceptIncident, RefuseIncident
from whistle.domain.incident.outcome import CloseIncident, VerifyIncident
from whistle.domain.ledger import Ledger
from whistle.domain.moment import HOUR, MINUTE
from whistle.domain.whistle.call import Acknowledge, Arrive, Decline, Finish, Leave
from whistle.domain.whistle.closing import EvaluateUnit, RateWhistle
from whistle.domain.whistle.events import Arrived, UnitEvaluated, WhistleBlown
from whistle.domain.whistle.issue import BlowWhistle
from whistle.engine import new_stream
from whistle.log.rows import recorded
from whistle.log.store_log import StoreLog

FEW = settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])


def gas_leak(town: Played) -> str:
    """A whistle at the gas company and the fire station."""
    return town.blow(town.report(), "xf")


def folded(log: StoreLog, size: int) -> Ledger:
    """The ledger by folding the first events of the log, without any view."""
    told, cases, streams = [], {}, {}
    for row in log.rows():
        if row[0] <= size:
            line = recorded(row)
            told.append(Told(line.seq, line.event))
            cases[line.seq], streams[line.seq] = line.correlation_id or "", line.stream
    names = {streams[t.seq]: t.event.name for t in told if isinstance(t.event, WhistleBlown)}
    ledger = Ledger()
    for each in effective(told):
        seq, event = each.seq, each.event
        known = fact(event, streams[seq], cases[seq], seq)
        if known is None:
            continue
        if isinstance(event, HistoryRecorded):
            ledger.tell(known, event.source_event_id)
        else:
            ledger.tell(known, f"{names.get(streams[seq], '')}/{known.unit}")
    return ledger


@FEW
@given(seed=st.integers(0, 10_000), cuts=st.lists(st.floats(0, 1), min_size=1, max_size=3))
def test_the_ledgers_rows_are_the_fold_of_the_log_at_any_position(
    tmp_path_factory: pytest.TempPathFactory, seed: int, cuts: list[float]
) -> None:
    town = Played(tmp_path_factory.mktemp("town") / "town.db")
    play(town, 30, seed)
    for cut in sorted(cuts):
        size = int(town.log.size() * cut)
        with open_views(until(town.log, size), town.views_at) as views:
            assert ledger.assignments(views) == folded(town.log, size).assignments()
            kept = ledger.assignments(views, unwhistled=True)
            assert kept == folded(town.log, size).unwhistled()
    town.close()


@FEW
@given(seed=st.integers(0, 10_000))
def test_the_four_views_and_the_ledger_count_the_same_whistles_and_calls(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    town = Played(tmp_path_factory.mktemp("town") / "town.db")
    play(town, 30, seed)
    blown = [e.event for e in map(recorded, town.log.rows()) if isinstance(e.event, WhistleBlown)]
    with open_views(town.log, town.views_at) as views:
        windows = (inspect, command, coordinate, assess, ledger)
        counted = [window.counts(views) for window in windows]
        live = {(each.whistles, each.calls) for each in counted}
        imported = {(each.imported_whistles, each.imported_calls) for each in counted}
        assert live == {(len(blown), sum(len(each.summons) for each in blown))}
        assert len(imported) == 1
        assert views.status()[0].parked == ()
    town.close()


def test_an_accepted_incident_is_counted_by_the_way_it_left(town: Played, views: Views) -> None:
    gas_leak(town)
    for order in (AcceptIncident(), RefuseIncident("repeated", "twice")):
        town.order(TOWN, town.incidents[-1] if order is None else town.report(), order)
    accepted = town.report()
    town.order(TOWN, accepted, AcceptIncident())
    town.order(TOWN, accepted, RefuseIncident("not-ours", "the county's road"))
    counts = inspect.counts(views)
    assert counts.by_way == {"": 1, "refused": 1, "whistle": 1}
    assert (counts.incidents, counts.turned_away) == (4, 1)
    assert [row.category for row in inspect.incidents(views, stage="closed")] == [
        "repeated",
        "not-ours",
    ]


def test_imported_calls_stand_in_columns_of_their_own(town: Played, views: Views) -> None:
    gas_leak(town)
    town.import_facts(
        [
            ("F1", None, "reported", HOUR),
            ("F1", "E1", "whistled", HOUR + MINUTE),
            ("F1", "E2", "whistled", HOUR + MINUTE),
            ("F1", "E1", "whistled", HOUR + 2 * MINUTE),
            ("F2", "E1", "arrived", HOUR),
        ]
    )
    for window in (inspect, command, coordinate, assess, ledger):
        counts = window.counts(views)
        assert (counts.whistles, counts.calls) == (1, 2)
        assert (counts.imported_whistles, counts.imported_calls) == (1, 2)
    assert inspect.counts(views).imported_incidents == 2
    assert ledger.counts(views).imported_unwhistled == 1
    (e1,) = (row for row in assess.units(views) if row.unit == "E1")
    assert (e1.calls, e1.imported_calls) == (0, 1)


def test_a_requested_whistle_waits_for_approval_and_is_no_whistle_yet(
    town: Played, views: Views
) -> None:
    incident = town.report("street-vending")
    town.order(TOWN, incident, AcceptIncident())
    town.order(TOWN, new_stream(), BlowWhistle(incident))
    counts = command.counts(views)
    assert (counts.waiting_for_approval, counts.whistles, counts.calls) == (1, 0, 0)
    assert [(d.unit, d.verb) for d in deadlines.inbox(views, "")] == [("", "approve")]


def test_who_is_late_is_supervised_and_one_who_was_in_time_is_not(
    town: Played, views: Views
) -> None:
    whistle = gas_leak(town)
    town.call(whistle, Arrive(unit="xf"))
    town.now += HOUR
    town.engine.tick()
    (row,) = command.whistles(views, open_only=True)
    assert (row.called, row.on_scene, row.answered) == (("rq", "xf"), ("xf",), ("xf",))
    late = {unit.unit: unit.overdue for unit in assess.units(views)}
    assert late["rq"] == {"ack": 1, "arrive": 1, "dispose": 1}
    assert late["xf"] == {"dispose": 1}
    assert (row.overdue, row.yellow, row.red) == (4, 4, 0)


def test_a_breach_that_a_correction_takes_back_is_voided(town: Played, views: Views) -> None:
    whistle = gas_leak(town)
    begun = town.now
    town.now += 35 * MINUTE
    town.call(whistle, Arrive(unit="rq"))
    assert assess.calls(views, unit="rq")[0].overdue.keys() == {"ack", "arrive"}
    seq = town.seq_of(whistle, Arrived)
    assert town.correct(whistle, seq, at=begun + 20 * MINUTE)
    (call,) = assess.calls(views, unit="rq")
    assert "arrive" not in call.overdue
    assert len(call.voided) >= 1
    (arrived,) = (row.arrived for row in ledger.assignments(views) if row.unit == "rq")
    assert arrived == begun + 20 * MINUTE


def test_a_correction_refolds_its_case_and_both_versions_stay_visible(
    town: Played, views: Views
) -> None:
    other, whistle = gas_leak(town), gas_leak(town)
    town.call(whistle, Arrive(unit="xf"))
    town.call(whistle, Finish(unit="xf"))
    town.order(TOWN, whistle, EvaluateUnit("xf", 60))
    views.catch_up()
    seq = town.seq_of(whistle, UnitEvaluated)
    assert town.correct(whistle, seq, score=90)
    assert {row.whistle: row.mark for row in assess.calls(views, unit="xf")} == {
        whistle: 90,
        other: None,
    }
    entries = {entry.seq: entry for entry in timeline.timeline(views, "W-WY26-00002")}
    corrected = [entry for entry in entries.values() if entry.topic == Corrected.topic]
    assert [(c.words["was"], c.words["now"]) for c in corrected] == [({"score": 60}, {"score": 90})]
    assert entries[seq].corrected_by == (corrected[0].seq,)
    assert entries[seq].words["score"] == 90


def test_calls_tell_who_declined_left_early_and_must_do_it_again(
    town: Played, views: Views
) -> None:
    whistle = gas_leak(town)
    town.call(whistle, Arrive(unit="xf"))
    town.call(whistle, Leave(unit="xf", reason="another fire"))
    town.call(whistle, Arrive(unit="rq"))
    town.call(whistle, Decline(unit="rq", reason="not-our-duty", proposed="cg"))
    town.call(whistle, Finish(unit="xf"))
    assert town.order(TOWN, town.incidents[0], VerifyIncident(passed=False))
    lead, assist = coordinate.calls(views, whistle="W-WY26-00001")
    assert (lead.unit, lead.duty, lead.stage, lead.proposed) == ("rq", "lead", "declined", "cg")
    assert (assist.stage, assist.reworks, assist.finished_at) == ("on_scene", 1, None)
    assert assist.left_early_reason == "another fire"
    assert lead.assembled_at == lead.arrived_at == assist.assembled_at
    counts = coordinate.counts(views)
    assert (counts.declined, counts.left_early, counts.reworks, counts.assembled) == (1, 1, 1, 1)


def test_the_units_mark_and_the_whistles_mark_are_traced_to_their_events(
    town: Played, views: Views
) -> None:
    whistle = gas_leak(town)
    for unit in ("rq", "xf"):
        town.call(whistle, Arrive(unit=unit))
        town.call(whistle, Finish(unit=unit))
    town.order(TOWN, whistle, EvaluateUnit("rq", 95))
    town.order("rq", whistle, RateWhistle("rq", 80))
    rq, xf = assess.units(views)
    assert (rq.marks, rq.marks_sum, rq.ratings, rq.ratings_sum) == (1, 95, 1, 80)
    assert (xf.marks, xf.ratings) == (0, 0)
    (call,) = assess.calls(views, unit="rq")
    assert call.marked == town.seq_of(whistle, UnitEvaluated)
    assert call.called == town.seq_of(whistle, WhistleBlown)


def test_the_inbox_has_what_a_unit_owes_least_time_left_first(town: Played, views: Views) -> None:
    first = gas_leak(town)
    town.call(first, Acknowledge(unit="xf"))
    gas_leak(town)
    owed = [(duty.verb, duty.name) for duty in deadlines.inbox(views, "xf")]
    assert owed == [("ack", "W-WY26-00002/xf"), ("arrive", "W-WY26-00001/xf")]
    running = [(clock.call, clock.clock) for clock in deadlines.clocks(views, "xf")]
    assert ("W-WY26-00001/xf", "ack") not in running
    assert running[0] == ("W-WY26-00002/xf", "ack")
    assert deadlines.clocks(views, "xf")[0].next_level == "warn"
    assert {duty.unit for duty in deadlines.inbox(views)} == {"xf", "rq"}


def test_a_closed_incident_owes_nothing_but_its_marks(town: Played, views: Views) -> None:
    whistle = gas_leak(town)
    for unit in ("rq", "xf"):
        town.call(whistle, Arrive(unit=unit))
        town.call(whistle, Finish(unit=unit))
    town.order(TOWN, town.incidents[0], VerifyIncident(passed=True))
    assert town.order(TOWN, town.incidents[0], CloseIncident())
    assert {duty.verb for duty in deadlines.inbox(views)} == {"rate"}
    assert deadlines.clocks(views) == []


def test_the_full_record_of_an_incident_is_found_by_any_of_its_names(
    town: Played, views: Views
) -> None:
    gas_leak(town)
    gas_leak(town)
    by_incident = timeline.timeline(views, "I-WY26-00001")
    assert by_incident == timeline.timeline(views, "W-WY26-00001")
    assert by_incident == timeline.timeline(views, town.incidents[0])
    assert [entry.topic for entry in by_incident][:3] == [
        "incident.reported/1",
        "incident.accepted/1",
        "whistle.blown/1",
    ]
    town.import_facts([("F1", None, "reported", HOUR), ("F1", "E1", "whistled", HOUR)])
    assert [entry.source for entry in timeline.timeline(views, "F1")] == ["sf", "sf"]


def test_every_event_of_an_incident_or_whistle_is_shown_somewhere() -> None:
    shown = {kind for name in VIEWS for kind in view(name).events}
    elsewhere = {"rulebook", "unit", "policy", "clock", "view", "store"}  # rules, engine room
    hidden = {t for t, kind in codec.EVENTS.items() if kind not in shown}
    assert {topic.partition(".")[0] for topic in hidden} <= elsewhere

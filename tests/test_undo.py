"""Taking an act back: who may, until when, and then all stands as if it had not been."""

from collections.abc import Iterator
from functools import reduce
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from projections import coordinate, ledger, open_views
from tests import places, played
from tests.office import Office
from tests.played import CALLED, LEADER, Played, play
from tests.town import TOWN, at
from whistle.domain.correction import effective
from whistle.domain.incident import INCIDENT
from whistle.domain.incident.outcome import VerifyIncident
from whistle.domain.message import Event, HearClock, Order
from whistle.domain.moment import MINUTE, SECOND
from whistle.domain.refusal import NotAllowed, Refused
from whistle.domain.taken_back import TakeBack, TakenBack
from whistle.domain.whistle import WHISTLE
from whistle.domain.whistle.call import Acknowledge, Act, Arrive, Decline, Depart, Finish, Release
from whistle.domain.whistle.closing import EvaluateUnit
from whistle.domain.whistle.events import Arrived, Finished, UndoAsked, WhistleBlown
from whistle.engine.assessing import assess


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    places.made(tmp_path / "town.db")
    office = Office(tmp_path / "town.db", at("09:00"))
    office.found()
    office.blow()
    yield office
    office.close()


def seq_of(office: Office, kind: type[Event]) -> int:
    return next(each.seq for each in reversed(office.told()) if isinstance(each.event, kind))


def arrived(office: Office) -> int:
    """The gas company came at 09:01; the seq of its arrival."""
    office.clock.now = at("09:01")
    office.ask(("w1", Arrive(unit="rq")), by="rq/王队")
    return seq_of(office, Arrived)


def call_of(office: Office, unit: str = "rq") -> Any:
    with office.log.reading() as reader:
        told = effective(reader.stream("w1"))
    state: Any = played_state(told)
    return state.calls[unit]


def played_state(told: Any) -> Any:
    return reduce(WHISTLE.evolve, (each.event for each in told), WHISTLE.start)


def undo(office: Office, seq: int, by: str, why: str = "") -> list[str]:
    made = office.ask(("w1", TakeBack(seq=seq, why=why)), by=by)
    return [event.topic for event in made.events]


def refused(office: Office, seq: int, by: str, why: str = "") -> str:
    with pytest.raises(Refused) as refusal:
        undo(office, seq, by, why)
    str(refusal.value), refusal.value.hint.format(**refusal.value.words)
    return refusal.value.rule


def test_the_recorder_takes_an_act_back_whole_and_both_stay(office: Office) -> None:
    seq = arrived(office)
    office.clock.now += 5 * MINUTE
    assert undo(office, seq, "rq/王队", "点错了")[-4:] == [
        "record.taken_back/1",
        "whistle.due_soon/1",  # the clock to answer runs again: 09:04 is past, 09:05 too
        "whistle.overdue/1",
        "whistle.supervised/1",
    ]
    taken = next(each.event for each in office.told() if isinstance(each.event, TakenBack))
    assert taken.topics == ("whistle.acknowledged/1", "whistle.arrived/1")
    assert (taken.seq, taken.why, taken.unit, taken.agreed) == (seq, "点错了", "rq", False)
    call = call_of(office)
    assert (call.stage, call.arrived, call.acknowledged) == ("called", None, None)
    assert call.clocks["ack"].stopped is None
    assert [level for level, _due in call.clocks["ack"].fired] == ["warn", "overdue", "yellow"]
    assert "whistle.arrived/1" in office.topics()
    assert office.log.verify().ok


def test_after_the_minutes_the_other_side_is_asked_and_agrees(office: Office) -> None:
    seq = arrived(office)
    office.clock.now += 5 * MINUTE + 1
    assert undo(office, seq, "rq/王队")[-1:] == ["whistle.undo_asked/1"]
    asked = office.told()[-1].event
    assert isinstance(asked, UndoAsked)
    assert (asked.unit, asked.asked, call_of(office).stage) == ("rq", "town", "on_scene")
    assert refused(office, seq, "rq/王队") == "undo.minutes"
    assert refused(office, seq, "xf") == "undo.minutes"
    assert "record.taken_back/1" in undo(office, seq, TOWN)
    taken = next(each.event for each in office.told() if isinstance(each.event, TakenBack))
    assert taken.agreed
    assert (call_of(office).stage, call_of(office).undo_asked) == ("called", {})
    assert office.log.verify().ok


def test_nobody_agrees_to_what_was_not_asked(office: Office) -> None:
    seq = arrived(office)
    assert refused(office, seq, TOWN) == "undo.minutes"
    assert refused(office, seq, "rq/another") == "undo.minutes"


def test_the_town_cannot_agree_in_the_name_of_the_unit(office: Office) -> None:
    office.clock.now = at("09:01")
    office.ask(("w1", Arrive(unit="rq")), by="town/小周>rq")
    seq = seq_of(office, Arrived)
    office.clock.now += 6 * MINUTE
    undo(office, seq, "town/小周")
    asked = office.told()[-1].event
    assert isinstance(asked, UndoAsked)
    assert asked.asked == "unit"
    with pytest.raises(NotAllowed):
        undo(office, seq, "town/老李>rq")
    assert "record.taken_back/1" in undo(office, seq, "rq")


def test_the_leader_decides_at_any_time_and_says_why(office: Office) -> None:
    seq = arrived(office)
    office.clock.now += 600 * MINUTE
    assert refused(office, seq, LEADER) == "undo.minutes"
    assert "record.taken_back/1" in undo(office, seq, LEADER, "当事双方均确认误点")


def test_what_somebody_built_on_stays(office: Office) -> None:
    seq = arrived(office)
    office.ask(("w1", Act(unit="rq", act="inspect")), by="rq/王队")
    assert refused(office, seq, "rq/王队") == "undo.built_on"
    undo(office, seq_of(office, type(office.told()[-1].event)), "rq/王队")
    assert "record.taken_back/1" in undo(office, seq, "rq/王队")


def test_another_units_call_builds_on_nothing_until_all_are_there(office: Office) -> None:
    seq = arrived(office)
    office.ask(("w1", Acknowledge(unit="xf")), by="xf")
    office.ask(("w1", Arrive(unit="xf")), by="xf")
    assert office.topics()[-1] == "whistle.assembled/1"
    assert refused(office, seq, "rq/王队") == "undo.built_on"
    xf = office.told()[-2].seq
    undo(office, xf, "xf")
    assert "record.taken_back/1" in undo(office, seq, "rq/王队")


@pytest.mark.parametrize("kind", [WhistleBlown])
def test_what_gave_a_name_or_called_units_stands(office: Office, kind: type[Event]) -> None:
    assert refused(office, seq_of(office, kind), TOWN) == "undo.named"


def test_an_act_is_taken_back_once(office: Office) -> None:
    seq = arrived(office)
    undo(office, seq, "rq/王队")
    assert refused(office, seq, "rq/王队") == "undo.gone"
    assert refused(office, seq_of(office, TakenBack), "rq/王队") == "undo.stands"


def test_what_the_clock_said_is_nobodys_act(office: Office) -> None:
    office.clock.now = at("09:04") + SECOND
    office.ask(("w1", HearClock()))
    assert office.topics()[-1] == "whistle.due_soon/1"
    assert refused(office, office.told()[-1].seq, TOWN) == "undo.stands"


def test_rules_and_units_are_not_undone(office: Office) -> None:
    with pytest.raises(Refused, match="not one that is amended"):
        office.ask(("rulebook", TakeBack(seq=1)))


def test_the_end_of_a_whistle_is_taken_back_in_the_incident_too(office: Office) -> None:
    arrived(office)
    for unit in ("rq", "xf"):
        if unit == "xf":
            office.ask(("w1", Arrive(unit=unit)), by=unit)
        office.ask(("w1", Finish(unit=unit)), by=unit)
    assert office.topics()[-2:] == ["whistle.ended/1", "incident.whistle_end_noted/1"]
    undo(office, seq_of(office, Finished), "xf")
    assert office.topics()[-2:] == ["record.taken_back/1", "record.taken_back/1"]
    with office.log.reading() as reader:
        whistle = played_state(effective(reader.stream("w1")))
    assert (whistle.ended, whistle.calls["xf"].stage) == (False, "on_scene")
    with pytest.raises(Refused) as refusal:
        office.ask(("i1", VerifyIncident(passed=True)))
    assert refusal.value.rule == "verify.sounding"
    assert office.log.verify().ok


def test_a_verification_is_taken_back_with_the_releases_it_led_to(office: Office) -> None:
    arrived(office)
    office.ask(("w1", Finish(unit="rq")), by="rq")
    office.ask(("w1", Arrive(unit="xf")), by="xf")
    office.ask(("w1", Finish(unit="xf")), by="xf")
    made = office.ask(("i1", VerifyIncident(passed=True)), by="town/小周")
    assert call_of(office).stage == "released"
    office.ask(("i1", TakeBack(seq=made.events[0].seq)), by="town/小周")
    assert call_of(office).stage == "finished"
    assert office.log.verify().ok
    again = office.ask(("i1", VerifyIncident(passed=False)), by="town/小周")
    undone = office.ask(("i1", TakeBack(seq=again.events[0].seq)), by="town/小周")
    assert [event.topic for event in undone.events].count("record.taken_back/1") == 2
    assert call_of(office).reworks == 0


ACTS: tuple[Any, ...] = (
    Acknowledge, Depart, Arrive, Finish,
    lambda unit: Act(unit=unit, act="inspect"),
    lambda unit: Decline(unit=unit, reason="not-our-duty"),
)  # fmt: skip


def towns(folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Played, Played]:
    """The same town twice, after the same acts."""
    twins = []
    for name in ("one", "other"):
        numbers = count(1)
        monkeypatch.setattr(played, "new_stream", lambda numbers=numbers: f"s{next(numbers):03d}")
        twins.append(Played(folder / f"{name}.db"))
        play(twins[-1], 25, seed)
        for unit in CALLED:
            twins[-1].call(twins[-1].whistles[-1], Arrive(unit=unit))
    return twins[0], twins[1]


def tried(town: Played) -> Iterator[tuple[str, str, Order]]:
    """Acts that may be allowed in the last whistles, each with who does it."""
    for whistle in town.whistles[-3:]:
        for unit in CALLED:
            yield from ((unit, whistle, make(unit=unit)) for make in ACTS)
            yield TOWN, whistle, Release(unit=unit)
            yield TOWN, whistle, EvaluateUnit(unit, 90)
    for incident in town.incidents[-3:]:
        yield "town/小周", incident, VerifyIncident(passed=False)
        yield "town/小周", incident, VerifyIncident(passed=True)


@pytest.mark.parametrize("seed", range(6))
def test_after_it_everything_stands_as_if_it_had_not_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    town, twin = towns(tmp_path, seed, monkeypatch)
    undone = 0
    for by, stream, order in tried(town):
        size = town.log.size()
        if not town.order(by, stream, order):
            twin.now = town.now
            continue
        acted = next(
            each.seq for each in town.log.page(size, 99) if each.event.at == each.received_at
        )
        assert town.order(by, stream, TakeBack(seq=acted)), (by, order)
        twin.now = town.now
        undone += 1
        streams = [*town.incidents, *town.whistles]
        for each in streams:  # both clocks are heard at the same instant
            town.order(TOWN, each, HearClock())
            twin.order(TOWN, each, HearClock())
        assert [state(town, each) for each in streams] == [state(twin, each) for each in streams]
    assert undone > 3
    one, other = assess(town.log).ledger, assess(twin.log).ledger
    assert one.assignments() == other.assignments()
    assert one.extras() == other.extras()
    with open_views(town.log, town.views_at) as views:
        assert ledger.assignments(views) == one.assignments()
        assert not any(each.parked for each in views.status())
        shown = coordinate.calls(views)
    with open_views(twin.log, twin.views_at) as views:
        assert coordinate.calls(views) == shown
    assert town.log.verify().ok
    town.close()
    twin.close()


def state(town: Played, stream: str) -> Any:
    aggregate = INCIDENT if stream in town.incidents else WHISTLE
    told = effective(town.told(stream))
    return reduce(aggregate.evolve, (each.event for each in told), aggregate.start)

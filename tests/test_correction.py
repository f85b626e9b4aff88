"""Correcting the record: a new event beside the old one, and the right values count from then."""

from typing import Any

import pytest

from tests.blown import SOUNDING
from tests.story import Story
from tests.town import around, at
from whistle.domain.correction import Correct, Corrected, Told, correct, effective
from whistle.domain.incident.events import IncidentReported
from whistle.domain.message import Event
from whistle.domain.refusal import NotAllowed, NotFound, Refused
from whistle.domain.whistle import WHISTLE
from whistle.domain.whistle.events import Acknowledged, Arrived, Finished, UnitEvaluated

TEN = at("10:00")
EVENTS: tuple[Event, ...] = (
    *SOUNDING,
    Acknowledged(at=at("09:02"), unit="rq"),
    Arrived(at=at("09:31"), unit="rq"),
    Finished(at=at("09:50"), unit="rq", result="fixed"),
)
HISTORY = [Told(seq, event) for seq, event in enumerate(EVENTS, 11)]
BLOWN, ARRIVAL, FINISH = 11, 15, 16


def fixed(changes: dict[str, Any], seq: int = ARRIVAL, history: list[Told] = HISTORY) -> Corrected:
    return correct(history, Correct(seq=seq, changes=changes, why="登记有误"), around(when=TEN))


def test_a_correction_shows_both_versions_and_whose_record_it_is() -> None:
    correction = fixed({"at": at("09:29"), "note": "门卫为证"})
    assert correction == Corrected(
        at=TEN,
        seq=ARRIVAL,
        corrected_topic="whistle.arrived/1",
        was={"at": at("09:31"), "note": ""},
        now={"at": at("09:29"), "note": "门卫为证"},
        why="登记有误",
        unit="rq",
    )
    assert correction.concerns() == ("rq",)


def test_the_right_values_take_the_place_of_the_wrong_ones() -> None:
    history = effective([*HISTORY, Told(17, fixed({"at": at("09:29")}))])
    assert history[4] == Told(ARRIVAL, Arrived(at=at("09:29"), unit="rq"))
    assert [told.seq for told in history] == list(range(11, 18))
    assert HISTORY[4].event == EVENTS[4]


def test_what_was_said_may_be_taken_back_whole() -> None:
    said = Told(15, Arrived(at=at("09:31"), unit="rq", note="等候", evidence=("e" * 64,)))
    correction = fixed({"note": "", "evidence": []}, history=[said])
    assert correction.now == {"note": "", "evidence": ()}
    assert effective([said, Told(17, correction)])[0].event == EVENTS[4]


def test_the_state_follows_the_correction() -> None:
    history = effective([*HISTORY, Told(17, fixed({"at": at("09:29")}))])
    call = Story(WHISTLE).given(*(told.event for told in history)).state.calls["rq"]
    assert (call.arrived, call.clocks["arrive"].stopped) == (at("09:29"), at("09:29"))


def test_a_correction_may_be_corrected_by_another_of_the_same_event() -> None:
    first = Told(17, fixed({"at": at("09:29"), "note": "x"}))
    second = Told(18, fixed({"at": at("09:28")}, history=[*HISTORY, first]))
    assert isinstance(second.event, Corrected)
    assert second.event.was == {"at": at("09:29")}
    assert effective([*HISTORY, first, second])[4].event == Arrived(
        at=at("09:28"), unit="rq", note="x"
    )


@pytest.mark.parametrize("seq", [1, 10, 17, 99])
def test_an_event_that_is_not_there_is_not_corrected(seq: int) -> None:
    with pytest.raises(NotFound):
        fixed({"note": "x"}, seq=seq)


def test_a_correction_itself_stays() -> None:
    with pytest.raises(Refused) as refused:
        fixed({"why": "x"}, seq=17, history=[*HISTORY, Told(17, fixed({"note": "x"}))])
    assert refused.value.rule == "record.follows"


@pytest.mark.parametrize("seq", [BLOWN, 12, 13])
def test_what_set_clocks_running_for_others_is_not_corrected(seq: int) -> None:
    with pytest.raises(Refused) as refused:
        fixed({"at": at("08:00")}, seq=seq)
    assert refused.value.rule == "record.follows"


def test_nothing_is_corrected_into_the_future() -> None:
    with pytest.raises(Refused) as refused:
        fixed({"at": TEN + 1})
    assert refused.value.rule == "record.future"
    assert fixed({"at": TEN}).now == {"at": TEN}


@pytest.mark.parametrize(
    ("seq", "changes"),
    [
        (ARRIVAL, {"unit": "xf"}),
        (ARRIVAL, {"result": "fixed"}),
        (ARRIVAL, {"at": 1, "topic": "x"}),
        (FINISH, {"eta": 1}),
    ],
)
def test_who_was_called_names_and_limits_are_not_corrected(
    seq: int, changes: dict[str, Any]
) -> None:
    with pytest.raises(Refused) as refused:
        fixed(changes, seq=seq)
    assert refused.value.rule == "record.correctable"


@pytest.mark.parametrize(
    ("seq", "changes"),
    [(ARRIVAL, {"at": "soon"}), (ARRIVAL, {"at": None}), (FINISH, {"result": "perfect"})],
)
def test_a_value_fits_its_field(seq: int, changes: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        fixed(changes, seq=seq)
    assert refused.value.rule == "record.value"


REPORTED = Told(
    11,
    IncidentReported(
        at=at("09:00"), name="I-WY26-00001", item="0502", place="草桥路12号", channel="patrol"
    ),
)


@pytest.mark.parametrize("place", ["12", "-3", "１２", "0012"])
def test_a_place_that_is_a_number_stays_the_text_that_was_typed(place: str) -> None:
    assert fixed({"place": place}, seq=11, history=[REPORTED]).now == {"place": place}


@pytest.mark.parametrize("place", ["", "  "])
def test_an_incident_is_somewhere(place: str) -> None:
    with pytest.raises(Refused) as refused:
        fixed({"place": place}, seq=11, history=[REPORTED])
    assert refused.value.rule == "record.empty"


@pytest.mark.parametrize("score", ["90", "９０", 90])
def test_a_score_that_was_typed_is_a_number(score: object) -> None:
    marked = Told(15, UnitEvaluated(at=at("09:40"), unit="rq", score=9))
    assert fixed({"score": score}, history=[marked]).now == {"score": 90}


@pytest.mark.parametrize("score", ["9" * 19, "9" * 5000, "ninety", "9.5", "--9"])
def test_a_score_that_no_record_can_hold_is_no_score(score: str) -> None:
    marked = Told(15, UnitEvaluated(at=at("09:40"), unit="rq", score=9))
    with pytest.raises(Refused) as refused:
        fixed({"score": score}, history=[marked])
    assert refused.value.rule == "record.value"


@pytest.mark.parametrize("why", ["", " "])
def test_a_correction_says_why(why: str) -> None:
    with pytest.raises(Refused) as refused:
        correct(HISTORY, Correct(seq=ARRIVAL, changes={"note": "x"}, why=why), around(when=TEN))
    assert refused.value.rule == "record.why"


def test_a_correction_is_held_to_the_bounds_of_a_first_entry() -> None:
    marked = Told(17, UnitEvaluated(at=at("09:58"), unit="rq", score=9))
    for score in (-1, 101, 1_000_000):
        with pytest.raises(Refused) as refused:
            fixed({"score": score}, seq=17, history=[*HISTORY, marked])
        assert refused.value.rule == "rate.range"
    assert fixed({"score": 100}, seq=17, history=[*HISTORY, marked]).now == {"score": 100}


def test_nobody_arrived_before_the_whistle_was_blown() -> None:
    blown = HISTORY[0].event.at
    assert fixed({"at": blown}).now == {"at": blown}
    with pytest.raises(Refused) as refused:
        fixed({"at": blown - 1})
    assert refused.value.rule == "record.before"


def test_a_called_unit_does_not_correct_the_record_that_it_is_judged_by() -> None:
    order = Correct(seq=ARRIVAL, changes={"note": "x"}, why="登记有误")
    with pytest.raises(NotAllowed) as refused:
        correct(HISTORY, order, around("jj", TEN))
    assert refused.value.rule == "record.town_only"

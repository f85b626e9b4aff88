"""Correcting the record: a new event beside the old one, and the right values count from then."""

from typing import Any

import pytest

from tests.blown import SOUNDING
from tests.story import Story
from tests.town import at
from whistle.domain.aggregates import WHISTLE
from whistle.domain.correction import Correct, Corrected, Told, correct, effective
from whistle.domain.message import Event
from whistle.domain.refusal import NotFound, Refused
from whistle.domain.whistle.events import Acknowledged, Arrived, Finished

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
    return correct(history, Correct(seq=seq, changes=changes, why="登记有误"), TEN)


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

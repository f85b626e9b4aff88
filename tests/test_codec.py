"""Events to bytes and back: nothing is lost, nothing unknown is run, old shapes are lifted."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.everything import anything
from whistle import codec
from whistle.domain.refusal import Broken, Refused
from whistle.domain.whistle.events import Acknowledged, Arrived


@pytest.mark.parametrize("topic", sorted(codec.EVENTS))
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=st.data())
def test_what_is_stored_is_what_was_told(topic: str, drawn: st.DataObject) -> None:
    event = drawn.draw(anything(codec.EVENTS[topic]))
    state = codec.encode(event)
    again = codec.decode(topic, state)
    assert (type(again), again) == (type(event), event)
    assert codec.encode(again) == state


@pytest.mark.parametrize("note", ["\0", "占线\0", "\\\0", "\\u0000 and \0"])
def test_a_nul_is_not_stored(note: str) -> None:
    with pytest.raises(Refused) as refused:
        codec.encode(Arrived(at=1, unit="rq", note=note))
    assert refused.value.rule == "text.nul"


@pytest.mark.parametrize("note", ["\\u0000", "\\\\u0000", "u0000", "\x01"])
def test_signs_that_only_look_like_a_nul_are_stored(note: str) -> None:
    event = Arrived(at=1, unit="rq", note=note)
    assert codec.decode(event.topic, codec.encode(event)) == event


@pytest.mark.parametrize(
    "topic",
    ["", "this:s", "os:system", "whistle.domain.rulebook:TownFounded", "whistle.blown", "blown/1"],
)
def test_a_topic_nobody_registered_is_not_read(topic: str) -> None:
    with pytest.raises(Broken, match="unknown to this program"):
        codec.decode(topic, b"{}")


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b"null",
        b"{}",
        b'{"at":"soon","unit":"jj"}',
        b'{"at":1}',
        b'{"at":1,"unit":"jj"',
        b'{"at":1,"unit":"\xff\xfe"}',
        b'{"at":1.5,"unit":"jj"}',
        b'{"at":true,"unit":"jj"}',
    ],
)
def test_bytes_that_are_no_such_event_break_the_record(state: bytes) -> None:
    with pytest.raises(Broken, match=r"whistle\.acknowledged/1 cannot be read"):
        codec.decode("whistle.acknowledged/1", state)


def lift_the_minutes(body: dict[str, Any]) -> dict[str, Any]:
    """The first shape told the promised arrival in minutes from then."""
    minutes = body.pop("eta_minutes", None)
    return body if minutes is None else {**body, "eta": body["at"] + minutes * 60_000_000}


def lift_the_name(body: dict[str, Any]) -> dict[str, Any]:
    """The oldest shape called the unit a department."""
    return {**body, "unit": body.pop("department")}


@pytest.fixture
def old_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if acknowledging had had two shapes before the present one."""
    now = "whistle.acknowledged/1"
    monkeypatch.setitem(codec.UPCASTERS, "test.answered/1", ("test.answered/2", lift_the_name))
    monkeypatch.setitem(codec.UPCASTERS, "test.answered/2", (now, lift_the_minutes))


@pytest.mark.usefixtures("old_shapes")
def test_an_old_shape_is_lifted_step_by_step() -> None:
    oldest = codec.decode("test.answered/1", b'{"at":5,"department":"jj","eta_minutes":2}')
    middle = codec.decode("test.answered/2", b'{"at":5,"unit":"jj","eta_minutes":2}')
    assert oldest == middle == Acknowledged(at=5, unit="jj", eta=120_000_005)


@pytest.mark.usefixtures("old_shapes")
@pytest.mark.parametrize("state", [b"", b"nonsense", b"\xff", b'{"at":5,"department":7}'])
def test_an_old_shape_that_cannot_be_read_breaks_the_record_too(state: bytes) -> None:
    with pytest.raises(Broken, match="cannot be read"):
        codec.decode("test.answered/1", state)


def test_no_event_has_two_topics_and_no_old_topic_is_used_again() -> None:
    assert len(set(codec.EVENTS.values())) == len(codec.EVENTS)
    assert not set(codec.UPCASTERS) & set(codec.EVENTS)


def test_defaults_are_not_stored() -> None:
    assert msgspec.json.decode(codec.encode(Acknowledged(at=5, unit="jj"))) == {
        "at": 5,
        "unit": "jj",
    }

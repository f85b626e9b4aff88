"""Events to the bytes that are stored and back. Topics written here are for ever.

A topic is looked up in a table and never imported by name: a row cannot make the reader run code.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_args

import msgspec

from whistle.domain.clock_anomaly import ClockAnomaly, ClockSettled
from whistle.domain.correction import Corrected
from whistle.domain.history import HistoryRecorded
from whistle.domain.incident.state import IncidentEvent
from whistle.domain.message import Event
from whistle.domain.patrol.state import PatrolEvent
from whistle.domain.policies import ReactionRefused
from whistle.domain.refusal import Broken, Refused, _
from whistle.domain.restored import StoreRestored
from whistle.domain.rulebook import RulebookEvent
from whistle.domain.skipping import SkipRuled
from whistle.domain.taken_back import TakenBack
from whistle.domain.team.events import TeamEvent
from whistle.domain.unit import UnitEvent
from whistle.domain.whistle.evolving import WhistleEvent

EVENTS: Mapping[str, type[Event]] = {
    kind.topic: kind
    for kind in (
        *get_args(IncidentEvent),
        *get_args(WhistleEvent),
        *get_args(TeamEvent),
        *get_args(PatrolEvent),
        *get_args(UnitEvent),
        *get_args(RulebookEvent),
        Corrected,
        TakenBack,
        HistoryRecorded,
        StoreRestored,
        ReactionRefused,
        ClockAnomaly,
        ClockSettled,
        SkipRuled,
    )
}

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
UPCASTERS: dict[str, tuple[str, Upcaster]] = {}
"""Old topic -> (next topic, how to lift its body); empty while every event has its first shape."""

T = TypeVar("T")

NUL_REFUSED = _("A text holds a NUL sign, which no record can keep.")
_NUL = b"\\u0000"
_NUL_ITSELF = rb"(?<!\\)(?:\\\\)*\\u0000"  # \\u0000 is a backslash and five signs
_encoder = msgspec.json.Encoder()
_decoders: dict[str, msgspec.json.Decoder[Event]] = {}


def encode(event: Event) -> bytes:
    """The bytes that are stored and hashed.

    Raises Refused for a text with a NUL in it: no TEXT column of PostgreSQL could hold it.
    """
    body = _encoder.encode(event)
    if _NUL in body and re.search(_NUL_ITSELF, body):
        raise Refused(NUL_REFUSED, rule="text.nul")
    return body


def read(decoder: msgspec.json.Decoder[T] | msgspec.msgpack.Decoder[T], body: bytes) -> T:
    """What the bytes of a small table say; Broken when they are damaged."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Broken(
            _("The store is damaged: {fault}."), rule="store.damaged", fault=str(error)
        ) from error


def decode(topic: str, state: bytes) -> Event:
    """The event that bytes under a topic say; Broken when the topic or the bytes are unknown."""
    decoder = _decoders.get(topic)
    if decoder is None:
        decoder = _decoder(topic)
    try:
        return _lifted(topic, state) if decoder is None else decoder.decode(state)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Broken(
            _("An event of topic {topic} cannot be read: {fault}."), topic=topic, fault=str(error)
        ) from error


def _decoder(topic: str) -> msgspec.json.Decoder[Event] | None:
    if topic in UPCASTERS:
        return None
    if topic not in EVENTS:
        raise Broken(
            _("The topic {topic} is unknown to this program."),
            hint=_("a newer program may have written it"),
            topic=topic,
        )
    return _decoders.setdefault(topic, msgspec.json.Decoder(EVENTS[topic]))


def _lifted(topic: str, state: bytes) -> Event:
    body = msgspec.json.decode(state)
    while topic in UPCASTERS:
        topic, lift = UPCASTERS[topic]
        body = lift(body)
    return msgspec.convert(body, EVENTS[topic])

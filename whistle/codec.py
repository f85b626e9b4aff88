"""Events to the bytes that are stored and back. Topics written here are for ever.

A topic is looked up in a table, and what is loaded the table says: a row cannot make the reader run
code of its own choice.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, Final, TypeVar, get_args

import msgspec

from whistle.domain.message import Event
from whistle.domain.refusal import Broken, Refused, _

HOMES: Final[Mapping[str, tuple[str, ...]]] = {
    "incident": ("whistle.domain.incident.state:IncidentEvent",),
    "whistle": ("whistle.domain.whistle.evolving:WhistleEvent",),
    "team": ("whistle.domain.team.events:TeamEvent",),
    "patrol": ("whistle.domain.patrol.state:PatrolEvent",),
    "unit": ("whistle.domain.unit:UnitEvent",),
    "rulebook": ("whistle.domain.rulebook:RulebookEvent",),
    "record": ("whistle.domain.correction:Corrected", "whistle.domain.taken_back:TakenBack"),
    "history": ("whistle.domain.history:HistoryRecorded",),
    "store": ("whistle.domain.restored:StoreRestored",),
    "policy": ("whistle.domain.policies:ReactionRefused",),
    "clock": (
        "whistle.domain.clock_anomaly:ClockAnomaly",
        "whistle.domain.clock_anomaly:ClockSettled",
    ),
    "view": ("whistle.domain.skipping:SkipRuled",),
}
"""Where the events are at home whose topics begin with a word: an event, or a union of them."""


class Topics(Mapping[str, type[Event]]):
    """Every event by its topic; those of a family are loaded when one of them is met."""

    def __init__(self) -> None:
        self._met: dict[str, type[Event]] = {}

    def __getitem__(self, topic: str) -> type[Event]:
        if topic not in self._met:
            self._meet(topic.partition(".")[0])
        return self._met[topic]

    def _meet(self, family: str) -> None:
        for home in HOMES.get(family, ()):
            module, _colon, name = home.partition(":")
            found = getattr(import_module(module), name)
            kinds = (each for each in get_args(found) or (found,))
            self._met.update((kind.topic, kind) for kind in kinds)

    def __iter__(self) -> Iterator[str]:
        for family in HOMES:
            self._meet(family)
        return iter(self._met)

    def __len__(self) -> int:
        return sum(1 for _topic in self)


EVENTS: Mapping[str, type[Event]] = Topics()

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

"""Imported history: one line of another system's log becomes one `history.recorded/1` event.

The line is a JSON object with `event_id`, `at`, `kind`, `incident`, `unit` and, if the source has
them, `received_at`, `original_at` and `attributes`. It never passes Whistle's decide and evolve,
and no clock or policy reacts to it. `original_at` (the time a source says it overwrote) is read,
so that such a line is not refused, and not kept: only `at` counts, and a line that tells another
`at` under a known id is a conflict by its `digest`.
"""

import json
import re
from hashlib import blake2b
from typing import Annotated, Any, ClassVar, Literal
from unicodedata import category

import msgspec

from whistle.domain.message import Event
from whistle.domain.moment import DAY, Instant, parse
from whistle.domain.refusal import Refused, _

Kind = Literal["reported", "whistled", "acknowledged", "arrived", "finished"]

DueMetric = Literal["ack", "arrival", "commitment"]
"""The metrics that begin with the whistle: a source may tell by when each was to be over."""

Rule = Literal["syntax", "schema", "rule"]
"""Why a line is refused: it is not JSON, it is not an event line, or its time cannot be."""

LONGEST = 200
"""Characters of an id, a name, an attribute; what is longer is a text, and texts are not kept."""

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST)]
_Value = Annotated[str, msgspec.Meta(max_length=LONGEST)]


class HistoryRecorded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Another system says that this happened; the engine records that it said so."""

    topic: ClassVar[str] = "history.recorded/1"
    kind: Kind
    incident: str  # the source's own number
    unit: str | None = None  # none only for `reported`
    source: str
    source_event_id: str
    source_received_at: Instant | None = None  # when the source knew it, if it tells
    attributes: dict[str, str] = msgspec.field(default_factory=dict)  # for grouping
    dues: dict[str, Instant] = msgspec.field(default_factory=dict)  # of a whistle, by `DueMetric`

    def concerns(self) -> tuple[str, ...]:
        """The unit that the fact is about, so that its own record shows if a line is left out."""
        return (self.unit,) if self.unit else ()


class BadLine(Refused):
    """A line that is no event line; `rule` is a `Rule`, the sentence says what is wrong."""


Told = tuple[int, HistoryRecorded | BadLine]
"""What a line or row of a file tells, by its number: an event, or why it is none."""


class _Line(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    event_id: _Name
    at: str
    kind: Kind
    incident: _Name
    unit: _Name | None
    received_at: str | None = None
    original_at: str | None = None
    attributes: dict[_Name, _Value] = msgspec.field(default_factory=dict)


_PERSONAL = (
    r"(?i)phone|mobile|caller|reporter|complainant|contact|surname|full.?name|person|id.?card|"
    r"passport|birth|email|home.?address|电话|手机|姓名|身份证|住址|联系|投诉人|来电人|举报人"
)
"""Names of attributes under which other systems keep who called: no field for it exists here."""

_LINE = msgspec.json.Decoder(_Line)
_NORMAL = msgspec.json.Encoder(order="sorted")


def read_line(raw: bytes, *, source: str, now: Instant) -> HistoryRecorded | None:
    """The event that a neutral line tells, or None for an empty line.

    Text is kept as it came (no Unicode normalisation). Raises BadLine with rule `syntax` (not
    JSON in UTF-8), `schema` (keys, types, repeated keys, names with control characters, lone
    surrogates or spaces around them, over 200 characters, no RFC 3339 time with offset), or
    `rule` (before 1970 or more than a day after `now`). RFC 8259 leaves repeated keys open;
    they are refused because the two values would contradict each other.
    """
    try:
        line = _LINE.decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        if not raw.strip():
            return None
        raise _unreadable(raw, error) from error
    unit = line.unit
    if (unit is None) is not (line.kind == "reported"):
        raise BadLine(_("a report names no unit, every other kind names one"), rule="schema")
    names = f"{line.event_id}{line.incident}{unit or ''}"
    if " " in names or not names.isprintable() or line.attributes:
        _check_names(line)
    quotes = raw.count(b'"')
    if quotes != (18 if unit is None else 20) and quotes != _quotes(line):
        _check_keys(raw)
    received = line.received_at
    if line.original_at is not None:
        _instant("original_at", line.original_at, now)
    return HistoryRecorded(
        at=_instant("at", line.at, now),
        kind=line.kind,
        incident=line.incident,
        unit=unit,
        source=source,
        source_event_id=line.event_id,
        source_received_at=None if received is None else _instant("received_at", received, now),
        attributes=line.attributes,
    )


def digest(event: HistoryRecorded) -> bytes:
    """16 bytes that are equal when the normalised lines are.

    The same instant under another offset, another order of keys and another spacing are the same
    line; another time, unit or attribute under the same id is a conflict.
    """
    line = (
        event.source,
        event.source_event_id,
        event.kind,
        event.incident,
        event.unit,
        event.at,
        event.source_received_at,
        event.attributes,
        *((event.dues,) if event.dues else ()),  # a line without any keeps the digest it had
    )
    return blake2b(_NORMAL.encode(line), digest_size=16).digest()


def _instant(name: str, text: str, now: Instant) -> Instant:
    try:
        at = parse(text)
    except ValueError as error:
        raise BadLine(
            _("{name} is not an RFC 3339 time with an offset: {given}"),
            rule="schema",
            name=name,
            given=text[:40],
        ) from error
    check_instant(name, text, at, now)
    return at


def check_instant(name: str, text: str, at: Instant, now: Instant) -> None:
    """A time that a source can have told; BadLine with rule `rule` for any other."""
    if not 0 <= at <= now + DAY:
        raise BadLine(
            _("{name} lies before 1970 or more than a day ahead of the clock: {given}"),
            rule="rule",
            name=name,
            given=text,
        )


def _quotes(line: _Line) -> int:
    """How many quotation marks the line has if no key came twice and nothing was escaped.

    A repeated key adds at least two. The decoder keeps the last value without a word, and to
    look at every pair in Python would cost more than all the rest of reading a line.
    """
    return (
        (18 if line.unit is None else 20)
        + (0 if line.received_at is None else 4)
        + (0 if line.original_at is None else 4)
        + (2 + 4 * len(line.attributes) if line.attributes else 0)
    )


def _check_names(line: _Line) -> None:
    named = {"event_id": line.event_id, "incident": line.incident, "unit": line.unit or "-"}
    for name, text in [*named.items(), *(("attributes", key) for key in line.attributes)]:
        _check_text(name, text)
    for name, text in line.attributes.items():
        _check_text(name, text)
        check_attribute(name)


def check_attribute(name: str) -> None:
    """An attribute's name; BadLine when other systems keep under it who called."""
    if personal := re.search(_PERSONAL, name):
        raise BadLine(
            _("{name} looks like personal data ({sign}), which this record does not take"),
            rule="rule",
            name=name,
            sign=personal[0],
        )


def check_name(name: str, text: str, *, may_be_empty: bool = False) -> None:
    """A name of 1 to 200 characters in one line; BadLine with rule `schema` for any other."""
    if not text and not may_be_empty:
        raise BadLine(_("{name} is empty"), rule="schema", name=name)
    if len(text) > LONGEST:
        raise BadLine(
            _("{name} has over {most} characters"), rule="schema", name=name, most=LONGEST
        )
    if not text.isprintable() or " " in text:
        _check_text(name, text)


def _check_text(name: str, text: str) -> None:
    if text != text.strip():
        raise BadLine(_("{name} has spaces around it"), rule="schema", name=name)
    if any(category(sign) == "Cc" for sign in text):  # half a surrogate pair is not decoded at all
        raise BadLine(_("{name} has a control character in it"), rule="schema", name=name)


def _check_keys(raw: bytes) -> None:
    try:
        _strictly(raw)
    except _RepeatedKeyError as error:
        raise BadLine(_("the key {key} comes twice"), rule="schema", key=str(error)) from error


def _unreadable(raw: bytes, error: Exception) -> BadLine:
    """Tells what is no JSON from what is JSON but no event line; the fast decoder does not."""
    try:
        _strictly(raw)
    except _RepeatedKeyError as repeated:
        return BadLine(_("the key {key} comes twice"), rule="schema", key=str(repeated))
    except (ValueError, RecursionError) as malformed:
        return BadLine(_("it is not JSON: {detail}"), rule="syntax", detail=str(malformed))
    return BadLine(_("it is not an event line: {detail}"), rule="schema", detail=str(error))


class _RepeatedKeyError(Exception):
    """An object names the same key twice."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    for key, value in pairs:
        if key in keys:
            raise _RepeatedKeyError(key)
        keys[key] = value
    return keys


def _constant(name: str) -> None:
    raise ValueError(name)


def _strictly(raw: bytes) -> None:
    """Raises ValueError for what RFC 8259 does not allow, _RepeatedKeyError for a repeated key."""
    # parse_int: a number of ten thousand digits is valid JSON, and Python refuses to read it
    json.loads(raw.decode(), object_pairs_hook=_pairs, parse_constant=_constant, parse_int=str)

"""Values as PostgreSQL reads them from the wire: whole numbers, texts and bytes, and lists of them.

The record has no other types, so that nothing has to be looked up value by value.
"""

from collections.abc import Callable, Sequence
from struct import Struct, error
from typing import Any, Final

import psycopg

BIGINT, TEXT, BYTEA = 20, 25, 17  # the server's own numbers of its types
_LIST: Final = Struct("!iiIii").pack  # dimensions, whether one is NULL, type, length, first index
_LENGTH: Final = Struct("!i").pack
_NOTHING: Final = _LENGTH(-1)
_EIGHT: Final = Struct("!q").pack

Value = bytes | None


def whole(value: int) -> bytes:
    """A whole number; psycopg.DataError when it has more than eight bytes."""
    try:
        return _EIGHT(value)
    except error as fault:
        raise psycopg.DataError(f"bigint out of range: {value}") from fault


def text(value: str) -> bytes:
    """A text; psycopg.DataError when it holds the one sign that the server's texts cannot."""
    if "\0" in value:
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return value.encode()


_PACKED: Final[dict[int, Callable[[Any], bytes]]] = {BIGINT: whole, TEXT: text, BYTEA: bytes}
_TYPED: Final[dict[type, tuple[int, Callable[[Any], Value]]]] = {
    int: (BIGINT, whole),
    str: (0, text),  # of whatever type stands beside it
    bytes: (BYTEA, bytes),
    type(None): (0, lambda _value: None),
}


def typed(values: Sequence[object]) -> tuple[tuple[int, ...], list[Value]]:
    """The types of some values, and the values."""
    pairs = [(kind, pack(value)) for value in values for kind, pack in (_TYPED[type(value)],)]
    return tuple(kind for kind, _value in pairs), [value for _kind, value in pairs]


def packed(values: Sequence[object]) -> list[Value]:
    """Some values, for columns of their types."""
    return [_TYPED[type(value)][1](value) for value in values]


def listed(kind: int, values: Sequence[object]) -> bytes:
    """A list of values of one type."""
    pack = _PACKED[kind]
    parts = [_LIST(1, 1, kind, len(values), 1)]
    for value in values:
        if value is None:
            parts.append(_NOTHING)
        else:
            packed = pack(value)
            parts += (_LENGTH(len(packed)), packed)
    return b"".join(parts)

"""Any value that a type allows, for hypothesis: read from the very types that are stored."""

from datetime import date
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from whistle.domain.limit import Limit

WORDS = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12
)  # half a pair and a NUL are never stored
WHOLE = st.integers(min_value=-(2**63), max_value=2**63 - 1)
SIMPLE: dict[type, st.SearchStrategy[Any]] = {
    inspect.StrType: WORDS,
    inspect.IntType: WHOLE,
    inspect.BoolType: st.booleans(),
    inspect.DateType: st.dates(min_value=date(1, 1, 1)),
    inspect.NoneType: st.none(),
    inspect.AnyType: st.none() | st.booleans() | WHOLE | WORDS | st.lists(WORDS, max_size=2),
}
LIMITS = st.builds(
    Limit, st.integers(1, 999_999), st.sampled_from(["wm", "wh", "wd", "em", "eh", "ed", "nd"])
)


def anything(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Any value of a struct."""
    return of(inspect.type_info(kind))


def of(kind: inspect.Type) -> st.SearchStrategy[Any]:
    """Any value of a type as msgspec sees it."""
    match kind:
        case inspect.StructType(cls=cls) if cls is Limit:
            return LIMITS
        case inspect.StructType(cls=cls, fields=fields):
            return st.builds(cls, **{field.name: of(field.type) for field in fields})
        case inspect.LiteralType(values=values):
            return st.sampled_from(values)
        case inspect.UnionType(types=types):
            return st.one_of([of(each) for each in types])
        case inspect.VarTupleType(item_type=item):
            return st.lists(of(item), max_size=2).map(tuple)
        case inspect.TupleType(item_types=items):
            return st.tuples(*map(of, items))
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(of(key), of(value), max_size=2)
        case _:
            return SIMPLE[type(kind)]

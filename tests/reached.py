"""Which tests come to a store: read from their code, and not from a list that somebody keeps.

Every test has its store from `tests/places.py`. Whether one asks there is told by the names that
its code uses, that of its fixtures, and that of whatever of ours these name in turn. A test that
asks there although this page did not see it fails, on either store (`places.expected`).
"""

import sys
from collections.abc import Iterable, Iterator
from functools import cache
from inspect import unwrap
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from tests import places

HERE = Path(__file__).parent


def comes_to_a_store(item: pytest.Item) -> bool:
    """Whether a test, or a fixture that it asks for, can come to the place of a store."""
    test: pytest.Function = item  # type: ignore[assignment]  # every test of ours is a function
    fixtures = test._fixtureinfo.name2fixturedefs.values()
    asked = [each.func for found in fixtures for each in found]
    given = test.callspec.params.values() if hasattr(test, "callspec") else ()
    return any(_comes(each) for value in (test.obj, *asked, *given) for each in _ours(value))


@cache
def _comes(start: Any) -> bool:
    """Whether the one door of the stores can be come to from a function or class."""
    ahead, seen = [start], {start}
    while ahead:
        for thing in _named(ahead.pop()):
            if thing is places.address:
                return True
            if thing not in seen:
                seen.add(thing)
                ahead.append(thing)
    return False


def _ours(value: Any) -> Iterator[Any]:
    """The functions and classes of the tests that a value is, or holds."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _ours(each)
        return
    if isinstance(value, property):
        value = value.fget
    value = getattr(getattr(value, "hypothesis", None), "inner_test", value)  # for its examples
    value = unwrap(getattr(value, "__func__", value)) if callable(value) else value
    if isinstance(value, FunctionType | type) and _lies_here(value.__module__):
        yield value


@cache
def _lies_here(module: str) -> bool:
    if module == __name__:  # it names the door itself
        return False
    return Path(getattr(sys.modules.get(module), "__file__", None) or "/").is_relative_to(HERE)


@cache
def _named(thing: FunctionType | type) -> frozenset[Any]:
    """What of ours the code of a function names; a class names what its methods do."""
    return frozenset(each for value in _values(thing) for each in _ours(value))


def _values(thing: FunctionType | type) -> tuple[Any, ...]:
    if isinstance(thing, type):
        return (*vars(thing).values(), *thing.__bases__)
    names = set(_names(thing.__code__))
    found = [thing.__globals__[name] for name in names & thing.__globals__.keys()]
    modules = [vars(each) for each in found if isinstance(each, ModuleType)]
    found += [module[name] for module in modules for name in names & module.keys()]
    return (*found, *(cell.cell_contents for cell in thing.__closure__ or ()))


def _names(code: CodeType) -> Iterable[str]:
    yield from code.co_names
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _names(const)

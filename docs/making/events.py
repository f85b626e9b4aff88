"""docs/reference/events.md: every topic with what it says, its fields and their types."""

import types
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from whistle.codec import EVENTS
from whistle.domain.message import Event

HEAD = """# Events

What the log can hold. A topic is the name under which an event is stored for ever; the number behind
the stroke is the version of its shape. The fields below are the event's `state`; who gave the order,
when and why stands beside it ([`events list`](json.md#events-list)). Every event has `at`, the instant that counts:
the server's receipt of the order, or the nominal due time of a clock, in whole microseconds since
1970-01-01 UTC. A field with a default is left out of the stored bytes when it has that value.

The golden file of a topic, `tests/golden/`, shows its bytes.

"""

GROUPS = {
    "incident": "Incidents 事件",
    "whistle": "Whistles and calls 哨",
    "team": "Joint teams 联合队伍",
    "patrol": "Patrols 巡查",
    "unit": "Units 单位",
    "rulebook": "Town, rules and calendar 规则",
    "record": "Corrections 更正",
    "history": "Imported history 导入",
    "store": "The store 档案库",
    "policy": "Policies 联动",
    "clock": "The server's clock 时钟",
    "view": "What views leave out 视图",
}

_PLAIN: dict[Any, str] = {int: "integer", str: "text", bool: "true or false", type(None): "null"}


def page() -> str:
    """The page."""
    parts, group, inner = [HEAD], "", dict[str, type[msgspec.Struct]]()
    for topic, kind in EVENTS.items():
        if (first := topic.partition(".")[0]) != group:
            group = first
            parts.append(f"## {GROUPS[group]}\n\n")
        parts.append(_event(topic, kind, inner))
    parts.append("## Values inside events\n\n")
    done: set[str] = set()
    while rest := [name for name in inner if name not in done]:
        for name in rest:
            done.add(name)
            parts.append(f"### {name}\n\n{_doc(inner[name])}\n\n{_fields(inner[name], inner)}")
    return "".join(parts).rstrip() + "\n"


def _event(topic: str, kind: type[Event], inner: dict[str, type[msgspec.Struct]]) -> str:
    return f"### `{topic}`\n\n{_doc(kind)}\n\n{_fields(kind, inner, 'at')}"


def _doc(kind: type[msgspec.Struct]) -> str:
    return " ".join((kind.__doc__ or "").split())


def _fields(kind: type[msgspec.Struct], inner: dict[str, type[msgspec.Struct]], *known: str) -> str:
    rows = [
        f"| `{field.encode_name}` | {_type(field.type, inner)} | {_default(field)} |\n"
        for field in msgspec.structs.fields(kind)
        if field.name not in known
    ]
    if not rows:
        return "No field beside `at`.\n\n"
    return "| field | type | default |\n|---|---|---|\n" + "".join(rows) + "\n"


def _type(kind: Any, inner: dict[str, type[msgspec.Struct]]) -> str:
    """A type in words; the structs it names are noted in `inner`."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return ", ".join(f"`{each}`" for each in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(_type(each, inner) for each in arguments)
    if origin in (tuple, list):
        return f"list of {_list(arguments, inner)}"
    if origin is dict:
        return f"object of {_type(arguments[0], inner)} → {_type(arguments[1], inner)}"
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        inner.setdefault(kind.__name__, kind)
        return f"[{kind.__name__}](#{kind.__name__.lower()})"
    return _PLAIN.get(kind, "any")


def _list(arguments: tuple[Any, ...], inner: dict[str, type[msgspec.Struct]]) -> str:
    """What a list or tuple is of; a tuple of fixed length is told part by part."""
    if len(arguments) == 1 or arguments[1:] == (...,):
        return _type(arguments[0], inner)
    return "(" + ", ".join(_type(each, inner) for each in arguments) + ")"


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return ""
    if field.default_factory is not msgspec.NODEFAULT:
        return "empty"
    shown = {"": "empty", (): "empty", None: "null", False: "false", True: "true"}
    if isinstance(field.default, dict):
        return "empty"
    return shown.get(field.default, f"`{field.default}`")

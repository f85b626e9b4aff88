"""A list of items as the [items] of a playbook (see playbook_file)."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from whistle.domain.refusal import _
from whistle.sheets.headings import Record
from whistle.sheets.register import split
from whistle.toml_faults import Faults, folded

Items = dict[str, dict[str, Any]]  # by code, as [items] of a playbook

_KINDS: Final[Mapping[str, str]] = {
    "日常哨": "daily", "日常": "daily", "攻坚哨": "key_task", "攻坚": "key_task",
    "综合执法哨": "joint_enforcement", "综合执法": "joint_enforcement", "联合执法":
    "joint_enforcement", "应急哨": "emergency", "应急": "emergency", "紧急": "emergency",
}  # fmt: skip
_CLOCKS: Final[Mapping[str, str]] = {
    "签收": "ack", "应哨": "ack", "ack": "ack",
    "到场": "arrive", "报到": "arrive", "arrive": "arrive",
    "首次反馈": "feedback", "反馈": "feedback", "feedback": "feedback",
    "办结": "dispose", "处置": "dispose", "处理": "dispose", "dispose": "dispose",
}  # fmt: skip
_LIMIT: Final = re.compile(rf"(?:({'|'.join(_CLOCKS)})\s*[:=]?\s*)?(.+)", re.DOTALL)


def items_of(
    records: Iterable[Record],
    rules: Mapping[str, Any],
    unit_called: Callable[[str], str],
    faults: Faults,
) -> Items:
    """A list of items; what a row leaves out is taken from the rules that it will stand under.

    An item that those rules have by the same name lends its English name. `unit_called` gives the
    code of the unit that a name calls, "" for nobody's.
    """
    items: Items = {}
    rows: dict[str, int] = {}
    for record in records:
        code = record.values.get("code", "")
        if not code:
            faults.at(record.cell("code"), _("missing; an item has a code, such as 0101"))
        elif code in items:
            text = _("{code} stands in row {row} already")
            faults.at(record.cell("code"), text, code=code, row=rows[code])
        else:
            rows[code] = record.row
            items[code] = _item(record, code, rules, unit_called, faults)
    return items


def _item(
    record: Record,
    code: str,
    rules: Mapping[str, Any],
    unit_called: Callable[[str], str],
    faults: Faults,
) -> dict[str, Any]:
    values = record.values
    kind = values.get("kind", "")
    item: dict[str, Any] = {
        "name": values.get("name", ""),
        "english": values.get("english") or _english(code, values.get("name", ""), rules, record),
        "kind": _KINDS.get(kind, kind.lower()) or "daily",
        "lead": next((unit_called(name) or name for name in split(values.get("lead", ""))), ""),
        "aliases": split(values.get("aliases", "")),
        "limits": _limits(record, code, faults),
    }
    assists = split(values.get("assists", ""))
    item["assists"] = [unit_called(name) or name for name in assists]
    for column in ("closed_when", "basis"):
        if values.get(column):
            item[column] = values[column]
    if ground := values.get("ground"):
        grounds = rules.get("grounds", {})
        item["ground"] = next((key for key, text in grounds.items() if text == ground), ground)
    for column in ("", *item):
        faults.stands(".".join(filter(None, ("items", code, column))), record.cell(column))
    _check_called(record, assists, unit_called, faults)
    return item


def _check_called(
    record: Record, assists: list[str], unit_called: Callable[[str], str], faults: Faults
) -> None:
    """Whoever an item calls is in the register: else nobody would come."""
    lead = split(record.values.get("lead", ""))
    if len(lead) > 1:
        text = _("one unit leads; write the others as assisting")
        faults.at(record.cell("lead"), text)
    for column, names in (("lead", lead[:1]), ("assists", assists)):
        for name in names:
            if not unit_called(name):
                text = _("{unit} is no unit that this town can call")
                faults.at(record.cell(column), text, unit=name)


def _limits(record: Record, code: str, faults: Faults) -> dict[str, str]:
    """The limits of one row: a column a clock, or all in one cell (签收 1工作时；办结 5工作日)."""
    limits: dict[str, str] = {}
    written = [("limits", part) for part in split(record.values.get("limits", ""))]
    for column in ("ack", "arrive", "feedback"):
        if text := record.values.get(column):
            written.append((column, f"{column} {text}"))
    for column, text in written:
        found = _LIMIT.fullmatch(text)
        clock = _CLOCKS[found[1]] if found and found[1] else "dispose"
        if clock in limits:
            faults.at(record.cell(column), _("two limits for one clock: {given}"), given=text)
        limits[clock] = folded(found[2]) if found else text
        faults.stands(f"items.{code}.limits.{clock}", record.cell(column))
    return limits


def _english(code: str, name: str, rules: Mapping[str, Any], record: Record) -> str:
    """An item's English name: that of the same matter in the rules, else one of its code."""
    known: Mapping[str, Any] = rules.get("items", {})
    for item in known.values():
        if name and name in (item.get("name"), *item.get("aliases", ())):
            return str(item.get("english", ""))
    bare = re.sub(r"[^a-z0-9]+", "-", code.lower()).strip("-")
    return f"item-{bare or record.row}"

"""`whistle playbook`: the locality's rules, shown and checked."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import msgspec

from projections.desk import replies, times
from projections.desk.answer import Answer, Diagnostic
from projections.desk.desk import Desk, pass_desk
from projections.desk.faults import of_file
from projections.desk.founding import read
from projections.desk.nouns import Noun
from projections.desk.words import CLOCKS, KINDS, limit_of, say, together, word
from whistle import playbooks
from whistle.domain.playbook import Playbook
from whistle.domain.refusal import _
from whistle.domain.rulebook import STREAM as RULEBOOK
from whistle.domain.rulebook import AdoptPlaybook
from whistle.engine import Given

APPROVALS: Mapping[str, str] = {
    "required": _("approval required"),
    "afterwards": _("confirmed afterwards"),
}


@click.group(
    cls=Noun,
    chinese={
        "查看": "show",
        "检查": "check",
        "模板": "template",
        "采用": "adopt",
        "比较": "diff",
    },
)
def playbook() -> None:
    """The playbook: who may be called for what, and how fast."""


@playbook.command("show")
@pass_desk
def show(desk: Desk) -> Answer:
    """Show the playbook in force: kinds with their limits, and the reasons it knows.

    Example: whistle playbook show
    """
    desk.check_town()
    found = desk.playbook
    if found is None:
        return Answer(data=None, lines=[say(_("No playbook is in force."))])
    lines = [f"{found.name} {found.version} ({found.digest[:12]})"]
    for code, rules in found.kinds.items():
        limits = together(
            f"{word(CLOCKS, clock)} {limit_of(limit)}" for clock, limit in rules.limits.items()
        )
        lines.append(f"  {word(KINDS, code)}: {word(APPROVALS, rules.approval)}; {limits}")
    lines += _reasons(say(_("Grounds for a whistle (blow --ground)")), found.grounds)
    lines += _reasons(say(_("Reasons to decline (decline --reason)")), found.decline_reasons)
    lines += _reasons(say(_("Categories to refuse (refuse --category)")), found.refuse_categories)
    lines.append(say(_("  {count} items; list them: whistle item list"), count=len(found.items)))
    return Answer(data=msgspec.to_builtins(found), lines=lines)


def _reasons(title: str, texts: Mapping[str, str]) -> list[str]:
    """A list of the playbook: what is typed, and what it stands for."""
    return [f"  {title}:", *(f"    {code}  {text}" for code, text in texts.items())]


@playbook.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> Answer:
    """Check a playbook FILE: every fault at once, each with its line.

    Example: whistle playbook check ours.toml
    """
    from whistle.playbook_file import FaultyPlaybook, read_playbook

    try:
        found = read_playbook(read(file))
    except FaultyPlaybook as faulty:
        faults = of_file(faulty.faults)
        return Answer(
            data={"faults": faults},
            lines=faults,
            status="found",
            diagnostics=[Diagnostic(message=say(_("Faults: {count}"), count=len(faults)))],
        )
    line = say(_("{name} {version}: no fault, {count} items"), name=found.name,
               version=found.version, count=len(found.items))  # fmt: skip
    return Answer(data={"faults": [], "digest": found.digest}, lines=[line])


@playbook.command("adopt")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "--自", "start", metavar="TIME", help="From when; else as it says, or now.")
@pass_desk
def adopt(desk: Desk, file: Path, start: str | None) -> Answer:
    """Adopt the playbook in FILE: whistles that sound keep the limits they started with.

    A day to come, by --from or by its effective_from, is kept; it takes force then by itself.

    Example: whistle playbook adopt ours.toml --from 2027-01-01T00:00:00+08:00
    """
    on = times.coming(start, desk.received_at, desk.zone) if start is not None else None
    order = AdoptPlaybook(playbook=_read(file), on=on)
    return replies.obeyed(desk, "adopt", [replies.Part([Given(RULEBOOK, order)], str(file))])


@playbook.command("diff")
@click.argument("file", type=click.Path(path_type=Path))
@pass_desk
def diff(desk: Desk, file: Path) -> Answer:
    """Show what the playbook in FILE would change of the one in force, rule by rule.

    Example: whistle playbook diff ours.toml
    """
    desk.check_town()
    old = _flat(msgspec.to_builtins(desk.playbook)) if desk.playbook else {}
    new = _flat(msgspec.to_builtins(_read(file)))
    changes = [
        {"rule": rule, "was": old.get(rule), "now": new.get(rule)}
        for rule in sorted(old.keys() | new.keys())
        if old.get(rule) != new.get(rule) and rule != "digest"
    ]
    lines = [f"{each['rule']}: {_shown(each['was'])} → {_shown(each['now'])}" for each in changes]
    lines.append(say(_("Rules that differ: {count}"), count=len(changes)))
    return Answer(data=changes, lines=lines, status="found" if changes else "done")


def _read(file: Path) -> Playbook:
    from whistle.playbook_file import read_playbook

    return read_playbook(read(file))


def _flat(rules: object, name: str = "") -> dict[str, Any]:
    """Rules by their full names, e.g. kinds.daily.limits.ack; a limit by its short text."""
    if not isinstance(rules, dict) or not rules:
        return {name: rules}
    if rules.keys() == {"amount", "unit"}:
        return {name: f"{rules['amount']}{rules['unit']}"}
    return {
        rule: value
        for key, part in rules.items()
        for rule, value in _flat(part, f"{name}.{key}" if name else str(key)).items()
    }


def _shown(value: object) -> str:
    return "—" if value is None else json.dumps(value, ensure_ascii=False).strip('"')


@playbook.command("template")
def template() -> Answer:
    """Print the default rule pack, to be edited and given to init --playbook.

    Example: whistle playbook template > ours.toml
    """
    return Answer(raw=playbooks.text("default.toml").encode())

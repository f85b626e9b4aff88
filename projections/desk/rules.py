"""`whistle playbook`: the locality's rules, shown and checked."""

from collections.abc import Mapping
from pathlib import Path

import click
import msgspec

from projections.desk.answer import Answer, Diagnostic
from projections.desk.desk import Desk
from projections.desk.faults import of_file
from projections.desk.founding import read
from projections.desk.incident_acts import pass_desk
from projections.desk.nouns import Noun
from projections.desk.words import CLOCKS, KINDS, limit_of, say, word
from whistle import playbooks
from whistle.domain.refusal import _


@click.group(cls=Noun, chinese={"查看": "show", "检查": "check", "模板": "template"})
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
        limits = ", ".join(
            f"{word(CLOCKS, clock)} {limit_of(limit)}" for clock, limit in rules.limits.items()
        )
        lines.append(f"  {word(KINDS, code)}: {rules.approval}; {limits}")
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


@playbook.command("template")
def template() -> Answer:
    """Print the default rule pack, to be edited and given to init --playbook.

    Example: whistle playbook template > ours.toml
    """
    return Answer(raw=playbooks.text("default.toml").encode())

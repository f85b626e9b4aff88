"""Importing what other systems recorded, and saying line by line what was not taken."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from projections.desk.answer import Answer, Diagnostic
from projections.desk.desk import Desk
from projections.desk.incident_acts import pass_desk
from projections.desk.nouns import Noun
from projections.desk.words import plain, say
from whistle.domain.moment import rfc3339
from whistle.domain.refusal import _
from whistle.engine.importing import (
    BadLineTold,
    ConflictTold,
    Importing,
    Progress,
    Report,
    check_source,
    import_events,
)
from whistle.engine.line_file import spooled

T = TypeVar("T")
SHOWN = 10  # lines of a kind that a person is shown; --json has more
SOURCE = "imported"  # of lines whose system nobody named


@click.group("import", cls=Noun, chinese={"事件": "events"})
def import_() -> None:
    """Take in what other systems recorded."""


@import_.command("events")
@click.argument("file")
@click.option(
    "--source",
    "--来源",
    default=SOURCE,
    show_default=True,
    metavar="NAME",
    help="The system the lines come from; ids are unique within it.",
)
@click.option(
    "--skip-bad",
    "--跳过坏行",
    is_flag=True,
    help="Leave bad lines out instead of refusing the file.",
)
@pass_desk
def events(desk: Desk, file: str, source: str, *, skip_bad: bool) -> Answer:
    """Import FILE (or -) of neutral event lines, plain or gzip; run it again to resume.

    Example: whistle import events dispatch.jsonl.gz --source city-119
    """
    desk.check_town()
    asked = Importing(
        check_source(source), desk.actor, desk.received_at, skip_bad, desk.options["dry_run"]
    )
    known = frozenset(desk.units)
    with _readable(file) as path, _progress() as progress:
        report = import_events(desk.log, path, asked, known, progress)
    return _answer(report)


@contextmanager
def _readable(file: str) -> Iterator[Path]:
    if file != "-":
        yield Path(file)
        return
    with spooled(sys.stdin.buffer) as copy:
        yield copy


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on a terminal, silence on a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label=say(_("importing")), file=sys.stderr) as bar:

        def show(done: int, lines: int) -> None:
            bar.length = max(lines, 1)
            bar.update(done - bar.pos)

        yield show


def _answer(report: Report) -> Answer:
    answer = Answer(data=_facts(report), lines=_lines(report))
    if report.refused:
        answer.status = "refused"
        message = say(_("{count} bad lines: nothing was written."), count=report.bad_count)
        hint = say(_("mend the lines, or leave them out with --skip-bad"))
        answer.diagnostics = [Diagnostic(message=message, rule="import.bad_lines", hint=hint)]
    elif report.conflict_count:
        answer.status = "found"
    return answer


def _facts(report: Report) -> dict[str, Any]:
    facts = msgspec.structs.asdict(report)
    facts["bad"] = [
        {"line": each.line, "reason": _reason(each), "rule": each.rule} for each in report.bad
    ]
    facts["conflicts"] = [
        {**msgspec.structs.asdict(each), "at": rfc3339(each.at)} for each in report.conflicts
    ]
    return facts


def _reason(bad: BadLineTold) -> str:
    return say(bad.reason, **bad.words)


def _lines(report: Report) -> list[str]:
    lines = [] if report.refused else [_summary(report)]
    lines += _some(report.bad, report.bad_count, _bad_line)
    lines += _some(report.conflicts, report.conflict_count, _conflict_line)
    if report.units_unknown:
        units = ", ".join(plain(unit) for unit in report.units_unknown[:SHOWN])
        text = _("Not in the register, kept by their text as code: {units} ({count} in all)")
        lines.append(say(text, count=len(report.units_unknown), units=units))
    return lines


def _summary(report: Report) -> str:
    if report.dry_run:
        text = _("{source}: {lines} lines can be read, {bad} are bad (rehearsed, nothing written)")
        return say(text, source=report.source, lines=report.lines, bad=report.bad_count)
    return say(
        _(
            "{source}: {lines} lines, {recorded} recorded, {duplicates} recorded before, "
            "{conflicts} in conflict, {bad} left out as bad"
        ),
        source=report.source,
        lines=report.lines,
        recorded=report.recorded,
        duplicates=report.duplicates,
        conflicts=report.conflict_count,
        bad=report.bad_count,
    )


def _some(found: Sequence[T], count: int, line: Callable[[T], str]) -> list[str]:
    lines = [line(each) for each in found[:SHOWN]]
    if count > SHOWN:
        lines.append(say(_("  and {count} more; --json lists them"), count=count - SHOWN))
    return lines


def _bad_line(bad: BadLineTold) -> str:
    return say(_("  line {line}: {reason}"), line=bad.line, reason=_reason(bad))


def _conflict_line(conflict: ConflictTold) -> str:
    text = _("  line {line}: {event} is recorded with other content; this line was kept out")
    return say(text, line=conflict.line, event=conflict.event_id)

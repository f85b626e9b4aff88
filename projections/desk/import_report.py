"""What an import answers: what was recorded, and line by line what was not taken."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from projections.desk.answer import Answer, Diagnostic
from projections.desk.words import plain, say
from whistle.domain.moment import rfc3339
from whistle.domain.refusal import _
from whistle.engine.importing import BadLineTold, ConflictTold, Report
from whistle.table_file import Layout
from whistle.table_history import Reading

T = TypeVar("T")
SHOWN = 10  # lines of a kind that a person is shown; --json has more


def answered(
    report: Report,
    bad_line: Callable[[BadLineTold], str] | None = None,
    conflict_line: Callable[[ConflictTold], str] | None = None,
) -> Answer:
    """The answer to an import; its status tells a refusal and conflicts."""
    lines = _lines(report, bad_line or _bad_line, conflict_line or _conflict_line)
    answer = Answer(data=_facts(report), lines=lines)
    if report.refused:
        answer.status = "refused"
        message = say(_("Bad lines: {count}. Nothing was written."), count=report.bad_count)
        hint = say(_("mend the lines, or leave them out with --skip-bad"))
        answer.diagnostics = [Diagnostic(message=message, rule="import.bad_lines", hint=hint)]
    elif report.conflict_count:
        answer.status = "found"
    return answer


def table_answered(report: Report, layout: Layout, zone: str, reading: Reading) -> Answer:
    """The answer to an import of a table, with how it was read."""
    answer = answered(report, _bad_row, _conflicting_row)
    if report.refused:
        message = say(
            _("Faults in the rows: {count}. Nothing was written."), count=report.bad_count
        )
        hint = say(_("mend the rows, or leave them out with --skip-bad"))
        answer.diagnostics = [Diagnostic(message=message, rule="import.bad_rows", hint=hint)]
    told = {
        "rows": reading.rows,
        "encoding": layout.encoding,
        "delimiter": layout.delimiter,
        "zone": zone,
        "times_twice": reading.twice,
        "times_skipped": reading.skipped,
    }
    answer.data = {**answer.data, **msgspec.to_builtins(told)}
    lines = []
    text = _("{rows} rows in {encoding}, cells parted by {delimiter}, times of {zone}")
    sign = "tab" if layout.delimiter == "\t" else layout.delimiter
    how = say(text, rows=reading.rows, encoding=layout.encoding, delimiter=sign, zone=zone)
    twice = _(
        "Times that come twice, the clock was set back: {count}; the first counts: row {rows}"
    )
    skipped = _(
        "Times that do not exist, the clock was set forward: {count}; read as before: row {rows}"
    )
    for doubts, sentence in ((reading.twice, twice), (reading.skipped, skipped)):
        if doubts.count:
            rows = ", ".join(map(str, doubts.rows))
            lines.append(say(sentence, count=doubts.count, rows=rows))
    answer.lines = [how, *answer.lines, *lines]
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


def _lines(
    report: Report,
    bad_line: Callable[[BadLineTold], str],
    conflict_line: Callable[[ConflictTold], str],
) -> list[str]:
    lines = [] if report.refused else [_summary(report)]
    lines += _some(report.bad, report.bad_count, bad_line)
    lines += _some(report.conflicts, report.conflict_count, conflict_line)
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


def _bad_row(bad: BadLineTold) -> str:
    return say(_("  row {row}: {reason}"), row=bad.line, reason=_reason(bad))


def _conflicting_row(conflict: ConflictTold) -> str:
    text = _("  row {row}: {event} is recorded with other content; this event was kept out")
    return say(text, row=conflict.line, event=conflict.event_id)

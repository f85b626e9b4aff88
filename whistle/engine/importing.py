"""Importing another system's log: checked whole, then recorded batch by batch, each exactly once.

The first pass only reads: a bad line refuses the file before a byte is written. The second pass
records a batch of lines as one order in one transaction, whose command id follows from the store,
the source and the batch's lines; so whoever runs the same file again, after a kill or for good
measure, resumes or changes nothing. A unit's text is kept as its code, in the register or not.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol
from uuid import UUID, uuid5

import msgspec

from whistle.domain.history import BadLine, HistoryRecorded, Told, digest, read_line
from whistle.domain.moment import Instant
from whistle.domain.refusal import Conflict, Refused, _
from whistle.domain.surroundings import Actor
from whistle.engine.line_file import LONGEST_LINE, reading_lines
from whistle.log.persistence import persist
from whistle.log.port import Draft, Stamp, Txn
from whistle.log.rows import Identity

BATCH = 4000
"""Lines of one order: a lock is held for about a tenth of a second, a kill loses no more."""

TOLD = 1000
"""Bad lines and conflicts that a report lists; the rest are counted."""

Progress = Callable[[int, int], None]
"""Told how many lines are done, and of how many."""


class Importing(NamedTuple):
    """Who imports what, when: the same for every batch of a file."""

    source: str  # names the system that the lines come from; its event ids are unique in it
    actor: Actor
    at: Instant
    skip_bad: bool = False
    dry_run: bool = False  # check and count, write nothing


class BadLineTold(msgspec.Struct, frozen=True):
    """A line that is no event line, and why."""

    line: int
    reason: str  # a template
    words: dict[str, str]
    rule: str


class ConflictTold(msgspec.Struct, frozen=True):
    """A line that tells something else under an id that is recorded: it was kept out."""

    line: int
    event_id: str
    incident: str
    unit: str | None
    kind: str
    at: Instant


class Report(msgspec.Struct, kw_only=True):
    """What an import found and did."""

    source: str
    lines: int = 0  # that tell something; empty ones are not counted
    recorded: int = 0  # by this run
    duplicates: int = 0  # lines that were recorded before, by this run or an earlier one
    conflict_count: int = 0
    conflicts: list[ConflictTold] = msgspec.field(default_factory=list)
    bad_count: int = 0
    bad: list[BadLineTold] = msgspec.field(default_factory=list)
    units_unknown: list[str] = msgspec.field(default_factory=list)
    batches: int = 0
    replayed: int = 0  # batches that an earlier run had recorded
    refused: bool = False  # for its bad lines; nothing was written
    dry_run: bool = False


class Kept(msgspec.Struct, frozen=True):
    """The reply that is bound to a batch."""

    recorded: int
    conflicts: tuple[int, ...]  # places in the batch


class ImportLog(Protocol):
    """What an import needs of a log."""

    identity: Identity

    def writing(self) -> AbstractContextManager[Txn]:
        """A write that commits or rolls back whole."""
        ...


Telling = Callable[[], Iterable[Told]]
"""Reads a file from its beginning; it is read twice, and must tell the same both times."""


class Line(NamedTuple):
    """A line that tells something."""

    number: int
    event: HistoryRecorded
    digest: bytes


def import_events(
    log: ImportLog,
    path: Path,
    asked: Importing,
    known_units: frozenset[str],
    progress: Progress | None = None,
) -> Report:
    """Record a file of neutral event lines, plain or gzip; see `import_told`.

    Raises NotFound when the file cannot be read, Refused when it is no whole gzip file.
    """
    return import_told(log, lambda: _lines(path, asked), asked, known_units, progress)


def import_told(
    log: ImportLog,
    telling: Telling,
    asked: Importing,
    known_units: frozenset[str],
    progress: Progress | None = None,
) -> Report:
    """Record what a file tells, each event once for ever.

    A report that is `refused` names the bad lines, and nothing was written. Conflicts are kept
    out and listed; the first line that tells an id counts. Raises what `telling` raises.
    """
    report = Report(source=asked.source, dry_run=asked.dry_run)
    _check(telling(), known_units, report)
    report.refused = report.bad_count > 0 and not asked.skip_bad
    if report.refused or asked.dry_run:
        return report
    done = 0
    lines = _good(telling(), asked)
    while batch := list(islice(lines, BATCH)):
        _count(_record(log, asked, batch), batch, report)
        done += len(batch)
        if progress is not None:
            progress(done, report.lines)
    return report


def check_source(source: str) -> str:
    """A source's name; Refused when it is empty, too long or not printable."""
    if not source or source != source.strip() or len(source) > 200 or not source.isprintable():
        raise Refused(
            _("A source's name is 1 to 200 printable characters without spaces around them."),
            rule="import.source",
        )
    return source


def _check(told: Iterable[Told], known_units: frozenset[str], report: Report) -> None:
    """Read everything and keep only what is wrong with it, and the units nobody registered."""
    units: set[str | None] = set()
    for number, event in told:
        if isinstance(event, BadLine):
            report.bad_count += 1
            if len(report.bad) < TOLD:
                words = {name: str(word) for name, word in event.words.items()}
                report.bad.append(BadLineTold(number, event.text, words, event.rule))
            continue
        report.lines += 1
        units.add(event.unit)
    report.units_unknown = sorted(unit for unit in units if unit and unit not in known_units)


def _lines(path: Path, asked: Importing) -> Iterator[Told]:
    """The event of each line of a file, or why it is none."""
    for number, raw in enumerate(reading_lines(path), 1):
        try:
            event = _read(raw, asked.source, asked.at)
        except BadLine as bad:
            yield number, bad
            continue
        if event is not None:
            yield number, event


def _read(raw: bytes, source: str, now: Instant) -> HistoryRecorded | None:
    if len(raw) == LONGEST_LINE:
        raise BadLine(_("the line is longer than an event line can be"), rule="schema")
    return read_line(raw, source=source, now=now)


def _good(told: Iterable[Told], asked: Importing) -> Iterator[Line]:
    """The events; a line gone bad since the first pass stops the import."""
    for number, event in told:
        if not isinstance(event, BadLine):
            yield Line(number, event, digest(event))
        elif not asked.skip_bad:
            raise Conflict(
                _("The file changed while it was read, at line {line}."),
                rule="import.changed",
                hint=_("run the import again: what is recorded is not recorded twice"),
                line=number,
            ) from event


def _record(log: ImportLog, asked: Importing, batch: list[Line]) -> tuple[Kept, bool]:
    """Record a batch in one transaction, or find the reply that it got before."""
    body = hashlib.sha256(b"".join(line.digest for line in batch)).digest()
    store = UUID(log.identity.store_id)
    command = uuid5(store, f"import events\0{asked.source}\0{body.hex()}").bytes
    stamp = Stamp(asked.at, command, body, asked.actor)
    return persist(lambda again: _recorded(log, asked.source, stamp, batch, again=again))


def _recorded(
    log: ImportLog, source: str, stamp: Stamp, batch: list[Line], *, again: bool
) -> tuple[Kept, bool]:
    """What is kept of a batch, and whether another run had recorded it."""
    with log.writing() as txn:
        if bound := txn.reply_of(stamp.command_id):
            return msgspec.json.decode(bound[1], type=Kept), not again
        fresh, conflicts = _sorted_out(txn, source, batch)
        kept = Kept(len(fresh), tuple(conflicts))
        if fresh:
            txn.append(_drafts(txn, fresh), stamp)
            txn.keep_sources([(source, line.event.source_event_id, line.digest) for line in fresh])
            txn.keep_reply(stamp, msgspec.json.encode(kept))
        return kept, False


def _sorted_out(txn: Txn, source: str, batch: list[Line]) -> tuple[list[Line], list[int]]:
    """The lines that are new, and the places of those that contradict what is recorded."""
    known = txn.known_source(source, [line.event.source_event_id for line in batch])
    fresh, conflicts = [], []
    for place, line in enumerate(batch):
        recorded = known.setdefault(line.event.source_event_id, line.digest)
        if recorded is line.digest:
            fresh.append(line)
        elif recorded != line.digest:
            conflicts.append(place)
    return fresh, conflicts


def _drafts(txn: Txn, lines: list[Line]) -> list[Draft]:
    """The events, each in the stream of its imported incident."""
    streams = {line.event.incident: "" for line in lines}
    source = lines[0].event.source
    for incident in streams:
        streams[incident] = history_stream(source, incident)
    versions = txn.versions(list(streams.values()))
    drafts = []
    for line in lines:
        stream = streams[line.event.incident]
        version = versions[stream] = versions.get(stream, 0) + 1
        drafts.append(Draft(stream, version, line.event, stream))
    return drafts


def history_stream(source: str, incident: str) -> str:
    """The stream of an imported incident: fixed by its source and the number it has there."""
    return "h" + hashlib.blake2b(f"{source}\0{incident}".encode(), digest_size=12).hexdigest()


def _count(done: tuple[Kept, bool], batch: list[Line], report: Report) -> None:
    kept, replayed = done
    recorded = 0 if replayed else kept.recorded
    report.batches += 1
    report.replayed += replayed
    report.recorded += recorded
    report.duplicates += len(batch) - recorded - len(kept.conflicts)
    report.conflict_count += len(kept.conflicts)
    for place in kept.conflicts[: TOLD - len(report.conflicts)]:
        number, event, _digest = batch[place]
        report.conflicts.append(
            ConflictTold(
                number,
                event.source_event_id,
                event.incident,
                event.unit,
                event.kind,
                event.at,
            )
        )

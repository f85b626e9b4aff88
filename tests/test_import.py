"""Importing another system's log: whole or not at all, each line once, and again after a kill."""

import base64
import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests import places
from tests.office import GUARD_SPOKE
from tests.test_ledger_arithmetic import differences
from whistle import clock
from whistle.domain.history import HistoryRecorded
from whistle.domain.measures import summary
from whistle.domain.refusal import NotFound, Refused
from whistle.domain.surroundings import Actor
from whistle.engine import importing
from whistle.engine.assessing import assess
from whistle.engine.importing import Importing, Report, import_events
from whistle.engine.line_file import LONGEST_LINE
from whistle.log.store_log import StoreLog

HERE = Path(__file__).parent / "data"
SF = HERE / "sf_fire"
BAD = json.loads((HERE / "bad_input" / "bad_event_lines.json").read_text(encoding="utf-8"))
LIMITS = {"ack": 60, "arrival": 300, "total_response": 480, "disposal": 3600}
WEEK = SF / "sf_week_a_events.jsonl.gz"
LINE = (
    '{"event_id": "%s", "at": "2026-03-10T10:00:0%d+08:00", "kind": "whistled", '
    '"incident": "X1", "unit": "E01"}\n'
)


def made(folder: Path) -> StoreLog:
    places.made(folder / "s.db")
    return places.opened(folder / "s.db")


def run(log: StoreLog, path: Path, *, skip_bad: bool = False, source: str = "sf") -> Report:
    asked = Importing(source, Actor(unit="OC"), clock.now(), skip_bad)
    return import_events(log, path, asked, frozenset({"E01"}))


def written(folder: Path, *lines: str, name: str = "lines.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(lines), encoding="utf-8")
    return path


def week_answer() -> Any:
    with gzip.open(SF / "expected_sf_week_a_ledger.json.gz") as answer:
        expected = json.load(answer)
    return {part: expected[part] for part in ("overall", "per_unit")}


def ledger_of(log: StoreLog) -> Any:
    return summary(assess(log).ledger.assignments(), LIMITS)


def test_the_week_told_in_order_gives_the_ledger_that_others_computed(tmp_path: Path) -> None:
    log = made(tmp_path)
    report = run(log, WEEK)
    assert (report.lines, report.recorded, report.duplicates) == (20368, 20368, 0)
    assert differences(ledger_of(log), week_answer()) == []


def test_scrambled_and_told_twice_the_week_is_the_same(tmp_path: Path) -> None:
    log = made(tmp_path)
    path = SF / "sf_week_a_scrambled.jsonl.gz"
    first, second = run(log, path), run(log, path)
    assert (first.recorded, first.duplicates, first.conflicts) == (20368, 814, [])
    assert (second.recorded, second.duplicates, second.replayed) == (0, 21182, second.batches)
    assert log.size() == 20368
    assert differences(ledger_of(log), week_answer()) == []


def test_a_line_that_tells_another_time_under_a_known_id_is_listed_and_kept_out(
    tmp_path: Path,
) -> None:
    log = made(tmp_path)
    run(log, WEEK)
    root = log.root()
    report = run(log, SF / "sf_week_a_conflicts.jsonl")
    assert (report.recorded, report.conflict_count, len(report.conflicts)) == (0, 40, 40)
    first = report.conflicts[0]
    assert (first.line, first.event_id) == (1, "170011748-85/acknowledged")
    assert log.root() == root


def test_within_one_file_the_first_line_of_an_id_counts(tmp_path: Path) -> None:
    log = made(tmp_path)
    path = written(tmp_path, LINE % ("a", 1), LINE % ("a", 2), LINE % ("a", 1), LINE % ("b", 3))
    for recorded in (2, 0):  # and again: the kept reply tells the conflict once more
        report = run(log, path)
        assert [conflict.line for conflict in report.conflicts] == [2]
        assert (report.recorded, report.recorded + report.duplicates) == (recorded, 3)
    (row,) = assess(log).ledger.assignments()
    assert row.whistled == 1_773_108_001_000_000  # 2026-03-10T10:00:01+08:00, of the first line


def test_two_sources_may_use_the_same_ids(tmp_path: Path) -> None:
    log = made(tmp_path)
    path = written(tmp_path, LINE % ("a", 1))
    assert [run(log, path, source=source).recorded for source in ("east", "west")] == [1, 1]
    assert len(assess(log).ledger.assignments()) == 2
    assert log.verify().ok


@pytest.mark.parametrize("case", BAD["single_lines"], ids=lambda case: str(case["why"]))
def test_a_bad_line_refuses_the_file_before_a_byte_is_written(
    case: dict[str, str], tmp_path: Path
) -> None:
    log = made(tmp_path)
    path = tmp_path / "lines.jsonl"
    good = (LINE % ("good", 1)).encode()
    path.write_bytes(good + base64.b64decode(case["line_b64"]) + b"\n")
    before = places.contents(tmp_path / "s.db")
    report = run(log, path)
    if case["expect"] == "accept":
        assert not report.refused
        return
    assert report.refused
    ((line, rule),) = [(bad.line, bad.rule) for bad in report.bad]
    assert (line, f"reject_{rule}") == (2, case["expect"])
    assert log.size() == 0
    assert places.contents(tmp_path / "s.db") == before
    skipped = run(log, path, skip_bad=True)
    assert (skipped.recorded, skipped.bad_count) == (1, 1)


@pytest.mark.parametrize("case", BAD["sequences"], ids=lambda case: str(case["why"]))
def test_an_odd_sequence_gets_the_verdict_of_a_careful_importer(
    case: dict[str, Any], tmp_path: Path
) -> None:
    log = made(tmp_path)
    report = run(log, written(tmp_path, *(f"{line}\n" for line in case["lines"])))
    rows = assess(log).ledger.assignments()
    match case["why"]:
        case "same event_id, other time":
            assert (report.recorded, report.conflict_count) == (1, 1)
        case "future event beyond the clock":
            assert report.refused
        case "arrival before any whistle":
            assert (report.recorded, rows) == (1, [])
        case _:
            assert report.recorded == len(case["lines"])
            assert len(rows) == 1


KILLED = """
import os, signal, sys
from contextlib import contextmanager
from pathlib import Path
from whistle import clock
from whistle.domain.surroundings import Actor
from whistle.engine.importing import Importing, import_events
from whistle.engine.line_file import LONGEST_LINE
from whistle.log.stores import open_log

store, path, when = sys.argv[1:]
left = 3

log = open_log(store, clock.now)
writing = type(log).writing

@contextmanager
def doomed(self, commands=()):
    global left
    left -= 1
    with writing(self, commands) as txn:
        yield txn
        if not left and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
    if not left and when == "after":
        os.kill(os.getpid(), signal.SIGKILL)

type(log).writing = doomed
asked = Importing("sf", Actor(unit="OC"), clock.now())
import_events(log, Path(path), asked, frozenset())
"""


@pytest.mark.parametrize(("when", "batches"), [("before", 2), ("after", 3)])
def test_an_import_killed_around_a_commit_resumes_to_the_same_ledger(
    when: str, batches: int, tmp_path: Path
) -> None:
    log = made(tmp_path)
    child = subprocess.run(
        [sys.executable, "-c", KILLED, places.address(tmp_path / "s.db"), str(WEEK), when],
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    )
    assert child.returncode == -signal.SIGKILL
    assert log.size() == batches * importing.BATCH
    assert log.verify().ok
    report = run(log, WEEK)
    assert report.replayed == batches
    assert report.recorded == 20368 - batches * importing.BATCH
    assert differences(ledger_of(log), week_answer()) == []


def test_lines_already_told_by_another_file_are_not_told_again(tmp_path: Path) -> None:
    log = made(tmp_path)
    run(log, written(tmp_path, LINE % ("a", 1)))
    more = run(log, written(tmp_path, LINE % ("b", 2), LINE % ("a", 1), name="more.jsonl"))
    assert (more.recorded, more.duplicates) == (1, 1)
    assert log.size() == 2


def test_an_imported_incident_has_a_stream_of_its_own_and_is_its_own_case(tmp_path: Path) -> None:
    log = made(tmp_path)
    run(log, written(tmp_path, LINE % ("a", 1), LINE % ("b", 2)))
    told = log.page(0, 10)
    assert [(each.version, each.actor_unit) for each in told] == [(1, "OC"), (2, "OC")]
    assert {each.stream for each in told} == {each.correlation_id for each in told}
    assert told[0].stream == importing.history_stream("sf", "X1")
    assert all(isinstance(each.event, HistoryRecorded) for each in told)


def test_units_that_nobody_registered_keep_their_text_and_are_listed(tmp_path: Path) -> None:
    log = made(tmp_path)
    lines = [LINE % ("a", 1), (LINE % ("b", 2)).replace("E01", "城管二队")]
    assert run(log, written(tmp_path, *lines)).units_unknown == ["城管二队"]
    assert [row.unit for row in assess(log).ledger.assignments()] == ["E01", "城管二队"]


def test_a_line_longer_than_any_event_line_is_bad_and_does_not_shift_the_numbers(
    tmp_path: Path,
) -> None:
    log = made(tmp_path)
    long = "x" * (3 * LONGEST_LINE) + "\n"
    report = run(log, written(tmp_path, LINE % ("a", 1), long, "{}\n"))
    assert [bad.line for bad in report.bad] == [2, 3]


def cut_gzip(folder: Path) -> Path:
    path = folder / "cut.jsonl.gz"
    path.write_bytes(gzip.compress((LINE % ("a", 1)).encode() * 500)[:-20])
    return path


@pytest.mark.parametrize(
    ("path", "refusal"),
    [
        (cut_gzip, Refused),
        (lambda folder: folder / "none.jsonl", NotFound),
        (lambda folder: folder, NotFound),
    ],
)
def test_a_file_that_cannot_be_read_whole_leaves_nothing_behind(
    path: Callable[[Path], Path], refusal: type[Exception], tmp_path: Path
) -> None:
    log = made(tmp_path)
    with pytest.raises(refusal):
        run(log, path(tmp_path))
    assert log.size() == 0


def test_a_file_of_bad_lines_alone_can_be_skipped_and_a_rehearsal_writes_nothing(
    tmp_path: Path,
) -> None:
    log = made(tmp_path)
    assert not run(log, written(tmp_path, "{}\n"), skip_bad=True).refused
    asked = Importing("sf", Actor(unit="OC"), clock.now(), dry_run=True)
    report = import_events(log, written(tmp_path, LINE % ("a", 1)), asked, frozenset())
    assert (report.lines, report.recorded, report.units_unknown) == (1, 0, ["E01"])
    assert log.size() == 0


def test_a_source_needs_a_name() -> None:
    for name in ("", " east", "a\nb", "x" * 201):
        with pytest.raises(Refused):
            importing.check_source(name)


def test_what_was_imported_cannot_be_changed_in_place(tmp_path: Path) -> None:
    log = made(tmp_path)
    run(log, written(tmp_path, LINE % ("a", 1)))
    with closing(places.tool(tmp_path / "s.db")) as tool, pytest.raises(GUARD_SPOKE):
        tool.execute("UPDATE sources SET digest = ''")


def test_a_unit_may_be_called_anything_and_its_record_still_proves_itself(tmp_path: Path) -> None:
    log = made(tmp_path)
    odd = (LINE % ("a", 1)).replace("E01", "E;01:7%3B")
    assert run(log, written(tmp_path, odd)).recorded == 1
    assert log.verify().ok

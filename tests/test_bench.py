"""The benchmarks measure what they say: contestants answer alike, and a peer that fails is told."""

import importlib
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from bench import arena
from bench.arena import Contest, Out
from bench.contestant import make
from bench.figures import between, workload_figures
from bench.figures import digest as figures_digest
from bench.history import run
from bench.place import place
from bench.reader import MADE
from bench.workload import acts, digest, ledger

ORDERS = 110  # ten whistles, some of them still open at the end


@pytest.mark.parametrize("name", ["raw5", "whistle", "whistle-plain", "whistle-together"])
def test_what_a_contestant_stored_is_the_ledger_of_the_orders_it_was_given(
    name: str, tmp_path: Path
) -> None:
    given = list(islice(acts(), ORDERS))
    contestant = make(name, tmp_path)
    try:
        for act in given:
            assert contestant.order(act) >= 1
        stored = contestant.ledger()
    finally:
        contestant.close()
    assert stored is not None
    assert digest(stored) == digest(ledger(given))


@pytest.mark.parametrize("name", ["by-hand", "whistle", "whistle, not proved"])
def test_what_a_reader_finds_in_a_year_is_what_the_workload_comes_to(
    name: str, tmp_path: Path
) -> None:
    given = list(islice(acts(), ORDERS))
    made = MADE[name]
    module = importlib.import_module(made.module)
    module.fill(tmp_path, ORDERS)
    reader = module.Reader(tmp_path, **made.how)
    figures = reader.figures(reader.assess())
    assert figures_digest(figures) == figures_digest(workload_figures(given))
    lines = reader.lines(reader.ledger())
    assert digest(lines) == digest(ledger(given))


def test_quantiles_lie_between_neighbours_as_everybody_computes_them() -> None:
    """Worked out by hand after type 7 of Hyndman and Fan, which numpy, pandas and DuckDB have."""
    assert between([1, 2, 3, 4], 0.5) == 2.5
    assert between([10, 20, 30, 40, 50], 0.9) == 46
    assert between([7], 0.9) == 7
    assert between([], 0.5) is None


def test_the_memory_of_a_measured_command_is_not_that_of_who_began_it(tmp_path: Path) -> None:
    large = b"x" * 400_000_000
    took = run("version", ["--version"], tmp_path / "said")
    assert len(large) / 1e6 > 2 * took.peak_mb > 0


def test_a_peer_that_cannot_be_installed_is_told_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_dbos(name: str) -> str:
        if name == "dbos":
            raise Out("cannot be installed: no such version")
        return interpreter(name)

    interpreter = arena.python_of
    monkeypatch.setattr(arena, "python_of", no_dbos)
    monkeypatch.setattr(arena, "counter", lambda: "")
    with Contest(["raw5", "dbos"], tmp_path / "contest") as contest:
        contest.run(rounds=1, orders=11)
        same = contest.same(22)
    assert contest.out == {"dbos": "cannot be installed: no such version"}
    assert same == "The same ledger came out of raw5."


def test_a_limit_that_fails_ends_the_benchmark_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arena, "counter", lambda: "")
    (tmp_path / "raw5").mkdir()
    (tmp_path / "raw5" / "raw.db").write_bytes(b"no database" * 100)
    monkeypatch.setattr(Path, "mkdir", lambda *_args, **_how: None)
    with (
        pytest.raises(SystemExit, match=r"raw5 failed: .*file is not a database"),
        Contest(["raw5"], tmp_path) as contest,
    ):
        contest.run(rounds=1, orders=11)


def test_what_a_killed_benchmark_left_is_taken_away_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.place.MEMORY", tmp_path)
    killed = subprocess.Popen([sys.executable, "-c", ""])
    killed.wait()
    left, other = tmp_path / f"whistle-bench-{killed.pid}-a", tmp_path / "whistle-bench-1-b"
    left.mkdir()
    other.mkdir()
    with place(memory=True) as folder:
        assert folder.parent == tmp_path
    assert sorted(tmp_path.iterdir()) == [other]


def test_a_contestant_that_does_not_come_to_an_end_is_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = tmp_path / "python"
    hanging.write_text("#!/bin/sh\nexec sleep 600\n", encoding="utf-8")
    hanging.chmod(0o755)
    monkeypatch.setattr(arena, "counter", lambda: "")
    monkeypatch.setattr(arena, "python_of", lambda _name: str(hanging))
    monkeypatch.setattr(arena, "ROUND_S", 0.1)
    with Contest(["dbos"], tmp_path / "contest") as contest:
        contest.run(rounds=1, orders=11)
    assert contest.out == {"dbos": "failed: it said nothing"}

"""A Dask cluster finds what one process finds; where there is none, a sentence says so."""

import sys
from pathlib import Path

import pytest

from tests.shell import Shell, evening_at

NOBODY = """
import sys
from cli import run
from whistle.workers import cluster
cluster.ANSWERS_S = 1
sys.exit(run(["audit", "verify", "--workers", "tcp://127.0.0.1:1"]))
"""


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    return evening_at(tmp_path)


def test_a_cluster_of_two_finds_what_one_process_finds(desk: Shell) -> None:
    pytest.importorskip("distributed", reason="the extra: pip install whistle[cluster]")
    done = desk.python("-m", "tests.clustered", str(desk.folder), desk.address, timeout=240)
    assert done.returncode == 0, done.stderr


def test_a_cluster_that_does_not_answer_is_told(desk: Shell) -> None:
    pytest.importorskip("distributed", reason="the extra: pip install whistle[cluster]")
    done = desk.python("-c", NOBODY, timeout=240)
    assert (done.returncode, "No cluster answers" in done.stderr) == (10, True), done.stderr
    assert "Traceback" not in done.stderr


def test_without_dask_the_way_to_it_is_told(desk: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    said = desk("audit", "verify", "--workers", "tcp://127.0.0.1:1")
    assert (said.code, "whistle[cluster]" in said.told) == (10, True)

"""A Dask cluster finds what one process finds; where there is none, a sentence says so."""

import sys
from pathlib import Path

import pytest

from tests.shell import Shell

NOBODY = """
import sys
from cli import run
from whistle.workers import cluster
cluster.ANSWERS_S = 1
sys.exit(run(["audit", "verify", "--workers", "tcp://127.0.0.1:1"]))
"""


@pytest.fixture
def demo(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.json("demo", "--keep", str(shell.store))
    return shell


def test_a_cluster_of_two_finds_what_one_process_finds(demo: Shell) -> None:
    pytest.importorskip("distributed", reason="the extra: pip install whistle[cluster]")
    done = demo.python("-m", "tests.clustered", str(demo.store), timeout=240)
    assert done.returncode == 0, done.stderr


def test_a_cluster_that_does_not_answer_is_told(demo: Shell) -> None:
    pytest.importorskip("distributed", reason="the extra: pip install whistle[cluster]")
    done = demo.python("-c", NOBODY, timeout=240)
    assert (done.returncode, "No cluster answers" in done.stderr) == (10, True), done.stderr
    assert "Traceback" not in done.stderr


def test_without_dask_the_way_to_it_is_told(demo: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    said = demo("audit", "verify", "--workers", "tcp://127.0.0.1:1")
    assert (said.code, "whistle[cluster]" in said.told) == (10, True)

"""A real Dask cluster of two workers proves and assesses what one process does, to the byte."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.parts import canonical
from tests.shell import Shell
from whistle import clock
from whistle.engine.assessing import assess
from whistle.log import spread
from whistle.log.sqlite import SQLiteLog
from whistle.workers import ALONE, cluster
from whistle.workers.cluster import Cluster

distributed = pytest.importorskip("distributed", reason="the extra: pip install whistle[cluster]")


@pytest.fixture(scope="module")
def scheduler() -> Iterator[Any]:
    """Two worker processes of this machine, and nobody's dashboard."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as started:
        yield started


@pytest.fixture
def demo(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.json("demo", "--keep", str(shell.store))
    return shell


def test_a_cluster_finds_what_one_process_finds(
    scheduler: Any, demo: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spread, "LEAST", 8)
    log = SQLiteLog(demo.store, clock.now)
    workers = Cluster(scheduler.scheduler_address)
    assert workers.count == 2
    homes = [*workers.map(_home, range(8))]
    assert len(set(homes)) == 2
    found = log.proved(list, workers)
    assert len(found.taken) > 2
    assert log.verify(workers) == log.verify(ALONE)
    assert canonical(assess(log, workers=workers)) == canonical(assess(log, workers=ALONE))
    workers.close()
    log.close()


def _home(_part: int) -> str:
    address: str = distributed.get_worker().address
    return address


def test_the_command_line_reaches_a_cluster_and_says_when_it_does_not(
    scheduler: Any, demo: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = scheduler.scheduler_address
    ours = demo.json("assess", "ledger", "--workers", address).facts
    assert ours == demo.json("assess", "ledger", "--workers", "1").facts
    monkeypatch.setattr(cluster, "ANSWERS_S", 1)
    nobody = demo("audit", "verify", "--workers", "tcp://127.0.0.1:1")
    assert (nobody.code, "No cluster answers" in nobody.told) == (10, True)

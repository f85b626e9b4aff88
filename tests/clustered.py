"""A real Dask cluster of two workers beside one process: `python -m tests.clustered FOLDER STORE`.

A program of its own, for a cluster's threads outlive what asked them. It ends with 0 when both say
the same, to the byte, and when the command line reaches the cluster.
"""

import sys
from pathlib import Path
from typing import Any

import distributed

from projections import open_views, parts
from tests.parts import canonical
from tests.shell import Shell
from whistle import clock
from whistle.engine.assessing import assess
from whistle.log import spread
from whistle.log.store_log import StoreLog
from whistle.log.stores import open_log
from whistle.workers import ALONE, Workers
from whistle.workers.cluster import Cluster


def home(_part: int) -> str:
    """Which worker does this part."""
    address: str = distributed.get_worker().address
    return address


def compare(store: str, address: str) -> None:
    """Prove and assess a store both ways."""
    log, workers = open_log(store, clock.now), Cluster(address)
    assert workers.count == 2
    assert len({*workers.map(home, range(8))}) == 2
    assert len(log.proved(list, list, workers).taken) > 2
    assert log.verify(workers) == log.verify(ALONE)
    assert canonical(assess(log, workers=workers)) == canonical(assess(log, workers=ALONE))
    assert anew(log, workers) == anew(log, ALONE)
    workers.close()
    log.close()


def anew(log: StoreLog, workers: Workers) -> list[tuple[str, int, str]]:
    """Every view made anew, in memory."""
    with open_views(log, None) as views:
        return [(each.name, each.rows, each.digest) for each in views.rebuild(workers=workers)]


def ask(folder: Path, store: str, address: str) -> None:
    """Ask for the ledger at the command line."""
    desk = Shell(folder)
    desk.env["WHISTLE_STORE"] = store
    ours: Any = desk.json("assess", "ledger", "--workers", address).facts
    assert ours == desk.json("assess", "ledger", "--workers", "1").facts


if __name__ == "__main__":
    spread.LEAST = parts.LENGTH = 8  # else so short a record is one part
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as cluster:
        compare(sys.argv[2], cluster.scheduler_address)
        ask(Path(sys.argv[1]), sys.argv[2], cluster.scheduler_address)

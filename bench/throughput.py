"""W1: orders a second, one caller; every contestant durable, answers compared.

Counts first (syncs, bytes), then processor time in memory-backed files, then wall time on the disk.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench import report
from bench.arena import Running, contest, python_of, ratio

LIMITS = ("raw1", "raw5")
OURS = ("whistle", "whistle-plain")
BASE = "eventsourcing"
MEMORY = Path("/dev/shm")  # noqa: S108  # where the kernel keeps files in memory
MICRO = 1e6


@contextmanager
def place(memory: bool) -> Iterator[Path]:
    """A folder on the disk, or in memory where there is such a place."""
    root = MEMORY if memory and MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=root, prefix="whistle-bench-") as folder:
        yield Path(folder)


def installed(peers: Sequence[str]) -> tuple[list[str], list[str]]:
    """The peers whose environments could be made, and a sentence for each that could not."""
    there, missing = [], []
    for peer in peers:
        try:
            python_of(peer)
        except subprocess.CalledProcessError as error:
            said = (error.stderr or "").strip().splitlines()
            missing.append(f"{peer} could not be installed: {said[-1] if said else error}")
        else:
            there.append(peer)
    return there, missing


def answers(running: list[Running]) -> str:
    """Whether all that keep an answer keep the same."""
    given = {each.name: each.ask("answer") for each in running}
    differ = {answer for answer in given.values() if answer is not None}
    kept = ", ".join(name for name, answer in given.items() if answer is not None)
    if len(differ) != 1:
        raise SystemExit(f"the answers differ: {given}")
    return f"The same ledger came out of {kept}."


def main(peers: Sequence[str], rounds: int, orders: int, *, write: bool) -> None:
    """Run the contest twice, in memory for the processor and on the disk for the wall clock."""
    there, missing = installed(peers)
    names = [*LIMITS, *there, *OURS]
    with place(memory=True) as folder:
        quick = {each.name: each for each in contest(names, folder, rounds, orders)}
        for each in quick.values():
            each.close()
    with place(memory=False) as folder:
        durable = {each.name: each for each in contest(names, folder, rounds, orders)}
        same = answers(list(durable.values()))
        done = (rounds + 1) * orders
        sizes = {name: each.ask("bytes") / done for name, each in durable.items()}
        for each in durable.values():
            each.close()
        shutil.rmtree(folder, ignore_errors=True)
    rows = [row(name, quick, durable, sizes[name]) for name in names]
    heads = ("contestant", "events an order", "syncs an order", "bytes an order",
             "CPU µs an order", "speed by CPU, x eventsourcing", "x raw5",
             "orders/s on the disk", "speed by wall, x eventsourcing", "x raw5")  # fmt: skip
    said = [f"{report.machine()}; {rounds} rounds of {orders} orders.", same, *missing]
    text = "\n".join(said) + "\n\n" + report.table(heads, rows)
    report.tell("throughput", text, write=write)


def row(
    name: str, quick: dict[str, Running], durable: dict[str, Running], size: float
) -> list[str]:
    """What is told of one contestant."""
    fast, slow = quick[name], durable[name]
    said = [
        name,
        f"{slow.per_order('events'):.2f}",
        f"{slow.per_order('syncs'):.3f}",
        f"{size:.0f}",
        f"{fast.per_order('cpu_s') * MICRO:.0f}",
    ]
    said += [beside(fast, quick.get(other), "cpu_s") for other in (BASE, "raw5")]
    said.append(f"{1 / slow.per_order('wall_s'):,.0f}")
    return said + [beside(slow, durable.get(other), "wall_s") for other in (BASE, "raw5")]


def beside(one: Running, other: Running | None, what: str) -> str:
    """A ratio, where there is something to compare with."""
    return f"{ratio(one, other, what):.2f}" if other is not None else "-"

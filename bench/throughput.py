"""W1: orders a second, one caller; every contestant durable, answers compared.

Counts first (syncs, bytes), then processor time in memory-backed files, then wall time on the disk.
"""

from collections.abc import Mapping, Sequence

from bench import report
from bench.arena import Contest, Running, ratio
from bench.place import place

LIMITS = ("raw1", "raw5")
PEERS = ("eventsourcing", "sqlalchemy", "spiff", "viewflow", "dbos", "protean")
SERVED = ("protean",)  # by a server, whose syncs and processor time are not those of the contestant
OURS = ("whistle", "whistle-plain")
NAMES = (*LIMITS, *PEERS, *OURS)
BASE = "eventsourcing"
HEADS = ("contestant", "events an order", "syncs an order", "bytes an order", "CPU µs an order",
         "speed by CPU, x eventsourcing", "x raw5", "orders/s on the disk",
         "speed by wall, x eventsourcing", "x raw5")  # fmt: skip
FASTER = (
    "ours is so many times faster",
    *(f"{one}, {by}" for one in OURS for by in ("CPU", "wall")),
)
MICRO = 1e6


def main(names: Sequence[str], rounds: int, orders: int, *, write: bool) -> None:
    """Run the contest twice, in memory for the processor and on the disk for the wall clock."""
    with place(memory=True) as folder, Contest(names, folder) as quick:
        quick.run(rounds, orders)
    with place(memory=False) as folder, Contest(list(quick.running), folder) as durable:
        durable.run(rounds, orders)
        done = (rounds + 1) * orders
        same = durable.same(done)
        sizes = {name: size / done for name, size in durable.asked("bytes").items()}
    out = quick.out | durable.out
    rows = [row(name, quick.running, durable.running, size) for name, size in sizes.items()]
    rows += [[name, why] + [""] * (len(HEADS) - 2) for name, why in out.items()]
    said = [
        f"{report.machine()}; {rounds} rounds of {orders} orders.\n{same}",
        report.table(HEADS, rows),
        report.table(FASTER, faster(quick.running, durable.running)),
    ]
    report.tell("throughput", "\n\n".join(said), write=write)


def row(
    name: str, quick: Mapping[str, Running], durable: Mapping[str, Running], size: float
) -> list[str]:
    """What is told of one contestant."""
    fast, slow = quick[name], durable[name]
    said = [
        name,
        f"{slow.per_order('events'):.2f}",
        "-" if name in SERVED else f"{slow.per_order('syncs'):.3f}",
        f"{size:.0f}",
        f"{fast.per_order('cpu_s') * MICRO:.0f}",
    ]
    said += [beside(fast, quick.get(other), "cpu_s") for other in (BASE, "raw5")]
    said.append(f"{1 / slow.per_order('wall_s'):,.0f}")
    return said + [beside(slow, durable.get(other), "wall_s") for other in (BASE, "raw5")]


def faster(quick: Mapping[str, Running], durable: Mapping[str, Running]) -> list[list[str]]:
    """How much faster than each peer ours is."""
    return [
        [
            f"than {peer}",
            *(
                beside(ran[ours], ran[peer], what) if ours in ran else "-"
                for ours in OURS
                for ran, what in ((quick, "cpu_s"), (durable, "wall_s"))
            ),
        ]
        for peer in PEERS
        if peer in durable
    ]


def beside(one: Running, other: Running | None, what: str) -> str:
    """A ratio, where there is something to compare with."""
    return f"{ratio(one, other, what):.2f}" if other is not None else "-"

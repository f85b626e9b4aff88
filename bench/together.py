"""W1 with eight callers in one process: each committing alone, and all of them together."""

from bench import report
from bench.arena import Contest, ratio
from bench.place import place
from bench.throughput import MICRO

CALLERS = 8
ALONE, TOGETHER = "whistle", "whistle-together"


def main(rounds: int, orders: int, *, write: bool) -> None:
    """Both in turns on the disk, the same orders by the same callers."""
    with place(memory=False) as folder, Contest([ALONE, TOGETHER], folder) as contest:
        contest.run(rounds, orders, CALLERS)
        same = contest.same((rounds + 1) * orders)
    alone, together = contest.running[ALONE], contest.running[TOGETHER]
    rows = [
        [
            name,
            f"{each.per_order('syncs'):.3f}",
            f"{1 / each.per_order('wall_s'):,.0f}",
            f"{ratio(each, alone, 'wall_s'):.2f}",
            f"{each.per_order('cpu_s') * MICRO:.0f}",
            f"{each.median_of('p50_s') * 1000:.1f}",
            f"{each.median_of('p99_s') * 1000:.1f}",
            f"{ratio(each, alone, 'p99_s'):.1f}",
        ]
        for name, each in (("each alone", alone), ("together", together))
    ]
    heads = ("commits", "syncs an order", "orders/s", "x alone", "CPU µs an order", "p50 ms",
             "p99 ms", "p99 shorter, x")  # fmt: skip
    said = f"{report.machine()}; {CALLERS} callers, {rounds} rounds of {orders} orders. {same}"
    report.tell("together", f"{said}\n\n{report.table(heads, rows)}", write=write)

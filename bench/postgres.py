"""W1 on PostgreSQL: one caller and eight, beside limits and the bare library; answers compared.

Each contestant has a server of its own, so that syncs can be told apart; all do the same slice in
every round, in turns. The servers lie on the disk and wait for it (fsync, synchronous_commit on).
"""

from pathlib import Path

from bench import report
from bench.arena import Contest, ratio
from bench.place import place
from bench.report import progress
from tests.postgres import Server

CALLERS = 8
BASE, LIMIT, ONE = "eventsourcing-postgres", "pg5", "whistle-postgres"
ONES = ("pg1", LIMIT, BASE, ONE)
EIGHTS = ("pg5-eight", "eventsourcing-postgres-eight", "whistle-postgres-together",
          "whistle-postgres-processes")  # fmt: skip
MICRO = 1e6
SYNCS = "SELECT coalesce(sum(fsyncs), 0)::bigint FROM pg_stat_io WHERE object = 'wal'"


def main(rounds: int, orders: int, *, write: bool) -> None:
    """Run the contest."""
    servers: dict[str, Server] = {}
    with place(memory=False) as folder:
        try:
            for name in (*ONES, *EIGHTS):
                progress(f"a server for {name}")
                servers[name] = Server(memory=False, fsync="on")
                (folder / f"{name}.address").write_text(servers[name].fresh(), encoding="utf-8")
            told = contested(folder, servers, rounds, orders)
        finally:
            for server in servers.values():
                server.stop()
    report.tell("postgres", told, write=write)


def contested(folder: Path, servers: dict[str, Server], rounds: int, orders: int) -> str:
    """What is told of it."""
    with Contest([*ONES, *EIGHTS], folder) as contest:
        return _contested(contest, servers, rounds, orders)


def _contested(contest: Contest, servers: dict[str, Server], rounds: int, orders: int) -> str:
    contest.asked("bytes")  # they have begun
    before = {name: syncs(server) for name, server in servers.items()}
    contest.run(rounds, orders, more=dict.fromkeys(EIGHTS, CALLERS))
    same = contest.same((rounds + 1) * orders)
    contest.close()  # a server tells of a connection's syncs when it ends
    done = (rounds + 1) * orders
    waited = {name: (syncs(server) - before[name]) / done for name, server in servers.items()}
    rows = [row(contest, name, waited[name]) for name in contest.running]
    heads = ("contestant", "callers", "syncs an order", "CPU µs an order (client)", "orders/s",
             "x pg5", "x eventsourcing", "x whistle, one caller", "p50 ms", "p99 ms")  # fmt: skip
    out = [f"{name} {why}." for name, why in contest.out.items()]
    slices = f"{rounds} rounds of {orders} orders, a server each."
    said = [f"{report.machine()}; PostgreSQL {version(servers)}, {slices}", same, *out]
    return "\n".join(said) + "\n\n" + report.table(heads, rows)


def row(contest: Contest, name: str, waited: float) -> list[str]:
    """What is told of one contestant; eight callers stand beside eight."""
    running, eight = contest.running, name in EIGHTS
    mine = running[name]
    beside = ("pg5-eight", "eventsourcing-postgres-eight") if eight else (LIMIT, BASE)
    compared = [running.get(each) for each in (*beside, ONE)]
    return [
        name,
        str(CALLERS if eight else 1),
        f"{waited:.2f}",
        f"{mine.per_order('cpu_s') * MICRO:.0f}",
        f"{1 / mine.per_order('wall_s'):,.0f}",
        *(f"{ratio(mine, other, 'wall_s'):.2f}" if other else "-" for other in compared),
        f"{mine.median_of('p50_s') * 1000:.1f}",
        f"{mine.median_of('p99_s') * 1000:.1f}",
    ]


def syncs(server: Server) -> int:
    """How often a server has waited for its write-ahead log to be on the disk."""
    return int(server.sql(SYNCS)[0][0])


def version(servers: dict[str, Server]) -> str:
    """Which PostgreSQL it is."""
    return str(servers[LIMIT].sql("SHOW server_version")[0][0])

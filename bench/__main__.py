"""The benchmarks: python3 -m bench [PART ...] [--only NAME] [--quick] [--write].

Whole, it takes the better part of an hour; `--quick` shows every table in ten minutes, with fewer
rounds and shorter logs. What a peer needs is installed into .peers/ the first time it is met; one
that cannot be had is a row that says why.
"""

import argparse
import signal
import sys
from collections.abc import Callable
from types import FrameType

from bench import assessed, growth, ledger, postgres, size, start, throughput, together

Part = Callable[[argparse.Namespace], None]

PARTS: dict[str, tuple[str, Part]] = {
    "throughput": (
        "W1: orders a second beside peers and limits",
        lambda told: throughput.main(told.names, told.rounds, told.orders, write=told.write),
    ),
    "together": (
        "W1 with eight callers, alone and in group commits",
        lambda told: together.main(told.rounds, told.orders, write=told.write),
    ),
    "postgres": (
        "W1 on PostgreSQL: one caller and eight, beside limits and the bare library",
        lambda told: postgres.main(told.rounds, told.orders, write=told.write),
    ),
    "start": (
        "W2: a verb as a whole process",
        lambda told: start.main(told.rounds, write=told.write),
    ),
    "size": ("W7: bytes an event, by part", lambda told: size.main(told.stored, write=told.write)),
    "assess": (
        "W4: a year's figures beside DuckDB, Polars, pm4py and others; the ledger by columns",
        lambda told: assessed.main(told.readers, told.rounds, 11 * told.whistles, write=told.write),
    ),
    "ledger": (
        "W3: the ledger made anew into a table: the view, by hand, by a notification log",
        lambda told: ledger.main(told.facts, told.rounds, write=told.write),
    ),
    "growth": (
        "W3, W5, W6: longer and longer logs",
        lambda told: growth.main([int(n) for n in told.sizes.split(",")], write=told.write),
    ),
}
"""By name, in the order in which they run: what takes longest comes last."""

CONTESTANTS = {"throughput": throughput.NAMES, "assess": assessed.NAMES}

QUICK = {
    "rounds": 3,
    "orders": 110,
    "stored": 2_200,
    "facts": 10_000,
    "sizes": "5500,55000",
    "whistles": 500,
}
LONG = {"sizes": "55000,550000,5500000"}


def words() -> argparse.ArgumentParser:
    """What may be asked for."""
    listed = "; ".join(f"{part}: {what}" for part, (what, _run) in PARTS.items())
    asked = argparse.ArgumentParser(prog="python3 -m bench", description=__doc__)
    asked.add_argument("parts", nargs="*", metavar="PART", help=listed)
    asked.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help=f"a part, or one of {', '.join(sorted(set().union(*CONTESTANTS.values())))}",
    )
    asked.add_argument("--quick", action="store_true", help="fewer rounds, shorter logs")
    asked.add_argument("--rounds", type=int, default=9, help="medians are taken over them")
    asked.add_argument("--orders", type=int, default=330, help="of one round")
    asked.add_argument("--stored", type=int, default=11_000, help="orders of the part size")
    asked.add_argument("--facts", type=int, default=50_000, help="of the part ledger")
    asked.add_argument("--sizes", default="55000,550000", help="events of the part growth")
    asked.add_argument("--long", action="store_true", help="growth up to 5,500,000 events")
    asked.add_argument("--whistles", type=int, default=5_000, help="of assess; a year: 50000")
    asked.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    return asked


def told(asked: argparse.ArgumentParser) -> argparse.Namespace:
    """What was asked for, `parts` and `names` as they are to run."""
    for flag, meant in (("--quick", QUICK), ("--long", LONG)):
        if flag in sys.argv:
            asked.set_defaults(**meant)
    said = asked.parse_args()
    only = [*said.parts, *said.only]
    if unknown := set(only).difference(PARTS, *CONTESTANTS.values()):
        asked.error(f"no such part or contestant: {', '.join(sorted(unknown))}")
    said.names = [name for name in throughput.NAMES if name in only] or throughput.NAMES
    said.readers = [name for name in assessed.NAMES if name in only] or assessed.NAMES
    parts = [part for part in PARTS if part in only]
    if only and not parts:
        parts = [part for part, names in CONTESTANTS.items() if not set(names).isdisjoint(only)]
    said.parts = parts or list(PARTS)
    return said


def leave(number: int, _frame: FrameType | None) -> None:
    """Go as after an interrupt, so that the files are taken away."""
    sys.exit(128 + number)


def main() -> None:
    """Run the parts that were asked for, or all; a part that fails stops no other."""
    signal.signal(signal.SIGTERM, leave)
    said, failed = told(words()), False
    for part in said.parts:
        try:
            PARTS[part][1](said)
        except SystemExit as why:
            if not isinstance(why.code, str):  # it was told to go
                raise
            print(f"\n{part}: {why}", file=sys.stderr, flush=True)
            failed = True
    sys.exit(failed)


if __name__ == "__main__":
    main()

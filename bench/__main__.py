"""The benchmarks: python3 -m bench [PART ...] [--rounds N] [--orders N] [--peers A,B] [--write].

What a peer needs is installed into .peers/ the first time it is asked for.
"""

import argparse
from collections.abc import Callable

from bench import growth, size, start, throughput, together
from bench.arena import NEEDS

Part = Callable[[argparse.Namespace], None]

PARTS: dict[str, tuple[str, Part]] = {
    "throughput": (
        "W1: orders a second beside peers and limits",
        lambda told: throughput.main(
            [peer for peer in told.peers.split(",") if peer],
            told.rounds,
            told.orders,
            write=told.write,
        ),
    ),
    "together": (
        "W1 with eight callers, alone and in group commits",
        lambda told: together.main(told.rounds, told.orders, write=told.write),
    ),
    "start": (
        "W2: a verb as a whole process",
        lambda told: start.main(told.rounds, write=told.write),
    ),
    "size": ("W7: bytes an event, by part", lambda told: size.main(told.stored, write=told.write)),
    "growth": (
        "W3, W5, W6: longer and longer logs",
        lambda told: growth.main([int(n) for n in told.sizes.split(",")], write=told.write),
    ),
}


def main() -> None:
    """Run the parts that were asked for, or all."""
    words = argparse.ArgumentParser(prog="python3 -m bench", description=__doc__)
    listed = "; ".join(f"{part}: {what}" for part, (what, _run) in PARTS.items())
    words.add_argument("parts", nargs="*", metavar="PART", help=listed)
    words.add_argument("--rounds", type=int, default=9, help="medians are taken over them")
    words.add_argument("--orders", type=int, default=330, help="of one round")
    words.add_argument("--peers", default=",".join(NEEDS), help="beside ours and the limits")
    words.add_argument("--stored", type=int, default=11_000, help="orders of the part size")
    words.add_argument("--sizes", default="55000,550000", help="events of the part growth")
    words.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    told = words.parse_args()
    if unknown := set(told.parts) - set(PARTS):
        words.error(f"no such part: {', '.join(unknown)}")
    for part in told.parts or PARTS:
        PARTS[part][1](told)


if __name__ == "__main__":
    main()

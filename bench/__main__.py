"""The benchmarks: `python3 -m bench [PART ...] [--rounds N] [--orders N] [--peers A,B] [--write]`.

Parts: throughput. What a peer needs is installed into .peers/ the first time it is asked for.
`--write` puts the tables into docs/benchmarks.md.
"""

import argparse

from bench import throughput
from bench.arena import NEEDS

PARTS = ("throughput",)


def main() -> None:
    """Run the parts that were asked for, or all."""
    words = argparse.ArgumentParser(prog="python3 -m bench", description=__doc__)
    words.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    words.add_argument("--rounds", type=int, default=9)
    words.add_argument("--orders", type=int, default=330, help="of one round")
    words.add_argument("--peers", default=",".join(NEEDS))
    words.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    told = words.parse_args()
    if unknown := set(told.parts) - set(PARTS):
        words.error(f"no such part: {', '.join(unknown)}")
    parts, peers = told.parts or PARTS, [peer for peer in told.peers.split(",") if peer]
    if "throughput" in parts:
        throughput.main(peers, told.rounds, told.orders, write=told.write)


if __name__ == "__main__":
    main()

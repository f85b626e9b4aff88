"""Eight processes write to one database: no gap for who reads along, nobody is turned away.

P8, P9. The order in which replies came is the order of the record, and who follows the log never
passes over an event that comes in later, as happens where a sequence gives the numbers.
"""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Often
from tests.office import Office

HOUSE = Path(__file__).resolve().parent.parent
WRITERS = 8
PATIENCE_S = 300


@pytest.fixture
def kind() -> str:
    return "postgresql"


class Pack:
    """The writers, started together."""

    def __init__(self, address: str, orders: int, *more: str) -> None:
        self.each = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.pack", address, f"w{n}", str(orders), *more],
                cwd=HOUSE,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for n in range(WRITERS)
        ]
        for writer in self.each:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "here\n"

    def go(self) -> None:
        """Let them begin."""
        for writer in self.each:
            assert writer.stdin is not None
            writer.stdin.write("go\n")
            writer.stdin.flush()

    def running(self) -> bool:
        """Whether one of them still writes."""
        return any(writer.poll() is None for writer in self.each)

    def said(self) -> tuple[list[list[str]], str]:
        """What they printed, writer by writer, and what they complained of."""
        told = [writer.communicate(timeout=PATIENCE_S) for writer in self.each]
        return [out.splitlines() for out, _err in told], "".join(err for _out, err in told)


def test_who_follows_the_log_meets_every_event_once_and_in_its_order(
    office: Office, often: Often
) -> None:
    orders = often(12, 25, 500)
    before = office.log.size()
    pack = Pack(office.address, orders)
    pack.go()
    met, deadline = before, time.monotonic() + PATIENCE_S
    while pack.running() or office.log.size() > met:
        assert time.monotonic() < deadline
        if office.log.wait_beyond(met, timeout_s=0.2):
            page = office.log.page(met)
            assert [each.seq for each in page] == list(range(met + 1, met + 1 + len(page)))
            met = page[-1].seq
    said, complaints = pack.said()
    assert complaints == ""
    assert met == before + WRITERS * orders
    for lines in said:
        seqs = [int(line.split()[1]) for line in lines]
        assert len(seqs) == orders
        assert seqs == sorted(seqs), "a reply that came before an order stands before it"
    told = office.told(before)
    assert [each.seq for each in told] == list(range(before + 1, met + 1))
    assert [each.recorded_at for each in told] == sorted({each.recorded_at for each in told})
    assert office.log.verify().ok


def test_without_the_lock_some_would_be_turned_away(office: Office) -> None:
    # the guard taken off: if this found nothing, the test above would prove nothing
    pack = Pack(office.address, 25, "without-lock")
    pack.go()
    said, complaints = pack.said()
    assert "Broken" in complaints
    assert sum(map(len, said)) < WRITERS * 25


def test_the_same_order_from_every_process_is_recorded_once(office: Office) -> None:
    before = office.log.size()
    program = [sys.executable, "-m", "tests.pack", office.address, "same", "3"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    crowd = [subprocess.Popen(program, cwd=HOUSE, text=True, **pipes) for _ in range(WRITERS)]  # type: ignore[call-overload]  # mypy wants them spelt out
    told = [each.communicate("go\n", timeout=PATIENCE_S) for each in crowd]
    assert [err for _out, err in told if err] == []
    assert len(office.told(before)) == 3
    lines = [out.splitlines()[1:] for out, _err in told]
    assert len({tuple(line.rpartition(" ")[0] for line in each) for each in lines}) == 1
    first = [line for each in lines for line in each if line.endswith(" 0")]
    assert len(first) == 3, "one of them recorded it, the others were told of it"

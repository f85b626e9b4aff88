"""Writers that are killed at any instant, a few at a time, thousands of times; a program.

Usage: python -m tests.faults.kill_writers STORE KILLS GUARD. Some writers at once obey orders, each
under a key, which is told before it is sent; the numbers of its events are told once the reply is
there. All are killed (SIGKILL) at some instant, be it while the store is being opened. Those who
come after them first send the last key again: what was told must be told again. After some hundred
kills the record is proved: what was told is there, each key once, no number missing. GUARD is
`on`, or names what is broken on purpose. Prints {"kills", "told", "untold", "wrong"}.
"""

import gc
import json
import os
import random
import signal
import sys
import time
from functools import partial
from itertools import chain, count
from pathlib import Path
from select import select
from typing import NamedTuple

from tests.faults import broken
from tests.faults.child import fork, in_child, killed
from tests.office import Office
from tests.town import TOWN, at
from whistle.domain.incident.intake import AcceptIncident, ReportIncident
from whistle.domain.whistle.issue import BlowWhistle
from whistle.engine import Reply
from whistle.engine.asked import command_id
from whistle.log.persistence import persist

WRITERS = 4
FELL = "fell"
PROVED_EACH = 100  # rounds
BEGUN = 0.8  # of the writers give an order before they are killed
ANSWERED = 0.1  # of them have a reply before
PATIENCE_S = 60
Place = Path | str
"""A file, or the address of a database."""
REPORT = ReportIncident(item="gas-leak", place="草桥路12号")


def send(office: Office, key: str) -> Reply:
    """Give the order that a key stands for: an incident with its acceptance, or its whistle."""
    case, _dash, what = key.rpartition("-")
    incident = f"i-{case}"
    if what == "blow":
        return office.ask((f"w-{case}", BlowWhistle(incident=incident)), key=key)
    return office.ask((incident, REPORT), (incident, AcceptIncident()), key=key)


def numbers(reply: Reply) -> str:
    """Which events a reply names."""
    return ",".join(str(each.seq) for each in reply.events)


def alive_s(place: Place) -> float:
    """The longest that a round of writers lives after they began; few of them come far."""
    return 0.024 if isinstance(place, Path) else 0.1


class Writer(NamedTuple):
    """A writer at work, and the pipe it tells by."""

    pid: int
    here: int


def write(place: Place, there: int, name: str, last: str) -> None:
    """Give orders until killed; first the one that the writer before this one gave last."""
    broken.Early.there = there
    office = persist(lambda _again: Office(place, at("09:00")))  # a server may be down just now
    keys = (f"{name}.{number}-{what}" for number in count() for what in ("report", "blow"))
    for key in chain([last] if last else [], keys):
        os.write(there, f"{key} ".encode())
        told = numbers(send(office, key))
        if not broken.Early.wanted:
            os.write(there, f"{told}\n".encode())


def start(place: Place, name: str, last: str) -> Writer:
    """Fork a writer."""
    here, there = os.pipe()
    pid = fork(partial(write, place, there, name, last))
    os.close(there)
    return Writer(pid, here)


def ended(writer: Writer, heard: bytes) -> list[list[str]]:
    """Kill a writer; each key it told, with its numbers if it had them; `heard` is told already."""
    os.kill(writer.pid, signal.SIGKILL)
    with os.fdopen(writer.here, "rb") as pipe:
        told = (heard + pipe.read()).decode()
    if not killed(writer.pid):
        return [[FELL, told]]
    lines = told.split("\n")
    whole = [line.split() for line in lines[:-1]]
    return [*whole, lines[-1].split()[:1]] if " " in lines[-1] else whole


class Loop:
    """The killing, and what was told on the way."""

    def __init__(self, place: Place, chance: random.Random, writers: int = WRITERS) -> None:
        self.place = place
        self.chance = chance
        self.told: dict[str, str] = {}
        self.last = [""] * writers
        self.untold = 0
        self.wrong: list[str] = []

    def round(self, number: int) -> None:
        """Let some writers write, and kill them one after another; some while they open the store.

        How far a writer has come is what he tells, and not the time: a machine may be busy.
        """
        for slot, writer in enumerate(self.started(number)):
            heard = self.heard(writer)
            time.sleep(self.chance.random() * alive_s(self.place) / WRITERS)
            self.end(slot, writer, heard)

    def heard(self, writer: Writer) -> bytes:
        """What a writer told until it gave an order, had a reply, or at once: as chance has it."""
        chosen, told = self.chance.random(), b""
        sign = b"\n" if chosen < ANSWERED else b" " if chosen < BEGUN else b""
        while sign not in told and select([writer.here], [], [], PATIENCE_S)[0]:
            if not (more := os.read(writer.here, 4096)):
                break
            told += more
        return told

    def started(self, number: int) -> list[Writer]:
        """The writers of a round."""
        return [start(self.place, f"{number}.{slot}", last) for slot, last in enumerate(self.last)]

    def end(self, slot: int, writer: Writer, heard: bytes = b"") -> None:
        """Kill a writer, and take what it told, after what was heard of it."""
        for key, *seqs in ended(writer, heard):
            self.hear(key, seqs)
            self.last[slot] = "" if key == FELL else key

    def hear(self, key: str, seqs: list[str]) -> None:
        """Take what a writer told."""
        if key == FELL:
            self.wrong.append(f"a writer fell over after {seqs}: its traceback stands on stderr")
        elif not seqs:
            self.untold += 1
        elif (first := self.told.setdefault(key, seqs[0])) != seqs[0]:
            self.wrong.append(f"{key} was {first}, and then {seqs[0]}")

    def prove(self) -> list[str]:
        """What is wrong with the record, compared with what was told."""
        office = Office(self.place, at("09:00"))
        wrong = []
        if not (verdict := office.log.verify()).ok:
            wrong.append(f"it does not prove itself: {verdict.reason}")
        by_command: dict[bytes, list[str]] = {}
        for seq, (at_seq, command) in enumerate(office.rows(LINES), 1):
            by_command.setdefault(bytes(command), []).append(str(at_seq))
            if seq != at_seq:
                wrong.append(f"{at_seq} stands at {seq}")
                break
        store = office.log.identity.store_id
        for key, seqs in self.told.items():
            found = ",".join(by_command.get(command_id(store, TOWN, key), []))
            if found != seqs:
                wrong.append(f"{key} was told {seqs} and is {found or 'lost'}")
        office.close()
        return wrong[:9]


LINES = "SELECT seq, command_id FROM record ORDER BY seq"


def place_of(word: str) -> Place:
    """What a word of the command line names."""
    return word if "://" in word else Path(word)


def main(place: Place, kills: int, guard: str) -> None:
    """Kill until it is enough, or something is wrong."""
    broken.break_(guard)
    gc.freeze()
    loop = Loop(place, random.Random(7))  # noqa: S311 - moments to kill at, no secret
    for number in range(kills // WRITERS):
        loop.round(number)
        if (number + 1) % PROVED_EACH == 0 or number + 1 == kills // WRITERS:
            loop.wrong += in_child(loop.prove)
        if loop.wrong:
            break
    done = {"kills": (number + 1) * WRITERS, "told": len(loop.told), "untold": loop.untold}
    print(json.dumps({**done, "wrong": loop.wrong}))


if __name__ == "__main__":
    main(place_of(sys.argv[1]), int(sys.argv[2]), sys.argv[3])

"""Whistle on PostgreSQL as a contestant: one caller, eight in group commits, eight processes."""

from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock

from bench.ours import Ours, ledger_of
from bench.postgres_limits import address
from bench.workload import Act, Line
from whistle import clock
from whistle.domain.moment import Instant
from whistle.engine import Engine
from whistle.engine.together import Together
from whistle.log.stores import create, open_log

PROCESSES = 8


class OursThere(Ours):
    """One database and the engine on it; events are stamped by the server's clock."""

    def __init__(self, folder: Path, *, together: bool = False, number: int = 0) -> None:
        self._address = address(folder)
        if not number:
            create(self._address)
        self._now: Instant = 0
        self._commands = count(number << 32)
        self.log = open_log(self._address, clock.now)
        self.engine = Engine(self.log, clock.now)
        self.together = Together(self.engine) if together else None
        if not number:
            self._found(limits=True)

    def ledger(self) -> list[Line]:
        """The answer, from the stored events alone."""
        return list(ledger_of(self.log))

    def bytes(self) -> int:
        """The size of the database."""
        with self.log.reading() as reader:
            ((size,),) = reader.scan("SELECT pg_database_size(current_database())")
        return int(size)


def obey(folder: Path, number: int, asked: Connection) -> None:
    """One of the processes: an order in, the number of its events out."""
    ours = OursThere(folder, number=number)
    while (act := asked.recv()) is not None:
        asked.send(ours.order(act))
    ours.close()


class OursApart(OursThere):
    """Eight processes at one database, as eight desks are; each caller has its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        starting = get_context("spawn")
        self._desks: list[tuple[Connection, Lock]] = []
        for number in range(1, PROCESSES + 1):
            ours, theirs = starting.Pipe()
            starting.Process(target=obey, args=(folder, number, theirs), daemon=True).start()
            self._desks.append((ours, Lock()))

    def order(self, act: Act) -> int:
        """Have the process obey that the whistle belongs to."""
        desk, turn = self._desks[act.whistle % PROCESSES]
        with turn:
            desk.send(act)
            return int(desk.recv())

    def close(self) -> None:
        """Let all go."""
        for desk, _turn in self._desks:
            desk.send(None)
        super().close()

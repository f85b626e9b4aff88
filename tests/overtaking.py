"""Writers of one database that overtake one another, and who reads meanwhile: step by step.

A writer records an event and holds it back, until it is told to commit or to take it back; others
begin meanwhile. A reader stands in a snapshot that is older than all of that; followers go on from
where they are, one page by page, the other as far as the head says, as a view does. Nothing here
rests on how long something takes: each step waits until every writer is inside, or in the queue.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from typing import Any, Literal, NamedTuple

import psycopg

from tests.office import Office, untie
from tests.pen import write
from whistle.log.store_log import StoreLog

WRITERS, STANDING = 3, 2
SETTLED_S = 60
QUEUED = (
    "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database "
    "WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
)

Act = Literal["begin", "commit", "take back", "stand", "leave", "look"]
Recording = Callable[[], AbstractContextManager[None]]
"""Records one event, which is committed at its end, or taken back when it raises."""


class Step(NamedTuple):
    """Somebody does something; who ends a write is whoever is inside, if this writer is not."""

    act: Act
    who: int = 0


OVERTAKEN = [
    *(Step("begin", 0), Step("begin", 1), Step("stand"), Step("look")),
    *(Step("commit", 1), Step("look"), Step("commit", 0), Step("look"), Step("leave")),
]
"""The second to begin commits first, if he can; whoever looks in between passes over the first."""


def drawn(seed: int, length: int) -> list[Step]:
    """Steps by chance; everything that was begun is ended after them."""
    chance = random.Random(seed)  # noqa: S311 - an order of steps, no secret
    often: dict[Act, int] = {"begin": 4, "commit": 3, "take back": 1, "stand": 1, "leave": 1}
    acts = chance.choices([*often, "look"], [*often.values(), 2], k=length)
    return [Step(act, chance.randrange(WRITERS)) for act in acts]


class TakenBack(Exception):
    """What a writer raises who is told to take his event back."""


class Writer:
    """One who writes, in a thread of his own."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._thread: threading.Thread | None = None
        self._inside, self._gate = threading.Event(), threading.Event()
        self._keep = True

    @property
    def begun(self) -> bool:
        """Whether he has begun and has not been told to end."""
        return self._thread is not None

    @property
    def inside(self) -> bool:
        """Whether his event stands in the store, uncommitted; also when he is done for."""
        return self._inside.is_set()

    def begin(self) -> None:
        """Begin, or wait for those who began before."""
        self._inside.clear()
        self._gate.clear()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def _write(self) -> None:
        try:
            with suppress(TakenBack), self._recording():
                self._inside.set()
                self._gate.wait()
                if not self._keep:
                    raise TakenBack
        finally:  # a fault is pytest's to tell; nobody waits for him any more
            self._inside.set()

    def end(self, *, keep: bool) -> None:
        """Commit, or take back; it is done when this returns."""
        assert self._thread is not None
        self._keep = keep
        self._gate.set()
        self._thread.join()
        self._thread = None


def guarded(log: StoreLog) -> Recording:
    """A write of ours."""

    @contextmanager
    def record() -> Iterator[None]:
        with log.writing() as txn:
            write(txn, f"s{time.monotonic_ns()}")
            txn.put_down()
            yield

    return record


def unguarded(office: Office) -> Recording:
    """A write as a sequence numbers: a number at once, no queue, and the head as it comes."""
    with office.behind() as tool:
        untie(tool)
        tool.execute(f"CREATE SEQUENCE IF NOT EXISTS drawn START {office.log.size() + 1}")

    @contextmanager
    def record() -> Iterator[None]:
        with psycopg.connect(office.address) as raw:
            (seq,) = raw.execute("SELECT nextval('drawn')").fetchall()[0]
            raw.execute(
                "INSERT INTO events SELECT %s, originator_id, 1000 + %s, topic, state FROM events "
                "WHERE position = 1",
                (seq, seq),
            )
            raw.execute(
                "INSERT INTO ledger SELECT %s, recorded_at, command, correlation, causation_seq, "
                "units, leaf FROM ledger WHERE seq = 1",
                (seq,),
            )
            yield
            grown = "UPDATE ledger_head SET size = greatest(size, %s) RETURNING size"
            (size,) = raw.execute(grown, (seq,)).fetchall()[0]
            raw.execute("UPDATE ledger_head SET frontier = %s", (bytes(32 * size.bit_count()),))

    return record


class Crossing:
    """Writers, readers and followers of one store, and what was wrong with what these saw."""

    def __init__(self, office: Office, recordings: list[Recording]) -> None:
        self.log = office.log
        self.writers = [Writer(each) for each in recordings]
        self.begins_at = self.by_page = self.by_head = office.log.size()
        self.pages: list[int] = []
        self.views: list[int] = []
        self._behind = office.behind
        self._standing: list[tuple[int, Any]] = []
        self.wrong: list[str] = []

    def play(self, steps: list[Step]) -> list[str]:
        """Do the steps, end what was begun, and look once more; what is wrong."""
        with self._behind() as tool:
            for step in steps:
                self._do(step)
                self._settle(tool)
            while any(writer.begun for writer in self.writers):
                self._end(0, keep=True)
                self._settle(tool)
        while self._standing:
            self._leave()
        self._look()
        wanted = list(range(self.begins_at + 1, self.log.size() + 1))
        for how, seen in (("page by page", self.pages), ("up to the head", self.views)):
            if seen != wanted:
                self.wrong.append(f"who follows {how} met {seen} of {wanted}")
        return self.wrong

    def _do(self, step: Step) -> None:
        match step.act:
            case "begin" if not self.writers[step.who].begun:
                self.writers[step.who].begin()
            case "commit" | "take back":
                self._end(step.who, keep=step.act == "commit")
            case "stand" if len(self._standing) < STANDING:
                self._stand()
            case "leave" if self._standing:
                self._leave()
            case "look":
                self._look()
            case _:
                pass

    def _settle(self, tool: Any) -> None:
        """Until each writer who has begun is inside, or in the queue."""
        deadline = time.monotonic() + SETTLED_S
        while outside := sum(each.begun and not each.inside for each in self.writers):
            if tool.execute(QUEUED).fetchone()[0] == outside:
                return
            assert time.monotonic() < deadline, "a writer is neither inside nor in the queue"
            time.sleep(0.002)

    def _end(self, who: int, *, keep: bool) -> None:
        wanted = self.writers[who]
        inside = [each for each in self.writers if each.begun and each.inside]
        if inside:
            (wanted if wanted in inside else inside[0]).end(keep=keep)

    def _stand(self) -> None:
        """A long reading begins: one snapshot, however long it takes."""
        rows = self.log.rows()
        assert next(rows)[0] == 1
        self._standing.append((self.log.size(), rows))

    def _leave(self) -> None:
        """It is read to its end: the record as it was, without a gap, and nothing later."""
        size, rows = self._standing.pop(0)
        with closing(rows):
            seen = [row[0] for row in rows]
        if seen != list(range(2, size + 1)):
            self.wrong.append(f"a snapshot of {size} events ended with {seen[-4:]}")

    def _look(self) -> None:
        """Both who follow go on from where they are, and never look back."""
        self.pages += [each.seq for each in self.log.page(self.by_page)]
        self.by_page = self.pages[-1] if self.pages else self.by_page
        head = self.log.size()
        self.views += [row[0] for row in self.log.told(self.by_head, head - self.by_head)]
        self.by_head = head

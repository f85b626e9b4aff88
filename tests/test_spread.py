"""A record is proved and assessed in parts: together they find what one finds, to the byte."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from functools import reduce
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import places
from tests.insider import Cover, program, run
from tests.office import Office, untie
from tests.parts import Sent, canonical
from tests.played import Played, play
from tests.shell import Shell
from whistle.domain.moment import DAY, HOUR
from whistle.domain.refusal import Broken
from whistle.engine.assessing import assess
from whistle.log import spread, stretch
from whistle.log.store_log import StoreLog
from whistle.log.stretch import Stretch
from whistle.log.tree import Frontier, Subtrees
from whistle.log.verify import Found, Proof, nothing
from whistle.workers import ALONE, WORTH_IT, chosen, processors
from whistle.workers.processes import Processes


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "LEAST", 8)
    monkeypatch.setattr(stretch, "REMEMBERED", 3)  # streams: of all others the store is asked


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A day with acts told by phone and taken back, and a town whose clock went astray."""
    folder = tmp_path_factory.mktemp("spread")
    demo = Shell(folder)
    demo.json("demo", "--keep", str(demo.store))
    played = Played(folder / "played.db")
    for seed, moved in enumerate((-2 * HOUR, 40 * DAY, -41 * DAY, 3 * DAY)):
        play(played, 25, seed)
        played.now += moved
    play(played, 25, seed=9)
    played.close()
    return [demo.store, folder / "played.db"]


DEMO = pytest.mark.sqlite("the demo plays in a file of its own, whatever the store")


@pytest.fixture(params=[pytest.param(0, marks=DEMO), 1], ids=["demo", "played"])
def log(stores: list[Path], request: pytest.FixtureRequest) -> Iterator[StoreLog]:
    opened = places.opened(stores[request.param])
    yield opened
    opened.close()


def test_many_workers_assess_what_one_assesses(log: StoreLog) -> None:
    alone = canonical(assess(log, workers=ALONE))
    for count in (2, 3, 16):
        workers = Sent(count, seed=count)
        assert canonical(assess(log, workers=workers)) == alone
        assert workers.done > count, "it was not cut at all"


def test_a_whole_record_is_proved_by_its_parts_and_not_read_once_more(log: StoreLog) -> None:
    (found,) = spread.proved([log], Sent(3), nothing, list[None], replies=True)
    assert (found.size, found.root) == (log.size(), log.root())


def test_many_workers_prove_what_one_proves(log: StoreLog) -> None:
    alone = log.verify(ALONE)
    assert alone.ok
    for count in (2, 5):
        workers = Sent(count)
        assert log.verify(workers) == alone
        assert workers.done > count


@given(leaves=st.lists(st.binary(min_size=32, max_size=32), max_size=70), chance=st.randoms())
def test_subtrees_of_any_runs_join_to_the_tree(leaves: list[bytes], chance: Any) -> None:
    tree = Frontier()
    for leaf in leaves:
        tree.add(leaf)
    ends = [0, *sorted(chance.choices(range(len(leaves) + 1), k=6)), len(leaves)]
    runs = []
    for begin, end in pairwise(ends):
        run_ = Subtrees(begin)
        for leaf in leaves[begin:end]:
            run_.take(0, leaf)
        runs.append(run_)
    while len(runs) > 1:
        at = chance.randrange(len(runs) - 1)
        runs[at].join(runs.pop(at + 1))
    assert (runs[0].begin, runs[0].end, runs[0].hashes) == (0, tree.size, tree.hashes)


@pytest.mark.parametrize("length", [8, 32, 128])
def test_stretches_join_in_any_grouping(log: StoreLog, length: int) -> None:
    size = log.size()
    proof = Proof(log.identity)
    with log.reading() as reader:
        nothing(proof.proved(log.rows(), reader.before))

    def part_of(after: int) -> Stretch:
        part = Proof(log.identity, after)
        with log.reading() as reader:
            nothing(part.proved(log.rows(after, min(after + length, size)), reader.before))
        return part.stretch

    for from_the_right in (False, True):
        each = [part_of(after) for after in range(0, size, length)]
        if from_the_right:
            whole = reduce(lambda right, left: left.joined(right), reversed(each))
        else:
            whole = reduce(Stretch.joined, each)
        assert whole.tree.hashes == proof.tree.hashes == log._head().hashes
        assert whole.units.last == proof.unit_numbers


@pytest.mark.parametrize("cover", ["none", "hashes", "everything"])
@pytest.mark.parametrize("seed", range(4))
def test_many_workers_find_the_very_fault_that_one_finds(
    stores: list[Path], tmp_path: Path, seed: int, cover: Cover
) -> None:
    store = tmp_path / "touched.db"
    places.copy(stores[1], store)
    opened = places.opened(store)
    size = opened.size()
    opened.close()
    run(store, program(seed, size, cover))
    opened = places.opened(store)
    assert opened.verify(Sent(3)) == opened.verify(ALONE)
    opened.close()


TAMPERED = {
    "a reply lost": "DELETE FROM replies WHERE command = (SELECT MAX(command) FROM replies)",
    "a command lost": "DELETE FROM commands WHERE id = 3",
    "a stream invented": "INSERT INTO streams VALUES (999, 'z')",
    "a line of the register changed": "UPDATE names SET stage = 'x' WHERE kind = 'whistle'",
    "a line without a stream": "INSERT INTO names VALUES (NULL,'unit','X',1,NULL,'x',NULL,NULL,'')",
    "a unit nobody registered": "INSERT INTO units SELECT 'XX', stream, body FROM units LIMIT 1",
    "the head": "UPDATE ledger_head SET frontier = x'00'",
    "no head": "DELETE FROM ledger_head",
}


NO_KEY = pytest.mark.sqlite("a primary key of PostgreSQL is never NULL")


@pytest.mark.parametrize(
    "done",
    [
        pytest.param(done, marks=NO_KEY if "VALUES (NULL" in TAMPERED[done] else ())
        for done in TAMPERED
    ],
)
def test_what_stands_beside_the_events_is_proved_by_many_too(
    stores: list[Path], tmp_path: Path, done: str
) -> None:
    store = tmp_path / "touched.db"
    places.copy(stores[1], store)
    with closing(places.tool(store)) as tool:
        untie(tool)
        assert tool.execute(TAMPERED[done]).rowcount >= 1
    opened = places.opened(store)
    alone = opened.verify(ALONE)
    assert not alone.ok
    assert opened.verify(Sent(4)) == alone
    with pytest.raises((spread.Unproved, Broken)):  # the parts alone see it
        spread.proved([opened], Sent(4), nothing, list[None], replies=True)
    opened.close()


def test_many_workers_find_on_every_store_what_one_finds(office: Office) -> None:
    office.blow()
    workers = Sent(3)
    assert office.log.verify(workers) == office.log.verify(ALONE)
    assert workers.done > 3
    assert canonical(assess(office.log, workers=workers)) == canonical(
        assess(office.log, workers=ALONE)
    )
    with office.behind() as tool:
        untie(tool)
        tool.execute("UPDATE ledger SET recorded_at = recorded_at + 1 WHERE seq = 9")
    assert office.log.verify(workers) == office.log.verify(ALONE)
    assert office.log.verify(workers).first_bad_seq == 9


def test_processes_of_their_own_find_the_same_and_nobody_is_left_behind(log: StoreLog) -> None:
    workers = Processes(2)
    assert log.verify(workers) == log.verify(ALONE)
    assert canonical(assess(log, workers=workers)) == canonical(assess(log, workers=ALONE))
    assert multiprocessing.active_children() == []


def where(_part: int) -> int:
    return os.getpid()


def dies_elsewhere(home: int) -> int:
    if os.getpid() != home:
        os.kill(os.getpid(), signal.SIGKILL)  # as a machine does that is out of memory
    return home


def test_a_part_whose_process_is_killed_is_done_here() -> None:
    home = os.getpid()
    assert list(Processes(2).map(dies_elsewhere, [home] * 4)) == [home] * 4
    assert multiprocessing.active_children() == []


def test_who_asks_for_no_more_waits_for_nobody() -> None:
    done = Processes(2).map(where, range(6))
    assert next(done) != os.getpid()
    del done
    assert multiprocessing.active_children() == []


def test_a_short_record_is_not_worth_another_process() -> None:
    assert chosen(None, WORTH_IT - 1) is ALONE
    assert chosen(1, 10**9) is ALONE
    assert chosen(None, WORTH_IT).count == processors()
    assert chosen(3, 5).count == 3


def test_the_desk_says_how_many_share_the_work(stores: list[Path], tmp_path: Path) -> None:
    places.copy(stores[1], tmp_path / "town.db")
    desk = Shell(tmp_path)
    for words in (("audit", "verify"), ("assess", "quality"), ("bulletin", "2026-10")):
        said = desk.json(*words, "--workers", "2")
        assert said.facts == desk.json(*words, "--并行", "１").facts
    for nobody in ("0", "-1", "x", "1.5", "9999999"):
        assert desk("audit", "verify", f"--workers={nobody}").code == 2


def test_a_log_that_is_still_written_is_proved_as_it_stood(tmp_path: Path) -> None:
    town = Played(tmp_path / "town.db")
    play(town, 30, seed=3)
    size, root = town.log.size(), town.log.root()

    class Busy(Sent):
        def map(self, function: Any, parts: Any) -> Any:
            town.report("gas-leak")  # another desk writes after the record was cut
            return super().map(function, parts)

    found: Found[list[None]] = town.log.proved(nothing, list, Busy(3))
    assert (found.size, found.root) == (size, root)
    assert len(found.taken) > 1
    assert town.log.size() > size
    town.close()

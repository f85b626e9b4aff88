"""Generated tampering: what is found by the record alone, and what a checkpoint held outside adds.

Without a checkpoint whatever does not compute every hash anew is found. With one, everything is
found that changes an event up to it. Each suite is run once more with its guard off, and must fail.
On a server the hand that tampers is its superuser's, and no trigger fires for him.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests import places
from tests.insider import Cover, Program, program, run
from tests.office import untie
from tests.shell import Shell, evening_at
from whistle import clock
from whistle.log import checkpoint
from whistle.log.checkpoint import Checkpoint
from whistle.log.store_log import StoreLog
from whistle.log.stores import open_log

PROGRAMS = {"sqlite": 24, "postgresql": 12}
"""How many of each kind: a copy of a database takes a server's time."""

Judge = Callable[[StoreLog], bool]
"""Whether the record of a store is as it was, as far as the judge can see."""


class Town:
    """A played store, a checkpoint of it that lies elsewhere, and the day that followed."""

    def __init__(self, folder: Path) -> None:
        shell = evening_at(folder)
        shell.json("ack", "1", "--as", "xf")
        self.earlier = folder / "earlier.db"
        places.copy(shell.store, self.earlier)
        shell.json("ack", "2", "--as", "TP")
        self.held = self._checkpoint(shell)
        shell.json("arrive", "1", "--as", "xf")
        self.store = shell.store
        self.rows = rows(self.store)

    @staticmethod
    def _checkpoint(shell: Shell) -> Checkpoint:
        return checkpoint.read(shell.json("audit", "checkpoint", "create").facts["checkpoint"])


def rows(store: Path) -> list[Any]:
    """Everything that the leaves cover, as it stands."""
    with closing(places.tool(store)) as tool:
        alone = "SELECT * FROM events WHERE position NOT IN (SELECT seq FROM ledger)"
        return [
            *tool.execute("SELECT * FROM record ORDER BY seq").fetchall(),
            *tool.execute(alone).fetchall(),
        ]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town(tmp_path_factory.mktemp("town"))


class Tampered(NamedTuple):
    """A copy of the town's store after a program was run on it, and what its events are then."""

    program: Program
    store: Path
    rows: list[Any]


@pytest.fixture(scope="module", params=["none", "hashes", "everything"])
def tampered(
    town: Town, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[list[Tampered]]:
    """The copies, made once for all judges; the parameter is how far the tracks are covered."""
    folder = tmp_path_factory.mktemp("tampered")
    made = []
    for seed in range(PROGRAMS[request.config.getoption("--store")]):
        store = folder / f"{seed}.db"
        places.copy(town.store, store)
        tried = program(seed, len(town.rows), request.param)
        run(store, tried)
        made.append(Tampered(tried, store, rows(store)))
    yield made
    for each in made:
        places.drop(each.store)


def covered(cover: Cover) -> pytest.MarkDecorator:
    """For a test of one way to cover tracks."""
    return pytest.mark.parametrize("tampered", [cover], indirect=True)


def alone(log: StoreLog) -> bool:
    """`audit verify`, which sees nothing but the store."""
    return log.verify().ok


def with_checkpoint(held: Checkpoint) -> Judge:
    """`audit checkpoint compare`."""
    return lambda log: checkpoint.compare(log, held).ok


def blind(_log: StoreLog) -> bool:
    """A judge that finds nothing: the guard is off."""
    return True


def unfound(
    town: Town, tampered: list[Tampered], judge: Judge, upto: int | None = None
) -> list[Program]:
    """Programs that changed an event (up to a place) and that the judge did not find."""
    was = _covered(town.rows, upto)
    changing = [each for each in tampered if _covered(each.rows, upto) != was]
    assert len(changing) > len(tampered) // 2
    return [each.program for each in changing if judged(each.store, judge)]


def judged(store: Path, judge: Judge) -> bool:
    """What a judge says of a store."""
    with closing(open_log(places.address(store), clock.now)) as log:
        return judge(log)


def _covered(rows: list[Any], upto: int | None) -> list[Any]:
    """The rows up to a place, without their leaves: those follow from the rest."""
    return [row[:18] for row in rows[:upto]] if upto else rows


@covered("none")
def test_the_record_alone_finds_whatever_leaves_a_hash_as_it_was(
    town: Town, tampered: list[Tampered]
) -> None:
    assert unfound(town, tampered, alone) == []


def test_a_checkpoint_finds_every_change_before_it_however_well_it_is_covered_up(
    town: Town, tampered: list[Tampered]
) -> None:
    assert unfound(town, tampered, with_checkpoint(town.held), town.held.size) == []


@covered("everything")
def test_some_changes_can_be_covered_up_so_well_that_only_a_checkpoint_finds_them(
    town: Town, tampered: list[Tampered]
) -> None:
    # else the suite above would show nothing about checkpoints
    assert unfound(town, tampered, alone, town.held.size) != []


def test_the_suite_fails_when_the_guard_is_off(town: Town, tampered: list[Tampered]) -> None:
    assert len(unfound(town, tampered, blind, town.held.size)) > len(tampered) // 2


def test_a_store_put_back_passes_alone_and_fails_before_the_checkpoint(town: Town) -> None:
    assert judged(town.earlier, alone)
    with closing(open_log(places.address(town.earlier), clock.now)) as log:
        found = checkpoint.compare(log, town.held)
    assert (found.ok, found.size < found.seen) == (False, True)


def test_what_came_after_the_checkpoint_is_its_successors_to_find(
    town: Town, tmp_path: Path
) -> None:
    store = tmp_path / "after.db"
    places.copy(town.store, store)
    last = len(town.rows)
    change = (
        "UPDATE commands SET actor_person = 'nobody' "
        f"WHERE id = (SELECT command FROM ledger WHERE seq = {last})"
    )
    run(store, Program(0, (change,), "everything"))
    with closing(open_log(places.address(town.store), clock.now)) as original:
        later = checkpoint.take(original)
    assert judged(store, with_checkpoint(town.held))
    assert not judged(store, with_checkpoint(later))


FIRST = "command = (SELECT MIN(command) FROM replies)"
BESIDE = {
    "a name lost": "DELETE FROM names WHERE kind = 'whistle' AND number = 1",
    "a name invented": "INSERT INTO names VALUES ('z', 'rulebook', NULL, NULL, NULL, 'in_force', "
    "NULL, NULL, NULL)",
    "a name renumbered": "UPDATE names SET number = 77 WHERE kind = 'whistle' AND number = 1",
    "the rules' line lost": "DELETE FROM names WHERE kind = 'rulebook'",
    "a call lost": "DELETE FROM calls WHERE rowid = (SELECT MIN(rowid) FROM calls)",
    "a call invented": "INSERT INTO calls VALUES ('z', 'xf', 'called')",
    "a site lost": "DELETE FROM sites WHERE rowid = (SELECT MIN(rowid) FROM sites)",
    "a site invented": "INSERT INTO sites VALUES ('z', 'gas-leak', 'here', 1, NULL, '')",
    "a unit's number lost": "DELETE FROM unit_series WHERE unit = 'FR'",
    "a unit's number invented": "INSERT INTO unit_series VALUES ('ZZ', 3)",
    "a unit lost": "DELETE FROM units WHERE code = 'FR'",
    "a unit invented": "INSERT INTO units SELECT 'ZZ', stream, body FROM units LIMIT 1",
    "a unit moved": "UPDATE units SET stream = 'z' WHERE code = 'FR'",
    "a series lost": "DELETE FROM series WHERE rowid = (SELECT MIN(rowid) FROM series)",
    "another town": "UPDATE adopted "
    "SET body = CAST(replace(CAST(body AS TEXT), 'WY', 'XY') AS BLOB) WHERE kind = 'town'",
    "other rules": "UPDATE adopted SET body = CAST(replace(CAST(body AS TEXT), "
    "'gas-leak', 'gas-lead') AS BLOB) WHERE kind = 'playbook'",
    "a reply lost": "DELETE FROM replies WHERE command = (SELECT MAX(command) FROM replies)",
    "a reply of another": "UPDATE commands SET command_digest = zeroblob(32) "
    "WHERE id = (SELECT MAX(command) FROM ledger)",
    "a reply emptied": f"UPDATE replies SET body = x'7b7d' WHERE {FIRST}",
    "a reply that is none": f"UPDATE replies SET body = x'ff' WHERE {FIRST}",
    "a reply invented": f"INSERT INTO replies SELECT 999, body FROM replies WHERE {FIRST}",
    "a reply to another": "UPDATE replies SET body = (SELECT body FROM replies WHERE "
    f"{FIRST}) WHERE command = (SELECT MAX(command) FROM replies)",
    "a command lost": "DELETE FROM commands WHERE id = 3",
    "a command invented": "INSERT INTO commands (id, command_id, command_digest) "
    "VALUES (999, zeroblob(16), zeroblob(32))",
    "a stream lost": "DELETE FROM streams WHERE id = 3",
    "a stream invented": "INSERT INTO streams VALUES (999, 'z')",
    "a topic lost": "DELETE FROM topics WHERE id = 3",
    "a topic invented": "INSERT INTO topics VALUES (999, 'whistle.blown/2')",
    "a source invented": "INSERT INTO sources VALUES ('sf', '9', zeroblob(16))",
    "a source lost": "DELETE FROM sources WHERE event_id = '1'",
    "a source's digest": "UPDATE sources SET digest = zeroblob(16) WHERE event_id = '1'",
    "a source renamed": "UPDATE sources SET event_id = '2' WHERE event_id = '1'",
}
LINE = (
    '{"event_id":"1","at":"2026-10-14T08:00:00+08:00","kind":"reported","incident":"7","unit":null}'
)


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """An evening with a line of another system's history."""
    shell = evening_at(tmp_path_factory.mktemp("imported"))
    lines = shell.folder / "sf.jsonl"
    lines.write_text(f"{LINE}\n", encoding="utf-8")
    shell.json("import", "events", str(lines), "--source", "sf")
    return shell


@pytest.mark.parametrize("change", BESIDE.values(), ids=BESIDE)
def test_what_stands_beside_the_events_must_follow_from_them(
    imported: Shell, tmp_path: Path, change: str
) -> None:
    desk = Shell(tmp_path).copy_of(imported)
    assert desk.json("audit", "verify").facts["ok"] is True
    with closing(desk.tool()) as tool:
        untie(tool)
        assert tool.execute(change).rowcount == 1
    assert desk.json("audit", "verify", code=7).facts["ok"] is False

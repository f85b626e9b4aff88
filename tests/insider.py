"""Somebody who may write the store: generated SQL, and how far he covers his tracks.

On a file he drops the triggers; on a server he is its superuser, and none of them fires for him.
"""

import random
import sqlite3
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

import psycopg

from tests import places
from tests.office import untie
from whistle import clock
from whistle.domain.aggregates import of_kind
from whistle.domain.refusal import Broken
from whistle.log.leaf import leaf
from whistle.log.registers import rebuild
from whistle.log.rows import SELECT, Identity, sealed
from whistle.log.stores import open_log
from whistle.log.tree import Frontier

UNFOLDABLE = (Broken, LookupError, AttributeError, TypeError, AssertionError)
Cover = Literal["none", "hashes", "everything"]
"""What is computed anew afterwards: nothing; the leaves and the head; these, all numbering and the
register tables too."""

TEXT = ("NULL", "''", "'xf'", "'jj'")
EDITS: dict[str, dict[str, tuple[str, ...]]] = {
    "events": {
        "originator_id": ("originator_id + 1", "(SELECT MAX(id) FROM streams) + 1"),
        "originator_version": ("originator_version + 1", "0"),
        "topic": ("topic % 3 + 1", "(SELECT MAX(id) FROM topics) + 1"),
        "state": (
            "CAST(replace(CAST(state AS TEXT), '\"at\":1', '\"at\":2') AS BLOB)",
            "CAST(replace(CAST(state AS TEXT), 'Caoqiao', 'Yuyuan') AS BLOB)",
            "CAST(CAST(state AS TEXT) || ' ' AS BLOB)",
            "x'7b7d'",
        ),
    },
    "ledger": {
        "recorded_at": ("recorded_at - 60000000", "recorded_at + 1"),
        "command": ("command + 1", "1"),
        "correlation": ("NULL", "1"),
        "causation_seq": ("NULL", "1"),
        "units": ("NULL", "'xf:1'"),
        "leaf": ("randomblob(32)", "x''"),
    },
    "commands": {
        "received_at": ("received_at - 60000000", "0"),
        "happened_at": ("1792026000000000", "NULL"),
        "happened_why": TEXT,
        "command_id": ("randomblob(16)",),
        "command_digest": ("randomblob(32)", "x''"),
        "actor_unit": TEXT,
        "actor_person": TEXT,
        "actor_role": TEXT,
        "behalf_unit": TEXT,
    },
    "streams": {"stream": ("'x' || stream", "x'ff'")},
    "topics": {"topic": ("'whistle.ended/2'", "'x' || topic", "x'ff'")},
}
KEYS = {"events": "position", "ledger": "seq"}
OF_ROW = {
    "events": "position = {row}",
    "ledger": "seq = {row}",
    "commands": "id = (SELECT command FROM ledger WHERE seq = {row})",
    "streams": "id = (SELECT originator_id FROM events WHERE position = {row})",
    "topics": "id = (SELECT topic FROM events WHERE position = {row})",
}
LEDGER = "recorded_at, command, correlation, causation_seq, units, leaf"

NUMBERS = (
    "SELECT e.originator_id, e.topic, l.command, l.correlation FROM ledger l "
    "LEFT JOIN events e ON e.position = l.seq ORDER BY l.seq"
)
USED = "SELECT originator_id FROM events EXCEPT SELECT correlation FROM ledger"
COUNT = (
    "INSERT INTO unit_series VALUES (?, ?) ON CONFLICT (unit) DO UPDATE SET last = excluded.last"
)
UNUSED = (
    f"DELETE FROM streams WHERE id IN (SELECT id FROM streams EXCEPT {USED})",
    "DELETE FROM topics WHERE id NOT IN (SELECT topic FROM events)",
)


class Program(NamedTuple):
    """Statements, and what is computed anew after them."""

    seed: int
    statements: tuple[str, ...]
    cover: Cover


def program(seed: int, size: int, cover: Cover) -> Program:
    """One to three changes of a record of `size` events."""
    chance = random.Random(seed)  # noqa: S311
    acts = (_edit, _edit, _edit, _delete, _insert, _swap, _truncate)
    made = [line for _ in range(chance.randint(1, 3)) for line in chance.choice(acts)(chance, size)]
    return Program(seed, tuple(made), cover)


def _edit(chance: random.Random, size: int) -> list[str]:
    table, column = chance.choice([(table, each) for table in EDITS for each in EDITS[table]])
    value = chance.choice(EDITS[table][column])
    row = chance.randint(1, size)
    return [
        f"UPDATE OR IGNORE {table} SET {column} = {value} WHERE {OF_ROW[table].format(row=row)}"
    ]


def _delete(chance: random.Random, size: int) -> list[str]:
    row = chance.randint(1, size)
    tables = chance.choice((["events"], ["ledger"], ["events", "ledger"], ["commands"]))
    return [f"DELETE FROM {table} WHERE {OF_ROW[table].format(row=row)}" for table in tables]


def _insert(chance: random.Random, size: int) -> list[str]:
    row = chance.randint(1, size)
    event = f"{size} + {row}, originator_id, 900 + {row}, topic, state"
    stamp = f"{size} + {row}, {LEDGER}"
    return [
        f"INSERT OR IGNORE INTO events SELECT {event} FROM events WHERE position = {row}",
        f"INSERT OR IGNORE INTO ledger SELECT {stamp} FROM ledger WHERE seq = {row}",
    ]


def _swap(chance: random.Random, size: int) -> list[str]:
    one, other = chance.sample(range(1, size + 1), 2)
    return [
        f"UPDATE {table} SET {key} = {new} WHERE {key} = {old}"
        for table, key in KEYS.items()
        for old, new in ((one, -1), (other, one), (-1, other))
    ]


def _truncate(chance: random.Random, size: int) -> list[str]:
    last = chance.randint(size // 2, size - 1)
    return [f"DELETE FROM {table} WHERE {key} > {last}" for table, key in KEYS.items()]


NOT_TAKEN = (psycopg.IntegrityError, psycopg.errors.DatatypeMismatch)
"""What a server turns away where SQLite leaves a row as it was, or takes any value."""


def run(store: Path, program: Program) -> None:
    """Do it to a store that nobody has open."""
    with closing(places.tool(store)) as tool:
        _loosen(tool)
        for statement in program.statements:
            with suppress(*NOT_TAKEN):
                tool.execute(statement)
        if program.cover != "none":
            identity = Identity(*tool.execute("SELECT store_id, epoch, 1 FROM store").fetchone())
            _computed_anew(tool, identity, renumber=program.cover == "everything")
    if program.cover == "everything":
        _registered_anew(store)


def _loosen(tool: Any) -> None:
    if isinstance(tool, sqlite3.Connection):
        untie(tool)
    else:
        tool.execute("SET session_replication_role = replica")


def _computed_anew(tool: Any, identity: Identity, *, renumber: bool) -> None:
    """Every leaf and the head; the numbering too, so that nothing is missing anywhere."""
    rows = tool.execute(f"{SELECT} ORDER BY seq").fetchall()
    if renumber:
        numbers = tool.execute(NUMBERS).fetchall()
        there = [both for both in zip(rows, numbers, strict=True) if both[0][1] is not None]
        rows, numbers = _renumbered([row for row, _ in there]), [each for _, each in there]
        for table in KEYS:
            tool.execute(f"DELETE FROM {table}")
    tree = Frontier()
    for at, row in enumerate(rows):
        new = _leaf(row, identity)
        tree.add(new)
        if renumber:
            stream, topic, *by = numbers[at]
            event = (row[0], stream, row[2], topic, row[17])
            tool.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?)", event)
            marks = ",".join("?" * 7)
            tool.execute(
                f"INSERT INTO ledger VALUES ({marks})", (*row[:5:4], *by, *row[15:17], new)
            )
        else:
            tool.execute("UPDATE ledger SET leaf = ? WHERE seq = ?", (new, row[0]))
    tool.execute("UPDATE ledger_head SET size = ?, frontier = ?", (tree.size, tree.hashes))
    if renumber:  # no name is left that no event bears
        for statement in UNUSED:
            tool.execute(statement)


def _leaf(row: Any, identity: Identity) -> bytes:
    try:
        ((fields, _old),) = sealed([row], identity)
        return leaf(fields)
    except (TypeError, ValueError, AttributeError):  # a value that no event can have
        return bytes(row[18])


def _renumbered(rows: list[Any]) -> list[list[Any]]:
    versions: Counter[str] = Counter()
    units: Counter[str] = Counter()
    made, last_at = [], 0
    for seq, old in enumerate(rows, 1):
        row = list(old)
        versions[row[1]] += 1
        last_at = max(row[4], last_at + 1)
        row[0], row[2], row[4] = seq, versions[row[1]], last_at
        named = [each.rpartition(":")[0] for each in (row[16] or "").split(";") if each]
        units.update(named)
        row[16] = ";".join(f"{unit}:{units[unit]}" for unit in named) or None
        made.append(row)
    return made


def _registered_anew(store: Path) -> None:
    """The register's lines and the units' numbers, by the product's own means."""
    log = open_log(places.address(store), clock.now)
    with log.writing() as txn:
        cursor = txn.cursor
        cursor.execute("DELETE FROM unit_series")
        cursor.execute("SELECT units FROM ledger WHERE units IS NOT NULL ORDER BY seq")
        for (units,) in cursor.fetchall():
            pairs = [each.rpartition(":")[::2] for each in units.split(";")]
            cursor.executemany(COUNT, [(unit, int(last)) for unit, last in pairs])
        cursor.execute("SELECT stream, kind FROM names")
        for stream, kind in cursor.fetchall():
            try:
                entry = rebuild(stream, of_kind(kind), txn.stream(stream))
            except UNFOLDABLE:
                continue
            if entry is not None:
                txn.enter(entry)
    log.close()

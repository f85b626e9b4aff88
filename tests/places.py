"""Where a test's store lies: in a file of its folder, or in a database of its own.

`pytest --store postgresql` turns the second on: the same tests then run against a server. A test
that is about the file itself is marked `sqlite`, with the reason.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from projections import views_path
from tests.postgres import Server, Tool, database_of
from whistle import clock as wall
from whistle.domain.moment import Instant
from whistle.log.address import file_of
from whistle.log.store_log import StoreLog
from whistle.log.stores import create, open_log

expected = True
"""Whether `tests/reached.py` saw that the test which is run comes here."""
_server: list[Server] = []
_databases: dict[Path, str] = {}
_lasting: dict[Path, str] = {}
_logs: list[StoreLog] = []


def move_to(server: Server) -> None:
    """From here on stores lie on this server."""
    _server[:] = [server]


def address(path: Path, *, lasting: bool = False) -> str:
    """The address of the store that would lie at a path; `lasting` outlives a file of tests."""
    assert expected, "tests/reached.py does not see that this test comes to a store"
    if not _server:
        return f"sqlite:///{path}"
    kept = _lasting if lasting else _databases
    if path not in {**_databases, **_lasting}:
        kept[path] = _server[0].fresh()
    return {**_databases, **_lasting}[path]


def made(path: Path) -> str:
    """The address of a new and empty store."""
    create(address(path))
    return address(path)


def opened(path: Path, clock: Callable[[], Instant] = wall.now) -> StoreLog:
    """The log of the store that lies at a path; `clear` closes it, if the test does not."""
    _logs.append(open_log(address(path), clock))
    return _logs[-1]


def tool(path: Path) -> Any:
    """Somebody with a database tool at that store."""
    return tool_for(address(path))


def tool_for(address: str) -> Any:
    """A database tool's connection; PostgreSQL's takes the same statements, `?` for a value."""
    if (path := file_of(address)) is not None:
        return sqlite3.connect(path, isolation_level=None)
    return Tool(address)


def contents(path: Path) -> object:
    """The bytes of a store's file, or what the tables of the record hold."""
    if path.exists():
        return path.read_bytes()
    with closing(tool(path)) as reader:
        tables = ("events", "ledger_head", "sources", "attempts", "series")
        return [reader.execute(f"SELECT * FROM {table}").fetchall() for table in tables]


def views_at(address: str) -> Path | str:
    """Where the views of a store lie: in a file beside it, or in its database."""
    path = file_of(address)
    return address if path is None else views_path(path)


def copy(old: Path, new: Path) -> None:
    """Put a copy of one store in the place of another."""
    if not _server:
        with closing(sqlite3.connect(old)) as source, closing(sqlite3.connect(new)) as target:
            source.backup(target)
        return
    (server,) = _server
    drop(new)
    _databases[new] = server.fresh(database_of(address(old)))


def drop(path: Path) -> None:
    """Remove the store that lies at a path; a file goes with its folder."""
    if path in _databases:
        _server[0].drop(_databases.pop(path))


def clear() -> None:
    """Drop what a file of tests has made."""
    while _logs:
        _logs.pop().close()
    while _databases:
        _server[0].drop(_databases.popitem()[1])

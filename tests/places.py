"""Where a test's store lies: in a file of its folder, or in a database of its own.

`pytest --store postgresql` turns the second on: the same tests then run against a server. A test
that is about the file itself is marked `sqlite`, with the reason.
"""

from pathlib import Path

from tests.postgres import Server, database_of

_server: list[Server] = []
_databases: dict[Path, str] = {}


def move_to(server: Server) -> None:
    """From here on stores lie on this server."""
    _server[:] = [server]


def address(path: Path) -> str:
    """The address of the store that would lie at a path."""
    if not _server:
        return f"sqlite:///{path}"
    if path not in _databases:
        _databases[path] = _server[0].fresh()
    return _databases[path]


def copy(old: Path, new: Path) -> None:
    """Put a copy of one database in the place of another."""
    (server,) = _server
    server.drop(_databases[new])
    _databases[new] = server.fresh(database_of(_databases[old]))


def clear() -> None:
    """Drop what a file of tests has made."""
    while _databases:
        _server[0].drop(_databases.popitem()[1])

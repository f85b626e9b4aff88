"""The one place where a store is opened, made or looked for by its address.

What PostgreSQL needs is imported for an address of PostgreSQL alone.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from whistle.domain.moment import Instant
from whistle.domain.refusal import Unreachable, _
from whistle.log.address import file_of

if TYPE_CHECKING:
    from types import ModuleType

    from whistle.log.store_log import StoreLog


def open_log(address: str, clock: Callable[[], Instant]) -> "StoreLog":
    """The log of an existing store; NotFound, Unreachable, Broken or Refused say why not."""
    if (path := file_of(address)) is not None:
        from whistle.log.sqlite import SQLiteLog

        return SQLiteLog(path, clock)
    opened: StoreLog = _server("postgres").PostgresLog(address, clock)
    return opened


def exists(address: str) -> bool:
    """Whether something is there already, be it a store or not."""
    if (path := file_of(address)) is not None:
        return path.exists() and path.stat().st_size > 0
    found: bool = _server("postgres_founding").exists(address)
    return found


def create(address: str) -> None:
    """Make an empty store; Refused when something is there, Unreachable when it cannot be made."""
    if (path := file_of(address)) is not None:
        from whistle.log import sqlite

        sqlite.create(path)
    else:
        _server("postgres_founding").create(address)


def unmake(address: str) -> None:
    """Take an empty store away again; one that holds an event stays."""
    if (path := file_of(address)) is not None:
        from whistle.log import sqlite

        sqlite.unmake(path)
    else:
        _server("postgres_founding").unmake(address)


def _server(module: str) -> "ModuleType":
    try:
        return import_module(f"whistle.log.{module}")
    except ImportError as error:
        raise Unreachable(
            _("This installation cannot open PostgreSQL: {fault}."),
            rule="settings.driver",
            hint="pip install 'whistle[postgres]'",
            fault=str(error),
        ) from error

"""Views in a schema of their own, in the database of a store on PostgreSQL.

Whoever writes views needs no right on the record but to read it. The one write lock is an advisory
lock; readers never wait for it. A table that gives its place to one made anew is locked for that
moment: readers name the tables they will read, before their snapshot is taken and in the same
order, so that none waits crosswise or finds a table gone.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import psycopg
import sqlalchemy as sa

from whistle.domain.refusal import Unreachable, _
from whistle.log.address import masked

SCHEMA: Final = "views"
WRITE: Final = int.from_bytes(b"views", "big")
REPLACE: Final = WRITE + 1
CONNECT_S: Final = 5
_SETTINGS: Final = (
    f"SELECT set_config('search_path', '{SCHEMA}', false), "
    "set_config('lock_timeout', '10s', false), "
    "set_config('idle_in_transaction_session_timeout', '60s', false), "
    "set_config('synchronous_commit', 'off', false)"  # a power cut may cost a batch, folded again
)
_THERE: Final = f"SELECT to_regnamespace('{SCHEMA}') IS NOT NULL"
_KEEPER: Final = """
WITH owners AS (SELECT DISTINCT tableowner AS name FROM pg_tables WHERE schemaname = 'views'),
granted AS (
    SELECT role.rolname AS name FROM pg_namespace AS place, aclexplode(place.nspacl) AS given
    JOIN pg_roles AS role ON role.oid = given.grantee
    WHERE nspname = 'views' AND given.privilege_type = 'CREATE' AND grantee <> nspowner
)
SELECT CASE
    WHEN pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on' THEN NULL
    WHEN to_regnamespace('views') IS NULL
        THEN CASE WHEN has_database_privilege(current_database(), 'CREATE') THEN current_user END
    WHEN NOT has_schema_privilege('views', 'CREATE') THEN NULL
    WHEN EXISTS (SELECT FROM owners)
        THEN (SELECT min(name) FROM owners HAVING count(*) = 1 AND pg_has_role(min(name), 'MEMBER'))
    WHEN EXISTS (SELECT FROM granted)
        THEN (SELECT min(name) FROM granted WHERE pg_has_role(name, 'MEMBER'))
    ELSE current_user
END"""
_AS: Final = "SELECT set_config('role', %s, false)"
_TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = 'views' ORDER BY tablename"


def keeper(url: str) -> str | None:
    """The account in whose name views are kept in the database at an address; None: not by us.

    Only who owns a table may drop or rename it, so all of them have one owner: the account of daily
    work, and whoever is a member of it. The owner of the record, who may look in first, keeps none.
    Raises Unreachable when the database cannot be had.
    """
    try:
        with _connected(url) as raw:
            (name,) = raw.execute(_KEEPER).fetchone() or (None,)
            if name is not None:
                raw.execute(_AS, (name,))
    except psycopg.errors.InsufficientPrivilege:  # a member that may not take its place
        return None
    except psycopg.OperationalError as error:
        raise _unreachable(error) from None
    return name


class Schema:
    """The schema `views` of a database."""

    kept = True

    def __init__(self, url: str, name: str) -> None:
        """Open it in the name of its keeper; it is made if there is none."""
        self._url = url
        self._engine = sa.create_engine(
            "postgresql+psycopg://", creator=lambda: _session(url, name), pool_pre_ping=True
        )
        with _connected(url) as raw:
            if not (raw.execute(_THERE).fetchone() or (False,))[0]:
                with raw.transaction():  # IF NOT EXISTS alone fails for all but one at an instant
                    raw.execute(f"SELECT pg_advisory_xact_lock({WRITE})")
                    raw.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")

    @contextmanager
    def reading(self, tables: Sequence[str] = ()) -> Iterator[sa.Connection]:
        """All views at one moment; the tables named stay in their places meanwhile."""
        with self._engine.connect() as connection:
            tx = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            with tx.begin():
                if tables:
                    tx.exec_driver_sql(f"LOCK TABLE {', '.join(tables)} IN ACCESS SHARE MODE")
                yield tx

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A write, which holds the write lock from its beginning."""
        with self._engine.connect() as tx, tx.begin():
            tx.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE})")
            yield tx

    @contextmanager
    def locked(self) -> Iterator[None]:
        """The lock for what replaces views whole; who catches up does not take it."""
        with _connected(self._url) as raw:  # its end, however it comes, lets go of the lock
            raw.execute("SET lock_timeout = 0")
            raw.execute("SET idle_session_timeout = 0")
            raw.execute(f"SELECT pg_advisory_lock({REPLACE})")
            yield

    def clear(self) -> None:
        """Drop the views; the log has everything that they say.

        Raises Unreachable when something else lies in a schema of this name.
        """
        with self.writing() as tx:
            tables = [str(row[0]) for row in tx.exec_driver_sql(_TABLES)]
            if tables and "stamp" not in tables:
                raise Unreachable(
                    _("The schema {schema} holds something else than views."),
                    rule="view.schema",
                    schema=SCHEMA,
                )
            for table in tables:
                tx.exec_driver_sql(f'DROP TABLE IF EXISTS "{table}"')

    def damaged(self, error: sa.exc.DatabaseError) -> bool:
        """Whether a table is missing or is another; busy, full and forbidden are other errors."""
        return isinstance(
            error.orig, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()


def _unreachable(error: psycopg.OperationalError) -> Unreachable:
    fault = masked(str(error))
    return Unreachable(
        _("The views cannot be reached: {fault}."), rule="view.unreachable", fault=fault
    )


def _connected(url: str) -> psycopg.Connection[Any]:
    """A connection of our own; Unreachable where there is none to be had, nor room for one more."""
    try:
        return _opened(url)
    except psycopg.OperationalError as error:
        raise _unreachable(error) from None


def _opened(url: str) -> psycopg.Connection[Any]:
    own: dict[str, Any] = {} if "connect_timeout" in url else {"connect_timeout": CONNECT_S}
    return psycopg.connect(url, autocommit=True, client_encoding="utf8", **own)


def _session(url: str, name: str) -> psycopg.Connection[Any]:
    raw = _opened(url)  # the engine tells its faults its own way
    raw.execute(_AS, (name,))
    raw.execute(_SETTINGS)
    raw.autocommit = False
    return raw

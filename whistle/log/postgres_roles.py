"""The rights of the account that Whistle works under: it adds to the record and cannot change it.

Who owns the tables can drop the guards; the account of daily work must be another one. It may
add to what is for ever, move the head and the tables derived from the events, and owns nothing
but what it makes in the schema `views`, which can always be made anew.
"""

from collections.abc import Iterator
from typing import Final

from psycopg.sql import SQL, Composed, Identifier

from whistle.domain.refusal import NotFound, _
from whistle.log.postgres_founding import beginning
from whistle.log.schema import FOR_EVER

VIEWS: Final = "views"
DERIVED: Final = ("names", "calls", "series", "unit_series", "units", "sites", "adopted")
ADDED: Final = tuple(table for table in FOR_EVER if table != "store")

_MAKE_ROOM: Final = f"""DO $$ DECLARE mine text; BEGIN
IF to_regclass('{VIEWS}.stamp') IS NOT NULL THEN
FOR mine IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
WHERE schemaname = '{VIEWS}' AND tableowner = current_user
LOOP EXECUTE 'DROP TABLE ' || mine; END LOOP; END IF; END $$"""
"""What the owner looked at before lies in the way: views are kept by one account."""


def grants(role: str, schema: str) -> Iterator[Composed]:
    """The statements that give a role what the daily work needs, and no more."""
    names = {"role": Identifier(role), "schema": Identifier(schema), "views": Identifier(VIEWS)}
    everything = (*FOR_EVER, *DERIVED, "ledger_head")
    for statement in (
        "GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"REVOKE ALL ON {', '.join(everything)} FROM {{role}}",
        f"GRANT SELECT ON {', '.join((*everything, 'record'))} TO {{role}}",
        f"GRANT INSERT ON {', '.join((*ADDED, *DERIVED))} TO {{role}}",
        f"GRANT UPDATE ON {', '.join(('ledger_head', *DERIVED))} TO {{role}}",
        "CREATE SCHEMA IF NOT EXISTS {views}",
        _MAKE_ROOM,
        "GRANT USAGE, CREATE ON SCHEMA {views} TO {role}",
    ):
        yield SQL(statement).format(**names)


def script(role: str, schema: str = "public") -> list[str]:
    """The same as text, for whoever runs the server to read and to run."""
    return [f"{statement.as_string()};" for statement in grants(role, schema)]


def grant(url: str, role: str) -> None:
    """Give a role its rights on the store at an address; NotFound when there is no such role."""
    with beginning(url) as cursor:
        known = cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = ?", (role,)).fetchone()
        if known is None:
            raise NotFound(
                _("The server knows no role {role}."),
                rule="store.role",
                hint="createuser {role}",
                role=role,
            )
        (schema,) = cursor.execute("SELECT current_schema()").fetchone()
        for statement in grants(role, schema):
            cursor.run(statement.as_string())

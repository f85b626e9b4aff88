"""The tables of a store on PostgreSQL, for who changes them: their owner."""

from typing import Final

from psycopg.sql import SQL, Composable, Identifier

from whistle.domain.refusal import Refused, _
from whistle.log.postgres_cursor import Cursor
from whistle.log.postgres_schema import LOOSENED, RECORD_TABLES, guards, translated

_MINE: Final = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'ledger'::regclass"
_GRANTED: Final = """
SELECT pg_get_userbyid(grantee), privilege_type FROM pg_class, aclexplode(relacl)
WHERE oid = 'ledger'::regclass AND grantee <> relowner AND grantee <> 0
"""


class Tables:
    """What `Altering` asks for; tables made anew get the rights that the old ones gave."""

    def __init__(self, cursor: Cursor) -> None:
        """Refused when the account does not own the tables."""
        self.cursor = cursor
        if not cursor.execute(_MINE).fetchone()[0]:
            raise Refused(
                _("Only the account that owns the tables can change them."),
                rule="store.owner",
                hint=_("give the command with the address of the account that made the store"),
            )
        self._granted: list[tuple[str, str]] = cursor.execute(_GRANTED).fetchall()

    def run(self, statement: str) -> None:
        """Run a statement, as schema.py writes them."""
        self.cursor.run(translated(statement))

    def loosen(self) -> None:
        """Take the guards off."""
        self.cursor.run(LOOSENED)

    def guard(self) -> None:
        """Put the guards on, as this program makes them, and give the rights again."""
        for statement in guards():
            self.cursor.run(statement)
        for role, right in self._granted:
            tables = [*RECORD_TABLES, *(["record"] if right == "SELECT" else [])]
            self.cursor.run(_grant(right, tables, role).as_string())


def _grant(right: str, tables: list[str], role: str) -> Composable:
    return SQL("GRANT {right} ON {tables} TO {role}").format(
        right=SQL(right), tables=SQL(", ").join(map(Identifier, tables)), role=Identifier(role)
    )

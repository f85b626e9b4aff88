"""A store of an earlier program, read as if it had today's tables: by views of this connection.

Nothing of the store changes. To write it, its tables are brought up to date first: upgrading.py.
"""

import sqlite3
from typing import Final

from whistle.domain.refusal import Refused, _
from whistle.log.reader import SQLReader
from whistle.log.schema import LAYOUT, SITES

SHOWN: Final = """
CREATE TEMP VIEW streams AS
  SELECT originator_id AS id, originator_id AS stream FROM main.events WHERE originator_version = 1;
CREATE TEMP TABLE topics AS SELECT DISTINCT topic AS id, topic FROM main.events;
CREATE TEMP VIEW commands AS SELECT rowid AS id, command_id, command_digest FROM main.replies;
CREATE TEMP VIEW replies AS SELECT rowid AS command, body FROM main.replies;
CREATE TEMP VIEW ledger AS
  SELECT seq, recorded_at, (SELECT rowid FROM main.replies r WHERE r.command_id = l.command_id)
    AS command, correlation_id AS correlation, causation_seq, units, leaf FROM main.ledger l;
CREATE TEMP VIEW record AS
  SELECT l.seq, e.originator_id AS stream, e.originator_version AS version, e.topic, l.recorded_at,
    l.received_at, l.happened_at, l.happened_why, l.command_id, l.command_digest, l.actor_unit,
    l.actor_person, l.actor_role, l.behalf_unit, l.correlation_id, l.causation_seq, l.units,
    e.state, l.leaf
  FROM main.ledger l LEFT JOIN main.events e ON e.position = l.seq
"""


def is_older(schema_version: int) -> bool:
    """Whether the record lies in other tables than those of today."""
    return schema_version < LAYOUT


def show(raw: sqlite3.Connection) -> None:
    """Make the views, in this connection alone."""
    raw.execute("PRAGMA temp_store = MEMORY")
    for statement in SHOWN.split(";"):
        raw.execute(statement)
    if raw.execute("SELECT 1 FROM main.sqlite_master WHERE name = 'sites'").fetchone() is None:
        raw.execute(SITES[0].replace("CREATE TABLE", "CREATE TEMP TABLE"))
        from whistle.log.registers import fill_sites  # no order needs it

        fill_sites(SQLReader(raw.cursor()))


def upgrade_first() -> Refused:
    """What is said to who would write it."""
    return Refused(
        _("An earlier Whistle made this store: it is read as it is, and takes no order yet."),
        rule="store.older",
        hint="whistle store upgrade",
    )


def read_after_upgrade() -> Refused:
    """What is said of a database, which is not shown as one of today."""
    return Refused(
        _("An earlier Whistle made this store: nothing is read or recorded before its upgrade."),
        rule="store.older",
        hint=_("as the owner of its tables: whistle store upgrade"),
    )

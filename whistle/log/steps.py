"""The steps from each version of a store's tables to the next, as they were taken for ever.

A step speaks of the tables of its time, and of no constant that a later version may change but
those that make its own tables.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from whistle.domain.refusal import _
from whistle.log.port import Altering
from whistle.log.reader import SQLReader
from whistle.log.registers import fill_sites
from whistle.log.schema import RECORD, SITES, VIEW


class Step(NamedTuple):
    """One change of the tables."""

    to: int
    """The version that a store has afterwards."""
    says: str
    """What it brings, as a sentence for the operator."""
    act: Callable[[Altering], None]
    """The SQL, and what fills new tables from the events; in the one transaction."""


def _sites(tables: Altering) -> None:
    """Their table; it is filled when the record lies as it is read today."""
    for statement in SITES:
        tables.run(statement.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS")
                   .replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS"))  # fmt: skip


_OLD: Final = ("events", "ledger", "replies")
_SHARED: Final = (
    "command_id, command_digest, received_at, happened_at, happened_why, actor_unit, actor_person, "
    "actor_role, behalf_unit"
)
_FILLED: Final = f"""
INSERT INTO streams SELECT ROW_NUMBER() OVER (ORDER BY MIN(seq), stream), stream FROM (
    SELECT position AS seq, originator_id AS stream FROM old_events
    UNION ALL SELECT seq, correlation_id FROM old_ledger WHERE correlation_id IS NOT NULL) AS named
  GROUP BY stream;
INSERT INTO topics SELECT ROW_NUMBER() OVER (ORDER BY MIN(position)), topic
  FROM old_events GROUP BY topic;
INSERT INTO events SELECT e.position, s.id, e.originator_version, t.id, e.state FROM old_events e
  JOIN streams s ON s.stream = e.originator_id JOIN topics t ON t.topic = e.topic
  ORDER BY e.position;
INSERT INTO commands SELECT ROW_NUMBER() OVER (ORDER BY MIN(seq)), {_SHARED}
  FROM old_ledger GROUP BY {_SHARED};
INSERT INTO commands (id, command_id, command_digest)
  SELECT (SELECT COUNT(*) FROM commands) + ROW_NUMBER() OVER (ORDER BY command_id),
    command_id, command_digest FROM old_replies
  WHERE command_id NOT IN (SELECT command_id FROM commands);
INSERT INTO ledger SELECT l.seq, l.recorded_at, c.id, s.id, l.causation_seq, l.units, l.leaf
  FROM old_ledger l JOIN commands c ON c.command_id = l.command_id
  LEFT JOIN streams s ON s.stream = l.correlation_id ORDER BY l.seq;
INSERT INTO replies SELECT c.id, r.body FROM old_replies r JOIN commands c
  ON c.command_id = r.command_id AND c.command_digest = r.command_digest ORDER BY c.id
"""


def _numbered(tables: Altering) -> None:
    """What all events of a command share stands once, and names that come back by number."""
    for table in _OLD:
        tables.run(f"CREATE TABLE old_{table} AS SELECT * FROM {table}")
        tables.run(f"DROP TABLE {table}")
    for statement in (*RECORD, *_FILLED.split(";")):
        tables.run(statement)
    for table in _OLD:
        tables.run(f"DROP TABLE old_{table}")
    tables.run(VIEW)
    fill_sites(SQLReader(tables.cursor))


STEPS: Final[tuple[Step, ...]] = (
    Step(2, _("duplicates and repeat places are found; no row is replaced by accident"), _sites),
    Step(3, _("an event takes a third less room: what a command shares stands once"), _numbered),
)
"""In order; the last one leads to what `create` makes, which a test holds."""

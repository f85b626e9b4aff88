"""The tables of a store. Every type is one that PostgreSQL has under some name.

An event is written once for ever: what it says in `events`, its leaf in `ledger` under the same
number. What all events of a command share stands once, in `commands`; streams and topics are texts
that come back, and are named by numbers. `names` and the tables below it are small plain tables
kept in the same transaction, derived from the events.
"""

SCHEMA_VERSION = 3
LAYOUT = 3
"""The version from which on the record lies in these tables; see whistle/log/upgrading.py."""

NUMBERED = (
    "CREATE TABLE IF NOT EXISTS streams (id INTEGER PRIMARY KEY, stream TEXT NOT NULL UNIQUE)",
    "CREATE TABLE IF NOT EXISTS topics (id INTEGER PRIMARY KEY, topic TEXT NOT NULL UNIQUE)",
)
EVENTS = """
CREATE TABLE IF NOT EXISTS events (
  position INTEGER PRIMARY KEY, originator_id INTEGER NOT NULL, originator_version INTEGER NOT NULL,
  topic INTEGER NOT NULL, state BLOB NOT NULL, UNIQUE (originator_id, originator_version))
"""

RECORD = (
    *NUMBERED,
    EVENTS,
    """CREATE TABLE commands (
      id INTEGER PRIMARY KEY, command_id BLOB NOT NULL UNIQUE, command_digest BLOB NOT NULL,
      received_at INTEGER, happened_at INTEGER, happened_why TEXT, actor_unit TEXT,
      actor_person TEXT, actor_role TEXT, behalf_unit TEXT)""",
    """CREATE TABLE ledger (
      seq INTEGER PRIMARY KEY, recorded_at INTEGER NOT NULL, command INTEGER NOT NULL,
      correlation INTEGER, causation_seq INTEGER, units TEXT, leaf BLOB NOT NULL)""",
    "CREATE TABLE replies (command INTEGER PRIMARY KEY, body BLOB NOT NULL)",
)
"""The events with everything that was recorded beside them."""

VIEW = """
CREATE VIEW record AS SELECT l.seq, s.stream, e.originator_version AS version, t.topic,
  l.recorded_at, c.received_at, c.happened_at, c.happened_why, c.command_id, c.command_digest,
  c.actor_unit, c.actor_person, c.actor_role, c.behalf_unit, o.stream AS correlation_id,
  l.causation_seq, l.units, e.state, l.leaf
FROM ledger l LEFT JOIN events e ON e.position = l.seq
  LEFT JOIN streams s ON s.id = e.originator_id
  LEFT JOIN topics t ON t.id = e.topic LEFT JOIN commands c ON c.id = l.command
  LEFT JOIN streams o ON o.id = l.correlation
"""
"""An event a row with all that its leaf covers, as `events list` has it, and the leaf."""
STORED = """
(SELECT e.position, s.stream AS originator_id, e.originator_version, t.topic, e.state
FROM events e JOIN streams s ON s.id = e.originator_id JOIN topics t ON t.id = e.topic) AS stored
"""
"""The events as the library beneath knows them."""
NUMBER = "(SELECT id FROM streams WHERE stream = ?)"
"""A stream's number by its name; none for one that has no event."""

TABLES = (
    """CREATE TABLE store (
      id INTEGER PRIMARY KEY CHECK (id = 1), store_id TEXT NOT NULL, epoch INTEGER NOT NULL,
      schema_version INTEGER NOT NULL)""",
    """CREATE TABLE ledger_head (
      id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL, frontier BLOB NOT NULL,
      last_recorded_at INTEGER NOT NULL, clock_behind INTEGER NOT NULL)""",
    """CREATE TABLE attempts (
      id INTEGER PRIMARY KEY AUTOINCREMENT, received_at INTEGER NOT NULL, command_id BLOB NOT NULL,
      command_digest BLOB NOT NULL, verb TEXT NOT NULL, name TEXT, actor_unit TEXT,
      actor_person TEXT, behalf_unit TEXT, rule TEXT NOT NULL, because TEXT NOT NULL)""",
    """CREATE TABLE names (
      stream TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT UNIQUE, number INTEGER,
      correlation_id TEXT, stage TEXT NOT NULL, due INTEGER, item TEXT, place TEXT)""",
    "CREATE INDEX names_number ON names (kind, number)",
    "CREATE INDEX names_due ON names (due) WHERE due IS NOT NULL",
    "CREATE INDEX names_case ON names (correlation_id)",
    """CREATE TABLE calls (
      stream TEXT NOT NULL, unit TEXT NOT NULL, stage TEXT NOT NULL,
      PRIMARY KEY (stream, unit))""",
    "CREATE INDEX calls_unit ON calls (unit, stage)",
    "CREATE TABLE series (series TEXT PRIMARY KEY, last INTEGER NOT NULL)",
    "CREATE TABLE unit_series (unit TEXT PRIMARY KEY, last INTEGER NOT NULL)",
    "CREATE TABLE units (code TEXT PRIMARY KEY, stream TEXT NOT NULL, body BLOB NOT NULL)",
    "CREATE TABLE adopted (kind TEXT PRIMARY KEY, digest TEXT NOT NULL, body BLOB NOT NULL)",
    """CREATE TABLE sources (
      source TEXT NOT NULL, event_id TEXT NOT NULL, digest BLOB NOT NULL,
      PRIMARY KEY (source, event_id))""",
)

SITES = (
    """CREATE TABLE sites (
      stream TEXT PRIMARY KEY, item TEXT NOT NULL, site TEXT NOT NULL, reported_at INTEGER NOT NULL,
      closed_at INTEGER, outcome TEXT NOT NULL)""",
    "CREATE INDEX sites_site ON sites (site, reported_at)",
    "CREATE INDEX sites_item ON sites (item, reported_at) WHERE closed_at IS NULL",
)
"""Derived like `names`; a store that was made without it gets it by `store upgrade`."""

FOR_EVER = (
    "events",
    "ledger",
    "commands",
    "replies",
    "streams",
    "topics",
    "attempts",
    "store",
    "sources",
)

KEYS = {
    "events": ("position", "originator_id, originator_version"),
    "ledger": ("seq",),
    "commands": ("id", "command_id"),
    "replies": ("command",),
    "streams": ("id", "stream"),
    "topics": ("id", "topic"),
    "attempts": ("id",),
    "store": ("id",),
    "sources": ("source, event_id",),
    "ledger_head": ("id",),
}
"""Every key by which INSERT OR REPLACE would find a row to put away: SQLite asks no delete trigger
then, unless the connection itself wishes it."""


def _same(key: str) -> str:
    return " AND ".join(f"{column} = NEW.{column}" for column in key.split(", "))


def triggers() -> list[str]:
    """What keeps the record from being changed by accident (an insider needs the tree)."""
    made = []
    for table in FOR_EVER:
        for act in ("UPDATE", "DELETE"):
            made.append(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table}: what is recorded stays'); END"
            )
    for table, keys in KEYS.items():
        there = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {_same(key)})" for key in keys)
        made.append(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {there} "
            f"BEGIN SELECT RAISE(ABORT, '{table}: what is recorded stays'); END"
        )
    made.append(
        "CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON ledger_head "
        "BEGIN SELECT RAISE(ABORT, 'ledger_head: the head stays'); END"
    )
    made.append(
        "CREATE TRIGGER ledger_head_grows BEFORE UPDATE ON ledger_head "
        "WHEN NEW.size <= OLD.size OR NEW.last_recorded_at <= OLD.last_recorded_at "
        "BEGIN SELECT RAISE(ABORT, 'ledger_head: the log only grows'); END"
    )
    return made

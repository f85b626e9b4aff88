"""What the record itself answers: its lines, what was imported into it, what proves it."""

from docs.making.shapes import (
    COUNT,
    FLAG,
    HASH,
    TEXT,
    TIME,
    WHOLE,
    Schema,
    like,
    many,
    null_or,
    of,
)
from whistle.codec import EVENTS
from whistle.engine.importing import BadLineTold, ConflictTold, Report
from whistle.log.checkpoint import Comparison
from whistle.log.leaf import Sealed
from whistle.log.verify import Verdict
from whistle.table_history import Doubts


def event_line() -> Schema:
    """One line of `events list`."""
    line: dict[str, Schema] = {name: null_or(TEXT) for name in Sealed._fields}
    whole = ("epoch", "seq", "version", "recorded_at", "received_at")
    line |= dict.fromkeys(whole, WHOLE)
    line |= {name: null_or(WHOLE) for name in ("happened_at", "causation_seq")}
    line |= dict.fromkeys(("store_id", "stream", "command_id"), TEXT)
    line |= {"topic": {"enum": list(EVENTS)}, "state": {"type": "object"}}
    return of({**line, "command_digest": HASH, "leaf": HASH})


def imported() -> Schema:
    """`import events`."""
    bad = of({"line": COUNT, "reason": TEXT, "rule": like(BadLineTold)["properties"]["rule"]})
    conflict = like(ConflictTold, at=TIME)
    return like(Report, bad=many(bad), conflicts=many(conflict))


def imported_table() -> Schema:
    """`import table`: what `import events` tells, and how the table was read."""
    doubts = like(Doubts)
    read = {"rows": COUNT, "encoding": TEXT, "delimiter": TEXT, "zone": TEXT,
            "times_twice": doubts, "times_skipped": doubts}  # fmt: skip
    schema = imported()
    return of({**schema["properties"], **read})


def verified() -> Schema:
    """`audit verify`."""
    return like(Verdict, first_bad_seq=null_or(COUNT), reason=null_or(TEXT))


def checkpoint() -> Schema:
    """`audit checkpoint create`."""
    made: dict[str, Schema] = {"origin": TEXT, "size": COUNT, "root": HASH, "sm3": null_or(HASH)}
    return of({**made, "signed": FLAG, "checkpoint": TEXT, "file": TEXT}, "file")


def compared() -> Schema:
    """`audit checkpoint compare`; the root is empty where the record broke before it."""
    signature: Schema = {"enum": ["good", "unchecked", "none"]}
    return like(Comparison, seen=COUNT, size=COUNT, signature=signature)


def bundled() -> Schema:
    """`audit bundle`."""
    return of({"file": TEXT, "size": COUNT, "root": HASH})

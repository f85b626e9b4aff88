"""What the store's own upkeep answers: copies, going back to one, new tables."""

from docs.making.shapes import (
    COUNT,
    FLAG,
    HASH,
    TEXT,
    TIME,
    Schema,
    by_name,
    like,
    many,
    null_or,
    of,
)
from projections.desk.doctor import CHECKS
from projections.desk.findings import Finding
from whistle.domain.restored import Again
from whistle.log.checkpoint import Comparison
from whistle.log.sizes import PARTS, Topic
from whistle.log.verify import Verdict


def verdict() -> Schema:
    """What a proof found."""
    return like(Verdict, first_bad_seq=null_or(COUNT), reason=null_or(TEXT))


def backed_up() -> Schema:
    """`store backup`."""
    return of({"file": TEXT, "size": COUNT, "root": HASH})


def upgraded() -> Schema:
    """`store upgrade`."""
    step = of({"to": COUNT, "says": TEXT})
    return of({"before": COUNT, "after": COUNT, "steps": many(step), "backup": null_or(TEXT),
               "rehearsed": FLAG, "verdict": verdict()})  # fmt: skip


def restored() -> Schema:
    """`store restore`: what was put back and what went; or, with --check, the proof of a copy."""
    put_back = of({
        "file": TEXT, "size": COUNT, "root": HASH, "lost": null_or(COUNT),
        "lost_from": null_or(TIME), "again": many(like(Again)), "attempts_lost": null_or(COUNT),
        "epoch": COUNT, "epoch_begins": FLAG, "seq": null_or(COUNT), "set_aside": null_or(TEXT),
    })  # fmt: skip
    checked = of({
        "file": TEXT, "store_id": TEXT, "epoch": COUNT, "schema_version": COUNT,
        "verdict": verdict(), "checkpoint": null_or(like(Comparison)),
    })  # fmt: skip
    return {"anyOf": [put_back, checked]}


def stats() -> Schema:
    """`store stats`."""
    day = of({"day": {"type": "string", "format": "date"}, "events": COUNT})
    return of({
        "file": TEXT, "bytes": COUNT, "counted": {"enum": ["pages", "contents"]}, "events": COUNT,
        "bytes_per_event": null_or(COUNT), "parts": of(dict.fromkeys(PARTS, COUNT)),
        "beside": by_name(COUNT), "topics": many(like(Topic)), "days": many(day),
    })  # fmt: skip


def health() -> Schema:
    """`doctor`."""
    finding = like(Finding, "next", "figures", check={"enum": list(CHECKS)},
                   figures={"type": "object"})  # fmt: skip
    return of({"healthy": FLAG, "alarms": COUNT, "looks": COUNT, "findings": many(finding)})


def declared() -> Schema:
    """`store restored`."""
    return of({"epoch": COUNT, "seq": COUNT, "kept": COUNT, "root": HASH, "lost": null_or(COUNT)})

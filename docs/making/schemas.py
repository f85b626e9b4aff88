"""docs/reference/json/*.schema.json and json.md: what `--json` and `--jsonl` print."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, get_args

import msgspec

from projections.desk.answer import Diagnostic, Status
from whistle.codec import EVENTS
from whistle.domain.by_incident import IncidentRow
from whistle.domain.measures import METRICS
from whistle.domain.quality import quality
from whistle.engine.assessing import Verified
from whistle.engine.importing import BadLineTold, ConflictTold, Report
from whistle.engine.reply import ClockMoved, NextStep, RecordedEvent, Reply
from whistle.log.leaf import Sealed
from whistle.log.verify import Verdict
from whistle.table_history import Doubts

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
HASH: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
TIME: Schema = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$",
    "description": "RFC 3339 in UTC, six digits",
}


class Page(NamedTuple):
    """A schema with the command whose output it describes."""

    command: str
    says: str
    schema: Schema


def null_or(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def of(properties: Mapping[str, Schema], *optional: str, closed: bool = True) -> Schema:
    """An object with these properties, required unless they are named as optional."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in optional],
        "additionalProperties": not closed,
    }


def many(schema: Schema) -> Schema:
    """A list of it."""
    return {"type": "array", "items": schema}


def by_name(schema: Schema) -> Schema:
    """An object of many under names that are not fixed."""
    return {"type": "object", "additionalProperties": schema}


def like(kind: type[Any], *optional: str, **instead: Schema) -> Schema:
    """What a struct or named tuple looks like, with other schemas for fields shown otherwise."""
    found = msgspec.json.schema(kind, ref_template="#/$defs/{name}")
    (name,) = [each for each in found["$defs"] if each == kind.__name__]
    properties: dict[str, Schema] = found["$defs"][name].get("properties", {})
    for schema in properties.values():
        schema.pop("default", None)
    return of({**properties, **instead}, *optional)


def envelope() -> Schema:
    """The one object of --json."""
    return of(
        {
            "version": {"const": 1},
            "status": {"enum": list(get_args(Status))},
            "data": {"description": "see the schema of the verb; null where there is nothing"},
            "diagnostics": many(like(Diagnostic, "rule", "hint")),
        }
    )


def write() -> Schema:
    """The data of a verb that writes."""
    unit = {"unit": TEXT, "unit_name": TEXT}
    clock = like(ClockMoved, **unit, action={"enum": ["start", "stop"]}, due=TIME)
    step = like(NextStep, **unit, due=null_or(TIME))
    one = like(Reply, events=many(like(RecordedEvent)), clocks=many(clock), next=many(step),
               replayed=FLAG)  # fmt: skip
    return {"anyOf": [one, of({"results": many(one)})]}


def _figures() -> Schema:
    """One metric of a ledger."""
    seconds = dict.fromkeys(("min", "max", "sum"), WHOLE)
    percentiles = {
        f"p{percent}_{way}": schema
        for percent in (50, 90, 95)
        for way, schema in (("nearest", WHOLE), ("linear", NUMBER))
    }
    counts = dict.fromkeys(("n_valid", "n_missing", "n_negative"), COUNT)
    limited = {"limit_s": COUNT, "n_limited": COUNT, "on_time": COUNT, "rate_valid": null_or(SHARE),
               "rate_all": null_or(SHARE)}  # fmt: skip
    figures = {**seconds, "mean": NUMBER, **percentiles}
    open_figures = {name: null_or(schema) for name, schema in figures.items()}
    return of({**counts, **open_figures, **limited}, *figures, *limited)


def _measured() -> Schema:
    metrics = of({name: _figures() for name in METRICS})
    return of({"assignments": COUNT, "incidents": COUNT, "metrics": metrics})


def _proved(properties: Mapping[str, Schema], *optional: str, names: bool = True) -> Schema:
    """The data of an assessment, with the range of the log that was proved for it."""
    late = of({"n": COUNT, "sum_s": COUNT, "max_s": COUNT, "p50_nearest_s": COUNT})
    beside = {
        "unit_names": by_name(TEXT),
        "kept_out": by_name(COUNT),
        "recorders": by_name(late),
        "unreached": many(
            of(
                {
                    "call": TEXT,
                    "unit": TEXT,
                    "given_up": {"type": "boolean"},
                    "attempts": many(of({"at": TEXT, "channel": TEXT, "to": TEXT})),
                }
            )
        ),
        "identities": TEXT,
    }
    beside = beside if names else {}
    proved = like(Verified, root=HASH)
    return of({**properties, **beside, "verified": proved}, *optional)


def ledger() -> Schema:
    """`assess ledger`."""
    measured = {"overall": _measured(), "per_unit": by_name(_measured())}
    groups = {"by": TEXT, "groups": by_name(_measured()), "ungrouped": COUNT}
    return _proved({**measured, **groups, "unwhistled": COUNT, "extras": COUNT}, *groups)


def rank() -> Schema:
    """`assess rank`."""
    place = of(
        {
            "rank": COUNT,
            "competition_rank_on_rate": COUNT,
            "unit": TEXT,
            "on_time": COUNT,
            "assignments": COUNT,
            "rate_all": SHARE,
            "p50_nearest_s": null_or(WHOLE),
        }
    )
    metric = {"enum": list(METRICS)}
    ranked = {"metric": metric, "min_assignments": COUNT, "ranking": many(place)}
    groups = {"by": TEXT, "groups": by_name(many(place))}
    return _proved({**ranked, **groups}, *groups)


def incidents() -> Schema:
    """`assess incidents`."""
    times = ("reported", "first_whistle", "first_ack", "first_arrival", "last_arrival",
             "last_finish")  # fmt: skip
    counts = ("units", "units_arrived", "units_unfinished")
    row: dict[str, Schema] = dict.fromkeys(IncidentRow._fields, TEXT)
    row |= {name: null_or(TIME) for name in times} | dict.fromkeys(counts, COUNT)
    row |= {"first_arrival_unit": null_or(TEXT), "first_response_s": null_or(WHOLE)}
    row |= {"group": null_or(TEXT)}
    return _proved({"incidents": many(of(row, "group")), "by": TEXT}, "by")


def odd() -> Schema:
    """`assess quality`."""
    names = quality([])
    counts = dict.fromkeys(names["counts"], COUNT)
    shapes: dict[str, Schema] = {
        name: many(TEXT) if isinstance(value, list) else COUNT for name, value in names.items()
    }
    shapes["overlapping_assignments"] = many({**many(TEXT), "minItems": 2, "maxItems": 2})
    return _proved({**shapes, "counts": of(counts)})


def replay() -> Schema:
    """`replay`."""
    names = ("whistled", "acknowledged", "on_scene", "finished", "incidents_with_unfinished_unit")
    busiest = {"peak_active_assignments": COUNT, "first_reached_at": null_or(TIME)}
    standing = {
        **dict.fromkeys(names, COUNT),
        "concurrency": of({**busiest, "rows_counted": COUNT}),
    }
    return _proved({"as_of": TIME, **standing}, names=False)


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


def day() -> Schema:
    """`calendar day`."""
    return of({"workday": FLAG, "name": null_or(TEXT)})


def verified() -> Schema:
    """`audit verify`."""
    return like(Verdict, first_bad_seq=null_or(COUNT), reason=null_or(TEXT))


PAGES: dict[str, Page] = {
    "envelope": Page("… --json", "Every answer: exactly one object on standard output.", envelope()),
    "write": Page("report, accept, blow, approve, ack, arrive, finish, verify, …",
                  "`data` of every verb that writes; `results` when several were named.", write()),
    "assess-ledger": Page("assess ledger", "`data`.", ledger()),
    "assess-rank": Page("assess rank", "`data`.", rank()),
    "assess-incidents": Page("assess incidents", "`data`.", incidents()),
    "assess-quality": Page("assess quality", "`data`.", odd()),
    "replay": Page("replay --until TIME", "`data`.", replay()),
    "calendar-day": Page("calendar day DATE", "`data`; `name` is the holiday.", day()),
    "calendar-between": Page("calendar between A B", "`data`: working seconds of [A, B).",
                             of({"seconds": COUNT})),
    "calendar-due": Page("calendar due FROM LIMIT", "`data`.", of({"due": TIME})),
    "audit-verify": Page("audit verify", "`data`.", verified()),
    "import-events": Page("import events FILE", "`data`.", imported()),
    "import-table": Page("import table FILE --map MAP", "`data`; a `line` is a row.",
                         imported_table()),
    "events-list": Page("events list", "One line: what the leaf covers, in its order, and the leaf.",
                        event_line()),
}  # fmt: skip


def texts() -> dict[str, str]:
    """The schema files by name."""
    made = {}
    for name, (command, says, schema) in PAGES.items():
        head = {"$schema": DIALECT, "title": f"whistle {command}", "description": says}
        made[f"{name}.schema.json"] = json.dumps(head | schema, indent=1, ensure_ascii=False) + "\n"
    return made


HEAD = """# JSON

`--json` prints exactly one object on standard output, in every case, also when something is wrong; what is
told besides goes into `diagnostics`. `--jsonl` prints one object a line for listings. Nothing is ever
prompted for without a terminal.

- Times are RFC 3339 in UTC with six digits and `Z`; in `events list` they are whole microseconds since
  1970-01-01 UTC, as the leaf hashes them.
- Durations are whole seconds, their names end in `_s`; percentiles of a ledger are seconds too.
- Units are codes, with `unit_name` or `unit_names` beside them.
- Names are full: `I-WY26-00042`.
- New keys may come in a minor version; none goes or changes its meaning.

`status` is the word for the [exit code](exit-codes.md).

| what | schema | |
|---|---|---|
"""


def page() -> str:
    """docs/reference/json.md."""
    rows = [
        f"| `whistle {command}` | [{name}](json/{name}.schema.json) | {says} |\n"
        for name, (command, says, _schema) in PAGES.items()
    ]
    return HEAD + "".join(rows) + EVENTS_LIST


EVENTS_LIST = """
## events list

`whistle events list` prints one event a line, oldest first; `--after SEQ` goes on from there. `state` is the
event itself ([its fields](events.md)). The other fields are hashed in the form in which they are printed, in this
order, and `state` as the stored bytes; so an outsider can recompute `leaf` from the listing:
`SHA-256(0x00 || "whistle-leaf/v1" || fields)`, each field as its length (four bytes, big-endian) and its
bytes, an absent one as the length `0xFFFFFFFF`, numbers as decimals
([decision 0005](../decisions/0005-what-an-event-carries.md)).
"""

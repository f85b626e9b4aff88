"""docs/reference/json/*.schema.json and json.md: what `--json` and `--jsonl` print."""

import json
from typing import NamedTuple, get_args

from docs.making import shapes_assessed as assessed
from docs.making import shapes_recorded as recorded
from docs.making import shapes_standing as standing
from docs.making import shapes_stored as stored
from docs.making.shapes import COUNT, FLAG, TEXT, TIME, WHOLE, Schema, like, many, null_or, of
from projections.desk.answer import Diagnostic, Status
from whistle.engine.reply import ClockMoved, NextStep, RecordedEvent, Reply

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Page(NamedTuple):
    """A schema with the command whose output it describes."""

    command: str
    says: str
    schema: Schema


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
    step = like(NextStep, **unit, due=null_or(TIME), event=null_or(WHOLE))
    one = like(Reply, events=many(like(RecordedEvent)), clocks=many(clock), next=many(step),
               replayed=FLAG)  # fmt: skip
    return {"anyOf": [one, of({"results": many(one)})]}


def day() -> Schema:
    """`calendar day`."""
    return of({"workday": FLAG, "name": null_or(TEXT)})


PAGES: dict[str, Page] = {
    "envelope": Page("… --json", "Every answer: exactly one object on standard output.", envelope()),
    "write": Page("report, accept, blow, approve, ack, arrive, finish, verify, …",
                  "`data` of every verb that writes; `results` when several were named.", write()),
    "assess-ledger": Page("assess ledger", "`data`.", assessed.ledger()),
    "assess-rank": Page("assess rank", "`data`.", assessed.rank()),
    "assess-incidents": Page("assess incidents", "`data`.", assessed.incidents()),
    "assess-quality": Page("assess quality", "`data`.", assessed.odd()),
    "replay": Page("replay --until TIME", "`data`.", assessed.replay()),
    "bulletin": Page("bulletin MONTH", "`data`: facts of a month, and no score.",
                     assessed.bulletin()),
    "calendar-day": Page("calendar day DATE", "`data`; `name` is the holiday.", day()),
    "calendar-between": Page("calendar between A B", "`data`: working seconds of [A, B).",
                             of({"seconds": COUNT})),
    "calendar-due": Page("calendar due FROM LIMIT", "`data`.", of({"due": TIME})),
    "audit-verify": Page("audit verify", "`data`.", recorded.verified()),
    "audit-checkpoint": Page("audit checkpoint create", "`data`; `file` only with `--to`.",
                             recorded.checkpoint()),
    "audit-checkpoint-compare": Page("audit checkpoint compare FILE", "`data`.",
                                     recorded.compared()),
    "audit-bundle": Page("audit bundle FILE", "`data`.", recorded.bundled()),
    "store-backup": Page("store backup FILE", "`data`.", stored.backed_up()),
    "store-restore": Page("store restore FILE", "`data`; the second form with `--check`.",
                          stored.restored()),
    "store-restored": Page("store restored -m TEXT", "`data`.", stored.declared()),
    "store-stats": Page("store stats", "`data`; bytes, and events by kind and day.",
                        stored.stats()),
    "doctor": Page("doctor", "`data`; `check` is the same in every language.", stored.health()),
    "store-upgrade": Page("store upgrade", "`data`.", stored.upgraded()),
    "status": Page("status", "`data`.", standing.status()),
    "handover": Page("handover", "`data`.", standing.handover()),
    "watch": Page("watch --jsonl", "One line: an event that matters to who is on duty.",
                  standing.watched()),
    "wait": Page("wait NAME --for STATE", "`data`.", standing.waited()),
    "team-show": Page("team show TEAM", "`data`.", standing.team()),
    "patrol-coverage": Page("patrol coverage", "`data`.", standing.covered()),
    "import-events": Page("import events FILE", "`data`.", recorded.imported()),
    "import-table": Page("import table FILE --map MAP", "`data`; a `line` is a row.",
                         recorded.imported_table()),
    "events-list": Page("events list", "One line: what the leaf covers, in its order, and the leaf.",
                        recorded.event_line()),
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

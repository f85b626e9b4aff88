"""The reference is what the code says, and the JSON that the program prints fits its schemas."""

import json
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from docs import generate
from docs.making.terminal import Terminal

HISTORY = """\
{"event_id":"1","at":"2026-03-02T09:00:00+08:00","kind":"reported","incident":"D","unit":null}
{"event_id":"2","at":"2026-03-02T09:02:00+08:00","kind":"whistled","incident":"D","unit":"E36"}
{"event_id":"3","at":"2026-03-02T09:06:00+08:00","kind":"arrived","incident":"D","unit":"E36","attributes":{"area":"north"}}
{"event_id":"4","at":"2026-03-02T09:03:00+08:00","kind":"whistled","incident":"D","unit":"E36","attributes":{"area":"north"}}
"""
CONFLICT = HISTORY.replace("09:06:00", "09:05:00")
TABLE = """\
case_enquiry_id,open_dt,target_dt,closed_dt,ontime,reason,type,queue,department,neighborhood,source
1,2025-11-02 01:30:00,2025-11-03 12:00:00,,ONTIME,Street,Sign,Q,BTDT,Roxbury,Call
2,2025-03-09 02:30:00,,yesterday,ONTIME,Street,Sign,Q,BTDT,Roxbury,Call
"""
SCHEMAS = sorted((generate.REFERENCE / "json").iterdir())
SAMPLES = {
    "write": (
        "report street-vending 榆苑路 --accept",
        "blow -e gas-leak 草桥路12号",
        "arrive 1 --as PS",
        "arrive 1 --as PS --key k",
        "finish 1 --as PS --dry-run",
        "accept 1 2",
    ),
    "assess-ledger": (
        "assess ledger",
        "assess ledger --limits ack=60s,arrival=300s --by area",
    ),
    "assess-rank": ("assess rank", "assess rank --limits arrival=300s --by area"),
    "assess-incidents": ("assess incidents", "assess incidents --by area"),
    "assess-quality": ("assess quality",),
    "bulletin": ("bulletin 2026-03", "bulletin 2026-10"),
    "replay": ("replay --until 2026-03-02T09:05:00+08:00",),
    "calendar-day": ("calendar day 2026-02-14", "calendar day 2026-03-03"),
    "calendar-between": ("calendar between 2026-02-13T17:00:00Z 2026-02-14T10:00:00Z",),
    "calendar-due": ("calendar due 2026-02-14T17:00:00+08:00 4wh",),
    "audit-verify": ("audit verify",),
    "audit-checkpoint": (
        "audit checkpoint create",
        "audit checkpoint create --to seen.txt",
        "audit checkpoint create --to seen.txt",
    ),
    "audit-checkpoint-compare": ("audit checkpoint compare earlier.txt",),
    "audit-bundle": ("audit bundle whole.zip",),
    "store-backup": ("store backup copy.db",),
    "store-restore": (
        "store restore kept.db --check",
        "store restore kept.db --check --checkpoint earlier.txt",
        "store restore kept.db --dry-run",
    ),
    "store-restored": ("store restored -m snapshot",),
    "store-stats": ("store stats", "store stats --days 1"),
    "doctor": ("doctor",),
    "store-upgrade": ("store upgrade", "store upgrade --dry-run"),
    "status": ("status",),
    "handover": ("handover", "handover --since -1m"),
    "wait": (
        "wait W-WY26-00001 --for delivered",
        "wait W-WY26-00001 --for ended --timeout 0s",
        "wait 1 --for reported",
        "wait 1 --for planned",
        "wait 1 --for stood-down --or formed",
    ),
    "team-show": ("team show 1",),
    "patrol-coverage": ("patrol coverage", "patrol coverage --since 2026-01-01"),
    "import-events": (
        "import events history.jsonl",
        "import events conflict.jsonl",
        "import events nonsense.jsonl",
    ),
    "import-table": (
        "import table calls.csv --map boston-311",
        "import table nonsense.jsonl --map boston-311",
    ),
}
OTHERS = ("show 9", "nonsense", "report nonsense x", "close 1 --as PS", "inbox", "status", "log 1")


def schema(name: str) -> Draft202012Validator:
    text = (generate.REFERENCE / "json" / f"{name}.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A town with a finding and an imported incident."""
    with Terminal(tmp_path_factory.mktemp("reference")) as terminal:
        found(terminal)
        yield terminal


def found(terminal: Terminal) -> None:
    for name, text in {"history": HISTORY, "conflict": CONFLICT, "nonsense": "nonsense\n"}.items():
        (terminal.desk / f"{name}.jsonl").write_text(text, encoding="utf-8")
    (terminal.desk / "calls.csv").write_text(TABLE, encoding="utf-8")
    terminal.run("export WHISTLE_STORE=sqlite:///wangyu.db")
    for command in (
        "init --town 望榆镇 --code WY",
        "import events history.jsonl",
        "report 占道经营 北门",
        "blow -e gas-leak 草桥路10号",
        "team form 夜查 --on-call TP=2 --stationed-team UM=1",
        "team dispatch 1 1",
        "patrol plan 北门@G1 --slot 00:00-23:59 --who TP",
        "audit checkpoint create --to earlier.txt",
        "store backup kept.db",
    ):
        assert "{" not in terminal.run(f"whistle {command}")


def test_the_pages_are_what_the_code_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")  # set by the generator: put back afterwards
    for path, text in generate.reference().items():  # to renew: python3 dev.py docs
        kept = path.read_text(encoding="utf-8") if path.is_file() else ""
        changed = unified_diff(kept.splitlines(), text.splitlines(), path.name, lineterm="")
        assert "\n".join(changed) == ""


def test_no_page_is_left_over() -> None:
    made = set(generate.reference())
    assert [path.name for path in generate.REFERENCE.rglob("*.*") if path not in made] == []


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_a_schema_is_a_schema(path: Path) -> None:
    Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", SAMPLES)
def test_what_a_verb_prints_fits_its_schema(name: str, desk: Terminal) -> None:
    envelope, data = schema("envelope"), schema(name)
    for sample in SAMPLES[name]:
        answer = json.loads(desk.run(f"whistle {sample} --json"))
        envelope.validate(answer)
        if answer["data"] is None:
            assert answer["status"] in ("refused", "conflict", "not_found"), sample
        else:
            data.validate(answer["data"])


@pytest.mark.parametrize("command", OTHERS)
def test_every_answer_is_one_object_with_its_status(command: str, desk: Terminal) -> None:
    schema("envelope").validate(json.loads(desk.run(f"whistle {command} --json")))


def test_a_line_of_the_log_fits_its_schema(desk: Terminal) -> None:
    line = schema("events-list")
    lines = desk.run("whistle events list").splitlines()
    assert len(lines) > 26
    for text in lines:
        line.validate(json.loads(text))


WATCHED = """
(whistle watch --jsonl --interval 1s | head -n 2 >line) & seen=$!
while kill -0 $seen 2>/dev/null; do whistle report 占道经营 西门 >/dev/null 2>&1; done
cat line
"""


def test_a_line_of_the_watch_fits_its_schema(desk: Terminal) -> None:
    lines = desk.run(WATCHED).splitlines()
    assert len(lines) == 2
    for text in lines:
        schema("watch").validate(json.loads(text))


def test_a_schema_refuses_what_is_not_there_or_not_known() -> None:
    day = schema("calendar-day")
    assert not day.is_valid({"workday": True})
    assert not day.is_valid({"workday": True, "name": None, "also": 1})
    assert day.is_valid({"workday": True, "name": None})

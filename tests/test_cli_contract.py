"""What other programs rely on: one JSON object, exit codes, keys, names, times."""

import json
import re

import pytest

import cli
from tests.shell import Shell

STATUS = {  # the exit codes that the contract fixes
    "done": 0, "found": 1, "usage": 2, "not_found": 3, "not_allowed": 4, "refused": 5,
    "conflict": 6, "integrity": 7, "pending": 8, "error": 10,
}  # fmt: skip
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


ANSWERS: tuple[tuple[str, str], ...] = (
    # every verb once, with what it answers on that evening
    ("", "done"), ("inbox", "done"), ("待办 --all", "done"), ("report gas-leak here", "done"),
    ("accept 4", "done"), ("refuse 4 --category not-ours -m theirs", "done"), ("blow 3", "done"),
    ("approve", "usage"), ("approve 3", "not_found"), ("ack 1 --as rq", "done"),
    ("decline 1 --reason not-our-duty --as xf", "refused"), ("depart 1 --as rq", "done"),
    ("arrive 1 --as rq", "done"), ("act 1 warn --as rq", "refused"),
    ("finish 1 --as rq", "refused"), ("leave 1", "refused"), ("leave", "usage"),
    ("verify 1 pass", "refused"), ("verify 1 maybe", "usage"), ("callback 1 满意", "refused"),
    ("close 1", "refused"), ("reopen 1 -m why", "refused"), ("rate 1/rq 90", "refused"),
    ("rate 1 x", "usage"), ("correct 27 --set place=there --why typo", "done"),
    ("correct 27", "usage"), ("correct 999 --set place=x --why y", "not_found"),
    ("confirm 1/FR", "refused"), ("contest 1/FR -m no", "refused"),
    ("rule 1/FR --as-typed -m so", "refused"), ("rule 1/FR", "usage"),
    ("deliver 1/FR --to 值班员", "refused"), ("undo", "refused"),
    ("undo 27", "refused"), ("undo 999", "not_found"),
    ("need 1 --what foam", "done"), ("need 1 --what foam --as xf", "refused"),
    ("call list", "done"), ("call withdraw 1", "refused"), ("call add 1 xf", "refused"),
    ("show W-WY26-00001", "done"), ("show 1", "usage"), ("log I-WY26-00001", "done"),
    ("status", "done"), ("wait 1 --for sounding", "usage"), ("wait 3 --for accepted", "done"),
    ("watch --once", "done"), ("handover --since -1h", "done"), ("watch 99", "not_found"),
    ("wait 1 --for assembled --timeout 0s", "pending"), ("team list", "done"),
    ("team dispatch 1", "not_found"), ("team form x --on-call TP", "usage"),
    ("incident list", "done"), ("incident handle 3", "done"), ("incident transfer 3 公安", "done"),
    ("item list", "done"), ("clock list", "done"), ("clock tick", "done"), ("view inspect", "done"),
    ("view command", "done"), ("view coordinate", "done"), ("view assess", "done"),
    ("view ledger", "done"), ("view nothing", "usage"), ("assess ledger", "done"),
    ("assess quality", "done"), ("assess rank", "done"),
    ("bulletin 2026-10", "done"), ("bulletin october", "usage"),
    ("replay --until 2026-10-14T09:00:10+08:00", "done"), ("calendar day 2026-02-14", "done"),
    ("calendar day 2099-02-14", "refused"),
    ("calendar between 2026-02-14T10:00:00Z 2026-02-13T10:00:00Z", "usage"),
    ("calendar due 2026-02-14T17:00:00+08:00 4wh", "done"),
    ("init --town Other --code OT", "refused"), ("init", "usage"), ("org unit list", "done"),
    ("setup --town Other --code OT", "refused"), ("org import", "usage"),
    ("org person list", "done"), ("org unit add XX Other", "done"),
    ("org unit add TP Other", "refused"), ("org person add TZ Li --role leader", "done"),
    ("playbook show", "done"), ("playbook check /nowhere.toml", "not_found"),
    ("playbook adopt /nowhere.toml", "not_found"), ("events list", "done"),
    ("audit verify", "done"), ("audit checkpoint create", "done"), ("projection status", "done"),
    ("audit checkpoint compare /x", "not_found"), ("audit bundle /nowhere/x.zip", "error"),
    ("projection rebuild ledger", "done"), ("projection rebuild nothing", "usage"),
    ("projection run --once", "done"), ("projection retry", "done"),
    ("projection skip ledger 1", "usage"),
    ("projection skip ledger 1 --why no", "not_found"), ("projection retry nothing", "usage"),
    ("import events /nowhere.jsonl", "not_found"), ("completion bash", "done"),
    ("help exit-codes", "done"), ("help", "done"),
    ("patrol list", "done"), ("patrol plan Gate Market=09:40", "done"), ("巡查 覆盖", "done"),
    ("patrol start", "usage"), ("patrol start 9", "not_found"), ("patrol plan @7", "usage"),
    ("org", "usage"), ("view", "usage"), ("frobnicate", "usage"), ("ack --frobnicate", "usage"),
    ("blow 3 --as jj", "not_allowed"), ("accept 4 --expect 9", "conflict"),
    ("accept 4 --as nobody", "not_found"), ("--store sqlite:////nowhere/x inbox", "not_found"),
)  # fmt: skip


@pytest.mark.parametrize(("line", "status"), ANSWERS, ids=[line for line, _ in ANSWERS])
def test_json_is_one_object_with_the_status_that_the_exit_code_says(
    desk: Shell, line: str, status: str
) -> None:
    said = desk(*line.split(), "--json")
    envelope = said.envelope
    assert set(envelope) == {"version", "status", "data", "diagnostics"}
    assert envelope["version"] == 1
    assert (envelope["status"], said.code) == (status, STATUS[status]), said.text
    assert said.err == b"", "the diagnostics stand in the object"
    if said.code not in (0, 1):
        assert all(each["message"] for each in envelope["diagnostics"])
        assert envelope["diagnostics"]


def test_every_verb_stands_in_the_list_above() -> None:
    english = {*cli.VERBS}
    tried = {cli.ALIASES.get(word, word) for line, _status in ANSWERS for word in line.split()}
    # store is below, demo has tests of its own, and what doctor answers hangs on the machine
    assert english - tried == {"store", "demo", "doctor"}


def test_a_write_tells_its_facts_under_the_names_of_the_contract(desk: Shell) -> None:
    facts = desk.json("ack", "1", "-t", "25m", "--as", "rq").facts
    contract = {"id", "stream", "version", "events", "clocks", "next", "replayed"}
    assert contract <= set(facts)
    assert [set(event) for event in facts["events"]] == [{"seq", "topic"}]
    for clock in facts["clocks"]:
        assert {"call", "unit", "unit_name", "clock", "action", "due"} <= set(clock)
        assert INSTANT.fullmatch(clock["due"])
    for step in facts["next"]:
        assert {"unit", "unit_name", "verb", "due"} <= set(step)
        assert step["due"] is None or INSTANT.fullmatch(step["due"])
    assert facts["replayed"] is False


@pytest.mark.parametrize(
    "words",
    [
        ("--as", "rq", "--json", "--key", "k", "-m", "word", "depart", "1"),
        ("depart", "--as", "rq", "1", "--json", "--key", "k", "-m", "word"),
        ("depart", "1", "--as=rq", "--json", "--key=k", "--note=word"),
        ("出发", "1", "--as=rq", "--json", "--备注", "word", "--key=k"),
        ("depart", "1", "--as=rq", "--json", "-mword"),
    ],
)
def test_global_options_stand_before_or_behind_the_verb(
    desk: Shell, words: tuple[str, ...]
) -> None:
    assert desk(*words).topics == ["whistle.acknowledged/1", "whistle.departed/1"]
    state = json.loads(desk.rows("events", "state", "ORDER BY position DESC LIMIT 1")[0][0])
    assert state["note"] == "word"


@pytest.mark.parametrize("option", ["-m", "--as", "--备注", "--时间"])
def test_an_option_typed_last_without_its_value_is_named(desk: Shell, option: str) -> None:
    said = desk("depart", "1", option)
    assert said.code == 2
    assert "requires an argument" in said.told


def test_what_stands_behind_two_dashes_or_is_a_value_is_no_option(desk: Shell) -> None:
    said = desk("report", "gas-leak", "--", "--json")
    assert said.text.startswith("I-WY26-00005: reported")
    assert desk("report", "gas-leak", "there", "-m", "--json").text.startswith("I-WY26-00006: ")
    assert desk.rows("names", "place", "WHERE name = 'I-WY26-00005'") == [("--json",)]


def test_quiet_prints_names_and_jsonl_a_line_for_each_row(desk: Shell) -> None:
    assert desk("blow", "-q", "-e", "gas-leak", "12 Caoqiao Rd").out == b"W-WY26-00003\n"
    assert desk("incident", "list", "--quiet").text.split()[-1] == "I-WY26-00005"
    rows = [json.loads(line) for line in desk("incident", "list", "--jsonl").text.splitlines()]
    assert [row["name"] for row in rows] == desk("incident", "list", "-q").text.split()
    events = [json.loads(line) for line in desk("events", "list", "--jsonl").text.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    after = desk("events", "list", "--jsonl", "--after", str(len(events) - 1))
    assert [json.loads(line) for line in after.text.splitlines()] == events[-1:]


@pytest.mark.parametrize(
    "name", ["W-WY26-00001", "w-wy26-00001", "1", "00001", "１", "Ｗ-WY26-00001"]
)
def test_a_whistle_goes_by_its_full_name_or_by_its_number(desk: Shell, name: str) -> None:
    assert desk.json("ack", name, "--as", "rq").facts["id"] == "W-WY26-00001"


@pytest.mark.parametrize("unit", ["UT-GAS", "燃气公司", "燃气", "rq", "gas company", "ＲＱ", "RQ"])
def test_a_unit_goes_by_code_name_alias_or_initials(desk: Shell, unit: str) -> None:
    assert desk.json("ack", "1", "--as", unit).facts["clocks"][0]["unit"] == "UT-GAS"
    said = desk.json("arrive", f"1/{unit}", "--behalf", unit)
    assert said.topics == ["whistle.arrived/1", "whistle.told/1"]


def test_a_name_of_the_wrong_kind_says_what_it_is(desk: Shell) -> None:
    said = desk("accept", "W-WY26-00001")
    assert (said.code, said.out) == (2, b"")
    assert "W-WY26-00001 is a whistle; this verb takes an incident." in said.told
    assert desk("ack", "I-WY26-00001", "--as", "rq").code == 2


def test_several_names_are_several_commands_in_one_line(desk: Shell) -> None:
    facts = desk.json("ack", "1", "2", "--as", "hc").facts
    assert [each["id"] for each in facts["results"]] == ["W-WY26-00001", "W-WY26-00002"]
    nothing = desk.record()
    assert desk("arrive", "1", "9", "--as", "hc").code == 3
    assert desk.record() == nothing, "a name that is not there stops the line before it begins"


def test_a_line_that_breaks_off_tells_what_was_recorded_and_goes_on_under_its_key(
    desk: Shell,
) -> None:
    desk.json("finish", "2", "--as", "hc", code=5)
    desk.json("arrive", "1", "2", "--as", "hc")
    desk.json("finish", "2", "--as", "hc")
    line = ("finish", "1", "2", "--as", "hc", "--key", "k")
    for replayed in (False, True):
        said = desk.json(*line, code=5)
        assert [each["id"] for each in said.facts["results"]] == ["W-WY26-00001"]
        assert said.facts["results"][0]["replayed"] is replayed
        assert said.rules == ["call.finished"]
    people = desk(*line)
    assert (people.code, "W-WY26-00001" in people.text, "W-WY26-00002" in people.told) == (
        5, True, True,
    )  # fmt: skip


def test_without_a_name_the_only_candidate_is_taken(desk: Shell) -> None:
    assert desk.json("ack", "--as", "rq").facts["id"] == "W-WY26-00001"
    before = desk.record()
    several = desk("ack", "--as", "hc")
    assert several.code == 2
    assert "W-WY26-00001, W-WY26-00002" in several.told
    assert desk("finish", "--as", "mr").code == 2
    assert desk("finish", "--as", "mr", "--json").facts is None
    assert desk.record() == before


def test_a_number_that_an_incident_and_a_whistle_share_is_asked_back(desk: Shell) -> None:
    said = desk("show", "1")
    assert (said.code, "I-WY26-00001, W-WY26-00001" in said.told) == (2, True)


@pytest.mark.parametrize(
    ("words", "code", "meant"),
    [
        (("akc", "1"), 2, "ack"),
        (("签受", "1"), 2, "签收"),
        (("ack", "1", "--as", "燃汽"), 3, "燃气"),
        (("ack", "1", "--as", "polise"), 3, "police"),
        (("ack", "1", "--behalf", "trafic police"), 3, "traffic police"),
        (("finish", "1", "--as", "rq", "--resalt", "fixed"), 2, "--result"),
    ],
)
def test_a_near_miss_is_answered_with_what_was_meant(
    desk: Shell, words: tuple[str, ...], code: int, meant: str
) -> None:
    said = desk(*words)
    assert said.code == code
    assert "Did you mean" in said.told
    assert meant in said.told


LOOKING = (
    "inbox", "show W-WY26-00001", "log I-WY26-00001", "clock list", "incident list", "status",
    "view inspect", "view command", "view coordinate", "view assess", "view ledger",
)  # fmt: skip


@pytest.mark.parametrize("line", LOOKING)
def test_no_time_is_told_as_a_bare_number(desk: Shell, line: str) -> None:
    desk.json("arrive", "1", "--as", "rq")
    bare = re.compile(r"[:,\[]\d{15,}")  # whole microseconds, as the record keeps them
    assert bare.findall(desk(*line.split(), "--json").text) == []


def test_a_refused_attempt_is_on_record_with_who_and_why(desk: Shell) -> None:
    desk.json("blow", "3", "--as", "jj", code=4)
    desk.json("finish", "1", "--as", "rq", code=5)
    desk.json("show", "W-WY26-00009", code=3)
    kept = desk.rows("attempts", "verb, name, actor_unit, rule", "ORDER BY id")
    assert kept == [
        ("blow", "I-WY26-00003", "TP", "blow.town_only"),
        ("finish", "W-WY26-00001/UT-GAS", "UT-GAS", "call.called"),
    ]


@pytest.mark.parametrize(
    ("line", "code", "step"),
    [
        ("verify 4 pass", 5, "whistle accept I-WY26-00004"),
        ("blow 4", 5, "whistle accept I-WY26-00004"),
        ("finish 1 --as rq", 5, "whistle arrive W-WY26-00001"),
        ("ack 77 --as rq", 3, "whistle status"),
        ("ack 1 --as nobody", 3, "whistle org unit list"),
        ("report dragon there", 3, "whistle item list"),
        ("ack 1/jj", 3, "whistle inbox"),
        ("correct 999 --set place=x --why y", 3, "whistle events list"),
        ("arrive 1 --as rq --at soon", 2, "whistle arrive --help"),
        ("--tz Mars", 2, "whistle --help"),
        ("act 1 --as rq", 2, "whistle act --help"),
        ("leave", 2, "whistle leave --help"),
    ],
)
def test_what_cannot_be_done_is_told_with_the_next_step(
    desk: Shell, line: str, code: int, step: str
) -> None:
    said = desk(*line.split())
    assert (said.code, said.out) == (code, b"")
    assert step in said.told


def test_a_level_of_telling_that_is_none_is_refused_before_anything_is_recorded(
    desk: Shell,
) -> None:
    before = desk.record()
    assert desk("report", "gas-leak", "there", "--log-level", "loud").code == 2
    assert desk.record() == before
    told = desk("report", "gas-leak", "there", "--log-level", "info", "--log-format", "json")
    assert json.loads(told.told)["verb"] == "report"

"""At the door: what cannot be kept is refused with a sentence, and the sentence knows the list."""

import re
from pathlib import Path

import pytest

from tests.shell import Shell
from whistle import playbooks
from whistle.log.stores import create
from whistle.playbook_file import read_playbook

PACK = read_playbook(playbooks.text("default.toml"))


@pytest.mark.parametrize(
    "line",
    [
        ("report", "gas-leak", "12 Caoqiao\0Rd"),
        ("report", "gas-leak", "here", "-m", "\0"),
        ("arrive", "1", "--as", "rq/li\0", "--at", "-1m", "--why", "x"),
        ("arrive", "1", "--as", "rq", "--at", "-1m", "--why", "no\0signal"),
        ("org", "unit", "add", "SD", "Power\0Station"),
        ("org", "unit", "add", "S\0D", "Power Station"),
        ("correct", "19", "--set", "place=x\0", "--why", "y"),
        ("show", "\0"),
    ],
)
def test_a_nul_is_refused_before_it_is_on_record(desk: Shell, line: tuple[str, ...]) -> None:
    before = desk.record()
    said = desk(*line)
    assert said.code in (3, 5), said
    assert b"Traceback" not in said.err
    assert desk.record() == before
    for attempt in desk.rows("attempts"):
        assert not any("\0" in text for text in attempt if isinstance(text, str))


def test_a_backslash_and_the_signs_of_a_nul_are_only_text(desk: Shell) -> None:
    place = r"shelf \u0000, \\u0000"
    assert desk("report", "gas-leak", place).code == 0
    assert (place,) in desk.rows("names", "place")


def test_a_number_typed_for_a_place_stays_a_text(desk: Shell) -> None:
    (seq,) = desk.rows("record", "seq", "WHERE topic = 'incident.reported/1' LIMIT 1")[0]
    assert desk("correct", str(seq), "--set", "place=12", "--why", "house number").code == 0
    assert ("12",) in desk.rows("names", "place")
    for empty in ("place=", "place= "):
        said = desk("correct", str(seq), "--set", empty, "--why", "nowhere")
        assert said.code == 5
        assert "cannot be empty" in said.told


@pytest.mark.parametrize("code", ["S D", "SD/1", "SD;1", "SD:1", "S" * 17])
def test_a_unit_is_not_registered_under_a_code_that_breaks_names(desk: Shell, code: str) -> None:
    said = desk.json("org", "unit", "add", code, "Power Station", code=5)
    assert said.rules == ["unit.code"]
    assert desk.json("org", "person", "add", "rq", "li/wei", code=5).rules == ["unit.person"]


@pytest.mark.parametrize("line", ["assess rank --metric zzz", "assess ledger --limits zzz=60s"])
def test_a_metric_that_is_none_is_answered_with_those_there_are(desk: Shell, line: str) -> None:
    said = desk(*line.split())
    assert said.code == 2
    assert "call_to_whistle, ack, travel, arrival, total_response, disposal" in said.told


def test_one_whistle_side_by_side_is_found_by_its_number(desk: Shell) -> None:
    whole = desk.json("view", "coordinate", "--whistle", "W-WY26-00002").facts["rows"]
    assert {row["whistle_name"] for row in whole} == {"W-WY26-00002"}
    assert desk.json("view", "coordinate", "--whistle", "２").facts["rows"] == whole
    for nothing in ("77", "W-WY26-00077", "nonsense"):
        said = desk("view", "coordinate", "--whistle", nothing)
        assert (said.code, said.out) == (3, b"")


def test_the_reasons_that_may_be_given_are_those_of_the_playbook(desk: Shell) -> None:
    said = desk("playbook", "show").text
    for texts in (PACK.decline_reasons, PACK.refuse_categories, PACK.grounds):
        for code, text in texts.items():
            assert f"{code}  {text}" in said
    told = desk("decline", "--help").text
    assert "whistle playbook show" in told
    for no_reason in ("not-ours", "area", "duplicate"):
        assert f" {no_reason}," not in told
        assert desk("decline", "1", "--as", "rq", "--reason", no_reason).code == 5
    assert "not-our-duty" in told


@pytest.mark.parametrize("when", ["auto", "always", "never"])
def test_colour_may_be_asked_for_and_is_a_matter_of_showing(desk: Shell, when: str) -> None:
    plain = desk("item", "list")
    for said in (
        desk("--color", when, "item", "list"),
        desk("item", "list", f"--color={when}"),
        desk("item", "list", "--color", when, NO_COLOR="1"),
    ):
        assert said.code == 0
        assert re.sub(rb"\x1b\[\d*m", b"", said.out) == plain.out
    keyed = desk.json("report", "gas-leak", "here", "--key", "k1")
    again = desk.json("report", "gas-leak", "here", "--key", "k1", "--color", when)
    assert again.facts["replayed"]
    assert again.facts["id"] == keyed.facts["id"]
    assert desk("--color", "pink", "item", "list").code == 2


def test_a_refused_attempt_can_be_read_again(tmp_path: Path) -> None:
    shell = Shell(tmp_path).founded()
    shell("report", "street-vending", "榆苑路")
    shell("blow", "1")  # refused: it is not accepted yet
    [attempt] = shell.json("audit", "attempts").facts
    assert (attempt["verb"], attempt["name"]) == ("blow", "I-WY26-00001")
    assert attempt["rule"] == "blow.incident_open"


def test_a_founding_that_was_killed_is_begun_again(tmp_path: Path) -> None:
    desk = Shell(tmp_path)
    create(desk.address)  # the next step would have been the town
    for line in ("", "ack 1", "import events x.jsonl", "org unit list"):
        said = desk.json(*line.split(), code=3)
        assert "holds no town" in said.envelope["diagnostics"][0]["message"]
    assert desk.founded().json("status").code == 0
    assert desk("init", "--town", "Other", "--code", "OT").code == 5

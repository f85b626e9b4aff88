"""Many lines, one verb: each line its own command, its own answer, its own key."""

import io
import json
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from tests.shell import HOUSE, Said, Shell


@pytest.fixture
def fed(desk: Shell, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The desk with lines on its standard input."""

    def feed(lines: str | bytes, *words: str) -> Said:
        sent = lines if isinstance(lines, bytes) else lines.encode()
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(sent)))
        return desk(*words)

    return feed


def objects(said: Said) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.text.splitlines()]


def test_each_line_is_answered_and_a_bad_one_keeps_no_other_back(desk: Shell, fed: Any) -> None:
    said = fed("# the night shift\n1\n\n9\n2\n", "ack", "-", "--as", "住建")
    assert [line.split("  ")[:2] for line in said.text.splitlines()] == [
        ["2", "done"], ["4", "not found"], ["5", "done"],
    ]  # fmt: skip
    assert said.code == 3
    stages = dict(desk.rows("calls", "stream, stage", "WHERE unit = 'HC'"))
    assert set(stages.values()) == {"acknowledged"}


def test_the_exit_code_is_the_highest_of_the_lines(fed: Any) -> None:
    assert fed("1\n", "ack", "-", "--as", "rq").code == 0
    again = fed("1\n77\n", "ack", "-", "--as", "rq", "--jsonl")
    assert [(each["status"], each["exit"]) for each in objects(again)] == [
        ("refused", 5), ("not_found", 3),
    ]  # fmt: skip
    assert again.code == 5


def test_fail_fast_ends_at_the_first_line_that_fails(desk: Shell, fed: Any) -> None:
    said = fed("9\n1\n", "ack", "-", "--as", "rq", "--fail-fast", "--jsonl")
    assert [each["line"] for each in objects(said)] == [1]
    assert desk.rows("calls", "stage", "WHERE unit = 'UT-GAS'") == [("called",)]


def test_objects_name_arguments_and_options_in_either_language(desk: Shell, fed: Any) -> None:
    lines = [
        {"call": "1", "as": "rq", "eta": "25m"},
        {"call": 1, "身份": "消防", "预计": "半小时"},
        {"call": 1, "as": "应急", "nonsense": 1},
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    said = fed(text, "签收", "-", "--jsonl")
    assert [each["status"] for each in objects(said)] == ["done", "done", "usage"]
    assert "nonsense" in objects(said)[2]["diagnostics"][0]["message"]
    reported = fed(
        '{"item": "gas-leak", "place": "-5 level", "note": "smell", "accept": true}\n',
        "report", "-", "--jsonl",
    )  # fmt: skip
    assert objects(reported)[0]["data"]["stage"] == "accepted"
    assert ("-5 level",) in desk.rows("names", "place")


def test_an_object_may_give_the_verdict_of_a_verification(fed: Any) -> None:
    said = fed('{"incident": 3, "verdict": "pass"}\n', "verify", "-", "--jsonl")
    assert objects(said)[0]["status"] == "refused"  # nothing was done about it yet


def test_a_key_holds_for_every_line_and_a_repeat_adds_nothing(desk: Shell, fed: Any) -> None:
    lines = 'gas-leak "1 North Rd"\ngas-leak "2 North Rd"\n'
    first = objects(fed(lines, "report", "-", "--key", "n1", "--jsonl"))
    before = desk.record()
    again = objects(fed(lines, "report", "-", "--key", "n1", "--jsonl"))
    assert [each["data"]["replayed"] for each in first] == [False, False]
    assert [each["data"]["replayed"] for each in again] == [True, True]
    assert [each["data"]["id"] for each in again] == [each["data"]["id"] for each in first]
    assert desk.record() == before


def test_json_is_one_object_with_the_worst_status_and_every_line(fed: Any) -> None:
    said = fed("1\n9\n", "ack", "-", "--as", "rq", "--json")
    assert (said.envelope["status"], said.code) == ("not_found", 3)
    assert [each["line"] for each in said.facts["results"]] == [1, 2]
    assert fed("", "ack", "-", "--json").envelope["status"] == "done"


def test_quiet_prints_names_and_tells_what_failed_beside_them(fed: Any) -> None:
    said = fed("1\n9\n", "ack", "-", "--as", "rq", "-q")
    assert said.text == "W-WY26-00001\n"
    assert said.told.startswith("2  not found")


def test_lines_in_gb18030_and_with_a_byte_order_mark_are_read(fed: Any) -> None:
    assert fed("燃气泄漏 北门\n".encode("gb18030"), "上报", "-").code == 0
    assert fed("燃气泄漏 南门\n".encode("utf-8-sig"), "上报", "-").code == 0


@pytest.mark.parametrize("line", ['"open', "{", "[1]", '{"call": }', "\0", "--as", "- -"])
def test_a_broken_line_is_a_fault_of_that_line(fed: Any, line: str) -> None:
    said = fed(f"{line}\n1\n", "ack", "-", "--as", "rq", "--jsonl")
    assert said.code > 0
    assert b"Traceback" not in said.err
    assert objects(said)[-1]["status"] == "done"


class Failing(io.BytesIO):
    """A pipe from a disk that fails after its first line."""

    def readline(self, size: int | None = -1) -> bytes:
        if line := super().readline(size):
            return line
        raise OSError(5, "Input/output error")


def test_input_that_fails_is_told_and_what_came_before_stays(
    desk: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=Failing(b"1\n")))
    said = desk.json("ack", "-", "--as", "rq", code=2)
    first, second = said.facts["results"]
    assert (first["status"], second["status"]) == ("done", "usage")
    assert "Input/output error" in second["diagnostics"][0]["message"]


def test_a_dash_that_is_a_value_or_after_two_dashes_is_no_batch(desk: Shell) -> None:
    assert desk("report", "gas-leak", "here", "-m", "-").code == 0
    assert desk("report", "gas-leak", "--", "-").code == 0
    assert ("-",) in desk.rows("names", "place")


def test_the_work_goes_on_when_the_reader_has_gone(desk: Shell) -> None:
    lines = "".join(f'gas-leak "{number} South Rd"\n' for number in range(4))
    shell = f"set -o pipefail; {sys.executable} -m cli report - | head -1"
    done = subprocess.run(
        ["bash", "-c", shell], input=lines.encode(), env=desk.whole_env, cwd=HOUSE,
        capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    places = {row[0] for row in desk.rows("names", "place")}
    assert {f"{number} South Rd" for number in range(4)} <= places

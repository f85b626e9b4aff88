"""Tab: what may come next, with names that are legal for the verb now; silent without a store."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.shell import HOUSE, Shell, evening_at


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Two emergencies sound, a third incident is accepted, a fourth only reported."""
    shell = evening_at(tmp_path_factory.mktemp("evening"))
    shell.json("ack", "1", "--as", "rq")
    return shell


def offered(desk: Shell, line: str) -> list[str]:
    """What is offered at the end of a line; a line that ends in a space begins a new word."""
    words = shlex.split(line) + ([""] if line.endswith(" ") else [])
    said = desk("completion", "words", "--", str(len(words) - 1), *words)
    assert (said.code, said.err) == (0, b""), said
    return said.text.splitlines()


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("whistle ver", ["verify"]), ("whistle 签", ["签收"]),
        ("whistle ack --as rq ", []),
        ("whistle --as 应急 ack ", ["1", "2", "W-WY26-00001", "W-WY26-00002"]),
        ("whistle arrive --as=rq ", ["1", "W-WY26-00001"]),
        ("whistle 报到 --身份 燃气 W", ["W-WY26-00001"]),
        ("whistle accept ", ["4", "I-WY26-00004"]), ("whistle blow 3", ["3"]),
        ("whistle verify 1 pa", ["pass"]), ("whistle callback 1 基", ["基本满意"]),
        ("whistle finish 1 --result p", ["partly"]), ("whistle 办结 1 --结果 部", ["部分解决"]),
        ("whistle decline 1 --reason fa", ["facts-missing"]),
        ("whistle refuse 4 --category 无", ["无责任主体"]),
        ("whistle ack 1 --as 交警", ["交警", "交警中队"]),
        ("whistle ack 1 --e", ["--eta", "--expect"]),
        ("whistle 校验 v", ["verify"]), ("whistle 校验 验", ["验证"]),
        ("whistle show I-WY26-00003", ["I-WY26-00003"]),
        ("whistle report street-v", ["street-vending"]), ("whistle nonsense ", []),
        ("whistle ack 1 -m ", []), ("whistle inbox --color al", ["always"]),
    ],
)  # fmt: skip
def test_what_is_offered_is_legal_now(evening: Shell, line: str, wanted: list[str]) -> None:
    found = offered(evening, line)
    assert [each for each in found if each in wanted] == wanted
    if line != "whistle nonsense ":
        assert found == wanted


def test_who_speaks_for_a_call_is_one_of_the_units_that_it_calls(evening: Shell) -> None:
    behalf = offered(evening, "whistle 报到 1 --代 ")
    assert "UT-GAS" in behalf
    assert "AG" not in behalf, "it has no call"
    assert "TP" in offered(evening, "whistle arrive 2 --as ")
    assert "TP" not in offered(evening, "whistle arrive 1 --as "), "another whistle calls it"
    assert "UT-GAS" not in offered(evening, "whistle ack 1 --as "), "it has signed"
    assert {"TP", "FR"} <= {*offered(evening, "whistle ack --as ")}
    assert "AG" in offered(evening, "whistle finish 1 --as "), "nobody is there: any unit"
    assert "AG" in offered(evening, "whistle report --as ")


def test_the_verbs_and_tab_read_one_table(evening: Shell) -> None:
    with patch.dict("projections.desk.fitting.FITTING", {"accept": ("accepted",)}):
        assert offered(evening, "whistle accept ") == ["3", "I-WY26-00003"]
        said = evening.json("accept", "--dry-run", code=5)
        assert "I-WY26-00003" in said.envelope["diagnostics"][0]["message"]


def test_nothing_is_offered_and_nothing_said_without_a_store(tmp_path: Path) -> None:
    assert offered(Shell(tmp_path), "whistle ack ") == []
    assert offered(Shell(tmp_path), "whistle ack --as ") == []
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "town.db").write_text("no store")
    assert offered(Shell(tmp_path), "whistle show ") == []


def test_the_town_office_is_offered_the_calls_of_every_unit(evening: Shell) -> None:
    found = offered(evening, "whistle arrive ")
    assert {"1/UT-GAS", "1/FR"} <= set(found)
    assert "1/UT-GAS" not in offered(evening, "whistle depart 1/F")


BASH = """
eval "$(whistle completion bash)"
COMP_WORDS=({words}); COMP_CWORD={last}; _whistle; printf '%s\\n' "${{COMPREPLY[@]}}"
"""
ZSH = """
compdef() {{ :; }}; compadd() {{ shift 4; print -l -- "$@"; }}; _files() {{ :; }}
eval "$(whistle completion zsh)"
words=({words}); CURRENT=$(({last} + 1)); _whistle
"""
FISH = "whistle completion fish | source; complete -C {line}"


@pytest.mark.parametrize("program", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("line", "wanted"),
    [("whistle acc", ["accept"]), ("whistle 待", ["待办"]), ("whistle accept I", ["I-WY26-00004"])],
)
def test_a_shell_completes(
    evening: Shell, tmp_path: Path, program: str, line: str, wanted: list[str]
) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed here")
    shim = tmp_path / "whistle"
    shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m cli "$@"\n')
    shim.chmod(0o755)
    words = line.split()
    script = {"bash": BASH, "zsh": ZSH, "fish": FISH}[program].format(
        words=" ".join(map(shlex.quote, words)), last=len(words) - 1, line=shlex.quote(line)
    )
    done = subprocess.run(
        [program, "-c", script],
        env={**evening.whole_env, "PATH": f"{tmp_path}:{os.environ['PATH']}", "LANG": "C.UTF-8"},
        cwd=HOUSE, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout.split() == wanted, done.stderr

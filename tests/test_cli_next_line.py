"""Whoever is stopped, or has done a step, reads one whole line to type; nothing stands empty."""

import shlex
from pathlib import Path

import pytest

from tests.shell import Said, Shell, evening_at

CHINESE = {"WHISTLE_LANG": "zh"}


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Two emergencies sound, a third incident is accepted, a fourth only reported."""
    return evening_at(tmp_path_factory.mktemp("evening"))


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    return evening_at(tmp_path)


def steps(said: Said) -> list[tuple[str, str]]:
    return [(step["verb"], step["name"]) for step in said.facts["next"]]


def example(said: Said, sign: str) -> str:
    """The line that a refusal gives as an example."""
    return said.told.splitlines()[0].partition(sign)[2]


def test_after_a_no_the_town_is_told_what_it_may_do_instead(desk: Shell) -> None:
    desk.json("blow", "3")
    no = desk.json("approve", "3", "--no", "-m", "our own squad can do this")
    assert steps(no) == [("blow", "I-WY26-00003"), ("incident handle", "I-WY26-00003")]
    waiting = [(row["verb"], row["name"]) for row in desk.json("inbox").facts]
    assert waiting.count(("blow", "I-WY26-00003")) == 1, "it is owed once"
    assert ("incident handle", "I-WY26-00003") not in waiting
    assert desk.json("incident", "handle", "I-WY26-00003")


def test_a_formed_team_is_sent_out_next_and_that_hurries_nobody(desk: Shell) -> None:
    said = desk.json("队伍", "组建", "夜查", "--听候呼叫", "TP=2", "--听候呼叫", "FR=1")
    assert steps(said) == [("team dispatch", "T-WY26-00001")]
    told = desk("队伍", "组建", "晨查", "--听候呼叫", "TP=2", "--听候呼叫", "FR=1", **CHINESE)
    assert "whistle 队伍 出动 T-WY26-00002" in told.text
    assert "team dispatch" not in {row["verb"] for row in desk.json("inbox").facts}


def test_what_has_two_meanings_is_asked_back_with_a_line_that_can_be_typed(desk: Shell) -> None:
    shown = desk("show", "1")
    assert shown.code == 2
    assert desk.line(example(shown, "For example: ")).code == 0
    arriving = desk("arrive", "1")
    assert arriving.code == 2
    assert desk.line(example(arriving, "For example: ")).code == 0
    chinese = desk("签收", "2", **CHINESE)
    words = shlex.split(example(chinese, "例如："))
    assert words[1] == "签收"
    assert desk(*words[1:], **CHINESE).code == 0


def test_a_walk_that_nobody_planned_is_looked_for_in_the_list(evening: Shell) -> None:
    said = evening("巡查", "开始", "--as", "TP", **CHINESE)
    assert said.code == 2
    assert "whistle 巡查 列表" in said.told
    assert "patrol" not in said.told
    assert evening("巡查", "列表").code == 0


def test_a_unit_is_guessed_by_the_first_of_its_initials_and_nothing_is_said_of_no_guess(
    evening: Shell,
) -> None:
    assert "消防救援站" in evening("ack", "1", "--as", "xfjy").told
    for words in (("ack", "1", "--as", "zzzzqq"), ("report", "zzzzqq", "here")):
        message = evening.json(*words, code=3).envelope["diagnostics"][0]["message"]
        assert message.endswith("zzzzqq.")


def test_one_of_a_thing_is_not_told_in_the_plural(evening: Shell) -> None:
    path = evening.folder / "bad.jsonl"
    path.write_text("nonsense\n")
    assert "Bad lines: 1. Nothing was written." in evening("import", "events", str(path)).told
    assert "assignments 8, incidents 2" in evening("assess", "ledger").text


def test_an_instant_ago_is_told_without_a_gap(desk: Shell) -> None:
    said = desk("report", "shop-noise", "Yuyuan Rd", **CHINESE)
    assert "秒前" in said.told


def test_what_is_odd_is_told_in_words(desk: Shell) -> None:
    desk.json("arrive", "1", "--as", "FR")
    assert "without finish" in desk("assess", "quality").text
    chinese = desk("assess", "quality", **CHINESE).text
    assert "无办结" in chinese
    assert "missing" not in chinese


def test_the_timer_is_printed_in_chinese_words(desk: Shell) -> None:
    said = desk("setup", "--定时", "打印")
    assert said.code == 0
    assert "clock tick" in said.text
    assert "打印" in desk("setup", "--定时", "别的").told

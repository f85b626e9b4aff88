"""Did you mean: slips in verbs, units and items, pinyin initials, and several names at once."""

import pytest

from projections.desk.nearest import nearest
from tests.shell import Shell, evening_at


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Two emergencies sound, a third incident is accepted, a fourth only reported."""
    return evening_at(tmp_path_factory.mktemp("evening"))


@pytest.mark.parametrize(
    ("line", "code", "meant"),
    [
        ("akc 1", 2, "ack"), ("签受 1", 2, "签收"), ("qs 1", 2, "签收"), ("bd 1", 2, "报到"),
        ("org uint", 2, "unit"), ("校验 验正", 2, "验证"), ("report 燃气 here", 3, "燃气管道破裂"),
        ("report gas-laek here", 3, "Did you mean gas-leak?"), ("report zdjy here", 3, "占道经营"),
        ("blow -e 燃汽泄漏 here", 3, "燃气"), ("ack 1 --as 交通警", 3, "交警"),
        ("ack 1 --as 市场", 3, "市场监管"), ("help akc", 2, "ack"),
    ],
)  # fmt: skip
def test_a_slip_is_answered_by_what_may_be_meant(
    evening: Shell, line: str, code: int, meant: str
) -> None:
    said = evening(*line.split())
    assert said.code == code, said
    assert "Did you mean" in said.told
    assert meant in said.told


def test_nonsense_is_not_guessed_at(evening: Shell) -> None:
    assert "Did you mean" not in evening("xyzzy").told
    assert "Did you mean" not in evening("report", "外星人飞船", "here").told
    assert nearest("", {"ack": ("ack",)}) == []


def test_each_of_several_names_that_mean_nothing_is_explained(evening: Shell) -> None:
    said = evening("ack", "4", "1", "5", "--as", "rq")
    assert said.code == 3
    assert "There is no whistle 4." in said.told
    assert "There is no whistle 5." in said.told
    messages = [each["message"] for each in evening.json("accept", "77", "78", code=3).envelope[
        "diagnostics"
    ]]  # fmt: skip
    assert messages == ["There is no incident 77.", "There is no incident 78."]


@pytest.mark.parametrize("words", [("签收",), ("ack",), ("单位", "添加"), ("org", "unit", "add")])
def test_help_of_a_verb_is_the_page_of_the_verb(evening: Shell, words: tuple[str, ...]) -> None:
    assert evening("help", *words).text == evening(*words, "--help").text


def test_help_topics_have_chinese_names(evening: Shell) -> None:
    assert evening("帮助", "退出码").text == evening("help", "exit-codes").text

"""Users are Chinese offices: what the program says is said in Chinese, and in English, whole."""

import gettext
import os
import re
import string
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import read_mo

from projections.desk.helping import paragraphs, wrapped
from projections.desk.terminal import in_ascii, wide
from projections.desk.terminal import typed as meant
from tests import words
from tests.words import translations

HOUSE = words.HOUSE
CATALOGUE = words.catalogue()
HAN = "一-鿿"
HALF_WIDTH = re.compile(rf"[{HAN}”][,:;()!?]|[,:;()!?][{HAN}“]")


@cache
def of_house() -> words.Texts:
    return words.of_house()


def texts(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def entries() -> list[Message]:
    return [message for message in CATALOGUE if message.id]


def placeholders(text: str) -> set[tuple[str, str | None, str | None]]:
    named = string.Formatter().parse(text)
    return {(name, convert, spec) for _text, name, spec, convert in named if name is not None}


def test_every_text_of_ours_has_a_chinese_translation() -> None:
    untold = [
        text
        for text in of_house()
        if (message := CATALOGUE.get(text)) is None
        or message.fuzzy
        or not all(translations(message))
    ]
    assert untold == [], "run: python3 dev.py words"


def test_every_marked_text_is_a_text_that_can_be_collected() -> None:
    assert words.unmarked() == []


def test_the_catalogue_has_no_entry_that_nothing_says_any_more() -> None:
    # click's own sentences change with its releases; an old one does no harm
    ours = [m for m in entries() if not all(p.startswith("click/") for p, _line in m.locations)]
    stale = [message.id for message in ours if message.id not in of_house()]
    assert stale == []
    assert list(CATALOGUE.obsolete) == []


def test_every_sentence_of_click_in_the_catalogue_is_translated() -> None:
    assert [m.id for m in entries() if m.fuzzy or not all(translations(m))] == []


def test_a_translation_has_the_same_words_to_fill_in() -> None:
    wrong = [
        message.id
        for message in entries()
        for told in translations(message)
        if "%(" not in told and placeholders(told) != placeholders(texts(message)[-1])
    ]
    assert wrong == []


def test_the_compiled_catalogue_says_what_the_written_one_says() -> None:
    with words.MO.open("rb") as file:
        compiled = {texts(m): translations(m) for m in read_mo(file) if m.id}
    written = {texts(m): translations(m) for m in entries()}
    assert compiled == written, "run: python3 dev.py words"


def test_chinese_sentences_have_full_width_punctuation() -> None:
    half = [told for m in entries() for told in translations(m) if HALF_WIDTH.search(told)]
    assert half == []


def test_chinese_is_counted_two_columns_a_sign_and_breaks_anywhere_but_before_a_stop() -> None:
    # East_Asian_Width of UAX 11: 报 and ： are W and F, the letters are Na
    assert wide("报到：W-19") == 10
    sentence = "镇街吹哨，部门报到，全程留痕可验证。"
    lines = wrapped(sentence, 10)
    assert "".join(lines) == sentence
    assert all(wide(line) <= 10 for line in lines)
    assert not any(line[0] in "，。" for line in lines)


def test_english_breaks_between_words_only() -> None:
    assert wrapped("call several units at once", 12) == ["call several", "units at", "once"]
    assert paragraphs("one\ntwo\n\nthree", 40) == ["one two", "", "three"]


def test_a_sign_that_a_terminal_lacks_is_shown_by_its_nearest_ascii() -> None:
    text = "→ 23：40…"
    shown, end = in_ascii(UnicodeEncodeError("ascii", text, 0, len(text), "no"))
    assert (shown, end) == ("-> 23:40...", len(text))


# ------------------------------------------------------------------ the program as it is installed


def typed(
    *line: str, settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """What a fresh process of the program answers to a command line."""
    bare = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "WHISTLE_"))}
    environment = {**bare, "PYTHONIOENCODING": "utf-8", "COLUMNS": "80", **(settings or {})}
    return subprocess.run(
        [sys.executable, "-m", "cli", *line],
        cwd=HOUSE, env=environment, capture_output=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with a town in it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('store') / 'whistle.db'}"
    founded = typed("--store", url, "init", "--town", "望榆镇", "--code", "WY")
    assert founded.returncode == 0, founded.stderr.decode()
    return url


def test_help_is_chinese_in_chinese_and_english_in_english() -> None:
    chinese = typed("--lang", "zh", "--help").stdout.decode()
    english = typed("--lang", "en", "--help").stdout.decode()
    assert {"用法：whistle", "选项：", "日常操作："} <= set(re.split(r" |\n", chinese))
    assert "Usage: whistle" in english and "Options:" in english and "Everyday:" in english
    assert max(wide(line) for line in chinese.splitlines()) <= 80


def test_a_verb_explains_itself_by_either_name_in_the_language_asked_for() -> None:
    chinese = typed("签收", "--help", settings={"WHISTLE_LANG": "zh"}).stdout.decode()
    english = typed("ack", "--help", settings={"WHISTLE_LANG": "en"}).stdout.decode()
    assert "用法：whistle 签收 [选项] [应哨单]…" in chinese and "预计何时到场" in chinese
    assert "Usage: whistle ack [OPTIONS] [CALL]..." in english and "Sign for CALL" in english


def test_a_refusal_and_its_next_step_are_told_in_the_users_language(town: str) -> None:
    line = ("--store", town, "report", "no-such-item", "Yuyuan Rd")
    chinese, english = typed("--lang", "zh", *line), typed("--lang", "en", *line)
    assert (chinese.returncode, english.returncode) == (3, 3)
    assert "事项清单中没有“no-such-item”。" in chinese.stderr.decode()
    assert "The catalogue has no item called no-such-item." in english.stderr.decode()


@pytest.mark.parametrize(
    ("line", "chinese", "english"),
    [
        (("akc",), "没有 'akc' 这个命令。您要找的是 ack、act", "Did you mean ack, act"),
        (("签受",), "您要找的是 签收", "Did you mean 签收"),
        (("ack", "--etaa", "5m"), "没有 '--etaa' 这个选项。您要找的是", "No such option '--etaa'."),
        (("report",), "缺少：'事项'。", "Missing: 'ITEM'."),
        (("rate", "19", "x"), "的取值无效", "Invalid value for 'MARK'"),
        (("finish", "1", "--result", "lost"), "不在可选范围内", "is not one of"),
        (("depart", "-e"), "没有 '-e' 这个选项。", "No such option '-e'."),
    ],
)
def test_a_slip_at_the_keyboard_is_told_in_the_users_language(
    line: tuple[str, ...], chinese: str, english: str
) -> None:
    in_chinese, in_english = typed("--lang", "zh", *line), typed("--lang", "en", *line)
    assert (in_chinese.returncode, in_english.returncode) == (2, 2)
    assert chinese in in_chinese.stderr.decode()
    assert english in in_english.stderr.decode()


def test_a_faulty_rule_file_is_told_line_by_line_in_chinese(tmp_path: Path) -> None:
    faulty = tmp_path / "rules.toml"
    faulty.write_text('name = ""\n', encoding="utf-8")
    store = f"sqlite:///{tmp_path / 'whistle.db'}"
    told = typed("--lang", "zh", "--store", store, "init", "--town", "望榆镇", "--code", "WY",
                 "--playbook", str(faulty))  # fmt: skip
    lines = told.stderr.decode().splitlines()
    assert lines[0] == "该规则包不能使用："
    assert "第 1 行，name：为空；请在引号内写文本" in lines


ODD_TERMINALS: dict[str, dict[str, str]] = {
    "the C locale": {"LANG": "C"},
    "the POSIX locale": {"LC_ALL": "POSIX"},
    "a Windows office's GBK": {"PYTHONIOENCODING": "gbk"},
    "plain ASCII": {"PYTHONIOENCODING": "ascii"},
    "ASCII without Python's rescue": {
        "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii",
    },
}  # fmt: skip


@pytest.mark.parametrize("terminal", list(ODD_TERMINALS))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_locale_or_terminal_gives_a_traceback(town: str, terminal: str, language: str) -> None:
    settings = {**ODD_TERMINALS[terminal], "WHISTLE_LANG": language, "WHISTLE_STORE": town}
    right = (("--help",), ("report", "street-vending", "榆苑路"), ("org", "unit", "list"))
    wrong = (("report", "没有这一事项", "榆苑路"), ("上爆",))
    for line in right + wrong:
        told = typed(*line, settings=settings)
        assert b"Traceback" not in told.stderr, (line, told.stderr.decode(errors="replace"))
        assert (told.returncode == 0) == (line in right), (line, told.stderr)


def test_chinese_typed_under_a_locale_that_cannot_read_it_is_still_understood(town: str) -> None:
    settings = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    told = typed("--json", "--store", town, "上报", "占道经营", "榆苑路", settings=settings)
    assert told.returncode == 0, told.stderr
    assert meant([os.fsdecode("榆".encode("gbk")), "榆", "19"]) == ["榆", "榆", "19"]


def test_a_gbk_terminal_gets_its_chinese_in_gbk(town: str) -> None:
    settings = {"PYTHONIOENCODING": "gbk", "WHISTLE_LANG": "zh", "WHISTLE_STORE": town}
    told = typed("org", "unit", "list", settings=settings)
    assert "交警" in told.stdout.decode("gbk")


def test_without_a_wish_the_locale_decides_and_an_unknown_one_means_english() -> None:
    assert "用法：" in typed("--help", settings={"LANG": "zh_CN.UTF-8"}).stdout.decode()
    assert "Usage:" in typed("--help", settings={"LANG": "de_DE.UTF-8"}).stdout.decode()
    wish = {"LANG": "zh_CN.UTF-8", "WHISTLE_LANG": "en"}
    assert "Usage:" in typed("--help", settings=wish).stdout.decode()


def test_the_catalogue_travels_inside_the_package() -> None:
    found = gettext.find("whistle", str(HOUSE / "whistle" / "locale"), ["zh_CN"])
    assert found == str(words.MO)

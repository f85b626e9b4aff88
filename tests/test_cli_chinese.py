"""Chinese throughout: subcommands, options, choices, amounts of time; English means the same."""

import re

import click
import pytest

import cli
from projections.desk import times
from projections.desk.spoken import spoken
from projections.desk.words import VERBS, limit_of, speak, word
from tests.shell import Shell
from whistle.domain.limit import parse_limit
from whistle.domain.moment import CHINA, MINUTE, parse, rfc3339

NOW = parse("2026-10-14T09:30:00+08:00")


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("单位 列表", "org unit list"), ("单位 单位 列表", "org unit list"),
        ("单位 人员 列表", "org person list"), ("事项 列表", "item list"),
        ("事件 列表 --未结", "incident list --open"),
        ("时钟 列表 --单位 rq", "clock list --unit rq"),
        ("视图 巡查", "view inspect"), ("视图 指挥", "view command"), ("视图 督办", "view command"),
        ("视图 协调 --单位 rq", "view coordinate --unit rq"), ("视图 考核", "view assess"),
        ("视图 台账", "view ledger"), ("考核 台账", "assess ledger"), ("考核 排名", "assess rank"),
        ("考核 质量", "assess quality"),
        ("考核 事件", "assess incidents"), ("校验 验证", "audit verify"),
        ("规则 查看", "playbook show"), ("日历 查日 2026-02-14", "calendar day 2026-02-14"),
        ("记录 列表 --之后 3", "events list --after 3"), ("待办 --全部", "inbox --all"),
        ("待办 --身份 rq", "inbox --as rq"), ("总览 --语言 en", "status --lang en"),
    ],
)  # fmt: skip
def test_a_noun_answers_alike_in_both_languages(desk: Shell, chinese: str, english: str) -> None:
    said = desk(*chinese.split())
    desk.now -= 1_000_000  # the same second again
    assert said.code == 0, said
    assert said.text == desk(*english.split()).text


def test_a_unit_is_added_and_a_person_named_in_chinese(desk: Shell) -> None:
    added = desk.json("单位", "添加", "XB", "信访办", "--别名", "信访", "--预演")
    assert added.topics == ["unit.registered/1"]
    assert desk("单位", "添加", "XB", "信访办", "--别名", "信访").code == 0
    assert desk("单位", "人员", "添加", "信访", "李伟", "--角色", "领导").code == 0
    (person,) = desk.json("org", "person", "list").facts
    assert (person["unit"], person["role"]) == ("XB", "leader")


def test_help_of_a_noun_shows_both_names_of_each_subcommand(desk: Shell) -> None:
    told = desk("校验", "--help").text
    assert "verify 验证" in told
    assert "attempts 被拒" in told
    assert "unit add 添加" in desk("单位", "-h").text


def test_a_slip_in_a_chinese_subcommand_is_guessed(desk: Shell) -> None:
    said = desk("校验", "验正")
    assert said.code == 2
    assert "验证" in said.told


def test_chinese_texts_name_only_options_and_commands_that_there_are(desk: Shell) -> None:
    desk.env["WHISTLE_LANG"] = "zh"
    told = desk("退单", "--help").text
    example = next(line for line in told.splitlines() if "示例" in line)
    assert all(option in told.split("选项：")[1] for option in re.findall(r"--[一-龥]+", example))
    rules = desk("规则", "查看").text
    for verb, option in re.findall(r"（(\S+) (--\S+)）", rules):
        assert option in desk(verb, "--help").text
    assert "（退单 --" in rules
    assert "required" not in rules


def test_results_reasons_and_grounds_are_given_in_chinese(desk: Shell) -> None:
    desk.json("报到", "1", "--身份", "燃气")
    finished = desk.json("办结", "1", "--身份", "燃气", "--结果", "部分解决")
    (seq,) = [each["seq"] for each in finished.facts["events"] if "finished" in each["topic"]]
    (state,) = desk.rows("events", "state", f"WHERE position = {seq}")[0]
    assert b'"partly"' in bytes(state)
    declined = desk.json("退单", "2", "--身份", "应急", "--理由", "要素不全", code=5)
    assert "decline.reason" not in declined.rules
    assert (
        desk.json("不受理", "4", "--类别", "无责任主体", "-m", "楼栋已拆").facts["stage"]
        == "closed"
    )
    unknown = desk("办结", "1", "--身份", "消防", "--结果", "不知道")
    assert unknown.code == 2
    assert "fixed/解决" in unknown.told


def test_the_chinese_name_of_a_global_option_is_the_same_option(desk: Shell) -> None:
    first = desk.json("上报", "燃气泄漏", "北门", "--键", "k1", "--备注", "气味大")
    again = desk.json("上报", "燃气泄漏", "北门", "--key", "k1", "--备注=气味大", code=6)
    assert first.facts["replayed"] is False
    assert again.envelope["status"] == "conflict"  # other words were typed
    assert desk.json("上报", "燃气泄漏", "北门", "--key", "k1", "--note", "气味大").facts[
        "replayed"
    ]


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("25分钟", 25), ("25分", 25), ("半小时", 30), ("半个小时", 30), ("两小时", 120),
        ("两个半小时", 150), ("一个小时", 60), ("１小时２０分", 80), ("一刻钟", 15), ("三刻钟", 45),
        ("十五分钟", 15), ("二十分钟", 20), ("三十五分钟", 35), ("一天", 1440), ("2h30m", 150),
        ("一个钟头", 60), ("25min", 25),
    ],
)  # fmt: skip
def test_a_length_of_time_is_typed_as_it_is_spoken(typed: str, minutes: int) -> None:
    assert times.span(typed) == minutes * MINUTE


@pytest.mark.parametrize(
    ("typed", "instant"),
    [
        ("半小时前", "2026-10-14T09:00"), ("20分钟前", "2026-10-14T09:10"),
        ("两小时以前", "2026-10-14T07:30"), ("-20分", "2026-10-14T09:10"),
        ("昨天23:40", "2026-10-13T23:40"), ("昨天 23：40", "2026-10-13T23:40"),
        ("前天8:05", "2026-10-12T08:05"), ("今天8点半", "2026-10-14T08:30"),
        ("昨晚十一点四十", "2026-10-13T23:40"), ("昨天下午3点", "2026-10-13T15:00"),
        ("23点40", "2026-10-13T23:40"), ("九点一刻", "2026-10-14T09:15"),
        ("昨天夜里3点", ""), ("昨天25:00", ""), ("大概十点", ""), ("半", ""),
    ],
)  # fmt: skip
def test_a_time_that_was_is_typed_as_it_is_spoken(typed: str, instant: str) -> None:
    if instant:
        at = times.claimed(typed, NOW, CHINA)
        assert rfc3339(at) == rfc3339(parse(f"{instant}:00+08:00"))
    else:
        with pytest.raises(click.UsageError):
            times.claimed(typed, NOW, CHINA)


@pytest.mark.parametrize(
    ("typed", "instant"),
    [
        ("半小时", "2026-10-14T10:00"), ("25分钟后", "2026-10-14T09:55"),
        ("明天9点", "2026-10-15T09:00"), ("10点一刻", ""), ("下午两点半", "2026-10-14T14:30"),
    ],
)  # fmt: skip
def test_a_promise_is_typed_as_it_is_spoken(typed: str, instant: str) -> None:
    at = times.coming(typed, NOW, CHINA)
    assert rfc3339(at) == rfc3339(parse(f"{instant or '2026-10-14T10:15'}:00+08:00"))


def test_what_is_not_spoken_stays_as_it_is() -> None:
    for text in ("23:40", "-20m", "2026-10-14T09:00:00+08:00", "25分", "昨天23:40"):
        assert spoken(text) == text


def test_lengths_and_limits_are_shown_in_chinese_in_chinese(
    desk: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = desk("时钟", "列表", "--lang", "zh").text
    assert "1紧急工作时" in told
    assert "1eh" not in told
    assert "1eh" in desk("clock", "list", "--lang", "en").text
    monkeypatch.setenv("LANGUAGE", "en")
    for language, shown in (("zh", "2紧急工作时"), ("en", "2eh")):
        speak(language)
        assert limit_of("2eh") == shown
    speak("zh")
    units = ("wm", "wh", "wd", "em", "eh", "ed", "nd")
    assert [str(parse_limit(limit_of(f"4{unit}"))) for unit in units] == [f"4{u}" for u in units]
    speak("en")


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_a_next_step_is_told_by_a_name_that_can_be_typed(
    verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    speak("zh")
    told, meant = word(VERBS, verb).split(), verb.split()
    speak("en")
    assert cli.ALIASES.get(told[0]) == meant[0]
    assert len(told) == len(meant)


def test_a_heading_says_what_stands_under_it(desk: Shell) -> None:
    desk.json("patrol", "plan", "北门", "--who", "UM")
    desk.json("patrol", "start", "--as", "UM")
    desk.json("patrol", "found", "gas-leak", "北门", "--as", "UM")
    desk.json("blow", "-e", "gas-leak", "草桥路12号")
    desk.now += 60 * MINUTE
    desk.json("clock", "tick")
    (shown,) = [row for row in desk("视图", "台账", "--lang", "zh").text.splitlines()
                if "巡查" in row and "地点" in row]  # fmt: skip
    assert shown.split()[-1] == "发现时间"
    assert "单位数" not in desk("巡查", "列表", "--lang", "zh").text  # names stand there, no number
    assert "发现时间" in desk("交接班", "--lang", "zh").text
    assert "离场时间" in desk("考核", "事件", "--lang", "zh").text

"""A report that is known already is told so with the reason, and is taken in all the same."""

from contextlib import closing
from pathlib import Path

import pytest

from tests.shell import Shell, evening_at
from whistle.domain.moment import DAY, MINUTE


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    """A town's desk."""
    return Shell(tmp_path).founded()


def known(desk: Shell, *words: str) -> list[tuple[str, str]]:
    """What a report is told beside its answer: the rule and the whole sentence with its hint."""
    told = desk.json(*words).envelope["diagnostics"]
    return [(each["rule"], f"{each['message']} | {each['hint']}") for each in told]


def test_the_same_item_at_the_same_place_is_named_with_the_reason_and_the_next_step(
    desk: Shell,
) -> None:
    assert known(desk, "report", "占道经营", "榆苑路3号") == []
    desk.now += 40 * MINUTE
    ((rule, told),) = known(desk, "report", "street-vending", "榆苑路 三号门口")
    assert rule == "duplicate.maybe"
    assert "same item, same place, 40m ago: I-WY26-00001 (榆苑路3号)" in told
    assert told.endswith("whistle incident merge I-WY26-00002 I-WY26-00001")
    said = desk("report", "street-vending", "榆苑路3号")
    assert (said.code, "I-WY26-00003: reported" in said.text) == (0, True), "it never blocks"
    assert "Perhaps known already" in said.told


@pytest.mark.parametrize(
    ("item", "place", "reason"),
    [
        ("占道经营", "望榆镇榆苑路3号", "same item, a place 90 % alike"),
        ("占道经营", "榆苑路", "same item, same place as far as it is told"),
        ("店外经营", "榆苑路3号", "占道经营, same place"),  # 0405 and 0406: one heading
        ("店外经营", "望榆镇榆苑路3号", None),
        ("占道经营", "榆苑路5号", None),
        ("占道经营", "草桥路3号", None),
        ("燃气管道破裂", "榆苑路3号", None),
        ("占道经营", "??", None),
    ],
)
def test_what_is_near_enough(desk: Shell, item: str, place: str, reason: str | None) -> None:
    desk.json("report", "占道经营", "榆苑路3号")
    told = known(desk, "report", item, place)
    assert [rule for rule, _text in told] == (["duplicate.maybe"] if reason else [])
    assert reason is None or reason in told[0][1]


def test_an_incident_that_is_long_open_or_closed_is_not_the_same_one(desk: Shell) -> None:
    desk.json("report", "占道经营", "榆苑路3号")
    desk.now += 7 * DAY + MINUTE
    assert known(desk, "report", "占道经营", "榆苑路3号") == []
    desk.json("refuse", "2", "--category", "not-ours", "-m", "x")
    assert known(desk, "report", "占道经营", "榆苑路3号") == []


def test_an_emergency_is_blown_first_and_the_older_report_goes_into_it(desk: Shell) -> None:
    desk.json("report", "gas-leak", "12 Caoqiao Rd")
    ((rule, told),) = known(desk, "blow", "-e", "gas-leak", "12 Caoqiao Road")
    assert rule == "duplicate.maybe"
    assert told.endswith("whistle incident merge I-WY26-00001 I-WY26-00002")
    desk.line("whistle incident merge 1 2")
    ((_rule, told),) = known(desk, "blow", "-e", "gas-leak", "12 Caoqiao Rd")
    assert told.endswith("whistle show I-WY26-00002"), "two whistles sound"


def test_a_rehearsed_report_is_told_too(desk: Shell) -> None:
    desk.json("report", "占道经营", "榆苑路3号")
    ((rule, told),) = known(desk, "report", "占道经营", "榆苑路3号", "--dry-run")
    assert (rule, told.endswith("whistle show I-WY26-00001")) == ("duplicate.maybe", True)


def closed(desk: Shell, place: str = "榆苑路3号") -> str:
    """An incident that was dealt with."""
    name: str = desk.json("report", "占道经营", place, "--accept").facts["id"]
    for line in ("incident handle", "verify", "close"):
        last = ("pass",) if line == "verify" else ()
        desk.json(*line.split(), name, *last)
    return name


def test_a_problem_that_is_back_is_told_as_again_and_later_as_before(desk: Shell) -> None:
    closed(desk)
    desk.now += 5 * DAY
    ((rule, told),) = known(desk, "report", "占道经营", "榆苑路三号")
    assert rule == "site.again"
    assert "I-WY26-00001 was closed (fixed); 1× before" in told
    desk.now += 40 * DAY
    ((rule, told),) = known(desk, "report", "占道经营", "榆苑路3号")
    assert rule == "site.before"
    assert "1×: last I-WY26-00001" in told


def test_a_merged_duplicate_keeps_its_record_and_its_tickets_are_answered_together(
    desk: Shell,
) -> None:
    report = ("report", "占道经营", "榆苑路3号", "--channel")
    desk.json(*report, "12345", "--ticket", "HL-1", "--accept")
    desk.json(*report, "grid", "--ticket", "WG-2")
    desk.json(*report, "petition", "--ticket", "XF-3")
    said = desk("事件", "合并", "2", "3", "1")
    assert said.code == 0
    assert "I-WY26-00001 stands for 3 reports" in said.text
    assert desk.json("blow", "2", code=5).rules == ["blow.merged"]
    assert desk.json("reopen", "3", "-m", "x", code=5).rules == ["incident.merged"]
    assert desk.json("show", "2").facts["state"]["merged_into"] == "I-WY26-00001"
    desk.json("incident", "handle", "1")
    desk.json("verify", "1", "pass")
    assert desk.json("callback", "1", "satisfied", code=5).rules == ["callback.which"]
    assert desk.json("callback", "1", "satisfied", "--ticket", "XF-3").facts["stage"] == "verified"
    assert desk.json("close", "1", code=5).rules == ["incident.verified"]
    assert desk.json("callback", "1", "fairly", "--ticket", "HL-1").facts["stage"] == "called_back"
    desk.json("close", "1")
    view = desk.json("view", "inspect").facts
    assert (view["counts"]["incidents"], view["counts"]["merged"]) == (3, 2)
    assert view["counts"]["by_way"] == {"self": 1}
    tickets = [row["tickets"] for row in view["rows"] if row["name"] == "I-WY26-00001"]
    assert tickets == [["HL-1", "WG-2", "XF-3"]]
    assert desk.json("audit", "verify").facts["ok"] is True


def test_a_merge_that_was_a_mistake_is_taken_back_on_both_sides(desk: Shell) -> None:
    desk.json("report", "占道经营", "榆苑路3号", "--channel", "12345", "--accept")
    desk.json("report", "占道经营", "榆苑路3号", "--channel", "12345")
    desk.json("incident", "merge", "2", "1")
    desk.json("undo")
    assert desk.json("show", "2").facts["stage"] == "reported"
    assert len(desk.json("show", "1").facts["state"]["sources"]) == 1
    counts = desk.json("view", "inspect").facts["counts"]
    assert (counts["incidents"], counts["merged"]) == (2, 0)
    desk.json("refuse", "2", "--category", "not-ours", "-m", "x")
    assert desk.json("blow", "2", code=5).rules == ["blow.incident_open"], "merged no more"
    assert desk.json("audit", "verify").facts["ok"] is True


def test_the_view_and_the_record_agree_on_where_a_merged_incident_stands(desk: Shell) -> None:
    report = ("report", "占道经营", "榆苑路3号", "--channel", "12345", "--accept")
    desk.json(*report)
    desk.json("incident", "handle", "1")
    desk.json("verify", "1", "pass")
    desk.json("callback", "1", "satisfied")
    desk.json(*report)
    desk.json("incident", "merge", "2", "1")
    (row,) = (row for row in desk.json("incident", "list").facts if row["name"] == "I-WY26-00001")
    assert row["stage"] == desk.json("show", "1").facts["stage"] == "verified"


def test_a_sounding_whistle_is_not_merged_away_and_the_other_way_is_named(desk: Shell) -> None:
    desk.json("blow", "-e", "gas-leak", "12 Caoqiao Rd")
    desk.json("report", "gas-leak", "12 Caoqiao Rd")
    before = desk.record()
    said = desk.json("incident", "merge", "1", "2", code=5)
    assert said.rules == ["merge.sounding"]
    hint = said.envelope["diagnostics"][0]["hint"]
    assert hint.endswith("whistle incident merge I-WY26-00002 I-WY26-00001")
    assert desk.record() == before
    desk.json("incident", "merge", "2", "1")
    assert len(desk.rows("calls")) == 5, "each was called once"


def test_a_place_changed_behind_the_programs_back_is_found(tmp_path: Path) -> None:
    desk = evening_at(tmp_path)
    with closing(desk.tool()) as tool:
        tool.execute("UPDATE sites SET site = 'elsewhere#' WHERE site LIKE 'cao%'")
    assert desk.json("audit", "verify", code=7).facts["ok"] is False

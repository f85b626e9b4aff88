"""The shipped playbook: its limits, units and names are those of the sources."""

import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Final

import msgspec
import pytest

from whistle.domain.calendar import weekend_rule
from whistle.domain.limit import Limit
from whistle.domain.moment import parse as at
from whistle.domain.moment import rfc3339
from whistle.domain.playbook import Item, Playbook, Rung
from whistle.domain.working_time import due
from whistle.playbook_file import read_playbook
from whistle.playbooks import text

CATALOGUE = Path(__file__).parent / "data" / "catalogue" / "items.md"
IN_DAYS_OF_LAW = (
    "90nd"  # X02: the decision on a case (行政处罚法 60), which is no limit of a whistle
)
OF_A_COMPLAINT = "7nd"  # X05: the catalogue has a plan only; handling as a general complaint, S22

UNITS: Final = {"UH": "eh", "UD": "ed", "WH": "wh", "WD": "wd", "h": "eh", "min": "em", "d": "nd"}
TYPES: Final = {
    "综合执法": "UM", "城管": "UM", "镇街": "UM", "公安": "PS", "派出所": "PS", "交警": "TP",
    "消防": "FR", "市场监管": "MR", "自然资源": "NR", "生态环境": "EE", "应急": "EM",
    "水利": "WR", "住建": "HC", "交通": "TR", "农业农村": "AG", "司法所": "JU", "卫健": "HE",
    "人社": "HR", "环卫": "SAN", "园林": "GR", "物业": "PM", "燃气企业": "UT-GAS",
    "供水企业": "UT-WATER", "供电": "UT-POWER", "通信": "UT-TEL",
}  # fmt: skip


@pytest.fixture(scope="module")
def shipped() -> Playbook:
    return read_playbook(text("default.toml"))


def catalogue() -> list[list[str]]:
    """Code, item, limit, closing, lead, co-units, basis: a row each."""
    lines = CATALOGUE.read_text(encoding="utf-8").splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def of_row(code: str, playbook: Playbook) -> list[Item]:
    codes = ["0405", "0406"] if code == "0405/06" else [code]
    items = playbook.items.values()
    return [each for each in items if {each.code, each.code.rstrip("ab")} & set(codes)]


def written(playbook: Playbook, kind: str) -> dict[str, str]:
    rules = next(rules for name, rules in playbook.kinds.items() if name == kind)
    return {clock: str(limit) for clock, limit in rules.limits.items()}


def test_every_item_of_the_catalogue_has_the_limits_that_were_published(shipped: Playbook) -> None:
    rows = catalogue()
    assert len(rows) == 51
    for code, _item, limit, *_ in rows:
        outside = {n + UNITS[u] for n, u in re.findall(r"(\d+) (UH|UD|WH|WD|h|min|d)\b", limit)}
        ours = {str(each) for item in of_row(code, shipped) for each in item.limits.values()}
        assert ours - {OF_A_COMPLAINT} == outside - {IN_DAYS_OF_LAW}, code
    assert sum(len(of_row(row[0], shipped)) for row in rows) == len(shipped.items) == 59


def test_every_item_calls_the_units_of_the_catalogue(shipped: Playbook) -> None:
    for code, _item, _limit, _closed, lead, others, *_ in catalogue():
        leads = {TYPES[name] for name in re.sub(r"\(.*?\)", "", lead).split("/")}
        named = {TYPES[re.sub(r"\(.*?\)", "", name).strip()] for name in others.split(",")}
        for item in of_row(code, shipped):
            assert item.lead in leads, code
            assert set(item.assists) | {item.lead} == named | leads, code


def test_no_two_items_share_a_name_and_each_is_found_by_all_of_its_own(shipped: Playbook) -> None:
    names = Counter[str]()
    for item in shipped.items.values():
        own = {item.code, item.name, item.english, *item.aliases}
        names.update(name.casefold() for name in own)
        assert all(shipped.item(name) is item for name in own)
        # the command line folds what is typed to half width
        assert all(unicodedata.normalize("NFKC", name) == name for name in own)
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("gas-leak", "0502"),
        ("燃气泄漏", "0502"),
        ("street-vending", "0406"),
        ("占道经营", "0406"),
        ("偷采河砂", "0182"),
        ("river-sand", "0182"),
        ("illegal-building", "0101a"),
        ("违停", "X06"),
    ],
)
def test_an_item_is_found_by_what_people_call_it(shipped: Playbook, typed: str, code: str) -> None:
    found = shipped.item(typed)
    assert found is not None
    assert found.code == code


def test_the_four_kinds_are_approved_and_answered_as_the_rule_pack_says(shipped: Playbook) -> None:
    assert {kind: rules.name for kind, rules in shipped.kinds.items()} == {
        "daily": "日常哨",
        "key_task": "攻坚哨",
        "joint_enforcement": "综合执法哨",
        "emergency": "应急哨",
    }
    needs_no_approval = [k for k, r in shipped.kinds.items() if r.approval == "afterwards"]
    assert needs_no_approval == ["emergency"]
    assert written(shipped, "emergency") == {"ack": "5em", "arrive": "30em", "feedback": "2eh"}
    assert written(shipped, "joint_enforcement") == {"ack": "1wh", "feedback": "1wd"}
    [now] = shipped.limits("joint_enforcement", shipped.items["0182"])["arrive"]
    assert (str(now.limit), now.rule) == ("30em", "kinds.joint_enforcement.unless_item.arrive")
    assert written(shipped, "key_task") == {"ack": "4wh", "feedback": "2wd", "dispose": "15nd"}
    assert written(shipped, "daily") == {"ack": "1wh"}
    assert [k for k, r in shipped.kinds.items() if r.decline_only_on_scene] == ["emergency"]
    assert shipped.ladder.warn_percent == 20
    assert shipped.ladder.rungs == (
        Rung(level="yellow"),
        Rung(level="red", after=Limit(1, "wd")),
    )
    assert {"no-power", "cannot-solve", "emergency", "joint"} <= shipped.grounds.keys()
    assert set(shipped.refuse_categories) == {
        "not-ours", "unreasonable", "repeated", "no-responsible-body",
    }  # fmt: skip


def test_a_daily_whistle_has_its_items_limit_and_seven_days_only_without_one(
    shipped: Playbook,
) -> None:
    with_limit = shipped.items["0111"]
    without = msgspec.structs.replace(with_limit, limits={})
    [own] = shipped.limits("daily", with_limit)["dispose"]
    assert (str(own.limit), own.rule) == ("5wd", "items.0111.dispose")
    for item in (without, None):
        [general] = shipped.limits("daily", item)["dispose"]
        assert (str(general.limit), general.rule) == ("7nd", "kinds.daily.unless_item.dispose")


def test_the_shorter_of_two_limits_can_only_be_told_from_the_start(shipped: Playbook) -> None:
    # 时限就低: a burning heap is to be out within two continuous hours, Friday night or not
    [limit] = shipped.limits("daily", shipped.items["0120"])["dispose"]
    start = at("2026-05-15T19:00:00+08:00")
    end = due(weekend_rule(), shipped.slots, start, limit.limit, shipped.reading)
    assert rfc3339(end) == "2026-05-15T13:00:00.000000Z"
    bound = shipped.limits("emergency", shipped.items["0101a"])["arrive"]
    assert [str(ruled.limit) for ruled in bound] == ["30em", "2eh"]


def test_a_building_going_up_is_reached_within_the_two_hours_of_its_law(shipped: Playbook) -> None:
    [law] = shipped.limits("joint_enforcement", shipped.items["0101a"])["arrive"]
    assert (str(law.limit), law.rule) == ("2eh", "items.0101a.arrive")


def test_every_shipped_item_says_when_it_is_closed(shipped: Playbook) -> None:
    assert [item.code for item in shipped.items.values() if not item.closed_when] == []
